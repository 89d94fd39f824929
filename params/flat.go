package params

import (
	"reflect"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit"
)

// flatTypes caches the results of flatType, by reflect.Type.
var flatTypes sync.Map

// isFlat reports whether an assigned copy of a T shares no memory that a caller can change:
// T contains no pointer, map, slice, interface or channel.
func isFlat[T any]() bool { return flatType(reflect.TypeFor[T]()) }

func flatType(t reflect.Type) bool {
	if known, ok := flatTypes.Load(t); ok {
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
	flatTypes.Store(t, yes)
	return yes
}

// immutable reports whether the methods of a type never change the memory that its values
// point to.
func immutable(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[lambdakit.Secret]() || t.PkgPath() == "net/netip"
}
