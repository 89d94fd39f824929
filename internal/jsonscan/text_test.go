package jsonscan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// TestScan_EveryPosition has a special character at each place of a string, because most characters
// are read eight at a time.
func TestScan_EveryPosition(t *testing.T) {
	t.Parallel()
	specials := []string{"", "é", "😀", `\"`, `\\`, `\/`, `\n`, `\u00e9`, `\uABCD`, `\uabcd`, `\ud83d\ude00`, `\ud83d`, `\u12x4`, `\u`, `\x`, `\`, "\x00", "\x1f", " ", "\x7f", "\x80", "\xff", "!", "#", "[", "]"}
	for length := range 20 {
		for at := range length + 1 {
			for _, special := range specials {
				text := []byte(`"` + strings.Repeat("a", at) + special + strings.Repeat("z", length-at) + `"`)
				checkText(t, text)
				if special == `\` && at == length {
					text = append(text, '"') // the backslash escapes the first quotation mark
				}
				for _, behind := range []string{"", ",1", " ]", `"`} {
					if end, ok := jsonscan.Skip(append(text[:len(text):len(text)], behind...), 0); !ok || end != len(text) {
						t.Errorf("%q with %q behind: got the end %d and %v, want %d", text, behind, end, ok, len(text))
					}
				}
				if end, ok := jsonscan.Skip(text[:len(text)-1], 0); ok {
					t.Errorf("%q: got the end %d of a string that has none", text[:len(text)-1], end)
				}
				var want string
				err := json.Unmarshal(text, &want)
				if got, ok := jsonscan.String(text); ok != (err == nil) || ok && got != want {
					t.Errorf("%q: got %q and %v, want %q and %v", text, got, ok, want, err == nil)
				}
			}
		}
	}
}

func TestSkip_Values(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`1,`: 1, `-1.5e3]`: 6, `true}`: 4, `null `: 4, "1\t": 1, "1\n": 1, "1\r": 1, `1:`: 1, `1[`: 1, `1{`: 1, `1"`: 1, `12`: 2,
		`{}x`: 2, `[]x`: 2, `[{"]":"}"}]x`: 11, `{"a":[1,{"b":2}]}x`: 17,
		``: -1, `,`: -1, `:`: -1, `]`: -1, `}`: -1, ` `: -1, `"`: -1, `[`: -1, `{"a":1`: -1, `["`: -1, `[[]`: -1,
	} {
		if end, ok := jsonscan.Skip([]byte(text), 0); ok != (want >= 0) || ok && end != want {
			t.Errorf("%q: got the end %d and %v, want %d", text, end, ok, want)
		}
	}
}

func TestText_OfStringsAndOthers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{`"a\n"`: "a\n", `1.50`: "1.50", `true`: "true", `{"a": 1}`: `{"a": 1}`, `"\x"`: `"\x"`, ``: ""} {
		if got := jsonscan.Text([]byte(in)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestKeyIs_Escapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, name string
		want      bool
	}{
		{`"a"`, "a", true}, {`"a"`, "b", false}, {`""`, "", true}, {`"\u0061b"`, "ab", true}, {`"a\u0062"`, "ab", true}, {`"a\u0062"`, "ac", false},
		{`"a\x"`, "ax", false}, {`"a\x"`, `a\x`, true}, {`"\""`, `"`, true},
	} {
		if got := jsonscan.KeyIs([]byte(c.key), c.name); got != c.want {
			t.Errorf("%s and %q: got %v, want %v", c.key, c.name, got, c.want)
		}
	}
}

func TestFind_Places(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, path, want string }{
		{` [ 1 , "]" , [ 2 ] ] `, "[0]", "1"}, {` [ 1 , "]" , [ 2 ] ] `, "[1]", `"]"`}, {` [ 1 , "]" , [ 2 ] ] `, "[2][0]", "2"},
		{`[1]`, "[1]", ""}, {`[]`, "[0]", ""}, {`[1 2]`, "[1]", ""}, {`[1,`, "[1]", ""}, {`[1`, "[1]", ""}, {`["`, "[1]", ""}, {`[1,]`, "[1]", ""},
		{`{"a":1}`, "[0]", ""}, {`["a":1}`, "a", ""}, {`{1]`, "[0]", ""}, {`("a":1)`, "a", ""}, {`{b":2,"a":1}`, "a", ""}, {`{"b"12,"a":2}`, "a", ""}, {`[1]`, "a", ""}, {`"a"`, "a", ""}, {`{"b":{"a":1},"a":2}`, "a", "2"}, {`{"a":1,"a":2}`, "a", "1"},
		{`{ "b" : "a" , "a" : 5 }`, "a", "5"}, {`{"b":1;"a":2}`, "a", ""}, {`{"b":,"a":2}`, "a", ""}, {`{b:1,"a":2}`, "a", ""}, {`{"a":`, "a.b", ""}, {`{"b":1`, "a", ""}, {`{"b":1 `, "a", ""}, {`{"b":1,`, "a", ""},
	} {
		steps, err := jsonscan.ParsePath(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := jsonscan.Find([]byte(c.text), steps); string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s in %s: got %q and %v, want %q", c.path, c.text, got, ok, c.want)
		}
	}
}

func TestParsePath_ErrorsNameThePlace(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":       `path "": a name is missing`,
		"a..b":   `path "a..b": a name is missing`,
		"a.":     `path "a.": a name is missing at its end`,
		"a[x]":   `path "a[x]": "[x]" is not an index such as [0]`,
		"a[1":    `path "a[1": "[1" is not an index such as [0]`,
		"a[-1]":  `path "a[-1]": "[-1]" is not an index such as [0]`,
		`"a`:     `path "\"a": unterminated quotation mark`,
		`"a"b`:   `path "\"a\"b": a dot is missing before "b"`,
		`a[0]b`:  `path "a[0]b": a dot is missing before "b"`,
		`a"b"`:   `path "a\"b\"": a dot is missing before "\"b\""`,
		"a[0].":  `path "a[0].": a name is missing at its end`,
		"a.[0]b": `path "a.[0]b": a dot is missing before "b"`,
	} {
		if _, err := jsonscan.ParsePath(path); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", path, err, want)
		}
	}
}

// A text that ends early gives the part before its end, and no secret.
func TestAppendCompact_TextsThatEndEarly(t *testing.T) {
	t.Parallel()
	secret := func(name string) bool { return name == "p" }
	for text, want := range map[string]string{
		`{"a":"x`: `{"a":`, `{"p":"x`: `{"p":"-"`, `{"p":`: `{"p":"-"`, `{"p"`: `{"p"`, `{"p" `: `{"p"`, `{"p" : [1,`: `{"p":"-"`, `{"p" : 1 , "a":2}`: `{"p":"-","a":2}`,
	} {
		if got := string(jsonscan.AppendCompact(nil, []byte(text), secret, "-")); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
