package interop

import (
	"maps"
	"slices"

	"pgregory.net/rapid"
)

// object is a schema, or a document.
type object = map[string]any

// draft is the draft of random schemas.
type draft struct {
	uri      string // empty: none
	refAlone bool   // keywords beside $ref are ignored
	old      bool   // Draft 4
}

var drafts = []draft{
	{},
	{uri: "https://json-schema.org/draft/2020-12/schema"},
	{uri: "https://json-schema.org/draft/2019-09/schema"},
	{uri: "http://json-schema.org/draft-07/schema#", refAlone: true},
	{uri: "http://json-schema.org/draft-06/schema#", refAlone: true},
	{uri: "http://json-schema.org/draft-04/schema#", refAlone: true, old: true},
}

// names are the members of objects. Few of them make collisions likely.
var names = []string{"a", "b", "xc"}

// scalars are the values of enums.
var scalars = []any{nil, true, false, -1, 0, 1, 2, 3, 1.5, 2.5, "", "a", "ab", "abc", "x", object{"a": 1}, []any{1}}

// root returns a random schema with definitions.
func root(t *rapid.T, d draft) object {
	defs := object{"A": schemaOf(t, d, 2), "B": schemaOf(t, d, 1)}
	x, ok := schemaOf(t, d, 3).(object)
	if !ok {
		x = object{}
	}
	x["definitions"] = defs
	if d.uri != "" {
		x["$schema"] = d.uri
	}
	return x
}

// schemaOf returns a random schema: mostly as the generator of package events/schema makes them, and some
// of anything.
func schemaOf(t *rapid.T, d draft, depth int) any {
	pick := rapid.IntRange(0, 23).Draw(t, "form")
	switch {
	case pick == 0:
		return object{}
	case pick == 1 && !d.old:
		return rapid.Bool().Draw(t, "boolean")
	case pick == 2 || pick == 3:
		x := object{"$ref": rapid.SampledFrom([]string{"#/definitions/A", "#/definitions/B", "#/definitions/B", "#"}).Draw(t, "ref")}
		if rapid.IntRange(0, 3).Draw(t, "beside") == 0 {
			maps.Copy(x, typed(t, d, depth-1))
		}
		return x
	case pick < 7 && depth > 0:
		keyword := rapid.SampledFrom([]string{"anyOf", "anyOf", "allOf", "oneOf"}).Draw(t, "combination")
		list := []any{schemaOf(t, d, depth-1)}
		for range rapid.IntRange(0, 1).Draw(t, "more") {
			list = append(list, schemaOf(t, d, depth-1))
		}
		x := object{keyword: list}
		if rapid.IntRange(0, 3).Draw(t, "beside") == 0 {
			maps.Copy(x, typed(t, d, depth-1))
		}
		return x
	case pick == 7:
		return object{"anyOf": []any{object{"$ref": "#/definitions/A"}, object{"type": "null"}}}
	case pick == 8:
		return object{"enum": someScalars(t)}
	case pick == 9 && !d.old:
		return object{"const": rapid.SampledFrom(scalars).Draw(t, "const")}
	}
	return typed(t, d, depth)
}

func someScalars(t *rapid.T) []any {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(scalars), 1, 4, func(v any) string { return text(v) }).Draw(t, "values")
}

