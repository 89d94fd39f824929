// Package schema checks JSON documents against JSON schemas, for tests. It knows the
// keywords that the schemas of this repository use and refuses all others, so that a
// document never passes for one that was checked against a rule that is not understood.
//
// It also has what a schema cannot say against a document: members that come twice in an
// object, of which readers take different ones, and text that is not UTF-8.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Schema is a compiled JSON schema. It is safe for concurrent use.
type Schema struct{ root *node }

// Compile reads a schema, an object of JSON. Keywords that it does not know, references
// that lead nowhere and values of the wrong kind are errors.
func Compile(text []byte) (*Schema, error) {
	if problems := strict(text); problems != nil {
		return nil, fmt.Errorf("schema: %s", problems[0])
	}
	doc, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	c := compiler{doc: doc, refs: make(map[string]*node)}
	root, err := c.ref("#")
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return &Schema{root}, nil
}

// Problems returns what is wrong with a document, each problem with the place that it is
// at; nil where nothing is.
func (s *Schema) Problems(document []byte) []string {
	v, err := decode(document)
	if err != nil {
		return []string{"document: " + err.Error()}
	}
	return append(strict(document), s.root.problems(v, "document")...)
}

// decode is json.Unmarshal, but leaves numbers that no float64 holds as they are: JSON has
// no bounds for them.
func decode(text []byte) (v any, err error) {
	if err = json.Unmarshal(text, &v); err == nil {
		return v, nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if !json.Valid(text) || dec.Decode(&v) != nil {
		return nil, err
	}
	return floats(v), nil
}

// floats turns numbers into float64 where they fit.
func floats(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			v[name] = floats(x)
		}
	case []any:
		for i, x := range v {
			v[i] = floats(x)
		}
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f
		}
	}
	return v
}

// strict returns what encoding/json lets pass: invalid UTF-8, and members that come twice.
// text is valid JSON, or the problem is found elsewhere.
func strict(text []byte) (problems []string) {
	if !utf8.Valid(text) {
		problems = append(problems, "document is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	w := walker{dec: dec, problems: problems}
	w.value("document")
	return w.problems
}

// walker reads tokens. It stops at the first error.
type walker struct {
	dec      *json.Decoder
	problems []string
}

func (w *walker) value(at string) bool {
	token, err := w.dec.Token()
	if err != nil {
		return false
	}
	switch token {
	case json.Delim('{'):
		return w.object(at)
	case json.Delim('['):
		for i := 0; w.dec.More(); i++ {
			if !w.value(at + "[" + strconv.Itoa(i) + "]") {
				return false
			}
		}
		_, err = w.dec.Token()
		return err == nil
	}
	return true
}

func (w *walker) object(at string) bool {
	seen := make(map[string]bool)
	for w.dec.More() {
		token, err := w.dec.Token()
		if err != nil {
			return false
		}
		name := token.(string)
		if seen[name] {
			w.problems = append(w.problems, fmt.Sprintf("%s has the member %.60q twice", at, name))
		}
		seen[name] = true
		if !w.value(at + "." + name) {
			return false
		}
	}
	_, err := w.dec.Token()
	return err == nil
}
