package logging

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// os.DevNull is a device with characters, as a terminal is. Not parallel: the environment is of the
// whole process.
func TestIsTerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	closed, err := os.Create(filepath.Join(t.TempDir(), "closed"))
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, noColour := range []string{"", "1"} {
		t.Setenv("NO_COLOR", noColour)
		for _, c := range []struct {
			name string
			w    io.Writer
			want bool
		}{{"device", null, noColour == ""}, {"file", file, false}, {"closed file", closed, false}, {"buffer", new(bytes.Buffer), false}} {
			if got := isTerminal(c.w); got != c.want {
				t.Errorf("NO_COLOR=%q, %s: got %v, want %v", noColour, c.name, got, c.want)
			}
		}
		for _, dev := range []string{"", "true"} {
			t.Setenv("POWERTOOLS_DEV", dev)
			if got, want := New(&Options{Writer: null}).common.colour, dev != "" && noColour == ""; got != want {
				t.Errorf("NO_COLOR=%q, POWERTOOLS_DEV=%q: got colours %v, want %v", noColour, dev, got, want)
			}
		}
	}
}
