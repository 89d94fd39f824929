package interop

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// text returns a value as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// compile returns a validator of a schema; nil if the schema is not valid.
func compile(schema []byte) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

func mustCompile(t testing.TB, schema []byte) *jsonschema.Schema {
	t.Helper()
	s, err := compile(schema)
	if err != nil {
		t.Fatalf("compile %s: %v", schema, err)
	}
	return s
}

// validate returns the fault of a document.
func validate(s *jsonschema.Schema, document []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// writer makes random documents of a schema. They have only the members that the schema describes, by
// the rule of package events/schema.
type writer struct {
	t        *rapid.T
	draft    draft
	root     object
	compiler *jsonschema.Compiler
	pointers map[uintptr]string // of the schemas in root
	invalid  bool               // the document does not fit
}

func newWriter(t *rapid.T, d draft, root object) *writer {
	w := &writer{t: t, draft: d, root: root, compiler: jsonschema.NewCompiler(), pointers: make(map[uintptr]string)}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text(root)))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.compiler.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	w.locate(root, "schema.json#")
	return w
}

// locate notes the pointers of the schemas inside v.
func (w *writer) locate(v any, at string) {
	switch v := v.(type) {
	case object:
		w.pointers[reflect.ValueOf(v).Pointer()] = at
		for name, e := range v {
			w.locate(e, at+"/"+url.PathEscape(name))
		}
	case []any:
		for i, e := range v {
			w.locate(e, at+"/"+strconv.Itoa(i))
		}
	}
}

// document returns a document; false if it is not valid.
func (w *writer) document() (string, bool) {
	w.invalid = false
	v := w.value([]any{any(w.root)}, 4)
	w.check(w.root, v)
	return text(v), !w.invalid
}

// check checks a value against a schema inside the root. The schema that was picked from anyOf must accept
// the value: a document that only another one accepts need not follow the rule.
func (w *writer) check(schema, v any) {
	x, ok := schema.(object)
	if !ok {
		w.invalid = w.invalid || schema == false
		return
	}
	s, err := w.compiler.Compile(w.pointers[reflect.ValueOf(x).Pointer()])
	if err != nil {
		w.t.Fatal(err)
	}
	w.invalid = w.invalid || validate(s, []byte(text(v))) != nil
}

// value returns a value of schemas, of which it should be all.
func (w *writer) value(schemas []any, depth int) any {
	nodes, picked, open := w.flatten(schemas)
	v := w.valueOf(nodes, open, depth)
	for _, schema := range picked {
		w.check(schema, v)
	}
	return v
}

func (w *writer) valueOf(nodes []object, open bool, depth int) any {
	var candidates []any
	kinds := map[string]bool{}
	for _, n := range nodes {
		if list, ok := n["enum"].([]any); ok {
			candidates = append(candidates, list...)
		}
		if v, ok := n["const"]; ok && !w.draft.old {
			candidates = append(candidates, v)
		}
		switch v := n["type"].(type) {
		case string:
			kinds[v] = true
		case []string:
			for _, k := range v {
				kinds[k] = true
			}
		}
	}
	if len(candidates) > 0 {
		return rapid.SampledFrom(candidates).Draw(w.t, "candidate")
	}
	if len(kinds) == 0 {
		kinds = map[string]bool{"object": true, "array": true, "string": true, "number": true, "null": true}
	}
	switch kind := rapid.SampledFrom(slices.Sorted(maps.Keys(kinds))).Draw(w.t, "kind"); kind {
	case "object":
		return w.object(nodes, open, depth)
	case "array":
		return w.list(nodes, depth)
	case "null":
		return nil
	case "boolean":
		return rapid.Bool().Draw(w.t, "bool")
	case "string":
		return rapid.SampledFrom([]any{"", "a", "ab", "abc", "x", "b"}).Draw(w.t, "string")
	case "integer":
		return rapid.SampledFrom([]any{-1, 0, 1, 2, 3, 4, json.Number("2.0")}).Draw(w.t, "integer")
	}
	return rapid.SampledFrom([]any{-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4}).Draw(w.t, "number")
}

// flatten resolves references, allOf, anyOf and oneOf, from which it picks one. open says that members may occur that no schema
// describes.
func (w *writer) flatten(schemas []any) (nodes []object, picked []any, open bool) {
	for steps := 0; len(schemas) > 0 && steps < 50; steps++ {
		x, ok := schemas[0].(object)
		schemas = schemas[1:]
		if !ok {
			continue
		}
		ref, hasRef := x["$ref"].(string)
		if hasRef {
			target := any(w.root)
			if name, ok := strings.CutPrefix(ref, "#/definitions/"); ok {
				target = w.root["definitions"].(object)[name]
			}
			schemas = append(schemas, target)
		}
		if hasRef && w.draft.refAlone {
			continue
		}
		nodes = append(nodes, x)
		if list, ok := x["allOf"].([]any); ok {
			schemas = append(schemas, list...)
		}
		for _, keyword := range []string{"anyOf", "oneOf"} {
			if list, ok := x[keyword].([]any); ok {
				picked = append(picked, rapid.SampledFrom(list).Draw(w.t, keyword))
				schemas = append(schemas, picked[len(picked)-1])
			}
		}
		for _, keyword := range []string{"if", "not", "dependentSchemas", "unevaluatedProperties", "patternProperties"} {
			if _, ok := x[keyword]; ok {
				open = true
			}
		}
	}
	return nodes, picked, open
}

func (w *writer) object(nodes []object, open bool, depth int) any {
	closed := false
	described := map[string]bool{}
	required := map[string]bool{}
	for _, n := range nodes {
		properties, has := n["properties"].(object)
		for name := range properties {
			described[name] = true
		}
		if list, ok := n["required"].([]string); ok {
			for _, name := range list {
				required[name] = true
			}
		}
		switch _, ok := n["additionalProperties"]; {
		case ok:
			open = true
		case has:
			closed = true
		}
	}
	open = open || !closed
	o := object{}
	for _, name := range names {
		switch {
		case !described[name] && !open,
			!required[name] && rapid.Bool().Draw(w.t, "without"):
			continue
		}
		list := []any{}
		for _, n := range nodes {
			properties, _ := n["properties"].(object)
			if p, ok := properties[name]; ok {
				list = append(list, p)
			} else if more, ok := n["additionalProperties"]; ok {
				list = append(list, more)
			}
		}
		if depth > 0 {
			o[name] = w.value(list, depth-1)
		}
	}
	return o
}

func (w *writer) list(nodes []object, depth int) any {
	items := []any{}
	for _, n := range nodes {
		if v, ok := n["items"]; ok {
			items = append(items, v)
		}
	}
	list := []any{}
	if depth > 0 {
		for range rapid.IntRange(0, 3).Draw(w.t, "length") {
			list = append(list, w.value(items, depth-1))
		}
	}
	return list
}
