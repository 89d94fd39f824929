package jsontree_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// FuzzParse compares with encoding/json: both accept a text of valid UTF-8 or neither does,
// and what they read is equal.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`null`, `[true,false,1.0,-0,1E2,12345678901234567890]`, `{"b":1,"a":{"c":[]},"b":2}`, `"\ud83d\ude00\ud800\u00e9"`,
		`"\ud800\ud800\udc00"`, `"\u12"`, `[1,]`, `{"a":1,}`, ` {"a" : [ 1 , 2 ] } `, "\"\x7f\"", "\"\xff\"", `[[[[]]]]`, `01`, `1e`, `"é\t"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := jsontree.Parse(text)
		if !utf8.Valid(text) {
			if err == nil {
				t.Fatalf("invalid UTF-8 was accepted: %q", text)
			}
			return
		}
		if json.Valid(text) != (err == nil) {
			t.Fatalf("%q: encoding/json says %v, error %v", text, json.Valid(text), err)
		}
		if err != nil {
			return
		}
		// Lone surrogates are one and the same character to the oracle, and so may be two names.
		distinct := !bytes.Contains(bytes.ToLower(text), []byte(`\ud`))
		if got, want := plain(v), decode(t, text); distinct && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %#v, want %#v", text, got, want)
		}
		once := jsontree.Append(nil, v)
		again, err := jsontree.Parse(once)
		if err != nil {
			t.Fatalf("%q: written as %q: %v", text, once, err)
		}
		if twice := jsontree.Append(nil, again); !bytes.Equal(once, twice) {
			t.Fatalf("%q: written as %q, then as %q", text, once, twice)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, once); err != nil || compact.String() != string(once) {
			t.Fatalf("%q: written as %q, which is not compact: %v", text, once, err)
		}
	})
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// plain returns the value as encoding/json decodes it, which replaces lone surrogates.
func plain(v jsontree.Value) any {
	switch v.Kind() {
	case jsontree.Bool:
		return v.Bool()
	case jsontree.Number:
		return json.Number(v.Text())
	case jsontree.String:
		return replaceSurrogates(v.Text())
	case jsontree.Array:
		list := []any{}
		for _, e := range v.Elements() {
			list = append(list, plain(e))
		}
		return list
	case jsontree.Object:
		object := map[string]any{}
		for _, m := range v.Members() {
			object[replaceSurrogates(m.Name)] = plain(m.Value)
		}
		return object
	}
	return nil
}

func replaceSurrogates(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == 0xed && i+2 < len(s) && s[i+1] >= 0xa0 {
			out.WriteRune(utf8.RuneError)
			i += 2
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
