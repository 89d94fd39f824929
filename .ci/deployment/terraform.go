package deployment

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Provider says which arguments and attributes the resources of a Terraform provider have. Data
// sources have names such as data.aws_region.
type Provider map[string]struct {
	Arguments  Arguments
	Attributes []string
}

// Arguments are the arguments of a resource or a block: a name, with a question mark at its end if the
// argument is optional, and the arguments of the block that it is, if it is one.
type Arguments map[string]json.RawMessage

// find returns the arguments of a block, and whether there is an argument of this name.
func (a Arguments) find(name string) (block Arguments, ok bool) {
	for _, key := range []string{name, name + "?"} {
		if inner, ok := a[key]; ok {
			json.Unmarshal(inner, &block)
			return block, true
		}
	}
	return nil, false
}

// Configuration is the Terraform configuration of a directory.
type Configuration struct {
	blocks hclsyntax.Blocks
	text   string
}

// LoadTerraform parses the *.tf files of a directory.
func LoadTerraform(dir string) (*Configuration, error) {
	files, err := filepath.Glob(dir + "/*.tf")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no *.tf files", dir)
	}
	c := new(Configuration)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		file, problems := hclsyntax.ParseConfig(text, f, hcl.InitialPos)
		if problems.HasErrors() {
			return nil, problems
		}
		c.blocks = append(c.blocks, file.Body.(*hclsyntax.Body).Blocks...)
		c.text += string(text)
	}
	return c, nil
}

// Problems returns the arguments and references that do not exist, and the arguments that are missing.
func (c *Configuration) Problems(p Provider) []string {
	var problems []string
	declared := map[string]bool{"path.module": true, "string": true} // string is a type
	for _, b := range c.blocks {
		switch b.Type {
		case "resource":
			declared[strings.Join(b.Labels, ".")] = true
		case "data":
			declared["data."+strings.Join(b.Labels, ".")] = true
		case "variable":
			declared["var."+b.Labels[0]] = true
		case "locals":
			for name := range b.Body.Attributes {
				declared["local."+name] = true
			}
		}
	}
	for _, b := range c.blocks {
		hclsyntax.VisitAll(b.Body, func(n hclsyntax.Node) hcl.Diagnostics {
			if t, ok := n.(*hclsyntax.ScopeTraversalExpr); ok {
				problems = append(problems, check(t.Traversal, declared, p)...)
			}
			return nil
		})
		if name := typeOf(b); strings.HasPrefix(name, "aws_") || strings.HasPrefix(name, "data.aws_") {
			known, ok := p[name]
			if !ok {
				problems = append(problems, fmt.Sprintf("%s: no such type in testdata", name))
				continue
			}
			problems = append(problems, checkBody(name, b.Body, known.Arguments)...)
		}
	}
	return problems
}

// typeOf returns the type of a resource or a data source, or "".
func typeOf(b *hclsyntax.Block) string {
	switch b.Type {
	case "resource":
		return b.Labels[0]
	case "data":
		return "data." + b.Labels[0]
	}
	return ""
}

// meta are arguments and blocks that every resource has.
var meta = map[string]bool{"depends_on": true, "count": true, "for_each": true, "provider": true, "lifecycle": true}

func checkBody(where string, body *hclsyntax.Body, known Arguments) []string {
	var problems []string
	set := map[string]bool{}
	for name := range body.Attributes {
		set[name] = true
		if _, ok := known.find(name); !ok && !meta[name] {
			problems = append(problems, fmt.Sprintf("%s: no argument %s", where, name))
		}
	}
	for _, b := range body.Blocks {
		set[b.Type] = true
		if meta[b.Type] {
			continue
		}
		inner, ok := known.find(b.Type)
		if !ok || inner == nil {
			problems = append(problems, fmt.Sprintf("%s: no block %s", where, b.Type))
			continue
		}
		problems = append(problems, checkBody(where+"."+b.Type, b.Body, inner)...)
	}
	for name := range known {
		if !strings.HasSuffix(name, "?") && !set[name] {
			problems = append(problems, fmt.Sprintf("%s: the argument %s is missing", where, name))
		}
	}
	return problems
}

// check returns the problem of a reference, if it has one.
func check(t hcl.Traversal, declared map[string]bool, p Provider) []string {
	var parts []string
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			parts = append(parts, step.Name)
		case hcl.TraverseAttr:
			parts = append(parts, step.Name)
		}
	}
	n := 2 // type and name
	if parts[0] == "data" {
		n = 3
	}
	name := strings.Join(parts[:min(n, len(parts))], ".")
	if !declared[name] {
		return []string{fmt.Sprintf("%s is not declared", name)}
	}
	if len(parts) <= n || !strings.Contains(name, "aws_") {
		return nil
	}
	kind := strings.Join(parts[:n-1], ".")
	for _, a := range p[kind].Attributes {
		if a == parts[n] {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s has no attribute %s", kind, parts[n])}
}

var action = regexp.MustCompile(`"([a-z0-9]+:[A-Z][A-Za-z]+)"`)

// Policies returns the actions in policies.
func (c *Configuration) Policies() []Statement {
	var s Statement
	for _, b := range c.blocks {
		if b.Type != "resource" || b.Labels[0] != "aws_iam_role_policy" {
			continue
		}
		r := b.Body.Attributes["policy"].SrcRange
		file, err := os.ReadFile(r.Filename)
		if err != nil {
			panic(err)
		}
		for _, m := range action.FindAllStringSubmatch(string(file[r.Start.Byte:r.End.Byte]), -1) {
			s.Actions = append(s.Actions, m[1])
		}
	}
	return []Statement{s}
}
