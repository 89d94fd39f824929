package jmespath_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

func zip(t testing.TB, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestPowertoolsFunctions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, expression, text, want string }{
		{"object", `powertools_json(@)`, `{"b":1.0,"a":{"c":[1E2]}}`, `{"b":1.0,"a":{"c":[1E2]}}`},
		{"part", `powertools_json(@).a.c`, `{"b":1.0,"a":{"c":[1E2]}}`, `[1E2]`},
		{"scalar", `powertools_json(@)`, ` 12 `, `12`},
		{"nested", `powertools_json(powertools_json(@))`, `"{\"a\":1}"`, `{"a":1}`},
		{"base64", `powertools_base64(@)`, `eyJiIjoxLCJhIjoiw6kifQ==`, `"{\"b\":1,\"a\":\"é\"}"`},
		{"base64 of JSON", `powertools_json(powertools_base64(@)).a`, `eyJiIjoxLCJhIjoiw6kifQ==`, `"é"`},
		{"empty", `powertools_base64(@)`, ``, `""`},
		{"foreign characters", `powertools_base64(@)`, "e 3\n0!_=", `"{}"`},
		{"text after the padding", `powertools_base64(@)`, `YQ==YQ==`, `"a"`},
		{"interrupted padding", `powertools_base64(@)`, `YQ=?=`, `"a"`},
		{"padding too early", `powertools_base64(@)`, `=Y=Q==`, `"a"`},
		{"more padding than needed", `powertools_base64(@)`, `YWI==`, `"ab"`},
		{"trailing bits", `powertools_base64(@)`, `YR==`, `"a"`},
		{"nothing of the alphabet", `powertools_base64(@)`, `!!!`, `null`},
		{"nothing but padding", `powertools_base64(@)`, `==`, `null`},
		{"gzip", `powertools_base64_gzip(@)`, `H4sIAAAAAAAAA6tWSlKyMtRRSlSyUjq8UqkWAJ9WnHgQAAAA`, `"{\"b\":1,\"a\":\"é\"}"`},
		{"gzip of JSON", `powertools_json(powertools_base64_gzip(@)).b`, `H4sIAAAAAAAAA6tWSlKyMtRRSlSyUjq8UqkWAJ9WnHgQAAAA`, `1`},
		{"gzip of nothing", `powertools_base64_gzip(@)`, ``, `""`},
		{"gzip at the limit", `length(powertools_base64_gzip(@))`, zip(t, make([]byte, 6<<20)), `6291456`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := search(t, tt.expression, string(jsontree.AppendString(nil, tt.text)))
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPowertoolsInvalidData(t *testing.T) {
	t.Parallel()
	truncated := []byte(zip(t, []byte(strings.Repeat("secret", 100))))
	for _, tt := range []struct{ name, expression, text, want string }{
		{"no JSON", `powertools_json(@)`, `secret`, `expected JSON: invalid data: jsontree: unexpected character at offset 0`},
		{"no text", `powertools_json(@)`, ``, `expected JSON: invalid data: jsontree: unexpected end of text at offset 0`},
		{"Python's NaN", `powertools_json(@)`, `NaN`, `expected JSON: invalid data: jsontree: unexpected character at offset 0`},
		{"no padding", `powertools_base64(@)`, `YQ`, `expected base64 with its padding: invalid data`},
		{"too little padding", `powertools_base64(@)`, `YQ=`, `expected base64 with its padding: invalid data`},
		{"a single character", `powertools_base64(@)`, `Y`, `expected base64 with its padding: invalid data`},
		{"not ASCII", `powertools_base64(@)`, `YQ==é`, `expected base64, found characters that are not ASCII: invalid data`},
		{"not UTF-8", `powertools_base64(@)`, `/w==`, `expected UTF-8 as decoded data: invalid data`},
		{"no gzip", `powertools_base64_gzip(@)`, `YWJj`, `expected gzip: invalid data`},
		{"gzip cut short", `powertools_base64_gzip(@)`, string(truncated[:24]), `expected gzip: invalid data`},
		{"gzip of something else", `powertools_base64_gzip(@)`, zip(t, []byte{0xff}), `expected UTF-8 as decoded data: invalid data`},
		{"gzip bomb", `powertools_base64_gzip(@)`, zip(t, make([]byte, 6<<20+1)), `expected at most 6 MB of decompressed data: invalid data`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := search(t, tt.expression, string(jsontree.AppendString(nil, tt.text)))
			if !errors.Is(err, jmespath.ErrInvalidData) || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
