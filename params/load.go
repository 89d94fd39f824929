package params

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
)

// Load fills the struct that dst points to, with as few fetches as the source allows. It is
// for the start of a program.
//
//	type config struct {
//		URL     string        `param:"/shop/${STAGE}/db/url"`
//		Key     lambdakit.Secret `param:"/shop/${STAGE}/db/key"`
//		Timeout time.Duration `param:"/shop/${STAGE}/timeout" default:"3s"`
//		Limits  map[string]int `param:"/shop/limits,json"`
//		Banner  string        `param:"/shop/banner,optional"`
//		Cert    []byte        `param:"/shop/cert,base64"`
//	}
//
// ${NAME} in a parameter's name is an environment variable, which must be set. ${NAME:-x} is
// x if the variable is unset. Fields are strings, []byte, []string (separated by commas),
// booleans, numbers, time.Duration, types whose pointer is an encoding.TextUnmarshaler such
// as Secret, pointers to these, and any type with the option json. White space around the
// text counts for strings, []byte and Secret only.
//
// A parameter that is not found takes the text of the tag default. Without that tag it is an
// error, or, with the option optional, the field stays as it is. The option required is the
// default.
//
// Fields without the tag are left alone, except for structs and pointers to structs, which
// Load searches for tags. A nil pointer gets a new struct if one of its fields is filled.
// A nil pointer to a type that it is itself a part of stays nil. Tags that Load cannot
// reach, such as in the elements of a slice, are an error.
//
// The error joins all failures, by field and parameter, and contains no value. If there is
// one, dst and everything that it points to stay as they were. The struct is filled once: for
// values that change while the program runs, ask the Cache.
func Load(ctx context.Context, g Getter, dst any) error {
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("params: load: %T is no pointer to a struct", dst)
	}
	l := loader{tagged: make(map[reflect.Type]bool), seen: make(map[seen]bool)}
	l.seen[seen{at: p.UnsafePointer(), of: p.Type()}] = true
	l.add("", p.Elem(), nil)
	if len(l.errs) > 0 {
		return l.err()
	}
	names := make([]string, len(l.fields))
	for i, f := range l.fields {
		names[i] = f.name
	}
	contents, errs := g.view().each(ctx, names)
	for i := range l.fields {
		f := &l.fields[i]
		l.decode(f, contents[f.name], errs[f.name])
	}
	if len(l.errs) > 0 {
		return l.err()
	}
	for _, f := range l.fields {
		f.fill()
	}
	return nil
}

// field is one that a parameter fills.
type field struct {
	path     string // of fields, such as "DB.URL"
	name     string // of the parameter
	value    reflect.Value
	decoded  reflect.Value // that value gets if all is well
	under    *pointer
	fallback *string
	optional bool
	json     bool
	base64   bool
}

// fill gives a field its value, and the nil pointers that lead to it theirs.
func (f *field) fill() {
	if !f.decoded.IsValid() {
		return
	}
	f.value.Set(f.decoded)
	for p := f.under; p != nil; p = p.under {
		p.field.Set(p.to)
	}
}

// pointer is a nil pointer to a struct, and the struct that it gets if one of its fields is
// filled.
type pointer struct {
	field, to reflect.Value
	under     *pointer
}

type loader struct {
	fields []field
	errs   []error

	tagged map[reflect.Type]bool // whether tags are in or behind a type
	nested []reflect.Type        // the structs around a field
	seen   map[seen]bool         // pointers that were followed
}

func (l *loader) err() error { return fmt.Errorf("params: load: %w", errors.Join(l.errs...)) }

func (l *loader) problem(path, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("field %s: "+format, append([]any{path}, args...)...))
}

func (l *loader) addField(path, tag string, sf reflect.StructField, v reflect.Value, under *pointer) {
	name, options, _ := strings.Cut(tag, ",")
	f := field{path: path, value: v, under: under}
	for option := range strings.SplitSeq(options, ",") {
		switch strings.TrimSpace(option) {
		case "":
		case "optional":
			f.optional = true
		case "required": // as all are
		case "json":
			f.json = true
		case "base64":
			f.base64 = true
		default:
			l.problem(path, "unknown option %q in its tag; there are json, base64, optional and required", option)
		}
	}
	if text, ok := sf.Tag.Lookup("default"); ok {
		f.fallback = &text
	}
	f.name = l.expand(path, name)
	if f.name == "" {
		l.problem(path, "its tag names no parameter")
	}
	if !f.json && !f.base64 && !settable(v.Type()) {
		l.problem(path, "a %s cannot be filled without the option json", v.Type())
	}
	if f.base64 && v.Type() != reflect.TypeFor[[]byte]() && v.Kind() != reflect.String {
		l.problem(path, "the option base64 is for []byte and string, not for %s", v.Type())
	}
	l.fields = append(l.fields, f)
}

// expand replaces the environment variables in a name.
func (l *loader) expand(path, name string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(name, "${")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		variable, after, ok := strings.Cut(rest, "}")
		variable, fallback, hasFallback := strings.Cut(variable, ":-")
		value := cmp.Or(os.Getenv(variable), fallback)
		switch {
		case !ok || variable == "":
			l.problem(path, "a ${ in its tag is not closed, or names no environment variable")
		case value == "" && !hasFallback:
			l.problem(path, "the environment variable %s in its tag is not set", variable)
		}
		b.WriteString(value)
		name = after
	}
}

// decode decodes the text of the parameter of f, or its default.
func (l *loader) decode(f *field, c *content, err error) {
	var text string
	switch {
	case err == nil:
		text = c.value.Text
	case errors.Is(err, ErrNotFound) && f.fallback != nil:
		text = *f.fallback
	case errors.Is(err, ErrNotFound) && f.optional:
		return
	default:
		l.problem(f.path, "%w", err)
		return
	}
	var ok bool
	if f.decoded, ok = f.decode(text); !ok {
		what := f.value.Type().String()
		if f.json {
			what = "JSON that fits " + what
		}
		if f.base64 {
			what = "base64"
		}
		from := "the value of parameter"
		if err != nil {
			from = "the default of parameter"
		}
		l.problem(f.path, "%s %q is no %s%w", from, f.name, what, mark{&DecodeError{Name: f.name, Want: what}})
	}
}

// mark puts an error into the chain of another without a text.
type mark struct{ error }

func (mark) Error() string   { return "" }
func (m mark) Unwrap() error { return m.error }
