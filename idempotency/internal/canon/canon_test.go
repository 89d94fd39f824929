package canon_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/canon"
)

func TestAppend(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		` { "b" : 1 , "a" : [ true , false , null ] } `: `{"a":[true,false,null],"b":1}`,
		`{"a":{"y":1,"x":{"d":4,"c":3}},"":0}`:          `{"":0,"a":{"x":{"c":3,"d":4},"y":1}}`,
		// By UTF-16 code units: U+1F600 begins with D83D, before U+FB33.
		"{\"\ufb33\":1,\"\U0001F600\":2,\"ö\":3,\"€\":4,\"1\":5,\"\\r\":6,\"\u0080\":7}": "{\"\\r\":6,\"1\":5,\"\u0080\":7,\"ö\":3,\"€\":4,\"\U0001F600\":2,\"\ufb33\":1}",
		`{"a\"b":1,"a\\b":2,"a\nb":3,"a/b":4}`:                                           `{"a\nb":3,"a\"b":1,"a/b":4,"a\\b":2}`,
		`{"\u0062":1,"\u0061":2}`:                                                        `{"a":2,"b":1}`,
		`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\b\f\n\r\t\ud83d\ude00\u007f"`:    "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\b\\f\\n\\r\\t\U0001F600\u007f\"",
		`"\né€😀"`:                                `"\né€😀"`,
		"\"\u2028<&>é\"":                         "\"\u2028<&>é\"",
		`[0,-0,0.0,-0.0,1.0,1e2,1E+2,100,-1.50]`: `[0,0,0,0,1,100,100,100,-1.5]`,
		`[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]`:      `[333333333.3333333,1e+30,4.5,0.002,1e-27]`,
		`[1e-6,1e-7,1e20,1e21,9007199254740992.0,5e-324,1.7976931348623157e308]`: `[0.000001,1e-7,100000000000000000000,1e+21,9007199254740992,5e-324,1.7976931348623157e+308]`,
		// Integers beyond 2^53 keep their digits.
		`[9007199254740993,12345678901234567890,-12345678901234567891,999999999999999,9999999999999999]`: `[9007199254740993,12345678901234567890,-12345678901234567891,999999999999999,9999999999999999]`,
		`true`: `true`, ` false `: `false`, `null`: `null`, `-0`: `0`, `"\n"`: `"\n"`,
		`{"\u0002":1,"\u0001":2,"a\u001f":3,"a\u001e":4,"\b":5,"\"":6}`: `{"\u0001":2,"\u0002":1,"\b":5,"\"":6,"a\u001e":4,"a\u001f":3}`,
		`[]`: `[]`, `{}`: `{}`, `""`: `""`, "\t1\n": `1`,
	} {
		got, err := canon.Append([]byte("x"), []byte(src))
		if err != nil || string(got) != "x"+want {
			t.Errorf("%s: %s, %v, want %s", src, got, err, want)
		}
	}
}

func TestAppendNumber(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{"1.0": "1", "1e2": "100", "-0": "0", "12345678901234567890": "12345678901234567890", "12345678901234567890.0": "12345678901234567000"} {
		if got, err := canon.AppendNumber([]byte("x"), literal); err != nil || string(got) != "x"+want {
			t.Errorf("%s: got %s, %v, want x%s", literal, got, err, want)
		}
	}
	if got, err := canon.AppendNumber(nil, "1e309"); err == nil {
		t.Errorf("got %s, want an error", got)
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		``, ` `, `{`, `[`, `[1`, `[1,`, `[1,]`, `[,1]`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{1:2}`, `{"a" 1}`,
		`tru`, `truE`, `nul`, `fals`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `+1`, `1 2`, `[] []`, `"`, `"\`, `"\x"`, `"\u12"`, `"\u123g"`, "\"\n\"", `'a'`,
		`"\ud800"`, `"\udc00"`, `"\ud800\u0041"`, `"\ud800\ud800"`, "\"\xff\"", "\"\x80\"", "\"\xed\xa0\x80\"", "\"\xff\\n\"", "\"\\n\xff\"", "\"é\xff\\n\"", "{\"\xff\\n\":1}", "{\"\xc3\":1}",
		`"\n`, `"a\nb`, `{a":1}`, `{a:1}`, `{"a":1 "b":2}`, `{"a\u0001":1,"b":2,"a\u0001":3}`, `{"a":1,"a":2}`, `{"b":1,"a":2,"b":3}`, `{"a":1,"\u0061":2}`, `[{"x":{"k":1,"j":0,"k":2}}]`, `1e309`, `-1e309`, `NaN`,
		strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
	} {
		if got, err := canon.Append(nil, []byte(src)); err == nil {
			t.Errorf("%.60s: %.60s", src, got)
		}
	}
}

// FuzzAppend compares with encoding/json: what is accepted, and that nothing but the form
// changes.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{`{"b":[1,2.50,-0],"a":{"é":"\u00e9\ud83d\ude00","":null}}`, `{"a":1,"a":2}`, "\"\xff\"", `[1e5,12345678901234567890]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := canon.Append(nil, src)
		if err != nil {
			return
		}
		if !json.Valid(src) {
			t.Fatalf("accepted %q", src)
		}
		if again, err := canon.Append(nil, got); err != nil || !bytes.Equal(again, got) {
			t.Fatalf("%q: canonical form %q, and of that %q, %v", src, got, again, err)
		}
		var before, after any
		if json.Unmarshal(src, &before) != nil || json.Unmarshal(got, &after) != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%q became %q", src, got)
		}
		var compact bytes.Buffer
		if json.Compact(&compact, got); !bytes.Equal(compact.Bytes(), got) {
			t.Fatalf("%q has white space", got)
		}
	})
}

func BenchmarkAppend1KB(b *testing.B) {
	event := []byte(`{"orderId":"o-1001","total":29.95,"items":[` + strings.TrimSuffix(strings.Repeat(`{"sku":"abc-123","quantity":2,"price":9.99,"name":"a thing"},`, 15), ",") + `],"customer":{"id":"c-7","email":"someone@example.com"}}`)
	dst := make([]byte, 0, 2048)
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = canon.Append(dst[:0], event)
	}
}
