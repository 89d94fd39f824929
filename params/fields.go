package params

import (
	"reflect"
	"slices"
)

// add collects the fields of a struct.
func (l *loader) add(prefix string, v reflect.Value, under *pointer) {
	l.nested = append(l.nested, v.Type())
	defer func() { l.nested = l.nested[:len(l.nested)-1] }()
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		path := prefix + sf.Name
		tag, ok := sf.Tag.Lookup("param")
		switch {
		case ok && !sf.IsExported():
			l.problem(path, "it has a tag and is not exported")
		case ok:
			l.addField(path, tag, sf, v.Field(i), under)
		case !l.hasTags(sf.Type):
		case !sf.IsExported() && !sf.Anonymous:
			l.problem(path, "it has fields with tags and is not exported")
		default:
			l.addBelow(path, sf, v.Field(i), under)
		}
	}
}

// addBelow collects the fields below a field without a tag, whose type has tags.
func (l *loader) addBelow(path string, sf reflect.StructField, v reflect.Value, under *pointer) {
	isPointer := sf.Type.Kind() == reflect.Pointer && sf.Type.Elem().Kind() == reflect.Struct
	switch {
	case sf.Type.Kind() == reflect.Struct:
		l.add(path+".", v, under)
	case !isPointer:
		l.problem(path, "it has fields with tags behind a %s, which cannot be filled", sf.Type.Kind())
	case !v.IsNil():
		if at := (seen{at: v.UnsafePointer(), of: sf.Type}); !l.seen[at] { // pointers may go in circles
			l.seen[at] = true
			l.add(path+".", v.Elem(), under)
		}
	case slices.Contains(l.nested, sf.Type.Elem()): // the type is a part of itself
	case !v.CanSet():
		l.problem(path, "it is a nil pointer to a struct that is not exported, and has fields with tags")
	default:
		p := &pointer{field: v, to: reflect.New(sf.Type.Elem()), under: under}
		l.add(path+".", p.to.Elem(), p)
	}
}

// hasTags reports whether tags are in or behind a type.
func (l *loader) hasTags(t reflect.Type) bool {
	known, ok := l.tagged[t]
	if !ok {
		known = hasTags(t, make(map[reflect.Type]bool))
		l.tagged[t] = known
	}
	return known
}

func hasTags(t reflect.Type, searched map[reflect.Type]bool) bool {
	if searched[t] {
		return false
	}
	searched[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return hasTags(t.Elem(), searched)
	case reflect.Struct:
		for i := range t.NumField() {
			sf := t.Field(i)
			if _, ok := sf.Tag.Lookup("param"); ok || hasTags(sf.Type, searched) {
				return true
			}
		}
	}
	return false
}
