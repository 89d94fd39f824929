package openapi

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// schemas makes the schemas of types. Named structs, lists and maps become components.
type schemas struct {
	old        bool // OpenAPI 3.0
	output     bool // new components are of responses only
	names      map[reflect.Type]string
	components map[string]*schema
	err        error // the first
}

func newSchemas(old bool) *schemas {
	s := &schemas{old: old, names: make(map[reflect.Type]string), components: make(map[string]*schema)}
	s.components[problemName] = problemSchema()
	return s
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	numberType   = reflect.TypeFor[json.Number]()
)

// either reports whether t or a pointer to it has the methods of A or of B.
func either[A, B any](t reflect.Type) bool {
	for _, t := range []reflect.Type{t, reflect.PointerTo(t)} {
		if t.Implements(reflect.TypeFor[A]()) || t.Implements(reflect.TypeFor[B]()) {
			return true
		}
	}
	return false
}

// of returns the schema of a type in JSON. nil pointers, lists and maps are null.
func (s *schemas) of(t reflect.Type) *schema {
	switch x := s.value(t); t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return s.orNull(x)
	default:
		return x
	}
}

// value returns the schema of the values of a type that are not nil.
func (s *schemas) value(t reflect.Type) *schema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == timeType:
		return &schema{Type: "string", Format: "date-time"}
	case t == numberType:
		return &schema{Type: "number"}
	case t.Kind() == reflect.Interface, either[json.Marshaler, json.Unmarshaler](t):
		return &schema{}
	case either[encoding.TextMarshaler, encoding.TextUnmarshaler](t):
		return &schema{Type: "string"}
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		if t.Name() == "" {
			return s.composite(t)
		}
		name, ok := s.names[t]
		if !ok {
			name = s.name(t)
			s.names[t] = name
			s.components[name] = nil // taken
			s.components[name] = s.composite(t)
		}
		return &schema{Ref: "#/components/schemas/" + name}
	}
	return s.scalar(t)
}

func (s *schemas) scalar(t reflect.Type) *schema {
	switch t.Kind() {
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Float32:
		return &schema{Type: "number", Format: "float"}
	case reflect.Float64:
		return &schema{Type: "number", Format: "double"}
	case reflect.Int, reflect.Int64:
		return &schema{Type: "integer", Format: "int64"}
	case reflect.Int8, reflect.Int16, reflect.Int32:
		limit := math.Ldexp(1, t.Bits()-1)
		return &schema{Type: "integer", Format: "int32", Minimum: new(-limit), Maximum: new(limit - 1)}
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return &schema{Type: "integer", Minimum: new(0.0)}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return &schema{Type: "integer", Minimum: new(0.0), Maximum: new(math.Ldexp(1, t.Bits()) - 1)}
	}
	if s.err == nil {
		s.err = fmt.Errorf("openapi: the type %v has no form in JSON", t)
	}
	return &schema{}
}

func (s *schemas) composite(t reflect.Type) *schema {
	switch t.Kind() {
	case reflect.Slice:
		if e := t.Elem(); e.Kind() == reflect.Uint8 && !either[json.Marshaler, encoding.TextMarshaler](e) {
			return s.base64()
		}
		return &schema{Type: "array", Items: s.of(t.Elem())}
	case reflect.Array:
		return &schema{Type: "array", Items: s.of(t.Elem()), MinItems: new(t.Len()), MaxItems: new(t.Len())}
	case reflect.Map:
		return &schema{Type: "object", AdditionalProperties: s.of(t.Elem())}
	}
	x := &schema{Type: "object"}
	for _, m := range membersOf(t) {
		if x.Properties == nil {
			x.Properties = make(map[string]*schema)
		}
		x.Properties[m.name] = s.member(m)
		if m.required || s.output && !m.omit {
			x.Required = append(x.Required, m.name)
		}
	}
	return x
}

func (s *schemas) base64() *schema {
	if s.old {
		return &schema{Type: "string", Format: "byte"}
	}
	return &schema{Type: "string", ContentEncoding: "base64"}
}

// binary is the schema of a body that is not JSON.
func (s *schemas) binary() *schema {
	if s.old {
		return &schema{Type: "string", Format: "binary"}
	}
	return &schema{}
}

// member returns the schema of a member of an object.
func (s *schemas) member(m member) *schema {
	t := m.field.Type
	x := s.value(t)
	if m.quoted {
		x = &schema{Type: "string"}
	} else {
		s.limit(x, m.field.Tag)
	}
	x.Description = m.field.Tag.Get("doc")
	if s.old && x.Ref != "" && !reflect.DeepEqual(*x, schema{Ref: x.Ref}) {
		x.AllOf, x.Ref = []*schema{{Ref: x.Ref}}, "" // a reference of OpenAPI 3.0 has no other members
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if !m.omit && !m.required {
			return s.orNull(x)
		}
	}
	return x
}

