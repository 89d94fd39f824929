package main

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/viewer"
)

// The printed environment is all that a function needs to be started by an editor.
func TestAttach_FunctionOfAnEditor(t *testing.T) {
	t.Parallel()
	f, err := buildOnce(t.Context(), "./testdata/function", t.TempDir(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	p := view(t, nil, "-attach", ":0", "./testdata/function")
	block := p.out.find(`(?s)paste this into Environment\.\n\n  ([^\n]+)\n`)[1]
	contains(t, p.out.String(), `"type": "go"`, `"request": "launch"`, `"mode": "debug"`, `"program": "`+f.dir+`"`, "go -C "+f.dir+" run .")
	if strings.Contains(p.out.String(), "127.0.0.1:0") {
		t.Errorf("got a port that nothing listens on in:\n%s", p.out)
	}
	p.until(func(s viewer.State, _ []viewer.Summary) bool { return s.State == viewer.Waiting && s.TimeoutMS == 0 })

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, f.program)
	cmd.Env = append(os.Environ(), strings.Split(block, ";")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cancel()
	if inv := p.wait(p.send(`{"Do":"trace"}`)); inv.Outcome != viewer.InvocationOK || inv.Summary.Spans != 2 {
		t.Errorf("got %+v, want an answer with two spans", inv.Summary)
	}
	p.until(func(s viewer.State, _ []viewer.Summary) bool { return s.State == viewer.Running })
}

func TestVersion(t *testing.T) {
	t.Parallel()
	out := newBuffer()
	if status := command(t.Context(), []string{"version"}, nil, out, out); status != 0 || !regexp.MustCompile(`^lambdakit \S.* go1\.\S+ \w+/\w+\n$`).MatchString(out.String()) {
		t.Errorf("got status %d and %q, want a version", status, out)
	}
}
