package openapi

import (
	"encoding"
	"reflect"
	"time"

	"github.com/lambdakit/lambdakit/httpapi/internal/describe"
	"github.com/lambdakit/lambdakit/internal/jsonschema"
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

// parameter returns the schema of a parameter, whose value is a text.
func (b *builder) parameter(p describe.Parameter) *jsonschema.Schema {
	t := p.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	x := b.text(t)
	if x == nil {
		x = &jsonschema.Schema{Type: "array", Items: b.text(t.Elem())}
	}
	b.schemas.Limit(x, p.Tag)
	if p.Default == nil {
		return x
	}
	v := reflect.ValueOf(p.Default)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch x.Type {
	case "integer", "number", "boolean":
		x.Default = v.Interface()
	default:
		x.Default = p.Tag.Get("default")
	}
	return x
}

// text returns the schema of a type that a text sets; nil if it is a list.
func (b *builder) text(t reflect.Type) *jsonschema.Schema {
	switch {
	case t == timeType:
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	case t == durationType:
		return &jsonschema.Schema{Type: "string", Pattern: `^-?([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$`}
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return &jsonschema.Schema{Type: "string"}
	case t.Kind() == reflect.Slice:
		return nil
	}
	return b.schemas.Scalar(t)
}

// binarySchema is the schema of a body that is not JSON.
func (b *builder) binarySchema() *jsonschema.Schema {
	if b.aws != nil {
		return &jsonschema.Schema{Type: "string", Format: "binary"}
	}
	return &jsonschema.Schema{}
}

// problemName is the component of the body of errors.
const problemName = "Problem"

func problemSchema() *jsonschema.Schema {
	text := &jsonschema.Schema{Type: "string"}
	return &jsonschema.Schema{
		Type:        "object",
		Description: "A problem of RFC 9457.",
		Required:    []string{"title", "status"},
		Properties: map[string]*jsonschema.Schema{
			"type":   {Type: "string", Format: "uri-reference"},
			"title":  text,
			"status": {Type: "integer", Minimum: new(400.0), Maximum: new(599.0)},
			"detail": text,
			"problems": {Type: "array", Items: &jsonschema.Schema{
				Type:     "object",
				Required: []string{"in", "detail"},
				Properties: map[string]*jsonschema.Schema{
					"in":     {Type: "string", Enum: []any{"path", "query", "header", "cookie", "body", "auth"}},
					"name":   text,
					"detail": text,
				},
			}},
		},
	}
}