// orNull returns a schema that accepts null, too.
func (s *schemas) orNull(x *schema) *schema {
	if reflect.DeepEqual(*x, schema{Description: x.Description}) {
		return x // it accepts any value
	}
	if x.Enum != nil {
		x.Enum = append(x.Enum, nil)
	}
	name, _ := x.Type.(string)
	switch {
	case s.old && x.Ref != "":
		return &schema{AllOf: []*schema{x}, Nullable: true}
	case s.old:
		x.Nullable = true
	case name != "":
		x.Type = []string{name, "null"}
	default:
		description := x.Description
		x.Description = ""
		return &schema{AnyOf: []*schema{x, {Type: "null"}}, Description: description}
	}
	return x
}

// limit adds the constraints of a tag. Constraints of a list's length are its own, and others are of its
// elements.
func (s *schemas) limit(x *schema, tag reflect.StructTag) {
	number := func(name string) *float64 {
		f, err := strconv.ParseFloat(tag.Get(name), 64)
		if err != nil || f != f || f-f != 0 {
			return nil
		}
		return &f
	}
	count := func(name string) *int {
		n, err := strconv.Atoi(tag.Get(name))
		if err != nil {
			return nil
		}
		return &n
	}
	if n := count("minItems"); n != nil {
		x.MinItems = n
	}
	if n := count("maxItems"); n != nil {
		x.MaxItems = n
	}
	one := x
	if x.Items != nil {
		one = x.Items
	} else if x.Ref != "" {
		one = new(schema) // of the elements of a named list
	}
	if f := number("minimum"); f != nil && (one.Minimum == nil || *f > *one.Minimum) {
		one.Minimum = f
	}
	if f := number("maximum"); f != nil && (one.Maximum == nil || *f < *one.Maximum) {
		one.Maximum = f
	}
	if f := number("exclusiveMinimum"); f != nil {
		if one.ExclusiveMinimum = *f; s.old {
			if one.ExclusiveMinimum = nil; one.Minimum == nil || *f >= *one.Minimum {
				one.Minimum, one.ExclusiveMinimum = f, true
			}
		}
	}
	if f := number("exclusiveMaximum"); f != nil {
		if one.ExclusiveMaximum = *f; s.old {
			if one.ExclusiveMaximum = nil; one.Maximum == nil || *f <= *one.Maximum {
				one.Maximum, one.ExclusiveMaximum = f, true
			}
		}
	}
	one.MinLength, one.MaxLength = count("minLength"), count("maxLength")
	if text, ok := tag.Lookup("pattern"); ok {
		one.Pattern = text
	}
	if text, ok := tag.Lookup("enum"); ok {
		for e := range strings.SplitSeq(text, ",") {
			one.Enum = append(one.Enum, e)
		}
	}
	if x.Ref != "" && !reflect.DeepEqual(*one, schema{}) {
		x.Items = one
	}
}

// name returns the name of the component of a type. It has letters and digits only, as the names of
// models of API Gateway do. Two types of the same name get the name of the package, or a number.
func (s *schemas) name(t reflect.Type) string {
	name := ""
	for i, part := range strings.FieldsFunc(t.Name(), func(r rune) bool { return strings.ContainsRune("[],", r) }) {
		part = alphanumeric(part[strings.LastIndexAny(part, "/.")+1:])
		if i > 0 {
			part = title(part)
		}
		name += part
	}
	if name == "" {
		name = "Type"
	}
	if _, taken := s.components[name]; taken {
		name = title(alphanumeric(path.Base(t.PkgPath()))) + title(name)
	}
	for i, first := 2, name; ; i++ {
		if _, taken := s.components[name]; !taken {
			return name
		}
		name = first + strconv.Itoa(i)
	}
}

func alphanumeric(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, text)
}

func title(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// problemName is the component of the body of errors.
const problemName = "Problem"

func problemSchema() *schema {
	text := &schema{Type: "string"}
	return &schema{
		Type:        "object",
		Description: "A problem of RFC 9457.",
		Required:    []string{"title", "status"},
		Properties: map[string]*schema{
			"type":   {Type: "string", Format: "uri-reference"},
			"title":  text,
			"status": {Type: "integer", Minimum: new(400.0), Maximum: new(599.0)},
			"detail": text,
			"problems": {Type: "array", Items: &schema{
				Type:     "object",
				Required: []string{"in", "detail"},
				Properties: map[string]*schema{
					"in":     {Type: "string", Enum: []any{"path", "query", "header", "cookie", "body", "auth"}},
					"name":   text,
					"detail": text,
				},
			}},
		},
	}
}
