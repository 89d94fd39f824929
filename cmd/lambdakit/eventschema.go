package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/events/schema"
)

// eventsPackage is the package whose definitions are found.
const eventsPackage = "github.com/lambdakit/lambdakit/events"

// writeSchemas writes the schemas of the events that packages define, and returns the exit status.
func (c *cli) writeSchemas(ctx context.Context, args []string) int {
	fs := flag.NewFlagSet("lambdakit events schema", flag.ContinueOnError)
	fs.SetOutput(c.stderr)
	fs.Usage = func() {
		fmt.Fprintln(c.stderr, "usage: lambdakit events schema [flags] [PACKAGES]\n\nPACKAGES are directories or patterns, as for the go command. The default is ./...")
		fs.PrintDefaults()
	}
	out := fs.String("o", "schemas", "`folder` for the files SOURCE.TYPE.vN.json; it is made if it does not exist")
	draft4 := fs.Bool("draft4", false, "write JSON Schema Draft 4, for the schema registry of EventBridge, instead of 2020-12")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	x := &schemaWriter{stderr: c.stderr, patterns: fs.Args()}
	if *draft4 {
		x.draft = schema.Draft4
	}
	if len(x.patterns) == 0 {
		x.patterns = []string{"./..."}
	}
	files, err := x.schemas(ctx)
	if err == nil {
		err = writeAll(*out, files)
	}
	if err != nil {
		var t text
		t.addf("lambdakit events schema: %v\n", err)
		io.WriteString(c.stderr, t.String())
		return 2
	}
	for _, f := range files {
		c.print("%s", filepath.Join(*out, f.name))
	}
	return 0
}

// schemaFile is the schema of a definition.
type schemaFile struct {
	name, pkg string
	text      []byte
}

func writeAll(dir string, files []schemaFile) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// schemaWriter gets the schemas of packages. The definitions of a package exist only in a program, so
// it adds a file with an init function to each package, as a test file in an overlay of the go command.
type schemaWriter struct {
	stderr   io.Writer
	patterns []string
	draft    schema.Draft
}

// definingPackage is a package that imports package events, as go list describes it.
type definingPackage struct {
	ImportPath, Dir, Name              string
	Imports, TestGoFiles, XTestGoFiles []string
	DepOnly                            bool
}

// schemas returns the schemas of all definitions, by their names.
func (x *schemaWriter) schemas(ctx context.Context) ([]schemaFile, error) {
	packages, err := x.list(ctx)
	if err != nil {
		return nil, err
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("no package of %s imports %s", strings.Join(x.patterns, " "), eventsPackage)
	}
	tmp, err := os.MkdirTemp("", "lambdakit-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	if err := x.run(ctx, tmp, packages); err != nil {
		return nil, err
	}
	files, err := collect(tmp, packages)
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no package of %s has a definition in a package-level variable or an init function", strings.Join(x.patterns, " "))
	}
	return files, err
}

// list returns the packages that import package events, each behind the packages that it imports.
func (x *schemaWriter) list(ctx context.Context) (packages []definingPackage, err error) {
	args := append([]string{"list", "-deps", "-json=ImportPath,Dir,Name,Imports,TestGoFiles,XTestGoFiles,DepOnly", "--"}, x.patterns...)
	cmd := goCommand(ctx, x.stderr, args...)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", strings.Join(x.patterns, " "), err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p definingPackage
		switch err := d.Decode(&p); {
		case err == io.EOF:
			return packages, nil
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		}
		own := p.ImportPath == eventsPackage || strings.HasPrefix(p.ImportPath, eventsPackage+"/")
		if !p.DepOnly && !own && slices.Contains(p.Imports, eventsPackage) {
			packages = append(packages, p)
		}
	}
}

// schemasVariable names the folder for the schemas to the program.
const schemasVariable = "LAMBDAKIT_EVENTS_SCHEMAS"

