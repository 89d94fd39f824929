package jsonschema

import (
	"reflect"
	"slices"
	"strings"
)

// member is a field of a struct as encoding/json sees it.
type member struct {
	name     string
	field    reflect.StructField
	depth    int
	tagged   bool
	required bool // it has the tag required
	omit     bool // it can be absent from the output
	filled   bool // it is absent if it is nil
	quoted   bool // a number or bool in a string
}

// membersOf returns the members of a struct. Fields of embedded structs are members as in
// encoding/json: of two members with one name, the less nested one wins, then the one with a tag.
// Others hide each other.
func membersOf(t reflect.Type) []member {
	all := appendMembers(nil, t, 0, false, nil)
	var kept []member
	for i, m := range all {
		wins := true
		for j, other := range all {
			if i == j || other.name != m.name {
				continue
			}
			if other.depth < m.depth || other.depth == m.depth && (other.tagged || !m.tagged) {
				wins = false
			}
		}
		if wins {
			kept = append(kept, m)
		}
	}
	return kept
}

func appendMembers(all []member, t reflect.Type, depth int, omit bool, outer []reflect.Type) []member {
	if slices.Contains(outer, t) {
		return all
	}
	outer = append(outer[:len(outer):len(outer)], t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		of := f.Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if f.Anonymous && name == "" && of.Kind() == reflect.Struct {
			all = appendMembers(all, of, depth+1, omit || f.Type.Kind() == reflect.Pointer, outer)
			continue
		}
		if !f.IsExported() {
			continue
		}
		m := member{
			name: name, field: f, depth: depth, tagged: name != "", omit: omit,
			required: f.Tag.Get("required") == "true",
		}
		if name == "" {
			m.name = f.Name
		}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitempty", "omitzero":
				m.omit, m.filled = true, true
			case "string":
				switch of.Kind() {
				case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
					reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
					reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
					m.quoted = true
				}
			}
		}
		all = append(all, m)
	}
	return all
}
