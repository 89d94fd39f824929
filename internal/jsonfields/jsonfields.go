// Package jsonfields finds the fields of a struct that encoding/json reads and writes.
package jsonfields

import (
	"reflect"
	"strings"
)

// Field is a field of a struct, or of a struct that is embedded in it.
type Field struct {
	reflect.StructField        // Index begins at the outer struct
	Key                 string // the name in JSON
	Options             string // of the tag, separated by commas
	Behind              bool   // it is in an embedded struct behind a pointer, which may be nil

	tagged bool // the tag has the name
}

// Of returns the fields of a struct type, in the order of the source text. Of two fields with one name in JSON, the
// less nested one stays, then the one whose tag has the name. Others hide each other.
func Of(t reflect.Type) []*Field {
	all := appendFields(nil, t, nil, false, nil)
	var kept []*Field
	for _, f := range all {
		if !f.isHidden(all) {
			kept = append(kept, f)
		}
	}
	return kept
}

func (f *Field) isHidden(all []*Field) bool {
	for _, other := range all {
		if other == f || other.Key != f.Key {
			continue
		}
		nested := len(other.Index) - len(f.Index)
		if nested < 0 || nested == 0 && (other.tagged || !f.tagged) {
			return true
		}
	}
	return false
}

// appendFields appends all fields. outer are the types around t.
func appendFields(all []*Field, t reflect.Type, index []int, behind bool, outer []reflect.Type) []*Field {
	for _, o := range outer {
		if o == t {
			return all
		}
	}
	outer = append(outer[:len(outer):len(outer)], t)
	for i := range t.NumField() {
		f := &Field{StructField: t.Field(i), Behind: behind}
		f.Index = append(index[:len(index):len(index)], i)
		tag := f.Tag.Get("json")
		f.Key, f.Options, _ = strings.Cut(tag, ",")
		f.tagged = f.Key != ""
		of := f.Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch {
		case tag == "-":
		case f.Anonymous && !f.tagged && of.Kind() == reflect.Struct:
			all = appendFields(all, of, f.Index, behind || of != f.Type, outer)
		case f.IsExported():
			if !f.tagged {
				f.Key = f.Name
			}
			all = append(all, f)
		}
	}
	return all
}
