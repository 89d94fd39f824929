package params_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

// FuzzValues decodes hostile texts: nothing panics, what errors say holds no value, and
// JSON is what encoding/json makes of it, however often it is asked for.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `[[[[null]]]]`, `"x"`, "1e999", "12", "1h", "", "\xff", `{"a":`, "AAAA", "::1", strings.Repeat("[", 200)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const mark = "#~mark~#" // so that what is found in an error comes from the value
		for _, text := range []string{text, text + mark, `"` + mark + text, `{"` + mark + `":` + text} {
			cache := open(t, newFake("p", text), nil)
			errs := errorsOf(t.Context(), cache, "p")
			var dst struct {
				A int           `param:"p"`
				B netip.Addr    `param:"p"`
				C []byte        `param:"p,base64"`
				D any           `param:"p,json"`
				E time.Duration `param:"p"`
				F []string      `param:"p"`
			}
			errs = append(errs, params.Load(t.Context(), cache, &dst))
			for _, err := range errs {
				if err != nil && strings.Contains(fmt.Sprint(err), mark) {
					t.Errorf("%q: got %v, want an error without the text", text, err)
				}
			}
			var want any
			wantErr := json.Unmarshal([]byte(text), &want)
			for range 2 {
				got, err := params.JSON[any](t.Context(), cache, "p")
				if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
					t.Errorf("%q: %v, %v; want %v, %v", text, got, err, want, wantErr)
				}
				if m, ok := got.(map[string]any); ok {
					m["spoilt"] = true
				}
			}
		}
	})
}

// FuzzTags loads structs with hostile tags.
func FuzzTags(f *testing.F) {
	for _, seed := range []string{`param:"a"`, `param:"${`, `param:"${X}" default:"1"`, `param:"$$,json"`, `param:"a,base64,json,,"`, "param", `param:"a,optional"`, `param:"\x00a"`} {
		f.Add(seed, "#~mark~#")
	}
	kinds := []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[*uint8](), reflect.TypeFor[[]byte](), reflect.TypeFor[[]string](),
		reflect.TypeFor[lambdakit.Secret](), reflect.TypeFor[any](), reflect.TypeFor[map[string]int](), reflect.TypeFor[time.Duration](), reflect.TypeFor[func()](),
	}
	f.Fuzz(func(t *testing.T, tag, text string) {
		fields := make([]reflect.StructField, len(kinds))
		for i, kind := range kinds {
			fields[i] = reflect.StructField{Name: fmt.Sprint("F", i), Type: kind, Tag: reflect.StructTag(tag)}
		}
		one := &results{fake: newFake("a", text)}
		one.answer = map[string]params.Result{"a": {Value: params.Value{Text: text}}}
		err := params.Load(t.Context(), open(t, one, nil), reflect.New(reflect.StructOf(fields)).Interface())
		// Names come from the tag, and errors hold them.
		if err != nil && len(text) > 6 && !strings.Contains(tag, text) && strings.Contains(err.Error(), text) {
			t.Errorf("%q: got %v, want an error without the text", tag, err)
		}
	})
}

// FuzzNames asks for hostile names: each is a parameter of its own.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"", "a", "\x00", "\x00a", "/a/b:3", "%", "\xff", "a\nb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		src := newFake(name, "v", "other", "o")
		src.fail("broken"+name, errors.New("broken"))
		cache := open(t, many{src}, nil)
		cache.Path(t.Context(), name)
		v, err := cache.String(t.Context(), name)
		if name != "" && !strings.Contains(name, "\x00") && (v != "v" || err != nil) {
			t.Errorf("%q: got %q, %v, want v", name, v, err)
		}
		if _, err := cache.Many(t.Context(), name, "other", "broken"+name, name); err == nil {
			t.Errorf("%q: got no error, want one", name)
		}
		cache.Put(t.Context(), name, "w")
		cache.Forget(name)
	})
}
