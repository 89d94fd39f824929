package image

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// options are the options of a dynamodbav tag that concern decoding. The option unixtime is not
// among them, as a number always decodes into a time.Time as seconds.
type options struct{ asString bool }

// field is a field of a struct, or of a struct that is embedded in it.
type field struct {
	options
	name   string // of the attribute
	goName string
	tagged bool // the name is from the tag
	index  []int
}

// fields are the fields of a struct type.
type fields struct {
	list   []field
	byName map[string]int
}

// match says how well the name of an attribute matches a field.
type match uint8

const (
	none   match = iota
	folded       // but for case
	exact
)

var cache sync.Map // of reflect.Type to *fields

func fieldsOf(t reflect.Type) *fields {
	if fs, ok := cache.Load(t); ok {
		return fs.(*fields)
	}
	fs, _ := cache.LoadOrStore(t, collect(t))
	return fs.(*fields)
}

// find returns the index of the field for an attribute.
func (fs *fields) find(name []byte) (int, match) {
	if i, ok := fs.byName[string(name)]; ok {
		return i, exact
	}
	for i := range fs.list {
		if bytes.EqualFold([]byte(fs.list[i].name), name) {
			return i, folded
		}
	}
	return 0, none
}

// of returns the field in v. It allocates embedded structs behind nil pointers.
func (f *field) of(v reflect.Value) (reflect.Value, error) {
	for n, i := range f.index {
		if n > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() && !v.CanSet() {
				return v, fmt.Errorf("cannot set the embedded pointer to the unexported struct %s", v.Type().Elem())
			}
			v = indirect(v)
		}
		v = v.Field(i)
	}
	return v, nil
}

// collect returns the fields of a struct type by the rules of encoding/json for embedded structs:
// the outermost field of a name wins, then one whose tag has the name. If two are left, neither is
// decoded.
func collect(t reflect.Type) *fields {
	type embedded struct {
		t     reflect.Type
		index []int
	}
	byName := map[string][]field{}
	visited := map[reflect.Type]bool{}
	for level := []embedded{{t: t}}; len(level) > 0; {
		var next []embedded
		times := map[reflect.Type]int{}
		for _, e := range level {
			times[e.t]++
		}
		for _, e := range level {
			if visited[e.t] {
				continue
			}
			visited[e.t] = true
			for i := range e.t.NumField() {
				sf := e.t.Field(i)
				f, ok := parse(sf)
				if !ok {
					continue
				}
				f.index = append(slices.Clone(e.index), i)
				inner := sf.Type
				if inner.Kind() == reflect.Pointer {
					inner = inner.Elem()
				}
				if sf.Anonymous && !f.tagged && inner.Kind() == reflect.Struct {
					next = append(next, embedded{inner, f.index})
				} else if sf.IsExported() {
					byName[f.name] = append(byName[f.name], slices.Repeat([]field{f}, times[e.t])...)
				}
			}
		}
		level = next
	}
	fs := &fields{byName: map[string]int{}}
	for _, same := range byName {
		if f, ok := dominant(same); ok {
			fs.list = append(fs.list, f)
		}
	}
	slices.SortFunc(fs.list, func(a, b field) int { return slices.Compare(a.index, b.index) })
	for i, f := range fs.list {
		fs.byName[f.name] = i
	}
	return fs
}

// parse returns a field with its tag. It reports false if the field is ignored.
func parse(sf reflect.StructField) (field, bool) {
	name, rest, _ := strings.Cut(sf.Tag.Get("dynamodbav"), ",")
	f := field{name: name, goName: sf.Name, tagged: name != ""}
	if name == "" {
		f.name = sf.Name
	}
	f.asString = slices.Contains(strings.Split(rest, ","), "string")
	return f, name != "-" && (sf.IsExported() || sf.Anonymous)
}

// dominant returns the field that wins among fields of the same name, outermost first.
func dominant(same []field) (field, bool) {
	same = slices.DeleteFunc(same, func(f field) bool { return len(f.index) > len(same[0].index) })
	if i := slices.IndexFunc(same, func(f field) bool { return f.tagged }); i >= 0 {
		same = slices.DeleteFunc(same, func(f field) bool { return !f.tagged })
	}
	return same[0], len(same) == 1
}
