package deployment

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The sections of CHANGELOG.md are Unreleased and the versions, the newest first, each with a date and
// a link.
func TestChangelog(t *testing.T) {
	t.Parallel()
	text := read(t, root+"/CHANGELOG.md")
	headings := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1)
	if len(headings) < 2 || headings[0][1] != "[Unreleased]" {
		t.Fatalf("got the sections %q, want [Unreleased] and a version", headings)
	}
	version := regexp.MustCompile(`^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$`)
	before := ""
	for _, h := range headings[1:] {
		m := version.FindStringSubmatch(h[1])
		if m == nil {
			t.Errorf("got the section %q, want [1.2.3] - 2026-01-31", h[1])
			continue
		}
		if _, err := time.Parse(time.DateOnly, m[2]); err != nil || before != "" && m[2] > before {
			t.Errorf("%s: got the date %s before %s, and error %v", m[1], m[2], before, err)
		}
		before = m[2]
		if !strings.Contains(text, "\n["+m[1]+"]: https://") {
			t.Errorf("got no link for %s", m[1])
		}
	}
	kinds := regexp.MustCompile(`^(Added|Changed|Deprecated|Removed|Fixed|Security)$`)
	for _, h := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(text, -1) {
		if !kinds.MatchString(h[1]) {
			t.Errorf("got the heading %q, want Added, Changed, Deprecated, Removed, Fixed or Security", h[1])
		}
	}
}

// The notes of a release are its section. Without a section there is no release.
func TestChangelog_Notes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/.ci", 0o700); err != nil {
		t.Fatal(err)
	}
	changelog := "# Changelog\n\n## [Unreleased]\n\n- soon\n\n## [1.10.0] - 2027-01-01\n\n### Added\n\n- ten\n\n## [1.1.0] - 2026-12-01\n\n- one\n\n[1.1.0]: https://example.com\n"
	for name, text := range map[string]string{"/CHANGELOG.md": changelog, "/.ci/notes": read(t, root+"/.ci/notes")} {
		if err := os.WriteFile(dir+name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for version, want := range map[string]string{"v1.10.0": "### Added\n\n- ten", "v1.1.0": "- one", "v1.2.0": "", "v1.1": ""} {
		out, err := exec.Command(dir+"/.ci/notes", version).Output()
		if got := strings.TrimSpace(string(out)); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q and error %v, want %q", version, got, err, want)
		}
	}
}
