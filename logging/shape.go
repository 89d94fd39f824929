package logging

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// shape says how to encode values of a type.
type shape struct {
	plain     bool // encoding/json encodes them in the same way
	scalar    bool // a number, a string or a bool without methods
	byPointer bool // the pointer has methods for encoding
	own       methods
	pointers  methods
	fields    []field // of a struct
}

// methods are the interfaces that a type implements.
type methods struct{ logValuer, jsonMarshaler, anError, textMarshaler bool }

func methodsOf(t reflect.Type) methods {
	own := t == reflect.TypeFor[slog.Value]() || t == reflect.TypeFor[[]slog.Attr]()
	return methods{own || t.Implements(logValuer), t.Implements(jsonMarshaler), t.Implements(anError), t.Implements(textMarshaler)}
}

// has reports whether self, a value of the type or its pointer, implements iface.
func (s *shape) has(iface reflect.Type, self reflect.Value) bool {
	m := s.own
	if s.byPointer && self.Kind() == reflect.Pointer {
		m = s.pointers
	}
	switch iface {
	case logValuer:
		return m.logValuer
	case jsonMarshaler:
		return m.jsonMarshaler
	case anError:
		return m.anError
	}
	return m.textMarshaler
}

var shapes sync.Map // of reflect.Type

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := &shape{plain: isPlain(t, nil), own: methodsOf(t)}
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		s.pointers = methodsOf(reflect.PointerTo(t))
		s.byPointer = s.pointers != s.own
	}
	s.scalar = isScalar(t) && s.own == methods{} && !s.byPointer && t != reflect.TypeFor[json.Number]()
	if t.Kind() == reflect.Struct {
		s.fields = fieldsOf(t)
	}
	got, _ := shapes.LoadOrStore(t, s)
	return got.(*shape)
}

// isPlain reports whether encoding/json encodes values of type t by the rules for attributes, if
// they hold no NaN. around are the types around t: a type that contains itself is checked once.
func isPlain(t reflect.Type, around []reflect.Type) bool {
	m := methodsOf(t)
	switch {
	case m.logValuer:
		return false
	case m.jsonMarshaler:
		return true
	case m.anError:
		return false
	case m.textMarshaler:
		return true
	}
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		if m := methodsOf(reflect.PointerTo(t)); m.logValuer || m.anError && !m.jsonMarshaler {
			return false
		}
	}
	for _, other := range around {
		if other == t {
			return true
		}
	}
	around = append(around, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return isPlain(t.Elem(), around) && (t.Kind() != reflect.Map || isPlainKey(t.Key()))
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" && !isPlain(f.Type, around) {
				return false
			}
		}
		return true
	case reflect.Interface, reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return false
	}
	return true
}

func isPlainKey(t reflect.Type) bool {
	return t.Kind() == reflect.String || t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr || t.Implements(textMarshaler)
}

// field is a field of a struct that encoding/json encodes.
type field struct {
	name                        string
	index                       []int
	omitEmpty, omitZero, quoted bool
	tagged                      bool
	byPointer                   bool // encoding/json calls a method of its pointer, so quoted does not apply
}

// valueIn returns the field valueIn v. It returns false if the field is in an embedded struct that is nil.
func (f *field) valueIn(v reflect.Value) (reflect.Value, bool) {
	for _, i := range f.index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

// fieldsOf returns the fields of t that encoding/json encodes. Fields of embedded structs count as
// fields of t, unless others of the same name are less deep or alone have a tag.
func fieldsOf(t reflect.Type) []field {
	type embedded struct {
		t     reflect.Type
		index []int
	}
	var fields []field
	taken := map[string]bool{} // also if several at one depth exclude each other
	seen := map[reflect.Type]bool{}
	for current := []embedded{{t: t}}; len(current) > 0; {
		var next []embedded
		at := map[string][]field{}
		var order []string
		times := map[reflect.Type]int{}
		for _, c := range current {
			times[c.t]++
		}
		for _, c := range current {
			if seen[c.t] {
				continue
			}
			seen[c.t] = true
			for i := range c.t.NumField() {
				sf := c.t.Field(i)
				index := append(append([]int(nil), c.index...), i)
				tag := sf.Tag.Get("json")
				name, options, _ := strings.Cut(tag, ",")
				if !isName(name) {
					name = ""
				}
				inner := sf.Type
				if inner.Kind() == reflect.Pointer && inner.Name() == "" {
					inner = inner.Elem()
				}
				switch {
				case tag == "-", sf.Anonymous && !sf.IsExported() && inner.Kind() != reflect.Struct, !sf.Anonymous && !sf.IsExported():
					continue
				case sf.Anonymous && name == "" && inner.Kind() == reflect.Struct:
					next = append(next, embedded{inner, index})
					continue
				}
				f := field{name: name, index: index, tagged: name != "", byPointer: encodesItself(reflect.PointerTo(sf.Type))}
				if name == "" {
					f.name = sf.Name
				}
				for option := range strings.SplitSeq(options, ",") {
					f.omitEmpty = f.omitEmpty || option == "omitempty"
					f.omitZero = f.omitZero || option == "omitzero"
					f.quoted = f.quoted || option == "string" && isScalar(inner) && !encodesItself(sf.Type)
				}
				for range min(times[c.t], 2) { // a type embedded twice excludes its own fields
					at[f.name] = append(at[f.name], f)
				}
				order = append(order, f.name)
			}
		}
		for _, name := range order {
			if f, ok := dominant(at[name]); ok && !taken[name] {
				fields = append(fields, f) // they stay in the order of their indexes
				for i := len(fields) - 1; i > 0 && slices.Compare(fields[i-1].index, f.index) > 0; i-- {
					fields[i-1], fields[i] = fields[i], fields[i-1]
				}
			}
			taken[name] = true
		}
		current = next
	}
	return fields
}

// dominant returns the field that counts among several with one name at one depth.
func dominant(list []field) (f field, ok bool) {
	tagged := 0
	for _, other := range list {
		if other.tagged {
			f = other
			tagged++
		}
	}
	if len(list) == 1 {
		return list[0], true
	}
	return f, tagged == 1
}

// isName reports whether encoding/json accepts the name in a tag.
func isName(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return true
}

func isScalar(t reflect.Type) bool {
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64 || t.Kind() == reflect.String
}

// isEmpty reports whether omitempty leaves v out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

var zeroer = reflect.TypeFor[interface{ IsZero() bool }]()

// isZero reports whether omitzero leaves v out.
func isZero(v reflect.Value) bool {
	t := v.Type()
	switch {
	case v.IsZero() && (t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer):
		return true
	case t.Implements(zeroer):
		if t.Kind() == reflect.Interface && v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil() {
			return true
		}
	case reflect.PointerTo(t).Implements(zeroer):
		if !v.CanAddr() {
			c := reflect.New(t).Elem()
			c.Set(v)
			v = c
		}
		v = v.Addr()
	default:
		return v.IsZero()
	}
	return v.Interface().(interface{ IsZero() bool }).IsZero()
}

// encodesItself reports whether encoding/json calls a method of the type.
func encodesItself(t reflect.Type) bool {
	return t.Implements(jsonMarshaler) || t.Implements(textMarshaler)
}
