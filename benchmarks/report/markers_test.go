package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	const text = "# A\n\n<!-- report:begin -->\nold\n\n<!-- report:end -->\nb <!-- short:begin -->\n"
	got, err := rewrite([]byte(text), "report", []byte("new\n"))
	if want := "# A\n\n<!-- report:begin -->\nnew\n<!-- report:end -->\nb <!-- short:begin -->\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	again, err := rewrite(got, "report", []byte("new\n"))
	if err != nil || string(again) != string(got) {
		t.Errorf("a second time: %q, %v", again, err)
	}
}

func TestRewriteRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"<!-- report:begin -->\n",
		"<!-- report:end -->\n<!-- report:begin -->\n",
		"<!-- report:begin -->\n<!-- report:end -->\n<!-- report:begin -->\n",
		"<!-- short:begin -->\n<!-- short:end -->\n",
	} {
		if got, err := rewrite([]byte(text), "report", nil); err == nil {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestRewriteFileLeavesAFileAloneThatHasNoMarkers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.md")
	if err := os.WriteFile(path, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := rewriteFile(path, "report", []byte("x")); err == nil {
		t.Error("no error")
	}
	if got, _ := os.ReadFile(path); string(got) != "text" {
		t.Errorf("file: %q", got)
	}
}

// TestMarkersAreThere checks the files that -write changes.
func TestMarkersAreThere(t *testing.T) {
	t.Parallel()
	for path, name := range map[string]string{"../../docs/measurements.md": "report", "../../README.md": "short", "../../docs/choosing.md": "choosing"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rewrite(text, name, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
