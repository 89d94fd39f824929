package deployment

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// prefixes are the IAM prefixes of the packages of the SDK.
var prefixes = map[string]string{
	"ssm": "ssm", "secretsmanager": "secretsmanager", "appconfigdata": "appconfig", "dynamodb": "dynamodb",
	"eventbridge": "events", "sqs": "sqs", "sns": "sns",
}

// operations whose action has another name.
var operations = map[string]string{"SendMessageBatch": "SendMessage", "PublishBatch": "Publish"}

const module = "github.com/lambdakit/lambdakit/"

// calls returns the actions that a package and the internal packages below it need: one for each input
// of the SDK outside of interfaces.
func calls(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got no Go files in %s", dir)
	}
	found := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range file.Imports {
			path, _ := strconv.Unquote(imported.Path.Value)
			if inner, ok := strings.CutPrefix(path, module); ok && strings.Contains(inner, "aws/internal/") {
				maps.Copy(found, calls(t, inner))
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if _, ok := n.(*ast.InterfaceType); ok {
				return false // the interface of a client, not a call
			}
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			service, _ := s.X.(*ast.Ident)
			operation, input := strings.CutSuffix(s.Sel.Name, "Input")
			if service == nil || !input || prefixes[service.Name] == "" {
				return true
			}
			if name := operations[operation]; name != "" {
				operation = name
			}
			found[prefixes[service.Name]+":"+operation] = true
			return true
		})
	}
	return found
}

var (
	row  = regexp.MustCompile(`(?m)^\|(.*)\|(.*)\|(.*)\|(.*)\|$`)
	code = regexp.MustCompile("`([^`]+)`")
)

// documented returns the actions of each package in docs/iam.md, and the actions without a resource
// to name. The actions that every use of a package needs are marked with true.
func documented(t *testing.T) (packages map[string]map[string]bool, everywhere map[string]bool) {
	t.Helper()
	text := read(t, root+"/docs/iam.md")
	_, table, ok := strings.Cut(text, "## Packages")
	if !ok {
		t.Fatal("got no table of packages")
	}
	table, _, _ = strings.Cut(table, "\nNotes:")
	packages, everywhere = map[string]map[string]bool{}, map[string]bool{}
	var names []string
	for _, m := range row.FindAllStringSubmatch(table, -1) {
		if in := code.FindAllStringSubmatch(m[1], -1); len(in) > 0 {
			names = nil
			for _, n := range in {
				names = append(names, n[1])
			}
		}
		for _, a := range code.FindAllStringSubmatch(m[3], -1) {
			for _, n := range names {
				if packages[n] == nil {
					packages[n] = map[string]bool{}
				}
				packages[n][a[1]] = strings.HasPrefix(strings.TrimSpace(m[2]), "every")
			}
			if strings.TrimSpace(m[4]) == "`*`" {
				everywhere[a[1]] = true
			}
		}
	}
	return packages, everywhere
}

func TestIAM_PackagesAgreeWithTheCode(t *testing.T) {
	t.Parallel()
	packages, _ := documented(t)
	dirs, err := filepath.Glob(root + "/aws/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	checked := map[string]bool{}
	for _, d := range dirs {
		name := "aws/" + filepath.Base(filepath.Dir(d))
		if checked[name] {
			continue
		}
		checked[name] = true
		got := slices.Sorted(maps.Keys(packages[name]))
		if want := slices.Sorted(maps.Keys(calls(t, name))); !slices.Equal(got, want) {
			t.Errorf("%s: got %v in docs/iam.md, want %v, as the code calls", name, got, want)
		}
	}
	if len(checked) < 10 {
		t.Errorf("got the packages %v, want ten or more", checked)
	}
}

// Package comments and docs/iam.md name the same actions.
func TestIAM_PackageCommentsAgree(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`\b(ssm|secretsmanager|appconfig|dynamodb|sqs|sns|events):[A-Z][a-z]+[A-Za-z]*`)
	packages, _ := documented(t)
	for name, actions := range packages {
		if !strings.HasPrefix(name, "aws/") {
			continue
		}
		got := map[string]bool{}
		for _, a := range named.FindAllString(source(t, filepath.Join(root, name)), -1) {
			got[a] = true
		}
		if got, want := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(actions)); !slices.Equal(got, want) {
			t.Errorf("%s: got the actions %v in its comments, want %v, as in docs/iam.md", name, got, want)
		}
	}
}

