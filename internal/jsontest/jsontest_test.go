package jsontest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsontest"
)

func TestProblems_Faults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                               "unexpected end",
		`{"a":1`:                         "unexpected end",
		`{} {}`:                          "after top-level value",
		"\"\xff\"":                       "document is not UTF-8",
		"{\"\xff\":1}":                   "document is not UTF-8",
		`{"a":1,"b":{},"a":1}`:           `document has the member "a" twice`,
		`{"a":[{"b":1},{"b":1,"b":[]}]}`: `document.a[1] has the member "b" twice`,
		`{"a":{"x":1,"\u0078":2}}`:       `document.a has the member "x" twice`,
		`{"":1,"":1}`:                    `document has the member "" twice`,
	} {
		if got := strings.Join(jsontest.Problems([]byte(text)), "\n"); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestProblems_CorrectTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"a":{"a":1},"b":{"a":1}}`, `[{"a":1},{"a":1}]`, ` 1 `, `"\ud800"`, `123456789012345678901234567890`, `[1e400,1]`} {
		if got := jsontest.Problems([]byte(text)); got != nil {
			t.Errorf("%s: got %q, want no problems", text, got)
		}
	}
}

func TestCollect_WritesOneLineADocument(t *testing.T) {
	// Collect keeps its files open, so Windows cannot remove the folder of a test.
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	t.Setenv(jsontest.FolderVariable, folder)
	jsontest.Collect("a", []byte(`{"n":1}`))
	jsontest.Collect("a", []byte("{\"n\":2}\n"))
	jsontest.Collect("b", []byte(`{"n":3}`))
	for kind, want := range map[string]string{"a": "{\"n\":1}\n{\"n\":2}\n", "b": "{\"n\":3}\n"} {
		names, _ := filepath.Glob(filepath.Join(folder, kind+"-*"))
		if len(names) != 1 {
			t.Fatalf("%s: got files %q, want one", kind, names)
		}
		if got, err := os.ReadFile(names[0]); string(got) != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", kind, got, err, want)
		}
	}
}
