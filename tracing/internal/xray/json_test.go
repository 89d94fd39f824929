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

// A document has the values of foreign JSON on one line, and says which text is none.
func TestForeignJSON_Values(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{\n\"a\": 1.50\n}":          `{"a":1.50}`,
		"\"a\xffb\"":                 `"a` + "\uFFFD" + `b"`,
		"[1,\n12345678901234567890]": `[1,12345678901234567890]`,
		"{\n":                        `"[no JSON]"`,
		"\xff":                       `"[no JSON]"`,
	} {
		s := newSpan(internal)
		s.Metadata = []Metadata{{"n", "k", []byte(text)}}
		if d := encode(t, Config{}, s); !strings.Contains(string(d.JSON), `"n":{"k":`+want+`}`) {
			t.Errorf("%q: got %s, want %s in it", text, d.JSON, want)
		}
	}
}

// The last of several attributes with one key counts, also if the keys are as long as they can be.
func TestMetadata_LongestKeys(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("k", maxKey)
	for name, c := range map[string]struct {
		attrs attrs
		want  string
		cut   bool
	}{
		"longest":          {attrs{str(key, "1"), str(key, "2")}, "2", false},
		"longer":           {attrs{str(key+"x", "1"), str(key+"x", "2")}, "2", true},
		"the same at last": {attrs{str(key+"x", "1"), str(key+"y", "2")}, "2", true},
	} {
		d, lost := encodeLoss(t, Config{}, newSpan(internal, c.attrs...))
		if got := d.In("metadata", "default", key); got != c.want || lost.Cut() != c.cut {
			t.Errorf("%s: got %v, cut: %v, want %s, %v", name, got, lost.Cut(), c.want, c.cut)
		}
	}
}
