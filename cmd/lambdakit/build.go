package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// function is a built function.
type function struct {
	name    string // for Lambda
	dir     string // of its source
	program string
}

// build builds the package into tmp. It builds a directory in the directory's module, and
// a pattern in the module of the working directory.
func build(ctx context.Context, pkg, tmp string, stderr io.Writer) (*function, error) {
	command := func(args ...string) *exec.Cmd {
		if info, err := os.Stat(pkg); err == nil && info.IsDir() {
			args = append(append([]string{"-C", pkg}, args...), ".")
		} else {
			args = append(args, "--", pkg)
		}
		return goCommand(ctx, stderr, args...)
	}
	if strings.HasPrefix(pkg, "-") {
		return nil, fmt.Errorf("%q is not a package", pkg)
	}
	out, err := command("list", "-f", "{{.Name}}\n{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", pkg, err)
	}
	name, dir, _ := strings.Cut(string(bytes.TrimSpace(out)), "\n")
	if name != "main" {
		return nil, fmt.Errorf("%s is package %s, not a program", pkg, name)
	}
	f := &function{name: filepath.Base(dir), dir: dir, program: filepath.Join(tmp, "bootstrap")}
	if err := command("build", "-o", f.program).Run(); err != nil {
		return nil, fmt.Errorf("go build %s: %w", pkg, err)
	}
	return f, nil
}

// goCommand returns a run of the go command. The programs that it builds run here, even if the shell is
// set up to build for Lambda.
func goCommand(ctx context.Context, stderr io.Writer, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = stderr
	cmd.Env = append(os.Environ(), "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	return cmd
}
