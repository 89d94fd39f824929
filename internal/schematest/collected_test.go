package schematest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsontest"

	// The tests below run the tests of these packages, or of packages that they import. A cached
	// result must not outlive a change of them. CI collects the documents of more packages.
	_ "github.com/lambdakit/lambdakit/metrics"
	_ "github.com/lambdakit/lambdakit/tracing"
)

// TestCollected_Documents checks the documents of an earlier run, such as one of a fuzz test,
// if the environment variable LAMBDAKIT_DOCUMENTS names their folder.
func TestCollected_Documents(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(jsontest.FolderVariable)
	if folder == "" {
		t.Skip(jsontest.FolderVariable + " is unset")
	}
	validate(t, emfSchema(), read(t, folder, "emf"), 1)
	validate(t, segmentSchema(), read(t, folder, "segment"), 1)
}

func TestMetrics_WriteValidDocuments(t *testing.T) {
	t.Parallel()
	validate(t, emfSchema(), collect(t, "emf", "./metrics"), 1000)
}

func TestTracing_SendsValidDocuments(t *testing.T) {
	t.Parallel()
	validate(t, segmentSchema(), collect(t, "segment", "./tracing/internal/xray"), 500)
}

// collect runs the tests of packages and returns the documents of a kind that they check.
func collect(t *testing.T, kind string, packages ...string) [][]byte {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1"}, packages...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(root, "go.work"), jsontest.FolderVariable+"="+folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return read(t, folder, kind)
}

// read returns the documents of a kind in a folder that jsontest.Collect wrote.
func read(t *testing.T, folder, kind string) (documents [][]byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, kind+"-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			documents = append(documents, line)
		}
	}
	return documents
}

// validate fails the test unless there are enough documents, all of which match the schema.
func validate(t *testing.T, s *schema, documents [][]byte, enough int) {
	t.Helper()
	if len(documents) < enough {
		t.Errorf("got %d documents, want at least %d", len(documents), enough)
	}
	for _, document := range documents {
		for _, problem := range s.problems(document) {
			t.Errorf("got problem %.1000q, want none: %.1000s", problem, document)
		}
		if t.Failed() {
			return
		}
	}
}