// Roles of the templates have only actions that docs/iam.md explains, and name every resource that can
// be named.
func TestIAM_Templates(t *testing.T) {
	t.Parallel()
	text := read(t, root+"/docs/iam.md")
	_, everywhere := documented(t)
	each(t, func(t *testing.T, template *Template) {
		statements := template.Statements()
		if len(statements) < 2 {
			t.Fatalf("got %d statements, want logs and traces at least", len(statements))
		}
		for _, s := range statements {
			for _, a := range s.Actions {
				if !strings.Contains(text, "`"+a+"`") {
					t.Errorf("got the action %s, and docs/iam.md does not explain it", a)
				}
			}
			for _, r := range s.Resources {
				if r != "*" {
					continue
				}
				for _, a := range s.Actions {
					if !everywhere[a] && !strings.HasPrefix(a, "ec2:") {
						t.Errorf("got %s on *, want a resource", a)
					}
				}
			}
		}
	})
}

// A role has the actions of the packages that its function uses, and no others.
func TestIAM_TemplatesAgreeWithTheCode(t *testing.T) {
	t.Parallel()
	packages, _ := documented(t)
	for name, template := range examples(t) {
		text := source(t, root+"/examples/"+name)
		may := map[string]bool{}
		for p, actions := range packages {
			if strings.Contains(text, `"`+module+p+`"`) || p == "tracing" || p == "logging" {
				has := Actions(template.Statements())
				some := false
				for a, always := range actions {
					may[a] = true
					some = some || slices.Contains(has, a)
					if always && !slices.Contains(has, a) {
						t.Errorf("%s: got no action %s, and package %s needs it", name, a, p)
					}
				}
				if !some {
					t.Errorf("%s: got no action of %s, and the program imports it", name, p)
				}
			}
		}
		_, sources, _ := strings.Cut(read(t, root+"/docs/iam.md"), "## Event sources")
		for _, a := range Actions(template.Statements()) {
			if !may[a] && !strings.Contains(sources, "`"+a+"`") {
				t.Errorf("%s: got the action %s, and no package of the program needs it", name, a)
			}
		}
	}
}

// The role of a function has all actions that Lambda needs to read its queue or its stream.
func TestIAM_EventSources(t *testing.T) {
	t.Parallel()
	_, sources, _ := strings.Cut(read(t, root+"/docs/iam.md"), "## Event sources")
	needed := map[string][]string{}
	for kind, first := range map[string]string{"SQS": "| SQS |", "DynamoDB": "| DynamoDB Streams |"} {
		_, rest, ok := strings.Cut(sources, first)
		line, _, _ := strings.Cut(rest, "\n")
		for _, m := range code.FindAllStringSubmatch(line, -1) {
			needed[kind] = append(needed[kind], m[1])
		}
		if !ok || len(needed[kind]) < 3 {
			t.Fatalf("got the actions %v of %s, want three or more", needed[kind], kind)
		}
	}
	checked := 0
	for name, template := range examples(t) {
		for _, f := range template.Of("AWS::Serverless::Function") {
			role := template.Resources[Referred(template.Function(f)["Role"])]
			has := Actions(statements(role.Properties["Policies"]))
			for _, e := range object(template.Function(f), "Events") {
				kind := e.(map[string]any)["Type"].(string)
				for _, a := range needed[kind] {
					checked++
					if !slices.Contains(has, a) {
						t.Errorf("%s: got no %s in the role of %s, and its event source needs it", name, a, f)
					}
				}
			}
		}
	}
	if checked < 12 {
		t.Errorf("got %d actions checked, want 12 or more", checked)
	}
}