// typed returns a schema with a type and its keywords, or with keywords of several types.
func typed(t *rapid.T, d draft, depth int) object {
	x := object{}
	kinds := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"object", "object", "array", "string", "integer", "number", "boolean", "null"}), 1, 2, rapid.ID).Draw(t, "types")
	switch {
	case rapid.IntRange(0, 9).Draw(t, "without type") == 0:
	case len(kinds) == 1:
		x["type"] = kinds[0]
	default:
		x["type"] = kinds
	}
	for _, kind := range kinds {
		switch kind {
		case "object":
			objectKeywords(t, d, depth, x)
		case "array":
			arrayKeywords(t, d, depth, x)
		case "string":
			maybe(t, x, "minLength", rapid.IntRange(0, 3))
			maybe(t, x, "maxLength", rapid.IntRange(0, 3))
			maybe(t, x, "pattern", rapid.SampledFrom([]string{"^a", "b$"}))
		case "integer", "number":
			numberKeywords(t, d, x)
		}
	}
	switch rapid.IntRange(0, 19).Draw(t, "odd") { // mostly none
	case 0:
		x["enum"] = someScalars(t)
	case 1:
		x["not"] = object{"enum": someScalars(t)}
	case 2:
		x["x-unit"] = rapid.SampledFrom([]string{"cm", "mm"}).Draw(t, "unit")
	case 3:
		if depth > 0 { // references inside it are to its definitions
			x[map[bool]string{true: "id", false: "$id"}[d.old]] = "https://example.com/inner"
			x["definitions"] = object{"A": object{}, "B": schemaOf(t, d, 0)}
			x["anyOf"] = []any{object{"$ref": "#/definitions/A"}, object{"$ref": "#/definitions/B"}}
		}
	case 4:
		if depth > 0 {
			x["if"], x["then"] = schemaOf(t, d, depth-1), schemaOf(t, d, depth-1)
			if rapid.Bool().Draw(t, "else") {
				x["else"] = schemaOf(t, d, depth-1)
			}
		}
	}
	return x
}

func maybe[T any](t *rapid.T, x object, keyword string, g *rapid.Generator[T]) {
	if rapid.IntRange(0, 2).Draw(t, keyword+"?") == 0 {
		x[keyword] = g.Draw(t, keyword)
	}
}

func numberKeywords(t *rapid.T, d draft, x object) {
	limit := rapid.SampledFrom([]any{-1, 0, 1, 1.5, 2, 3})
	maybe(t, x, "minimum", limit)
	maybe(t, x, "maximum", limit)
	if rapid.IntRange(0, 5).Draw(t, "multiple") == 0 {
		x["multipleOf"] = rapid.IntRange(1, 2).Draw(t, "multipleOf")
	}
	for _, name := range []string{"exclusiveMinimum", "exclusiveMaximum"} {
		if rapid.IntRange(0, 4).Draw(t, name) > 0 {
			continue
		}
		if !d.old {
			x[name] = limit.Draw(t, name)
			continue
		}
		if x[map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}[name]] != nil {
			x[name] = rapid.Bool().Draw(t, name)
		}
	}
}

func arrayKeywords(t *rapid.T, d draft, depth int, x object) {
	maybe(t, x, "minItems", rapid.IntRange(0, 2))
	maybe(t, x, "maxItems", rapid.IntRange(0, 3))
	if depth > 0 && rapid.IntRange(0, 3).Draw(t, "items") > 0 {
		x["items"] = schemaOf(t, d, depth-1)
	}
	switch rapid.IntRange(0, 14).Draw(t, "odd list") {
	case 0:
		x["uniqueItems"] = rapid.Bool().Draw(t, "unique")
	case 1:
		if depth > 0 && !d.old {
			x["contains"] = schemaOf(t, d, depth-1)
			maybe(t, x, "minContains", rapid.IntRange(0, 2))
			maybe(t, x, "maxContains", rapid.IntRange(1, 2))
		}
	case 2:
		if depth > 0 {
			name := "prefixItems"
			if d.refAlone || d.uri == "https://json-schema.org/draft/2019-09/schema" {
				name = "items"
				x["additionalItems"] = schemaOf(t, d, depth-1)
			}
			x[name] = []any{schemaOf(t, d, depth-1)}
		}
	case 3:
		x["unevaluatedItems"] = rapid.Bool().Draw(t, "unevaluatedItems")
	}
}

