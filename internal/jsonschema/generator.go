package jsonschema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"
)

// Generator makes the schemas of types. Named structs, lists and maps become components.
type Generator struct {
	Dialect Dialect
	Prefix  string // of references, such as "#/components/schemas/"

	// Output is for types that are only written: members that are always written are required.
	Output bool

	// Exact is for schemas that must accept all that encoding/json writes, and that are compared. It
	// checks the tags of constraints, which package httpapi checks itself.
	Exact bool

	Components map[string]*Schema
	Err        error // the first

	names map[reflect.Type]string
	field string // that is being described, such as "shop.Order.Total"
}

// New returns a Generator without components.
func New(d Dialect, prefix string) *Generator {
	return &Generator{Dialect: d, Prefix: prefix, Components: make(map[string]*Schema), names: make(map[reflect.Type]string)}
}

// Document returns the schema of a type with its components in it. References to t itself are "#".
func (g *Generator) Document(t reflect.Type) *Schema {
	t = indirect(t)
	x := g.special(t)
	switch {
	case x != nil:
	case isComposite(t):
		g.names[t] = ""
		x = g.composite(t)
	default:
		x = g.Scalar(t)
	}
	if g.Dialect == Draft4 {
		x.Definitions = g.Components
	} else {
		x.Defs = g.Components
	}
	return x
}

func isComposite(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return true
	}
	return false
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	numberType = reflect.TypeFor[json.Number]()
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

// Of returns the schema of a type in JSON. nil pointers, lists and maps are null.
func (g *Generator) Of(t reflect.Type) *Schema {
	switch x := g.Value(t); t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return g.orNull(x)
	default:
		return x
	}
}

// Value returns the schema of the values of a type that are not nil.
func (g *Generator) Value(t reflect.Type) *Schema {
	t = indirect(t)
	if x := g.special(t); x != nil {
		return x
	}
	if !isComposite(t) {
		return g.Scalar(t)
	}
	name, ok := g.names[t]
	switch {
	case ok && name == "":
		return &Schema{Ref: "#"}
	case t.Name() == "":
		return g.composite(t)
	case !ok:
		name = g.name(t)
		g.names[t] = name
		g.Components[name] = nil // taken
		g.Components[name] = g.composite(t)
	}
	return &Schema{Ref: g.Prefix + name}
}

// special returns the schema of a type that encoding/json does not encode by its kind; nil for others.
func (g *Generator) special(t reflect.Type) *Schema {
	switch {
	case t == timeType:
		return &Schema{Type: "string", Format: "date-time"}
	case t == numberType:
		return &Schema{Type: "number"}
	case t.Kind() == reflect.Interface, either[json.Marshaler, json.Unmarshaler](t):
		return &Schema{}
	case either[encoding.TextMarshaler, encoding.TextUnmarshaler](t):
		if g.Exact && !t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
			return &Schema{} // encoding/json calls the method of a pointer only for some values
		}
		return &Schema{Type: "string"}
	}
	return nil
}

// Scalar returns the schema of a string, a bool or a number.
func (g *Generator) Scalar(t reflect.Type) *Schema {
	switch t.Kind() {
	case reflect.String:
		return &Schema{Type: "string"}
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.Float32:
		return &Schema{Type: "number", Format: "float"}
	case reflect.Float64:
		return &Schema{Type: "number", Format: "double"}
	case reflect.Int, reflect.Int64:
		return &Schema{Type: "integer", Format: "int64"}
	case reflect.Int8, reflect.Int16, reflect.Int32:
		limit := math.Ldexp(1, t.Bits()-1)
		return &Schema{Type: "integer", Format: "int32", Minimum: new(-limit), Maximum: new(limit - 1)}
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return &Schema{Type: "integer", Minimum: new(0.0)}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return &Schema{Type: "integer", Minimum: new(0.0), Maximum: new(math.Ldexp(1, t.Bits()) - 1)}
	}
	g.fail("the type %v has no form in JSON", t)
	return &Schema{}
}

// fail sets Err, with the field in front.
func (g *Generator) fail(format string, args ...any) {
	if g.Err != nil {
		return
	}
	if g.Err = fmt.Errorf(format, args...); g.field != "" {
		g.Err = fmt.Errorf("%s: %w", g.field, g.Err)
	}
}

func (g *Generator) composite(t reflect.Type) *Schema {
	switch t.Kind() {
	case reflect.Slice:
		if e := t.Elem(); e.Kind() == reflect.Uint8 && !either[json.Marshaler, encoding.TextMarshaler](e) {
			return g.base64()
		}
		return &Schema{Type: "array", Items: g.Of(t.Elem())}
	case reflect.Array:
		return &Schema{Type: "array", Items: g.Of(t.Elem()), MinItems: new(t.Len()), MaxItems: new(t.Len())}
	case reflect.Map:
		if !isKey(t.Key()) {
			g.fail("the type %v has no form in JSON: encoding/json does not encode its keys", t)
		}
		return &Schema{Type: "object", AdditionalProperties: g.Of(t.Elem())}
	}
	x := &Schema{Type: "object"}
	if g.Exact {
		x.Properties = make(map[string]*Schema) // a struct without fields describes all members, too
	}
	owner := t.String()
	if t.Name() == "" {
		owner = "a struct"
	}
	for _, m := range membersOf(t) {
		if x.Properties == nil {
			x.Properties = make(map[string]*Schema)
		}
		outer := g.field
		g.field = owner + "." + m.Name
		if g.Exact {
			g.checkTags(m.StructField)
		}
		x.Properties[m.Key] = g.member(m)
		g.field = outer
		if m.required || g.Output && !m.omit {
			x.Required = append(x.Required, m.Key)
		}
	}
	return x
}

// isKey reports whether encoding/json encodes or decodes maps with the keys.
func isKey(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return either[encoding.TextMarshaler, encoding.TextUnmarshaler](t)
}

func (g *Generator) base64() *Schema {
	if g.Dialect.old() {
		return &Schema{Type: "string", Format: "byte"}
	}
	return &Schema{Type: "string", ContentEncoding: "base64"}
}

// member returns the schema of a member of an object.
func (g *Generator) member(m member) *Schema {
	t := m.Type
	x := g.Value(t)
	if m.quoted && !(g.Exact && g.special(indirect(t)) != nil && indirect(t) != numberType) {
		x = &Schema{Type: "string"}
	} else {
		g.Limit(x, m.Tag)
	}
	x.Description = m.Tag.Get("doc")
	if g.Dialect.old() && x.Ref != "" && !reflect.DeepEqual(*x, Schema{Ref: x.Ref}) {
		x.AllOf, x.Ref = []*Schema{{Ref: x.Ref}}, "" // a reference of these dialects has no other members
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if !m.required && !m.filled && (g.Exact || !m.omit) {
			return g.orNull(x)
		}
	}
	return x
}

// orNull returns a schema that accepts null, too.
func (g *Generator) orNull(x *Schema) *Schema {
	if reflect.DeepEqual(*x, Schema{Description: x.Description}) {
		return x // it accepts any value
	}
	if x.Enum != nil {
		x.Enum = append(x.Enum, nil)
	}
	name, _ := x.Type.(string)
	switch {
	case g.Dialect == OpenAPI30 && x.Ref != "":
		return &Schema{AllOf: []*Schema{x}, Nullable: true}
	case g.Dialect == OpenAPI30:
		x.Nullable = true
	case name != "":
		x.Type = []string{name, "null"}
	default:
		description := x.Description
		x.Description = ""
		return &Schema{AnyOf: []*Schema{x, {Type: "null"}}, Description: description}
	}
	return x
}
