package jsonscan_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

func TestAppendText_IsWhatEncodingJSONDecodes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`""`, `"a"`, `"a\"b\\c\/d\b\f\n\r\t"`, `"\u0041\u00e9\u20AC"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ude00\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ud83d\n"`,
		`"é€😀"`, "\"\xff\"", "\"\xed\xa0\x80\"", `"\x"`, `"\u12"`, `"\u12g4"`, `"\"`, "\"a\nb\"", `"a"b"`, `1`, `"`, ``, `null`, `"\ud83d\u"`, `"\ud83d\u00"`, `"\ud83d\nde00"`, `"\ud83dxude00"`,
	} {
		checkText(t, []byte(text))
	}
}

func checkText(t *testing.T, text []byte) {
	var want string
	err := json.Unmarshal(text, &want)
	got, ok := jsonscan.AppendText([]byte("x"), text)
	isString := err == nil && len(text) > 0 && text[0] == '"' && text[len(text)-1] == '"'
	if !strings.HasPrefix(string(got), "x") {
		t.Errorf("%s: got %q, want dst at its start, also of a text that is not a string", text, got)
	}
	if ok != isString || ok && string(got) != "x"+want {
		t.Errorf("%s: got %q and %v, want %q and %v", text, got, ok, "x"+want, isString)
	}
}

func FuzzAppendText(f *testing.F) {
	f.Add([]byte(`"\ud83d\ude00\n"`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if json.Valid(text) || len(text) > 1 && text[0] == '"' {
			checkText(t, text)
		}
	})
}

// walk decodes text by Walk and WalkArray.
func walk(text []byte, i int) (v any, end int, ok bool) {
	end, ok = jsonscan.Skip(text, i)
	if !ok {
		return nil, 0, false
	}
	var err error
	switch text[i] {
	case '{':
		m := map[string]any{}
		end, err = jsonscan.Walk(text, i, func(key []byte, start int) (int, bool) {
			name, _ := jsonscan.String(key)
			v, end, ok := walk(text, start)
			m[name] = v
			return end, ok
		})
		return m, end, err == nil
	case '[':
		list := []any{}
		end, err = jsonscan.WalkArray(text, i, func(start int) (int, bool) {
			v, end, ok := walk(text, start)
			list = append(list, v)
			return end, ok
		})
		return list, end, err == nil
	}
	err = json.Unmarshal(text[i:end], &v)
	return v, end, err == nil
}

func TestWalk_ReadsWhatEncodingJSONReads(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, ` { } `, `[]`, "[ ]", `{"a":1,"b":[1,"]",{"c":{}}],"\u0061b" : null }`, `[[],{},[{"x":[1,2,3]}]]`, `{"a":"}"}`} {
		var want any
		json.Unmarshal([]byte(text), &want)
		got, end, ok := walk([]byte(text), strings.IndexAny(text, "{["))
		if !ok || !reflect.DeepEqual(got, want) || end != strings.LastIndexAny(text, "}]")+1 {
			t.Errorf("%s: got %v, end %d and %v, want %v", text, got, end, ok, want)
		}
	}
	for _, text := range []string{``, `1`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1 "b":2}`, `{,}`, `[`, `[1`, `[1,`, `[1 2]`, `{"a"}`, `{1:2}`, `[1}`, `{"a":1]`, `"x"`} {
		if got, _, ok := walk([]byte(text+" "), 0); ok && text != "1" && text != `"x"` {
			t.Errorf("%s: got %v, want an error", text, got)
		}
		skip := func(start int) (int, bool) { return jsonscan.Skip([]byte(text), start) }
		_, err1 := jsonscan.Walk([]byte(text), 0, func(_ []byte, start int) (int, bool) { return skip(start) })
		_, err2 := jsonscan.WalkArray([]byte(text), 0, skip)
		if err1 == nil || err2 == nil {
			t.Errorf("%s: got the errors %v and %v, want both", text, err1, err2)
		}
	}
}