func objectKeywords(t *rapid.T, d draft, depth int, x object) {
	if rapid.IntRange(0, 4).Draw(t, "described") > 0 && depth > 0 {
		properties := object{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID).Draw(t, "properties") {
			properties[name] = schemaOf(t, d, depth-1)
		}
		x["properties"] = properties
	}
	if rapid.IntRange(0, 2).Draw(t, "required?") == 0 {
		x["required"] = rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 2, rapid.ID).Draw(t, "required")
	}
	switch rapid.IntRange(0, 5).Draw(t, "additional") {
	case 0:
		x["additionalProperties"] = rapid.Bool().Draw(t, "additionalProperties")
	case 1:
		if depth > 0 {
			x["additionalProperties"] = schemaOf(t, d, depth-1)
		}
	}
	switch rapid.IntRange(0, 19).Draw(t, "odd object") {
	case 0:
		if depth > 0 {
			x["patternProperties"] = object{"^x": schemaOf(t, d, depth-1)}
		}
	case 1:
		x["minProperties"] = rapid.IntRange(0, 2).Draw(t, "minProperties")
	case 2:
		x["maxProperties"] = rapid.IntRange(0, 2).Draw(t, "maxProperties")
	case 3:
		x["unevaluatedProperties"] = rapid.Bool().Draw(t, "unevaluatedProperties")
	case 4:
		x["dependentRequired"] = object{"a": []any{"b"}}
	case 5:
		if depth > 0 {
			x["dependentSchemas"] = object{"a": schemaOf(t, d, depth-1)}
		}
	case 6:
		if !d.old {
			x["propertyNames"] = object{"pattern": "^[ab]"}
		}
	}
}

// places returns all schemas inside a schema that are objects.
func places(x object) (list []object) {
	list = append(list, x)
	visit := func(v any) {
		if s, ok := v.(object); ok {
			list = append(list, places(s)...)
		}
	}
	for _, keyword := range slices.Sorted(maps.Keys(x)) {
		switch keyword {
		case "properties", "definitions", "patternProperties", "dependentSchemas":
			nested := x[keyword].(object)
			for _, name := range slices.Sorted(maps.Keys(nested)) {
				visit(nested[name])
			}
		case "items", "additionalProperties", "not", "if", "then", "else", "contains":
			visit(x[keyword])
		case "anyOf", "allOf", "oneOf":
			for _, v := range x[keyword].([]any) {
				visit(v)
			}
		}
	}
	return list
}

// mutate returns a copy of a schema with a few random changes.
func mutate(t *rapid.T, d draft, schema object) object {
	changed := clone(schema).(object)
	for range rapid.IntRange(1, 2).Draw(t, "changes") {
		list := places(changed)
		x := list[rapid.IntRange(0, len(list)-1).Draw(t, "place")]
		other := typed(t, d, 1)
		switch keywords := slices.Sorted(maps.Keys(x)); rapid.IntRange(0, 3).Draw(t, "change") {
		case 0: // a keyword goes
			for _, k := range keywords {
				if k != "definitions" && k != "$schema" && rapid.Bool().Draw(t, k) {
					delete(x, k)
					break
				}
			}
		case 1: // a keyword comes or changes
			for _, k := range slices.Sorted(maps.Keys(other)) {
				if rapid.Bool().Draw(t, k) {
					x[k] = other[k]
					break
				}
			}
		case 2: // it gets wider or narrower
			for _, k := range keywords {
				if n, ok := x[k].(int); ok && k != "const" && k != "multipleOf" {
					x[k] = max(n+rapid.IntRange(-1, 1).Draw(t, k), 0)
				}
			}
		case 3: // a member comes
			if properties, ok := x["properties"].(object); ok {
				properties[rapid.SampledFrom(names).Draw(t, "name")] = schemaOf(t, d, 1)
			}
		}
		if d.old { // a boolean limit needs the other one
			for exclusive, limit := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
				if _, ok := x[limit]; !ok {
					delete(x, exclusive)
				}
			}
		}
	}
	return changed
}

func clone(v any) any {
	switch v := v.(type) {
	case object:
		c := make(object, len(v))
		for name, e := range v {
			c[name] = clone(e)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = clone(e)
		}
		return c
	}
	return v
}
