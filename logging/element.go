package logging

import (
	"encoding"
	"encoding/json"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strconv"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// encoding/json does not handle errors, slog.LogValuer and NaN: an error in a list becomes {}, and
// one NaN makes the whole value fail. Values whose types may contain any of these are encoded
// here by the rules for attributes. All others are encoded by encoding/json.

const (
	maxValueDepth = 100
	valueTooDeep  = "values are nested too deep"
)

// walk encodes v if its type is not plain, see shape.
func (e *encoder) walk(v any) {
	outer := e.valueEnd
	if outer == 0 {
		e.valueEnd = len(e.buf) + e.common.maxLineBytes // a longer one is cut anyway
	}
	e.element(reflect.ValueOf(v), 0)
	e.valueEnd = outer
}

// element encodes v, or a string that begins with "!" if its methods panic.
func (e *encoder) element(v reflect.Value, depth int) {
	at, levels, path, index, groups := len(e.buf), len(e.stack), len(e.path), len(e.index), e.depth
	defer func() {
		if p := recover(); p != nil {
			if len(e.stack) > levels {
				e.object, e.stack = e.stack[levels], e.stack[:levels]
			}
			e.buf, e.path, e.index, e.depth = e.buf[:at], e.path[:path], e.index[:index], groups
			e.failed("!PANIC", p)
		}
	}()
	e.elementOf(v, depth)
}

func (e *encoder) elementOf(v reflect.Value, depth int) {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch {
	case !v.IsValid(), (v.Kind() == reflect.Pointer || v.Kind() == reflect.Map || v.Kind() == reflect.Func) && v.IsNil():
		e.buf = append(e.buf, "null"...)
		return
	case depth > maxValueDepth:
		e.failed(notice, valueTooDeep)
		return
	}
	t := shapeOf(v.Type())
	self := v
	// The methods of its pointer are its own. Those of a field's pointer are found only through a pointer.
	if (t.byPointer || t.plain && !t.scalar && t.own == methods{}) && v.CanAddr() {
		self = v.Addr()
	}
	switch {
	case t.scalar:
		e.elementOfKind(v, t, depth)
	case t.plain && e.tryMarshal(self.Interface()):
	case t.has(logValuer, self):
		e.logged(slog.AnyValue(self.Interface()).Resolve(), depth)
	case t.has(jsonMarshaler, self):
		e.marshal(self.Interface())
	case t.has(anError, self):
		e.error(self.Interface().(error))
	case t.has(textMarshaler, self):
		e.marshal(self.Interface())
	default:
		e.elementOfKind(v, t, depth)
	}
}

// logged encodes the result of a LogValue method.
func (e *encoder) logged(v slog.Value, depth int) {
	buf, ok := appendScalar(e.buf, v)
	switch {
	case v.Kind() == slog.KindString:
		e.buf = jsonenc.AppendString(e.buf, e.common.redact.text(v.String()))
	case ok:
		e.buf = buf
	case v.Kind() == slog.KindGroup:
		e.stack = append(e.stack, e.object)
		e.object = object{start: len(e.buf), first: len(e.index)}
		e.group(v.Group())
		e.closeObject()
	default:
		e.elementOf(reflect.ValueOf(v.Any()), depth+1)
	}
}

// closeObject closes the object of a value.
func (e *encoder) closeObject() {
	start := e.start
	e.index = e.index[:e.first]
	e.object = e.stack[len(e.stack)-1]
	e.stack = e.stack[:len(e.stack)-1]
	e.braces(start)
}

// braces puts the members from start on in braces.
func (e *encoder) braces(start int) {
	if len(e.buf) == start {
		e.buf = append(e.buf, '{')
	}
	e.buf[start] = '{'
	e.buf = append(e.buf, '}')
}

// elementOfKind encodes v by its elementOfKind.
func (e *encoder) elementOfKind(v reflect.Value, t *shape, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		e.buf = strconv.AppendBool(e.buf, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = jsonenc.AppendInt(e.buf, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.buf = jsonenc.AppendUint(e.buf, v.Uint())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); v.Kind() == reflect.Float64 || math.IsNaN(f) || math.IsInf(f, 0) {
			e.buf = jsonenc.AppendFloat(e.buf, f)
		} else {
			e.marshal(v.Interface())
		}
	case reflect.String:
		e.buf = jsonenc.AppendString(e.buf, e.common.redact.text(v.String()))
	case reflect.Pointer:
		e.elementOf(v.Elem(), depth+1)
	case reflect.Struct:
		e.structElement(v, t, depth)
	case reflect.Map:
		e.mapElement(v, depth)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return
		}
		start := len(e.buf)
		for i := range v.Len() {
			if len(e.buf) > e.valueEnd {
				break
			}
			e.buf = append(e.buf, ',')
			e.element(v.Index(i), depth+1)
		}
		e.braces(start)
		e.buf[start], e.buf[len(e.buf)-1] = '[', ']'
	default:
		e.failed(notice, "json: unsupported type: "+v.Type().String())
	}
}

// elementNamed encodes the value of a member, unless its name says that it is secret.
func (e *encoder) elementNamed(name string, v reflect.Value, depth int) {
	if e.common.redact.match(name) {
		e.buf = jsonenc.AppendString(e.buf, redacted)
		return
	}
	e.element(v, depth+1)
}

func (e *encoder) structElement(v reflect.Value, t *shape, depth int) {
	start := len(e.buf)
	for i := range t.fields {
		f := &t.fields[i]
		x, ok := f.valueIn(v)
		if !ok || f.omitEmpty && isEmpty(x) || f.omitZero && isZero(x) || len(e.buf) > e.valueEnd {
			continue
		}
		e.key(f.name)
		at := len(e.buf)
		e.elementNamed(f.name, x, depth)
		if f.quoted && !(f.byPointer && x.CanAddr()) && e.buf[at] != 'n' { // null stays as it is
			text := string(e.buf[at:])
			e.buf = jsonenc.AppendString(e.buf[:at], text)
		}
	}
	e.braces(start)
}

func (e *encoder) mapElement(v reflect.Value, depth int) {
	var names []string
	values := make(map[string]reflect.Value, min(v.Len(), e.common.maxLineBytes))
	for it := v.MapRange(); it.Next() && len(names) <= e.common.maxLineBytes/len(`,"":0`); {
		name, ok := keyName(it.Key())
		if !ok {
			e.failed(notice, "json: unsupported type: "+v.Type().String())
			return
		}
		if _, ok := values[name]; !ok { // two keys may have the same text
			names = append(names, name)
		}
		values[name] = it.Value()
	}
	slices.Sort(names)
	start := len(e.buf)
	for _, name := range names {
		if len(e.buf) > e.valueEnd {
			break
		}
		e.key(name)
		e.elementNamed(name, values[name], depth)
	}
	e.braces(start)
}

// keyName returns the name of a map's key by the rules of encoding/json.
func keyName(k reflect.Value) (string, bool) {
	if k.Kind() == reflect.String {
		return k.String(), true
	}
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		if k.Kind() == reflect.Pointer && k.IsNil() {
			return "", true
		}
		text, err := m.MarshalText()
		return string(text), err == nil
	}
	switch {
	case k.CanInt():
		return strconv.FormatInt(k.Int(), 10), true
	case k.CanUint():
		return strconv.FormatUint(k.Uint(), 10), true
	}
	return "", false
}

var (
	logValuer     = reflect.TypeFor[slog.LogValuer]()
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	anError       = reflect.TypeFor[error]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)
