package goldentest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"

	"github.com/lambdakit/lambdakit/batch"
)

// shape describes a JSON value.
type shape struct {
	Type                 string
	Properties           map[string]*shape
	Required             []string // nil: all properties that are not optional
	Items                *shape
	AdditionalProperties *bool // false: other members are an error
	Optional             bool
	Encoding             string // of the text that the value is in
}

func (s *shape) UnmarshalJSON(text []byte) error {
	if string(text) == `"any"` {
		s.Type = "any"
		return nil
	}
	type plain shape
	if err := strict(text, (*plain)(s)); err != nil {
		return err
	}
	switch s.Type {
	case "string", "number", "integer", "boolean", "array", "object":
	default:
		return fmt.Errorf("unknown type %q of a shape", s.Type)
	}
	switch s.Encoding {
	case "", "json", "base64":
		return nil
	}
	return fmt.Errorf("unknown encoding %q of a shape", s.Encoding)
}

var errShape = errors.New("the value does not have the shape")

// check returns the part of v that s describes. A nil shape allows everything.
func (s *shape) check(v any) (any, error) {
	if s == nil || s.Type == "any" {
		return v, nil
	}
	v, err := s.decode(v)
	if err != nil {
		return nil, err
	}
	ok := false
	switch s.Type {
	case "string":
		_, ok = v.(string)
	case "boolean":
		_, ok = v.(bool)
	case "number":
		_, ok = v.(float64)
	case "integer":
		var f float64
		f, ok = v.(float64)
		ok = ok && f == math.Trunc(f)
	case "array":
		return s.checkArray(v)
	case "object":
		return s.checkObject(v)
	}
	if !ok {
		return nil, errShape
	}
	return v, nil
}

// decode returns the value in a text.
func (s *shape) decode(v any) (any, error) {
	if s.Encoding == "" {
		return v, nil
	}
	text, ok := v.(string)
	if !ok {
		return nil, errShape
	}
	if s.Encoding == "base64" {
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, err
		}
		return s.inside(data)
	}
	return parse([]byte(text))
}

// inside returns the value in data that may be compressed: text if the shape says so, else JSON, or
// text if it is not JSON.
func (s *shape) inside(data []byte) (v any, err error) {
	if s != nil && s.Type == "string" && s.Encoding == "" {
		var text string
		err = batch.Gzip(batch.Text)(data, &text)
		return text, err
	}
	err = batch.Gzip(func(data []byte, v any) error {
		if batch.JSON(data, v) != nil {
			*v.(*any) = string(data)
		}
		return nil
	})(data, &v)
	return v, err
}

func (s *shape) checkArray(v any) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, errShape
	}
	out := make([]any, len(list))
	for i, v := range list {
		var err error
		if out[i], err = s.Items.check(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *shape) checkObject(v any) (any, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errShape
	}
	if s.Properties == nil {
		return v, nil
	}
	for _, name := range s.required() {
		if _, ok := object[name]; !ok {
			return nil, errShape
		}
	}
	out := make(map[string]any)
	for name, v := range object {
		p, ok := s.Properties[name]
		if !ok {
			if s.AdditionalProperties != nil && !*s.AdditionalProperties {
				return nil, errShape
			}
			continue
		}
		var err error
		if out[name], err = p.check(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *shape) required() []string {
	if s.Required != nil {
		return s.Required
	}
	var names []string
	for name, p := range maps.All(s.Properties) {
		if !p.Optional {
			names = append(names, name)
		}
	}
	return names
}

// parse decodes JSON as package batch does by default.
func parse(text []byte) (v any, err error) {
	err = batch.JSON(text, &v)
	return v, err
}

// plain returns v as JSON has it. It replaces the tags of the file: a set becomes a list, bytes their
// base64, a large number a float64.
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[string]any:
		if tag := only(v); tag != nil {
			return tag.value
		}
		out := make(map[string]any, len(v))
		for name, v := range v {
			out[name] = plain(v)
		}
		return out
	case nil, string, bool, float64:
		return v
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var out any
	json.Unmarshal(text, &out)
	return out
}

// undefined stands for {"$undefined":true}.
const undefined = "$undefined"

type tagged struct{ value any }

// only returns the value of an object that is a tag, else nil.
func only(v map[string]any) *tagged {
	if len(v) != 1 {
		return nil
	}
	for name, x := range v {
		switch name {
		case "$undefined":
			return &tagged{undefined}
		case "$bytes":
			return &tagged{x}
		case "$set":
			return &tagged{plain(x)}
		case "$bigint":
			f, err := json.Number(fmt.Sprint(x)).Float64()
			if err != nil {
				return &tagged{err.Error()}
			}
			return &tagged{f}
		}
	}
	return nil
}
