package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// command runs a command line with the functions of testdata, each of which is built once.
func command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&cli{stdin, stdout, stderr, buildOnce}).command(ctx, args)
}

var built = map[string]*struct {
	sync.Once
	dir string // that TestMain removes
	f   *function
	err error
}{"./testdata/function": {}, "./testdata/queue": {}, "./testdata/http": {}, "./testdata/events": {}, "./testdata/cloudwatch": {}}

// buildOnce is build for many runs of the functions of testdata.
func buildOnce(ctx context.Context, pkg, tmp string, stderr io.Writer, flags ...string) (*function, error) {
	b := built[pkg]
	if b == nil {
		return build(ctx, pkg, tmp, stderr, flags...)
	}
	b.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "lambdakit-test-"); b.err == nil {
			b.f, b.err = build(context.WithoutCancel(ctx), pkg, b.dir, stderr)
		}
	})
	return b.f, b.err
}

// copyOf returns a builder that copies a program that is built already.
func copyOf(program string) builder {
	return func(_ context.Context, pkg, tmp string, _ io.Writer, _ ...string) (*function, error) {
		f := &function{name: "function", dir: pkg, program: filepath.Join(tmp, "bootstrap")}
		b, err := os.ReadFile(program)
		if err != nil {
			return nil, err
		}
		return f, os.WriteFile(f.program, b, 0o700)
	}
}

func TestMain(m *testing.M) {
	if program := os.Getenv("LAMBDAKIT_TEST_PROGRAM"); program != "" {
		os.Exit(run(copyOf(program)))
	}
	status := m.Run()
	for _, b := range built {
		os.RemoveAll(b.dir)
	}
	os.Exit(status)
}

// buffer is a bytes.Buffer that may be written to and waited for.
type buffer struct {
	mu   sync.Mutex
	cond sync.Cond
	b    bytes.Buffer
}

func newBuffer() *buffer {
	b := new(buffer)
	b.cond.L = &b.mu
	return b
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cond.Broadcast()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// find waits until pattern matches, and returns its groups.
func (b *buffer) find(pattern string) []string {
	re := regexp.MustCompile(pattern)
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		if m := re.FindStringSubmatch(b.b.String()); m != nil {
			return m
		}
		b.cond.Wait()
	}
}

// lambdakitRun runs the command line on the test's function.
func lambdakitRun(t *testing.T, events []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	line := []string{"run", "-timeout", "1m"}
	for i, e := range events {
		file := filepath.Join(dir, fmt.Sprintf("event%d.json", i))
		if err := os.WriteFile(file, []byte(e), 0o600); err != nil {
			t.Fatal(err)
		}
		line = append(line, "-event", file)
	}
	out, errs := newBuffer(), newBuffer()
	status = command(t.Context(), append(append(line, args...), "./testdata/function"), strings.NewReader(`{"Text":"from stdin"}`), out, errs)
	return status, out.String(), errs.String()
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("got this text, want %q in it:\n%s", want, text)
		}
	}
}
