package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// members compiles what the keywords properties, patternProperties and
// additionalProperties of one schema ask of the members of an object.
func (c *compiler) members(in map[string]any) (rule, error) {
	type byPattern struct {
		re *regexp.Regexp
		n  *node
	}
	named := make(map[string]*node)
	var patterns []byPattern
	var rest *node
	each := func(keyword string, add func(name string, n *node) error) error {
		value, given := in[keyword]
		object, ok := value.(map[string]any)
		if given && !ok {
			return errKind
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			n, err := c.schema(object[name])
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if err := add(name, n); err != nil {
				return err
			}
		}
		return nil
	}
	err := each("properties", func(name string, n *node) error { named[name] = n; return nil })
	if err != nil {
		return nil, err
	}
	err = each("patternProperties", func(name string, n *node) error {
		re, err := regexp.Compile(name)
		patterns = append(patterns, byPattern{re, n})
		return err
	})
	if err != nil {
		return nil, err
	}
	if value, ok := in["additionalProperties"]; ok {
		if rest, err = c.schema(value); err != nil {
			return nil, err
		}
	}
	return func(v any, at string) (problems []string) {
		object, _ := v.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			known := false
			check := func(n *node) {
				known = true
				problems = append(problems, n.problems(object[name], at+"."+name)...)
			}
			if n, ok := named[name]; ok {
				check(n)
			}
			for _, p := range patterns {
				if p.re.MatchString(name) {
					check(p.n)
				}
			}
			if !known && rest != nil {
				check(rest)
			}
		}
		return problems
	}, nil
}

// single compiles the keywords whose value is one schema.
func (c *compiler) single(keyword string, value any) (rule, error) {
	n, err := c.schema(value)
	if err != nil {
		return nil, err
	}
	switch keyword {
	case "not":
		return func(v any, at string) []string {
			if n.problems(v, at) == nil {
				return []string{at + " is what it must not be"}
			}
			return nil
		}, nil
	case "items":
		return func(v any, at string) (problems []string) {
			array, _ := v.([]any)
			for i, x := range array {
				problems = append(problems, n.problems(x, fmt.Sprintf("%s[%d]", at, i))...)
			}
			return problems
		}, nil
	}
	return func(v any, at string) (problems []string) { // propertyNames
		object, _ := v.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			problems = append(problems, n.problems(name, fmt.Sprintf("%s: the name %.60q", at, name))...)
		}
		return problems
	}, nil
}

// combined compiles the keywords whose value is a list of schemas.
func (c *compiler) combined(keyword string, value any) (rule, error) {
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return nil, errKind
	}
	var nodes []*node
	for _, s := range list {
		n, err := c.schema(s)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return func(v any, at string) []string {
		var all []string
		matches := 0
		for _, n := range nodes {
			problems := n.problems(v, at)
			if problems == nil {
				matches++
			}
			all = append(all, problems...)
		}
		switch {
		case keyword == "allOf":
			return all
		case matches == 0:
			return []string{fmt.Sprintf("%s is none of %d things: %s", at, len(nodes), strings.Join(all, "; "))}
		case matches > 1 && keyword == "oneOf":
			return []string{fmt.Sprintf("%s is %d things of which it may only be one", at, matches)}
		}
		return nil
	}, nil
}

// conditional compiles the keywords if, then and else of one schema.
func (c *compiler) conditional(in map[string]any) (rule, error) {
	var nodes [3]*node
	for i, name := range []string{"if", "then", "else"} {
		value, ok := in[name]
		if !ok {
			value = true
		}
		var err error
		if nodes[i], err = c.schema(value); err != nil {
			return nil, err
		}
	}
	return func(v any, at string) []string {
		if nodes[0].problems(v, at) == nil {
			return nodes[1].problems(v, at)
		}
		return nodes[2].problems(v, at)
	}, nil
}
