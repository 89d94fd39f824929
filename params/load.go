package params

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"unsafe"
)

// Load fills the struct that dst points to, with as few requests as the source allows. Call it
// when the program starts.
//
//	type config struct {
//		URL     string           `param:"/shop/${STAGE}/db/url"`
//		Key     lambdakit.Secret `param:"/shop/${STAGE}/db/key"`
//		Timeout time.Duration    `param:"/shop/${STAGE}/timeout" default:"3s"`
//		Limits  map[string]int   `param:"/shop/limits,json"`
//		Banner  string           `param:"/shop/banner,optional"`
//		Cert    []byte           `param:"/shop/cert,base64"`
//	}
//
// The tag param names the parameter. It may contain environment variables: ${NAME} must be set,
// and ${NAME:-x} is x if the variable is unset. Options follow the name, separated by commas:
//
//   - json decodes the text as JSON, into any type.
//   - base64 decodes the text into a []byte or a string.
//   - optional leaves the field unchanged if the parameter does not exist.
//   - required is the default: if the parameter does not exist, Load fails.
//
// The tag default is the text to use if the parameter does not exist.
//
// Without the option json, the type of a field is one of these or a pointer to one: string,
// []byte, []string (separated by commas), booleans, numbers, time.Duration, or a type
// with the method UnmarshalText, such as lambdakit.Secret. White space around the text is part of
// strings, []byte and Secret, and ignored for the others.
//
// Load searches fields without the tag if they are structs or pointers to structs. A nil pointer
// gets a new struct if Load fills a field of the struct. In a recursive type, nil pointers stay nil.
// Tags that Load cannot reach, such as in the elements of a slice, are an error.
//
// The error joins all failures with the names of their fields and parameters, and contains no
// value. If there is an error, dst stays unchanged. Load fills the struct once. If a value must
// follow changes while the program runs, get it from the Cache instead.
func Load(ctx context.Context, g Getter, dst any) error {
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("params: load: %T is not a pointer to a struct", dst)
	}
	l := loader{tagged: make(map[reflect.Type]bool), seen: make(map[seen]bool)}
	l.seen[seen{at: p.UnsafePointer(), of: p.Type()}] = true
	l.addStruct("", p.Elem(), nil)
	if len(l.errs) > 0 {
		return l.err()
	}
	names := make([]string, len(l.fields))
	for i, f := range l.fields {
		names[i] = f.name
	}
	contents, errs := g.view().getEach(ctx, names)
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

// field is a field of a struct with the parameter that fills it.
type field struct {
	path     string // of the field, such as "DB.URL"
	name     string // of the parameter
	value    reflect.Value
	decoded  reflect.Value // set to value if no field fails
	parent   *nilPointer
	fallback *string
	optional bool
	json     bool
	base64   bool
}

// fill sets the field and the nil pointers that lead to it.
func (f *field) fill() {
	if !f.decoded.IsValid() {
		return
	}
	f.value.Set(f.decoded)
	for p := f.parent; p != nil; p = p.parent {
		p.field.Set(p.to)
	}
}

// nilPointer is a nil pointer to a struct. fill sets it to a new struct if Load fills a field
// of the struct.
type nilPointer struct {
	field, to reflect.Value
	parent    *nilPointer
}

// seen identifies a pointer that Load followed. A struct and its first field have the same
// address, so the type is part of it.
type seen struct {
	at unsafe.Pointer
	of reflect.Type
}

type loader struct {
	fields []field
	errs   []error

	tagged map[reflect.Type]bool // results of hasTags
	nested []reflect.Type        // the types of the structs around a field
	seen   map[seen]bool         // pointers that were followed
}

func (l *loader) err() error { return fmt.Errorf("params: load: %w", errors.Join(l.errs...)) }

func (l *loader) errorf(path, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("field %s: "+format, append([]any{path}, args...)...))
}

func (l *loader) addField(path, tag string, sf reflect.StructField, v reflect.Value, parent *nilPointer) {
	name, options, _ := strings.Cut(tag, ",")
	f := field{path: path, value: v, parent: parent}
	for option := range strings.SplitSeq(options, ",") {
		switch strings.TrimSpace(option) {
		case "":
		case "optional":
			f.optional = true
		case "required": // the default
		case "json":
			f.json = true
		case "base64":
			f.base64 = true
		default:
			l.errorf(path, "unknown option %q in its tag: use json, base64, optional or required, and the tag default for a default", option)
		}
	}
	if text, ok := sf.Tag.Lookup("default"); ok {
		f.fallback = &text
	}
	f.name = l.expand(path, name)
	if f.name == "" {
		l.errorf(path, "its tag has no name of a parameter")
	}
	if !f.json && !f.base64 && !settable(v.Type()) {
		l.errorf(path, "a %s needs the option json", v.Type())
	}
	if f.base64 && v.Type() != reflect.TypeFor[[]byte]() && v.Kind() != reflect.String {
		l.errorf(path, "the option base64 is for []byte and string, not for %s", v.Type())
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
			l.errorf(path, "a ${ in its tag is not closed or has no name of an environment variable")
		case value == "" && !hasFallback:
			l.errorf(path, "the environment variable %s in its tag is not set", variable)
		}
		b.WriteString(value)
		name = after
	}
}

// decode decodes the text of the parameter of a field, or its default.
func (l *loader) decode(f *field, ct *content, err error) {
	var text string
	switch {
	case err == nil:
		text = ct.value.Text
	case errors.Is(err, ErrNotFound) && f.fallback != nil:
		text = *f.fallback
	case errors.Is(err, ErrNotFound) && f.optional:
		return
	default:
		l.errorf(f.path, "%w", err)
		return
	}
	var ok bool
	if f.decoded, ok = f.decode(text); !ok {
		want := f.value.Type().String()
		if f.json {
			want = "JSON that fits " + want
		}
		if f.base64 {
			want = "base64"
		}
		from := "the value of parameter"
		if err != nil {
			from = "the default of parameter"
		}
		l.errorf(f.path, "%s %q does not decode as %s%w", from, f.name, want, textless{&DecodeError{Name: f.name, Want: want}})
	}
}

// textless adds an error to the chain of another error without adding text.
type textless struct{ error }

func (textless) Error() string   { return "" }
func (m textless) Unwrap() error { return m.error }
