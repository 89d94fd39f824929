package httpapi

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
)

// field is a field of an input that a part of the request sets.
type field struct {
	in       string // path, query, header, cookie or auth
	name     string
	index    []int
	optional bool
	pointer  bool
	slice    bool
	scalar   scalar
	initial  reflect.Value // of the default tag, for documents; invalid if there is none
	standard []string      // the text of the default tag
	limits   constraints
}

// plan describes how a request becomes an input. It is made once, when the operation is.
type plan struct {
	typ    reflect.Type
	fields []field
	body   *bodyPlan // nil: the body is not read
}

// sources are the tags that name a part of the request.
var sources = []string{"path", "query", "header", "cookie", "auth"}

// planOf makes the plan of a type. It panics if a field cannot be set.
func planOf(t reflect.Type) *plan {
	p := &plan{typ: t}
	if t.Kind() != reflect.Struct {
		if t.Kind() == reflect.Interface || t.NumMethod() > 0 && t.Kind() == reflect.Func {
			panic(fmt.Sprintf("httpapi: Func: the input %v is no struct", t))
		}
		panic(fmt.Sprintf("httpapi: Func: the input %v is no struct; put a body into a struct with the field Body", t))
	}
	p.add(t, nil)
	return p
}

func (p *plan) add(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct && tagOf(f) == "" {
			p.add(f.Type, at)
			continue
		}
		source := tagOf(f)
		owner := p.typ.Name() + "." + f.Name
		switch {
		case source != "" && !f.IsExported():
			refuse(owner, "has a tag and is not exported")
		case source != "":
			p.fields = append(p.fields, newField(owner, source, f, at))
		case f.Name == "Body" && p.body != nil:
			refuse(owner, "is a second Body")
		case f.Name == "Body":
			p.body = newBodyPlan(owner, f, at)
		case f.Anonymous && f.Type.Kind() == reflect.Pointer:
			refuse(owner, "is embedded as a pointer; embed the struct itself")
		case f.IsExported():
			refuse(owner, "has no tag path, query, header, cookie or auth, and is not Body")
		}
	}
}

// refuse panics because of a field that cannot be set.
//
//go:noinline
func refuse(owner, why string) { panic("httpapi: Func: " + owner + " " + why) }

// tagOf returns the source of a field; empty if it has none. It panics if there are two.
func tagOf(f reflect.StructField) (found string) {
	for _, source := range sources {
		if _, ok := f.Tag.Lookup(source); ok {
			if found != "" {
				refuse(f.Name, "has the tags "+found+" and "+source+"; give one")
			}
			found = source
		}
	}
	return found
}

func newField(owner, source string, f reflect.StructField, index []int) field {
	name, option, _ := strings.Cut(f.Tag.Get(source), ",")
	x := field{in: source, name: name, index: index, optional: option == "optional"}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		x.pointer, t = true, t.Elem()
	}
	scalar, ok := scalarOf(t)
	if !ok && t.Kind() == reflect.Slice && source != "path" && source != "cookie" {
		x.slice = true
		scalar, ok = scalarOf(t.Elem())
	}
	wrong := func(format string, args ...any) {
		panic("httpapi: Func: " + owner + ": " + fmt.Sprintf(format, args...))
	}
	switch {
	case name == "":
		wrong("the tag %s names nothing", source)
	case option != "" && option != "optional":
		wrong("the tag %s has the option %q; there is only optional", source, option)
	case !ok || x.slice && x.pointer:
		wrong("the type %v cannot be set from the %s; use a text, a number, a bool, a time, a TextUnmarshaler, or a slice or pointer of one", f.Type, source)
	}
	x.scalar = scalar
	x.limits = constraintsOf(owner, f.Type, f.Tag)
	if source == "header" {
		x.name = http.CanonicalHeaderKey(name)
	}
	if text, ok := f.Tag.Lookup("default"); ok {
		x.initial, x.standard = reflect.New(f.Type).Elem(), []string{text}
		if err := x.set(x.initial, x.standard); err != nil || x.slice {
			wrong("the default %q does not fit the type %v", text, f.Type)
		}
		if problem := x.limits.check(x.initial); problem != "" {
			wrong("the default %q %s", text, problem)
		}
	}
	return x
}

// set sets a field from its texts.
func (x *field) set(to reflect.Value, texts []string) error {
	if x.slice {
		list := reflect.MakeSlice(to.Type(), len(texts), len(texts))
		for i, text := range texts {
			if err := x.scalar.set(list.Index(i), text); err != nil {
				return err
			}
		}
		to.Set(list)
		return nil
	}
	if x.pointer {
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	return x.scalar.set(to, texts[len(texts)-1])
}

// Kinds of bodies.
const (
	bodyJSON = iota
	bodyBytes
	bodyText
	bodyReader
	bodyForm
)

// parseForm is set by package form.
var parseForm func(w http.ResponseWriter, r *http.Request, maxBytes int64) error

// SetFormParser is for package form, which links package mime/multipart.
func SetFormParser(parse func(w http.ResponseWriter, r *http.Request, maxBytes int64) error) {
	parseForm = parse
}

// bodyPlan describes how the body of a request is read.
type bodyPlan struct {
	kind    int
	typ     reflect.Type
	index   []int
	pointer bool
	members *members // of a JSON body; nil: nothing is to be checked
}

func newBodyPlan(owner string, f reflect.StructField, index []int) *bodyPlan {
	b := &bodyPlan{typ: f.Type, index: index, pointer: f.Type.Kind() == reflect.Pointer}
	switch f.Type {
	case reflect.TypeFor[[]byte]():
		b.kind = bodyBytes
	case reflect.TypeFor[string]():
		b.kind = bodyText
	case reflect.TypeFor[io.Reader](), reflect.TypeFor[io.ReadCloser]():
		b.kind = bodyReader
	case reflect.TypeFor[*multipart.Form]():
		if parseForm == nil {
			panic(fmt.Sprintf("httpapi: Func: %s: the type %v needs an import of github.com/lambdakit/lambdakit/httpapi/form", owner, f.Type))
		}
		b.kind = bodyForm
	default:
		b.members = membersOf(owner, f.Type, nil)
	}
	return b
}
