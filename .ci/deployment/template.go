package deployment

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Template is a template of CloudFormation or SAM. Short forms of functions, such as !Ref, have
// become their long forms.
type Template struct {
	Text      string
	Resources map[string]Resource
	Outputs   map[string]any
	Globals   map[string]any
}

// Resource is a resource of a template.
type Resource struct {
	Type       string
	Metadata   map[string]any
	Properties map[string]any
	Deletion   string
}

// Load reads a template in YAML or JSON.
func Load(path string) (*Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	root, ok := value(&doc).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: not an object", path)
	}
	t := &Template{Text: string(text), Resources: map[string]Resource{}}
	t.Outputs = object(root, "Outputs")
	t.Globals = object(root, "Globals")
	for name, r := range object(root, "Resources") {
		r := r.(map[string]any)
		deletion, _ := r["DeletionPolicy"].(string)
		kind, _ := r["Type"].(string)
		t.Resources[name] = Resource{kind, object(r, "Metadata"), object(r, "Properties"), deletion}
	}
	return t, nil
}

// value returns the value of a node, with functions in their long form.
func value(n *yaml.Node) any {
	var v any
	switch n.Kind {
	case yaml.DocumentNode:
		return value(n.Content[0])
	case yaml.AliasNode:
		return value(n.Alias)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = value(n.Content[i+1])
		}
		v = m
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			list = append(list, value(c))
		}
		v = list
	default:
		if short, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
			v = n.Value // the argument of a function
		} else if err := n.Decode(&v); err != nil {
			v = n.Value
		}
	}
	short, ok := strings.CutPrefix(n.Tag, "!")
	switch {
	case !ok || strings.HasPrefix(short, "!"):
		return v
	case short == "Ref" || short == "Condition":
		return map[string]any{short: v}
	case short == "GetAtt":
		if text, ok := v.(string); ok {
			name, attribute, _ := strings.Cut(text, ".")
			v = []any{name, attribute}
		}
	}
	return map[string]any{"Fn::" + short: v}
}

// object returns the object under a path of names, or nil.
func object(m map[string]any, path ...string) map[string]any {
	for _, name := range path {
		m, _ = m[name].(map[string]any)
	}
	return m
}

// Function returns the properties of a function with the Globals below them.
func (t *Template) Function(name string) map[string]any {
	merged := maps.Clone(object(t.Globals, "Function"))
	if merged == nil {
		merged = map[string]any{}
	}
	maps.Copy(merged, t.Resources[name].Properties)
	return merged
}

// Of returns the names of the resources of some types, sorted.
func (t *Template) Of(types ...string) []string {
	var names []string
	for name, r := range t.Resources {
		if slices.Contains(types, r.Type) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Referred returns the name of the resource that a Ref or a GetAtt refers to, or "".
func Referred(v any) string {
	m, _ := v.(map[string]any)
	if name, ok := m["Ref"].(string); ok {
		return name
	}
	if list, ok := m["Fn::GetAtt"].([]any); ok && len(list) > 0 {
		name, _ := list[0].(string)
		return name
	}
	return ""
}
