package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const event = ` {"a" : {"b":[1,{"c":"x\"y"},"t"], "x-y":"dash", "\u0065sc":true}, "n":-1.5e3 ,"nul":null,"deep":{"a":{"a":2}}} trailing`
	for path, want := range map[string]string{
		`a.b[0]`: "1", `a.b[1].c`: `"x\"y"`, `a.b[2]`: `"t"`, `a."x-y"`: `"dash"`, `a.esc`: "true", `n`: "-1.5e3", `nul`: "null",
		`deep.a.a`: "2", `a.b`: `[1,{"c":"x\"y"},"t"]`,
		`a.b[3]`: "", `a.b.c`: "", `a[0]`: "", `missing`: "", `n.x`: "", `a.b[1].c.d`: "",
	} {
		steps, err := jsonscan.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := jsonscan.Find([]byte(event), steps)
		if string(got) != want || ok != (want != "") {
			t.Errorf("%s: got %s, %v, want %s", path, got, ok, want)
		}
	}
	for _, text := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":"`, `{"a":{`, `[`, `{"b":1,`, `{"b":}`, `{"a" 1}`, `{"b"`, `{"a":}`} {
		if got, ok := jsonscan.Find([]byte(text), []jsonscan.Step{{Name: "a"}}); ok {
			t.Errorf("%s: got %s, want nothing found", text, got)
		}
	}
}

func TestParsePathErrors(t *testing.T) {
	t.Parallel()
	for _, path := range []string{``, `.`, `a.`, `a..b`, `.a`, `a[`, `a[x]`, `a[-1]`, `a"b"`, `"a`, `"a"b`, `a[0]b`, `[`} {
		if steps, err := jsonscan.ParsePath(path); err == nil {
			t.Errorf("%q: got %v, want an error", path, steps)
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{`"a"`: "a", `"\u00e9\n"`: "é\n", `12.5`: "12.5", `-1`: "-1", `true`: "", `null`: "", `{}`: "", ``: ""} {
		if got, ok := jsonscan.String([]byte(in)); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", in, got, ok, want)
		}
	}
}

func TestAppendCompact(t *testing.T) {
	t.Parallel()
	secret := func(name string) bool { return strings.EqualFold(name, "password") }
	const src = "{ \"user\" : \"a\" ,\n\t\"Password\" : { \"x\" : [1, 2] }, \"list\" : [ {\"password\":\"p\"} , \"password\" ], \"p\\u0061ssword\": 1 }"
	const want = `{"user":"a","Password":"[redacted]","list":[{"password":"[redacted]"},"password"],"p\u0061ssword":"[redacted]"}`
	if got := string(jsonscan.AppendCompact(nil, []byte(src), secret, "[redacted]")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":{"b":[1,2,{"c":"d"}]}}`, `{"a":"\"}"}`, `[{"a":1}]`, `{`, `{"a":1}x`, `{"\u0061":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := jsonscan.Find(text, []jsonscan.Step{{Name: "a"}})
		jsonscan.String(got)
		members := map[string]string{}
		var first string
		seen := false
		err := jsonscan.Members(text, func(key []byte, start, end int) bool {
			var k string
			json.Unmarshal(key, &k)
			members[k] = string(text[start:end])
			if k == "a" && !seen {
				first, seen = string(text[start:end]), true
			}
			return true
		})
		if !json.Valid(text) {
			jsonscan.AppendCompact(nil, text, func(n string) bool { return n == "a" }, "x")
			return
		}
		if out := jsonscan.AppendCompact(nil, text, func(n string) bool { return n == "a" }, "x"); !json.Valid(out) {
			t.Errorf("%s: got %s, want valid JSON", text, out)
		}
		var compact bytes.Buffer
		json.Compact(&compact, text)
		if out := jsonscan.AppendCompact(nil, text, nil, ""); !bytes.Equal(out, compact.Bytes()) {
			t.Errorf("%s: got %s, want %s", text, out, compact.Bytes())
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(text, &object) != nil || object == nil {
			return
		}
		if ok != seen || string(got) != first {
			t.Errorf("%s: got %s, %v, want %s", text, got, ok, first)
		}
		want := map[string]string{}
		for k, v := range object {
			want[k] = string(v)
		}
		if err != nil || !reflect.DeepEqual(members, want) {
			t.Errorf("%s: got members %v, %v, want %v", text, members, err, want)
		}
	})
}
