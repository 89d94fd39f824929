package params

import (
	"cmp"
	"context"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Load fills the struct that dst points to, with as few fetches as the source allows. It is
// for the start of a program.
//
//	type config struct {
//		URL     string        `param:"/shop/${STAGE}/db/url"`
//		Key     params.Secret `param:"/shop/${STAGE}/db/key"`
//		Timeout time.Duration `param:"/shop/${STAGE}/timeout" default:"3s"`
//		Limits  map[string]int `param:"/shop/limits,json"`
//		Banner  string        `param:"/shop/banner,optional"`
//		Cert    []byte        `param:"/shop/cert,base64"`
//	}
//
// ${NAME} in a parameter's name is an environment variable, which must be set, ${NAME:-x}
// one that is x where it is not. A field without the tag is left alone, but for structs, whose fields count as well. Fields are
// strings, []byte, []string (separated by commas), booleans, numbers, time.Duration, types
// whose pointer is an encoding.TextUnmarshaler such as Secret, pointers to these, and with
// the option json anything. A parameter that is not found takes the text of the tag
// default; without one it is an error, unless the option optional says that the field
// stays as it is. The option required says what holds anyway.
//
// All that is wrong is told at once, by field and parameter, and never by value; dst is
// then left as it was. The struct is filled once: for values that change while the program
// runs, ask the Store.
func Load(ctx context.Context, g Getter, dst any) error {
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("params: load: %T is no pointer to a struct", dst)
	}
	to := reflect.New(p.Elem().Type()).Elem()
	to.Set(p.Elem())
	var l loader
	l.add("", to)
	if len(l.errs) > 0 {
		return l.err()
	}
	names := make([]string, len(l.fields))
	for i, f := range l.fields {
		names[i] = f.name
	}
	contents, errs := g.view().each(ctx, names)
	for _, f := range l.fields {
		l.fill(f, contents[f.name], errs[f.name])
	}
	if len(l.errs) > 0 {
		return l.err()
	}
	p.Elem().Set(to)
	return nil
}

// field is one that a parameter fills.
type field struct {
	path     string // of fields, such as "DB.URL"
	name     string // of the parameter
	value    reflect.Value
	fallback *string
	optional bool
	json     bool
	base64   bool
}

type loader struct {
	fields []field
	errs   []error
}

func (l *loader) err() error { return fmt.Errorf("params: load: %w", errors.Join(l.errs...)) }

func (l *loader) problem(path, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("field %s: "+format, append([]any{path}, args...)...))
}

// add collects the fields of a struct.
func (l *loader) add(prefix string, v reflect.Value) {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		path := prefix + sf.Name
		tag, ok := sf.Tag.Lookup("param")
		switch {
		case ok && !sf.IsExported():
			l.problem(path, "it has a tag and is not exported")
		case ok:
			l.addField(path, tag, sf, v.Field(i))
		case sf.IsExported() && sf.Type.Kind() == reflect.Struct, sf.Anonymous && sf.Type.Kind() == reflect.Struct:
			l.add(path+".", v.Field(i))
		}
	}
}

func (l *loader) addField(path, tag string, sf reflect.StructField, v reflect.Value) {
	name, options, _ := strings.Cut(tag, ",")
	f := field{path: path, value: v}
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

func (l *loader) fill(f field, c *content, err error) {
	var text string
	switch {
	case err == nil:
		text = c.value.Text
	case !errors.Is(err, ErrNotFound):
		l.problem(f.path, "%w", err)
		return
	case f.fallback != nil:
		text = *f.fallback
	case f.optional:
		return
	default:
		l.problem(f.path, "parameter %q: %w", f.name, ErrNotFound)
		return
	}
	if !f.set(text) {
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

// set reports whether text fits; it says no more, since errors of decoders may hold it.
func (f *field) set(text string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if f.base64 {
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return false
		}
		if f.value.Kind() == reflect.String {
			f.value.SetString(string(b))
		} else {
			f.value.SetBytes(b)
		}
		return true
	}
	if f.json {
		v := reflect.New(f.value.Type())
		if json.Unmarshal([]byte(text), v.Interface()) != nil {
			return false
		}
		f.value.Set(v.Elem())
		return true
	}
	return setText(f.value, text)
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// settable reports whether setText knows the type.
func settable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Slice:
		return t.Elem().Kind() == reflect.String || t.Elem().Kind() == reflect.Uint8
	}
	return false
}

func setText(v reflect.Value, text string) bool {
	if v.Kind() == reflect.Pointer {
		p := reflect.New(v.Type().Elem())
		if !setText(p.Elem(), text) {
			return false
		}
		v.Set(p)
		return true
	}
	if p := reflect.New(v.Type()); p.Type().Implements(textUnmarshaler) { // a new one, which shares nothing
		if p.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
			return false
		}
		v.Set(p.Elem())
		return true
	}
	trimmed := strings.TrimSpace(text)
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(trimmed)
		v.SetInt(int64(d))
		return err == nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(trimmed)
		v.SetBool(b)
		return err == nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(trimmed, 10, v.Type().Bits())
		v.SetInt(n)
		return err == nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(trimmed, 10, v.Type().Bits())
		v.SetUint(n)
		return err == nil
	case reflect.Float32, reflect.Float64:
		n, err := strconv.ParseFloat(trimmed, v.Type().Bits())
		v.SetFloat(n)
		return err == nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(text))
			return true
		}
		return setList(v, trimmed)
	}
	return true
}

// setList fills a slice of strings from a list separated by commas, as Parameter Store's
// StringList is.
func setList(v reflect.Value, text string) bool {
	var parts []string
	if text != "" {
		parts = strings.Split(text, ",")
	}
	list := reflect.MakeSlice(v.Type(), len(parts), len(parts))
	for i, part := range parts {
		list.Index(i).SetString(strings.TrimSpace(part))
	}
	v.Set(list)
	return true
}

// mark puts an error into the chain of another without a text.
type mark struct{ error }

func (mark) Error() string   { return "" }
func (m mark) Unwrap() error { return m.error }
