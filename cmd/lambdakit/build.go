package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// function is a built function.
type function struct {
	name    string // for Lambda
	dir     string // of its source
	program string
}

// compileError says that the go command does not build a package. Its words are on stderr.
type compileError struct{ error }

// build builds the package into tmp. It builds a directory in the directory's module, and
// a pattern in the module of the working directory. If it fails with a compileError, it also returns the
// function.
func build(ctx context.Context, pkg, tmp string, stderr io.Writer, flags ...string) (*function, error) {
	f, err := find(ctx, pkg, stderr)
	if err != nil {
		return nil, err
	}
	f.program = filepath.Join(tmp, "bootstrap")
	if err := packageCommand(ctx, pkg, stderr, append(append([]string{"build"}, flags...), "-o", f.program)...).Run(); err != nil {
		return f, compileError{fmt.Errorf("go build %s: %w", pkg, err)}
	}
	return f, nil
}

// find returns a function that is not built.
func find(ctx context.Context, pkg string, stderr io.Writer) (*function, error) {
	if strings.HasPrefix(pkg, "-") {
		return nil, fmt.Errorf("%q is not a package", pkg)
	}
	if info, err := os.Stat(pkg); err == nil && info.Mode().IsRegular() && filepath.Ext(pkg) != ".go" {
		return nil, fmt.Errorf("%s is a file, not a package; give the folder of the function's source, which is built first", pkg)
	}
	out, err := packageCommand(ctx, pkg, stderr, "list", "-e", "-f", "{{.Name}}\n{{.Dir}}\n{{with .Error}}{{.}}{{end}}").Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", pkg, err)
	}
	name, rest, _ := strings.Cut(string(out), "\n")
	dir, problem, _ := strings.Cut(rest, "\n")
	switch problem = strings.TrimSpace(problem); {
	case name == "":
		return nil, fmt.Errorf("go list %s: %s", pkg, problem)
	case name != "main":
		return nil, fmt.Errorf("%s is package %s, not a program", pkg, name)
	}
	return &function{name: filepath.Base(dir), dir: dir}, nil
}

// packageCommand returns a run of the go command for a package.
func packageCommand(ctx context.Context, pkg string, stderr io.Writer, args ...string) *exec.Cmd {
	if info, err := os.Stat(pkg); err == nil && info.IsDir() {
		args = append(append([]string{"-C", pkg}, args...), ".")
	} else {
		args = append(args, "--", pkg)
	}
	return goCommand(ctx, stderr, args...)
}

// goCommand returns a run of the go command. The programs that it builds run here, even if the shell is
// set up to build for Lambda.
func goCommand(ctx context.Context, stderr io.Writer, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = stderr
	cmd.Env = append(os.Environ(), "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	return cmd
}

// building builds a function, several times if it changes.
type building struct {
	cli     *cli
	options *options
	tmp     string
	number  int
	began   time.Time // of the last build
	took    time.Duration
	failed  error // of the last build
	words   bytes.Buffer
}

func newBuilding(c *cli, o *options, tmp string) *building {
	return &building{cli: c, options: o, tmp: tmp}
}

func (b *building) ok() bool { return b.failed == nil }

// first builds the function, or only finds it if an editor starts it. With -watch, a function that cannot
// be compiled is no error.
func (b *building) first(ctx context.Context) (*function, error) {
	if b.options.attach != "" {
		return find(ctx, b.options.pkg, b.cli.stderr)
	}
	f, err := b.build(ctx)
	if b.options.watch && errors.As(err, new(compileError)) {
		b.cli.say("%v; waiting for a change", err)
		return f, nil
	}
	return f, err
}

// build builds the function into a folder of its own.
func (b *building) build(ctx context.Context) (*function, error) {
	b.number++
	dir := filepath.Join(b.tmp, fmt.Sprint(b.number))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	var flags []string
	if b.options.watch {
		flags = []string{"-ldflags=-s"} // links in half the time
	}
	b.words.Reset()
	b.began = time.Now()
	f, err := b.cli.build(ctx, b.options.pkg, dir, io.MultiWriter(b.cli.stderr, &b.words), flags...)
	b.failed, b.took = err, time.Since(b.began)
	if err != nil {
		os.RemoveAll(dir)
	}
	return f, err
}
