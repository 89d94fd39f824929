package params

import (
	"reflect"
	"slices"
)

// addStruct adds the fields of a struct. parent is the nil pointer that leads to it, if any.
func (l *loader) addStruct(prefix string, v reflect.Value, parent *nilPointer) {
	l.nested = append(l.nested, v.Type())
	defer func() { l.nested = l.nested[:len(l.nested)-1] }()
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		path := prefix + sf.Name
		tag, ok := sf.Tag.Lookup("param")
		switch {
		case ok && !sf.IsExported():
			l.errorf(path, "it has a tag and is not exported")
		case ok:
			l.addField(path, tag, sf, v.Field(i), parent)
		case !l.hasTags(sf.Type):
		case !sf.IsExported() && !sf.Anonymous:
			l.errorf(path, "it has fields with tags and is not exported")
		default:
			l.addNested(path, sf, v.Field(i), parent)
		}
	}
}

// addNested adds the fields below a field that has no tag itself.
func (l *loader) addNested(path string, sf reflect.StructField, v reflect.Value, parent *nilPointer) {
	isPointer := sf.Type.Kind() == reflect.Pointer && sf.Type.Elem().Kind() == reflect.Struct
	switch {
	case sf.Type.Kind() == reflect.Struct:
		l.addStruct(path+".", v, parent)
	case !isPointer:
		l.errorf(path, "Load cannot fill its fields with tags, because they are behind a %s", sf.Type.Kind())
	case !v.IsNil():
		if at := (seen{at: v.UnsafePointer(), of: sf.Type}); !l.seen[at] { // pointers may form a cycle
			l.seen[at] = true
			l.addStruct(path+".", v.Elem(), parent)
		}
	case slices.Contains(l.nested, sf.Type.Elem()): // a recursive type
	case !v.CanSet():
		l.errorf(path, "Load cannot fill its fields with tags, because it is a nil pointer to a struct that is not exported")
	default:
		p := &nilPointer{field: v, to: reflect.New(sf.Type.Elem()), parent: parent}
		l.addStruct(path+".", p.to.Elem(), p)
	}
}

// hasTags reports whether a type has fields with tags, at any depth.
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
