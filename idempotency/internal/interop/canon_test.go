package interop

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/lambdakit/lambdakit/idempotency/internal/canon"
)

// large finds integers that may be beyond 2^53, which keep their digits here, and are rounded
// by RFC 8785.
var large = regexp.MustCompile(`[0-9]{16}`)

// FuzzCanonical compares with another implementation of RFC 8785.
func FuzzCanonical(f *testing.F) {
	for _, text := range []string{
		`{"b":[1,2.50,-0],"a":{"é":"\u00e9\ud83d\ude00","":null}}`, `{"a":1,"a":2}`, "\"\xff\"", `"\ud800"`, `[1e5,1E-7,0.1,1e21,1e-400,1e400]`,
		"{\"\ufb33\":1,\"\U0001F600\":2,\"\\r\":3,\"1\":4,\"\\u0080\":5}", ` [ ] `, `1 2`, `[1,]`, `01`, `{"b":1,"a":{"d":1,"c":[{"z":1,"y":2}]}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if large.MatchString(text) {
			return
		}
		ours, err := canon.Append(nil, []byte(text))
		if err != nil && strings.Contains(err.Error(), "range of a double") {
			return // the other takes the largest there is
		}
		theirs := jsontext.Value(text)
		theirErr := theirs.Canonicalize()
		if (err == nil) != (theirErr == nil) {
			t.Fatalf("%q: %s, %v; the other has %s, %v", text, ours, err, theirs, theirErr)
		}
		if err == nil && !bytes.Equal(ours, theirs) {
			t.Fatalf("%q: %s; the other has %s", text, ours, theirs)
		}
	})
}
