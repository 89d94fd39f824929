package jsontree_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"null", ` null `, `null`},
		{"booleans", "[true,\tfalse]\r\n", `[true,false]`},
		{"numbers as written", `[1.0, 1, 12345678901234567890, 1E2, -0, -0.0e-0]`, `[1.0,1,12345678901234567890,1E2,-0,-0.0e-0]`},
		{"white space", " { \"a\" : [ 1 , 2 ] , \"b\" : { } } ", `{"a":[1,2],"b":{}}`},
		{"hexadecimal digits", `"\u00aA\u00bB\u00cC\u00dD\u00eE\u00fF"`, "\"\u00aa\u00bb\u00cc\u00dd\u00ee\u00ff\""},
		{"order of members", `{"b":1,"a":{"d":2,"c":3}}`, `{"b":1,"a":{"d":2,"c":3}}`},
		{"repeated name", `{"a":1,"b":2,"a":3,"\u0061":4}`, `{"a":4,"b":2}`},
		{"empty", `[{},[],""]`, `[{},[],""]`},
		{"escapes", `"\"\\\/\b\f\n\r\t\u0000\u001f\u007f"`, `"\"\\/\b\f\n\r\t\u0000\u001f` + "\x7f\""},
		{"characters", `"\u00e9é<>&\u2028"`, "\"éé<>&\u2028\""},
		{"a pair", `"\ud83d\ude00\uD83D\uDE00"`, `"😀😀"`},
		{"lone high", `"a\ud800b"`, `"a\ud800b"`},
		{"lone low", `"\uDFFF"`, `"\udfff"`},
		{"high before a pair", `"\ud800\ud83d\ude00"`, `"\ud800😀"`},
		{"high before another escape", `"\ud800\u0041\ud800\n"`, `"\ud800A\ud800\n"`},
		{"reversed pair", `"\ude00\ud83d"`, `"\ude00\ud83d"`},
		{"last before the surrogates", `"\ud7ff\ue000\n"`, "\"\ud7ff\ue000\\n\""},
		{"surrogate in a name", `{"\ud800":1,"\ud801":2}`, `{"\ud800":1,"\ud801":2}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := jsontree.Parse([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(jsontree.Append(nil, v)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestLoneSurrogateIsWTF8(t *testing.T) {
	t.Parallel()
	v, err := jsontree.Parse([]byte(`"\ud800\udfff\udc00\ud83d"`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := v.Text(), "\U000103ff\xed\xb0\x80\xed\xa0\xbd"; got != want {
		t.Errorf("got %+q, want %+q", got, want)
	}
}

// Bytes that are neither UTF-8 nor a surrogate stay as they are.
func TestAppendString_PartOfASurrogate(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"\xed", "\xed\xa0", "a\xed\x9f"} {
		if got, want := string(jsontree.AppendString(nil, s)), `"`+s+`"`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in     string
		offset int
	}{
		{"", 0}, {" ", 1}, {"nul", 3}, {"nulL", 3}, {"truefalse", 4}, {"1 2", 2}, {"\ufeff1", 0},
		{"-", 1}, {"01", 1}, {"1.", 2}, {".5", 0}, {"+1", 0}, {"1e", 2}, {"1e+", 3}, {"0x10", 1}, {"NaN", 0}, {"-Infinity", 1},
		{`"a`, 2}, {`"\n`, 3}, {`"a\nb`, 5}, {`"\u0041`, 7}, {`"\`, 2}, {`"\x"`, 2}, {`"\u12"`, 2}, {`"\u12g4"`, 2}, {"\"\n\"", 1}, {"\"\\n\x01\"", 3}, {`'a'`, 0}, {`"\ud800\`, 8},
		{"[", 1}, {"[1", 2}, {"[1,", 3}, {"[1,]", 3}, {"[,1]", 1}, {"[1 2]", 3}, {"[1}", 2}, {"]", 0},
		{"{", 1}, {`{"a"`, 4}, {`{"a":`, 5}, {`{"a":}`, 5}, {`{"a":1`, 6}, {`{"a":1,}`, 7}, {`{a:1}`, 1}, {`{"a" 1}`, 5}, {`{"a":1 "b":2}`, 7}, {`{1:2}`, 1}, {`{"\:1}`, 3}, {"{\"\\n\x01:1}", 4},
		{"\"\xff\"", 1}, {"\"a\xed\xa0\x80\"", 2}, {"\"\xc0\x80\"", 1}, {"\"\xe2\x82", 1},
		{"// comment\n1", 0}, {"\v1", 0}, {"\u00a01", 0},
	} {
		t.Run(fmt.Sprintf("%q", tt.in), func(t *testing.T) {
			t.Parallel()
			_, err := jsontree.Parse([]byte(tt.in))
			var syntax *jsontree.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got error %v", err)
			}
			if syntax.Offset != tt.offset {
				t.Errorf("got offset %d (%v), want %d", syntax.Offset, err, tt.offset)
			}
		})
	}
}

func TestErrorsHoldNoText(t *testing.T) {
	t.Parallel()
	_, err := jsontree.Parse([]byte(`{"password":"hunter2"`))
	if err == nil || err.Error() != "jsontree: unexpected end of text at offset 21" {
		t.Errorf("got %v", err)
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		text string
		ok   bool
	}{
		{"arrays at the limit", strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), true},
		{"arrays beyond", strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), false},
		{"objects beyond", strings.Repeat(`{"":`, 10_001) + "1" + strings.Repeat("}", 10_001), false},
		{"open arrays", strings.Repeat("[", 5_000_000), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := jsontree.Parse([]byte(tt.text))
			if (err == nil) != tt.ok {
				t.Fatalf("got error %v", err)
			}
			if tt.ok && string(jsontree.Append(nil, v)) != tt.text {
				t.Error("text differs")
			}
		})
	}
}

