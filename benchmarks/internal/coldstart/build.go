package coldstart

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/lambdakit/lambdakit/benchmarks/internal/gotool"
)

//go:embed testdata
var sources embed.FS

// Flags are the flags that functions are built with.
var Flags = []string{"-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w"}

// Binary is a built function.
type Binary struct {
	Function
	Path     string
	Bytes    int64
	Packages int // linked, including the standard library
	Modules  int // linked, without the function's module
}

// Build builds functions into dir, with the modules of the checkout at root. It builds as many
// in parallel as there are processors.
func Build(ctx context.Context, root, dir string, functions []Function) ([]Binary, error) {
	ours, err := look(root)
	if err != nil {
		return nil, fmt.Errorf("coldstart: %w", err)
	}
	binaries, errs := make([]Binary, len(functions)), make([]error, len(functions))
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	var building sync.WaitGroup
	for i, f := range functions {
		turn <- struct{}{}
		building.Go(func() {
			defer func() { <-turn }()
			binaries[i], errs[i] = build(ctx, filepath.Join(dir, f.Name), ours, f)
		})
	}
	building.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("coldstart: function %s: %w", functions[i].Name, err)
		}
	}
	return binaries, nil
}

// checkedOut is the part of the checkout that functions need.
type checkedOut struct {
	modules map[string]string // folders by module path
	sums    []byte            // the lines of all go.sum files, so that building needs no network
}

func look(root string) (checkedOut, error) {
	c := checkedOut{modules: make(map[string]string)}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.Name() == "go.sum":
			text, err := os.ReadFile(path)
			c.sums = append(c.sums, text...)
			return err
		case d.Name() == "go.mod":
			text, err := os.ReadFile(path)
			if match := moduleLine.FindSubmatch(text); match != nil {
				c.modules[string(match[1])] = filepath.Dir(path)
			}
			return err
		}
		return nil
	})
	return c, err
}

var moduleLine = regexp.MustCompile(`(?m)^module (\S+)$`)

func build(ctx context.Context, dir string, ours checkedOut, f Function) (Binary, error) {
	source, err := sources.ReadFile("testdata/" + f.Name + "/main.go")
	if err != nil {
		return Binary{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Binary{}, err
	}
	for name, text := range map[string][]byte{"main.go": source, "go.mod": goMod(ours.modules, f), "go.sum": ours.sums} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return Binary{}, err
		}
	}
	b := Binary{Function: f, Path: filepath.Join(dir, "bootstrap")}
	if _, err := gotool.Run(ctx, dir, asForLambda, append([]string{"build", "-mod=mod", "-buildvcs=false", "-o", b.Path}, Flags...)...); err != nil {
		return Binary{}, err
	}
	info, err := os.Stat(b.Path)
	if err != nil {
		return Binary{}, err
	}
	b.Bytes = info.Size()
	linked, err := gotool.Run(ctx, dir, asForLambda, "list", "-mod=mod", "-tags", "lambda.norpc", "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}", ".")
	if err != nil {
		return Binary{}, err
	}
	modules := make(map[string]bool)
	for line := range strings.Lines(linked) {
		b.Packages++
		_, module, _ := strings.Cut(strings.TrimSpace(line), " ")
		modules[module] = true
	}
	delete(modules, "") // the standard library
	delete(modules, ownPath)
	b.Packages-- // the function's package
	b.Modules = len(modules)
	return b, nil
}

const ownPath = "function"

// goMod returns the go.mod of a function. It always requires the root module, imported or not,
// so that all functions have the same version of aws-lambda-go. It replaces the modules of the
// checkout with their folders.
func goMod(ours map[string]string, f Function) []byte {
	const root = "github.com/lambdakit/lambdakit"
	var mod bytes.Buffer
	fmt.Fprintf(&mod, "module %s\n\ngo 1.26.0\n\nrequire %s v0.0.0\n", ownPath, root)
	for _, folder := range f.Modules {
		fmt.Fprintf(&mod, "require %s/%s v0.0.0\n", root, folder)
	}
	for _, module := range f.Requires {
		fmt.Fprintf(&mod, "require %s\n", module)
	}
	for path, folder := range ours {
		fmt.Fprintf(&mod, "replace %s => %s\n", path, strconv.Quote(folder))
	}
	return mod.Bytes()
}

// asForLambda are the settings of the go command for a function.
var asForLambda = []string{"CGO_ENABLED=0", "GOFLAGS=", "GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH}
