package params

import (
	"reflect"
	"sync"
	"time"
	"unsafe"

	"github.com/lambdakit/lambdakit"
)

// flat remembers which types are.
var flat sync.Map // reflect.Type to bool

// isFlat reports whether copies of a T share nothing that can be changed.
func isFlat[T any]() bool { return flatType(reflect.TypeFor[T]()) }

func flatType(t reflect.Type) bool {
	if known, ok := flat.Load(t); ok {
		return known.(bool)
	}
	yes := false
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.String, reflect.Func:
		yes = true
	case reflect.Array:
		yes = flatType(t.Elem())
	case reflect.Struct:
		yes = immutable(t)
		if !yes {
			yes = true
			for i := range t.NumField() {
				yes = yes && flatType(t.Field(i).Type)
			}
		}
	}
	flat.Store(t, yes)
	return yes
}

// immutable reports whether a type has no way to change what its values point to.
func immutable(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[lambdakit.Secret]() || t.PkgPath() == "net/netip"
}

// clone returns a copy of v that shares nothing with it that can be changed, and whether
// there can be one: not of channels, nor of what structs hide in unexported fields.
func clone[T any](v T) (T, bool) {
	c := cloner{ok: true, seen: make(map[seen]reflect.Value)}
	p := reflect.ValueOf(&v).Elem()
	p.Set(c.clone(p, 0))
	return v, c.ok
}

type cloner struct {
	ok   bool
	seen map[seen]reflect.Value // what several things point to is copied once
}

type seen struct {
	at  unsafe.Pointer
	len int
	of  reflect.Type
}

const maxDepth = 64

func (c *cloner) clone(v reflect.Value, depth int) reflect.Value {
	if !c.ok || flatType(v.Type()) {
		return v
	}
	if depth++; depth > maxDepth {
		c.ok = false
		return v
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		if v.IsNil() {
			return v
		}
	}
	to := reflect.New(v.Type()).Elem()
	if kind := v.Kind(); kind == reflect.Pointer || kind == reflect.Map || kind == reflect.Slice {
		id := seen{at: v.UnsafePointer(), of: v.Type()}
		if kind != reflect.Pointer {
			id.len = v.Len()
		}
		if known, ok := c.seen[id]; ok {
			return known
		}
		switch kind {
		case reflect.Pointer:
			to.Set(reflect.New(v.Type().Elem()).Convert(v.Type()))
		case reflect.Map:
			to.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		case reflect.Slice:
			to.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		c.seen[id] = to
	}
	switch v.Kind() {
	case reflect.Pointer:
		to.Elem().Set(c.clone(v.Elem(), depth))
	case reflect.Interface:
		to.Set(c.clone(v.Elem(), depth))
	case reflect.Slice:
		if flatType(v.Type().Elem()) {
			reflect.Copy(to, v)
			break
		}
		for i := range v.Len() {
			to.Index(i).Set(c.clone(v.Index(i), depth))
		}
	case reflect.Array:
		for i := range v.Len() {
			to.Index(i).Set(c.clone(v.Index(i), depth))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			to.SetMapIndex(c.clone(it.Key(), depth), c.clone(it.Value(), depth))
		}
	case reflect.Struct:
		to.Set(v)
		for i := range v.NumField() {
			switch field := v.Type().Field(i); {
			case field.IsExported():
				to.Field(i).Set(c.clone(v.Field(i), depth))
			case !flatType(field.Type):
				c.ok = false
			}
		}
	default:
		c.ok = false
	}
	return to
}
