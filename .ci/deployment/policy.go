package deployment

import (
	"fmt"
	"maps"
	"slices"
)

// Statement is a statement of a policy of a role.
type Statement struct {
	Actions   []string
	Resources []any
}

// Statements returns the statements that the roles and the policies of a template give to functions.
// Statements about the principals that assume a role are left out.
func (t *Template) Statements() []Statement {
	var found []Statement
	for _, name := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[name]
		switch r.Type {
		case "AWS::IAM::Role":
			found = append(found, statements(r.Properties["Policies"])...)
		case "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy":
			found = append(found, statements(r.Properties["PolicyDocument"])...)
		}
	}
	return found
}

// statements finds the statements anywhere in a value.
func statements(v any) []Statement {
	var found []Statement
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = append(found, statements(e)...)
		}
	case map[string]any:
		if v["Effect"] != nil {
			s := Statement{Resources: list(v["Resource"])}
			for _, a := range list(v["Action"]) {
				s.Actions = append(s.Actions, fmt.Sprint(a))
			}
			return []Statement{s}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = append(found, statements(v[name])...)
		}
	}
	return found
}

// list returns a list, or a list of the only value.
func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// Actions returns the actions of statements, sorted, without duplicates.
func Actions(statements []Statement) []string {
	var all []string
	for _, s := range statements {
		all = append(all, s.Actions...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
