package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestAfterResponse_IsShownAndBilled(t *testing.T) {
	t.Parallel()
	event := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(event, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs := newBuffer(), newBuffer()
	wantStatus(t, command(t.Context(), []string{"run", "-timeout", "1m", "-event", event, "-n", "2", "-freeze", "./testdata/after"}, nil, out, errs), 0)
	contains(t, out.String(), "worked\n")
	if n := len(regexp.MustCompile(`REPORT .*  Post Runtime Extensions Duration: \d+\.\d\d ms\n`).FindAllString(out.String(), -1)); n != 2 {
		t.Errorf("got %d reports of work after the response, want 2, in:\n%s", n, out.String())
	}
}