// addedFile is the file that is added to a package. Its names do not occur in a user's package.
const addedFile = `package %s

import (
	lambdakitSchema "github.com/lambdakit/lambdakit/events/schema"
	lambdakitOS "os"
)

func init() {
	dir := lambdakitOS.Getenv(%q) + %q
	err := lambdakitOS.Mkdir(dir, 0o700)
	if err == nil {
		err = lambdakitSchema.WriteDefinitions(dir, %d)
	}
	if err != nil {
		lambdakitOS.WriteFile(dir+".error", []byte(err.Error()), 0o600)
	}
	lambdakitOS.Exit(0)
}
`

// run builds the packages with the added files and runs them. The schemas of package i are in the
// folder i of tmp.
func (x *schemaWriter) run(ctx context.Context, tmp string, packages []definingPackage) error {
	replace := make(map[string]string)
	args := []string{"test", "-overlay", filepath.Join(tmp, "overlay.json"), "-vet=off", "-count=1", "-timeout=1m", "-run=^$"}
	for i, p := range packages {
		for _, name := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
			replace[filepath.Join(p.Dir, name)] = "" // it is not there
		}
		file := filepath.Join(tmp, strconv.Itoa(i)+".go")
		text := fmt.Sprintf(addedFile, p.Name, schemasVariable, string(filepath.Separator)+strconv.Itoa(i), x.draft)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		replace[filepath.Join(p.Dir, "lambdakit_events_schema_test.go")] = file
		args = append(args, p.ImportPath)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(tmp, "overlay.json"), overlay, 0o600); err != nil {
		return err
	}
	var output bytes.Buffer
	cmd := goCommand(ctx, &output, args...)
	cmd.Stdout = &output
	cmd.Env = append(cmd.Env, schemasVariable+"="+tmp)
	failed := cmd.Run()
	var exit *exec.ExitError
	if failed != nil && !errors.As(failed, &exit) {
		return fmt.Errorf("go test: %w", failed)
	}
	for i, p := range packages {
		dir := filepath.Join(tmp, strconv.Itoa(i))
		if text, err := os.ReadFile(dir + ".error"); err == nil {
			return fmt.Errorf("package %s: %s", p.ImportPath, text)
		}
		if _, err := os.Stat(dir); err == nil {
			continue
		}
		var t text
		t.add(output.String())
		io.WriteString(x.stderr, t.String())
		problem := "ended before its definitions could be read; if it is a program, move the definitions to a package that it imports"
		for _, mark := range []string{"[build failed]", "[setup failed]"} {
			if strings.Contains(output.String(), p.ImportPath+" "+mark) {
				problem = "does not compile"
			}
		}
		if strings.Contains(output.String(), "-mod=vendor") {
			problem += "; set GOFLAGS=-mod=mod, because the vendor folder does not have package events/schema"
		}
		return fmt.Errorf("package %s %s", p.ImportPath, problem)
	}
	return nil
}

// collect reads the schemas of all packages. The definitions of a package are also in the packages that
// import it, which come later.
func collect(tmp string, packages []definingPackage) (files []schemaFile, err error) {
	byName := make(map[string]schemaFile) // in lower case, because some file systems do not tell the cases apart
	for i, p := range packages {
		names, err := schemaFiles(filepath.Join(tmp, strconv.Itoa(i)))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join(tmp, strconv.Itoa(i), name))
			if err != nil {
				return nil, err
			}
			f := schemaFile{name, p.ImportPath, text}
			other, ok := byName[strings.ToLower(name)]
			switch {
			case ok && other.name != name:
				return nil, fmt.Errorf("package %s defines %s and package %s defines %s; the names must differ in more than the case", other.pkg, other.name, p.ImportPath, name)
			case ok && !bytes.Equal(other.text, text):
				return nil, fmt.Errorf("packages %s and %s define %s with different data; define it once, or give the change a new version", other.pkg, p.ImportPath, strings.TrimSuffix(name, ".json"))
			case !ok:
				byName[strings.ToLower(name)] = f
				files = append(files, f)
			}
		}
	}
	slices.SortFunc(files, func(a, b schemaFile) int { return strings.Compare(a.name, b.name) })
	return files, nil
}