func TestKeepsNothingOfTheText(t *testing.T) {
	t.Parallel()
	text := []byte(`{"name":"value"}`)
	v, err := jsontree.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	clear(text)
	if got, _ := v.Lookup("name"); got.Text() != "value" {
		t.Errorf("got %q", got.Text())
	}
}

func TestManyMembers(t *testing.T) {
	t.Parallel()
	var text, want strings.Builder
	const n = 50_000
	text.WriteByte('{')
	want.WriteByte('{')
	for i := range n {
		fmt.Fprintf(&text, `"%d":0,`, i)
		if i > 0 {
			want.WriteByte(',')
		}
		fmt.Fprintf(&want, `"%d":%d`, i, i+1)
	}
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `"%d":%d`, i, i+1)
	}
	text.WriteByte('}')
	want.WriteByte('}')
	v, err := jsontree.Parse([]byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	if string(jsontree.Append(nil, v)) != want.String() {
		t.Error("text differs")
	}
	if last, ok := v.Lookup("49999"); !ok || last.Text() != "50000" {
		t.Errorf("got %v, %v", last, ok)
	}
}

func TestConstructors(t *testing.T) {
	t.Parallel()
	v := jsontree.NewObject([]jsontree.Member{
		{Name: "a", Value: jsontree.NewArray([]jsontree.Value{{}, jsontree.NewBool(true)})},
		{Name: "b", Value: jsontree.NewNumber("1.0")},
		{Name: "a", Value: jsontree.NewString("x")},
	})
	if got, want := string(jsontree.Append(nil, v)), `{"a":"x","b":1.0}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok := v.Lookup("c"); ok {
		t.Error("found a member that is not there")
	}
}

func TestAccessorsOfOtherKinds(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`null`, `true`, `1`, `"s"`, `[1]`, `{"a":1}`} {
		v, err := jsontree.ParseString(text)
		if err != nil {
			t.Fatal(err)
		}
		if k := v.Kind(); (v.Elements() != nil) != (k == jsontree.Array) || (v.Members() != nil) != (k == jsontree.Object) ||
			v.Bool() != (k == jsontree.Bool) || (v.Text() != "") != (k == jsontree.Number || k == jsontree.String) {
			t.Errorf("%s: accessors disagree with kind %v", text, k)
		}
		if _, ok := v.Lookup("a"); ok != (v.Kind() == jsontree.Object) {
			t.Errorf("%s: Lookup found %v", text, ok)
		}
	}
}

func TestParseMost(t *testing.T) {
	t.Parallel()
	const text = `{"a":[1,"b",{"c":null}],"d":true}` // 7 values
	for most, ok := range map[int]bool{7: true, 100: true, 6: false, 0: false} {
		v, values, err := jsontree.ParseMost(text, most)
		if (err == nil) != ok || ok && (values != 7 || string(jsontree.Append(nil, v)) != text) {
			t.Errorf("at most %d: got %d, %v", most, values, err)
		}
		if syntax := new(jsontree.SyntaxError); !ok && (!errors.As(err, &syntax) || syntax.Problem != "too many values") {
			t.Errorf("at most %d: got %v", most, err)
		}
	}
	if _, err := jsontree.ParseString("[[[[0]]]]"); err != nil {
		t.Errorf("got %v, want no limit", err)
	}
}
