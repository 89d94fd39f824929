package xray

import (
	"fmt"
	"strings"
	"testing"
)

// The user's JSON may have bytes, line breaks or sizes that a document must not have.
func TestForeignJSON(t *testing.T) {
	t.Parallel()
	large := `{"a":"` + strings.Repeat("x", 5000) + `"}`
	cases := map[string]*Span{
		"text that is not UTF-8":  newSpan(internal, str("aws.xray.metadata.n", "{\"a\":\"\xff\"}")),
		"text of several lines":   newSpan(internal, str("aws.xray.metadata.n", "{\n\"a\": 1\n}")),
		"text that is very large": newSpan(internal, str("aws.xray.metadata.n", `{"a":"`+strings.Repeat("x", 70_000)+`"}`)),
		"text in a large span":    newSpan(internal, str("aws.xray.metadata.n", large)),
		"text of AWS's":           newSpan(internal, str("aws.xray.metadata.AWS.n", `{}`)),
	}
	for i := range 20 {
		cases["text in a large span"].Attributes = append(cases["text in a large span"].Attributes, str(fmt.Sprint("a", i), strings.Repeat("x", 16_000)))
	}
	for name, m := range map[string]Metadata{
		"value that is not UTF-8": {"n", "k", []byte("\"\xff\"")},
		"value of several lines":  {"n", "k", []byte("{\n\"a\": 1\n}")},
		"AWS's namespace":         {"AWS.n", "k", []byte("1")},
	} {
		s := newSpan(internal)
		s.Metadata = []Metadata{m}
		cases[name] = s
	}
	for name, s := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encode(t, Config{}, s)
		})
	}
}
