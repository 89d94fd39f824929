package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonfields"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// members are the constraints of the members of a JSON value of a struct type, or of its elements.
type members struct {
	list     []member
	elements *members // of a slice or map
}

// member is a member with constraints, or with members that have some.
type member struct {
	name   string
	index  []int // in the struct and those that are embedded in it
	limits constraints
	inner  *members
}

// membersOf returns the members of t that have constraints; nil if there are none. outer are the types
// around: a type that contains itself is not followed again.
func membersOf(owner string, t reflect.Type, outer []reflect.Type) *members {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for _, o := range outer {
		if o == t {
			return nil
		}
	}
	outer = append(outer[:len(outer):len(outer)], t)
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		if inner := membersOf(owner, t.Elem(), outer); inner != nil {
			return &members{elements: inner}
		}
		return nil
	case reflect.Struct:
	default:
		return nil
	}
	m := new(members)
	for _, f := range jsonfields.Of(t) {
		owner := owner + "." + f.Name
		x := member{name: f.Key, index: f.Index, limits: constraintsOf(owner, f.Type, f.Tag), inner: membersOf(owner, f.Type, outer)}
		if x.limits.any() || x.limits.required || x.inner != nil {
			m.list = append(m.list, x)
		}
	}
	if len(m.list) == 0 {
		return nil
	}
	return m
}

// check adds the problems of a value to p. text is the JSON of the value, path its place.
func (m *members) check(p *problems, v reflect.Value, text []byte, path string) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if len(p.list) >= maxProblems {
		return
	}
	if m.elements != nil {
		m.checkElements(p, v, text, path)
		return
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	if v.Kind() != reflect.Struct || len(text) > 0 && text[0] != '{' && text[0] != 'n' { // a type may decode another form
		return
	}
	for i := range m.list {
		x := &m.list[i]
		name := x.name
		if path != "" {
			name = path + "." + x.name
		}
		field := x.in(v)
		value, present, repeated := memberOf(text, x.name)
		if repeated && x.inner != nil { // encoding/json merges the values, and only the last would be checked
			p.add(http.StatusUnprocessableEntity, "body", name, "must not be repeated")
			continue
		}
		switch {
		case !present && x.limits.required:
			p.add(http.StatusUnprocessableEntity, "body", name, "is required")
		case present && value == nil && x.limits.required && field.Kind() != reflect.Pointer:
			p.add(http.StatusUnprocessableEntity, "body", name, "must not be null")
		}
		if value == nil && field.IsZero() {
			continue
		}
		if problem := x.limits.check(field); problem != "" {
			p.add(http.StatusUnprocessableEntity, "body", name, "%s", problem)
			continue
		}
		if x.inner != nil && value != nil {
			x.inner.check(p, field, value, name)
		}
	}
}

// in returns the member of a struct. It is zero if an embedded struct with it is a nil pointer.
func (x *member) in(v reflect.Value) reflect.Value {
	for _, i := range x.index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v = reflect.New(v.Type().Elem())
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

// memberOf returns the last value other than null that encoding/json decodes into the member name, which
// it finds in any case. present says that there is one, or null, and repeated that there are several.
func memberOf(object []byte, name string) (value []byte, present, repeated bool) {
	jsonscan.Walk(object, 0, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(object, start)
		if text, _ := jsonscan.String(key); ok && strings.EqualFold(text, name) {
			present = true
			if string(object[start:end]) != "null" {
				repeated = value != nil
				value = object[start:end]
			}
		}
		return end, ok
	})
	return value, present, repeated
}

// checkElements checks the elements of a list. Those of a map have no known names, so their problems
// have the name of the map.
func (m *members) checkElements(p *problems, v reflect.Value, text []byte, path string) {
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		i := 0
		jsonscan.WalkArray(text, 0, func(start int) (int, bool) {
			end, ok := jsonscan.Skip(text, start)
			if !ok || i >= v.Len() {
				return 0, false
			}
			m.elements.check(p, v.Index(i), text[start:end], fmt.Sprintf("%s[%d]", path, i))
			i++
			return end, true
		})
	case reflect.Map:
		jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
			end, ok := jsonscan.Skip(text, start)
			if !ok {
				return 0, false
			}
			name, _ := jsonscan.String(key)
			k := reflect.New(v.Type().Key()).Elem()
			if setKey(k, name) == nil {
				if e := v.MapIndex(k); e.IsValid() {
					m.elements.check(p, e, text[start:end], path+".*")
				}
			}
			return end, true
		})
	}
}

// setKey sets the key of a map as encoding/json does.
func setKey(k reflect.Value, name string) error {
	if k.Type() == durationType {
		return setInt(k, name)
	}
	s, ok := scalarOf(k.Type())
	if !ok {
		return errText
	}
	return s.set(k, name)
}
