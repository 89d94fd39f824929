package deployment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// source returns the text of the Go files of a directory, without tests.
func source(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			text.WriteString(read(t, f))
		}
	}
	if text.Len() == 0 {
		t.Fatalf("got no Go files in %s", dir)
	}
	return text.String()
}

// read returns the text of a file.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
