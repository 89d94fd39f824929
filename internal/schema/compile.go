package schema

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// node is a schema within a schema.
type node struct{ rules []rule }

// rule is one keyword. It returns what it has against a value.
type rule func(v any, at string) []string

func (n *node) problems(v any, at string) (problems []string) {
	for _, r := range n.rules {
		problems = append(problems, r(v, at)...)
	}
	return problems
}

type compiler struct {
	doc  any
	refs map[string]*node // also those that are being compiled, so that a schema can be recursive
}

// ref returns the schema at a reference within the document: "#" or "#/path".
func (c *compiler) ref(ref string) (*node, error) {
	if n, ok := c.refs[ref]; ok {
		return n, nil
	}
	path, ok := strings.CutPrefix(ref, "#")
	if !ok || path != "" && path[0] != '/' {
		return nil, fmt.Errorf("the reference %q is not within the schema", ref)
	}
	v := c.doc
	for _, step := range strings.Split(path, "/")[1:] {
		object, _ := v.(map[string]any)
		if v, ok = object[step]; !ok {
			return nil, fmt.Errorf("the reference %q leads nowhere", ref)
		}
	}
	n := new(node)
	c.refs[ref] = n
	compiled, err := c.schema(v)
	if err != nil {
		return nil, err
	}
	*n = *compiled
	return n, nil
}

// schema compiles an object of keywords, or the schemas true and false.
func (c *compiler) schema(v any) (*node, error) {
	if allowed, ok := v.(bool); ok {
		if allowed {
			return new(node), nil
		}
		return &node{[]rule{func(_ any, at string) []string { return []string{at + " is not allowed"} }}}, nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%v is no schema", v)
	}
	n := new(node)
	for _, keyword := range slices.Sorted(maps.Keys(object)) { // so that problems come in one order
		r, err := c.keyword(keyword, object)
		if err != nil {
			return nil, err
		}
		if r != nil {
			n.rules = append(n.rules, r)
		}
	}
	return n, nil
}

var (
	errKind    = errors.New("has a value of the wrong kind")
	errUnknown = errors.New("this validator does not know the keyword")
)

// keyword compiles one keyword of an object of them; nil: it asks for nothing by itself.
func (c *compiler) keyword(name string, in map[string]any) (r rule, err error) {
	value := in[name]
	switch name {
	case "$schema", "$comment", "title", "description", "examples":
		return nil, nil
	case "$defs":
		return nil, c.definitions(value)
	case "$ref":
		ref, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("the keyword %q %w", name, errKind)
		}
		n, err := c.ref(ref)
		if err != nil {
			return nil, err
		}
		return n.problems, nil
	case "then", "else":
		if _, ok := in["if"]; !ok {
			return nil, fmt.Errorf("the keyword %q comes without an if", name)
		}
		return nil, nil
	case "if":
		r, err = c.conditional(in)
	case "properties", "patternProperties":
		if _, ok := in["additionalProperties"]; ok {
			return nil, nil // which compiles them all
		}
		r, err = c.members(in)
	case "additionalProperties":
		r, err = c.members(in)
	case "propertyNames", "items", "not":
		r, err = c.single(name, value)
	case "allOf", "anyOf", "oneOf":
		r, err = c.combined(name, value)
	default:
		r, err = simple(name, value)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// definitions compiles schemas that nothing may refer to, for the errors in them.
func (c *compiler) definitions(value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("$defs %w", errKind)
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, err := c.ref("#/$defs/" + name); err != nil {
			return err
		}
	}
	return nil
}

func pattern(value any) (*regexp.Regexp, error) {
	text, ok := value.(string)
	if !ok {
		return nil, errKind
	}
	return regexp.Compile(text)
}
