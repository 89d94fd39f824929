package cloudwatch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// code is what the source of the toolkit says about its log lines and metrics.
type code struct {
	messages map[string]string // level and folder by text; a text that is completed at run time ends in *
	fields   map[string]string // folders by name
	metrics  map[string]bool   // names
}

// toolkit are the folders of packages that run in functions, with the folders below them.
var toolkit = []string{"aws", "batch", "events", "httpapi", "idempotency", "logging", "metrics", "params", "tracing"}

// readCode returns the source of the toolkit. It is read once.
func readCode(t *testing.T) *code {
	t.Helper()
	codeOnce.Do(func() { theCode = parseCode(t) })
	return theCode
}

var (
	codeOnce sync.Once
	theCode  *code
)

func parseCode(t *testing.T) *code {
	t.Helper()
	c := &code{messages: make(map[string]string), fields: make(map[string]string), metrics: make(map[string]bool)}
	for _, top := range toolkit {
		err := filepath.WalkDir(filepath.Join("../..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return c.folder(path)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *code) folder(dir string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	var files []*ast.File
	constants := make(map[string]string)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
				for i, name := range spec.Names {
					if s, ok := literal(spec.Values[i]); ok {
						constants[name.Name] = s
					}
				}
			}
			return true
		})
	}
	rel, err := filepath.Rel("../..", dir)
	if err != nil {
		return err
	}
	r := &codeReader{c, filepath.ToSlash(rel), constants}
	for _, file := range files {
		for _, d := range file.Decls {
			// A LogValue method names members of a value, not fields of a line.
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "LogValue" {
				continue
			}
			ast.Inspect(d, r.node)
		}
	}
	return nil
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// codeReader reads the files of a folder.
type codeReader struct {
	*code
	folder    string
	constants map[string]string
}

// text returns the value of a literal or a constant. If a literal is completed at run time, the value ends
// in a star.
func (r *codeReader) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.Ident:
		s, ok := r.constants[e.Name]
		return s, ok
	case *ast.BinaryExpr:
		s, ok := literal(e.X)
		return s + "*", ok
	}
	return literal(e)
}

func (r *codeReader) message(e ast.Expr, level string) {
	if s, ok := r.text(e); ok {
		r.messages[s] = level + " " + r.folder
	}
}

func (r *codeReader) field(e ast.Expr) {
	if s, ok := r.text(e); ok && !strings.HasPrefix(s, "!") { // !ERROR and !PANIC stand for values that are lost
		if r.fields[s] = strings.TrimPrefix(r.fields[s]+" "+r.folder, " "); s == "" {
			delete(r.fields, s)
		}
	}
}

var slogLevels = map[string]string{"Debug": "DEBUG", "Info": "INFO", "Warn": "WARN", "Error": "ERROR"}

func (r *codeReader) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ValueSpec:
		if len(n.Names) == 1 && n.Names[0].Name == "reservedNames" {
			for _, e := range n.Values[0].(*ast.CompositeLit).Elts {
				r.field(e)
			}
		}
		if len(n.Names) == 1 && slices.Contains([]string{"bytesKey", "droppedKey", "requestIDMember"}, n.Names[0].Name) {
			s, _ := literal(n.Values[0])
			r.fields[strings.Trim(s, `"`)] = r.folder
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok {
			r.call(f, n.Args)
		}
	}
	return true
}

func (r *codeReader) call(f *ast.SelectorExpr, args []ast.Expr) {
	x, _ := f.X.(*ast.Ident)
	ofSlog := x != nil && x.Name == "slog"
	name := f.Sel.Name
	level, isContext := slogLevels[strings.TrimSuffix(name, "Context")], strings.HasSuffix(name, "Context")
	switch {
	case name == "writeOwn" && len(args) > 3:
		r.message(args[3], levelOf(args[2]))
	case name == "writeOwnRaw":
		r.message(args[0], "INFO")
		r.field(args[1])
	case ofSlog && name == "NewRecord":
		r.message(args[2], levelOf(args[1]))
	case level != "" && (ofSlog || isContext):
		if isContext {
			args = args[1:]
		}
		r.message(args[0], level)
		for i := 1; i < len(args); i += 2 {
			r.field(args[i])
		}
	case ofSlog && len(args) == 2 && slices.Contains([]string{"String", "Int", "Int64", "Uint64", "Float64", "Bool", "Any", "Time", "Duration", "Group"}, name):
		r.field(args[0])
	case name == "metric" && r.folder == "metrics":
		if s, ok := literal(args[0]); ok {
			r.metrics[s] = true
		}
	}
}

func levelOf(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return strings.ToUpper(strings.TrimPrefix(s.Sel.Name, "Level"))
	}
	return ""
}
