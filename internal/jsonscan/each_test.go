package jsonscan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// broken are texts that are neither an object nor an array.
var broken = []string{
	``, ` `, `1`, `"x"`, `null`, `}`, `]`, `{`, `[`, `{"a"`, `{"a"}`, `{"a" `, `{"a":`, `{"a":}`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a":1 "b":2}`, `{"a":1]`,
	`{,}`, `{1:2}`, `{"a`, `{"a":1,b:2}`, `{"a":1,"b"2}`, `[1`, `[1,`, `[1,]`, `[,]`, `[1 2]`, `[1}`, `["a`, `[{]`, `["a":1}`, `{1]`, `{1,2]`, `("a":1}`,
}

func TestMembers_AsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, text := range append(broken, `[]`, `{}`, " { } ", "\n{\t\"a\" :\r1 , \"b\":[1,{}],\"c\" : \"}\" }", `{"a":{"b":"c"}}`) {
		var got []string
		err := jsonscan.Members([]byte(text), func(key []byte, start, end int) bool {
			got = append(got, string(key)+"="+text[start:end])
			return true
		})
		var want map[string]json.RawMessage
		if wantErr := json.Unmarshal([]byte(text), &want); (err == nil) != (wantErr == nil && want != nil) {
			t.Errorf("%q: got %v, want %v", text, err, wantErr)
			continue
		}
		if err != nil {
			continue
		}
		if len(got) != len(want) {
			t.Errorf("%q: got the members %q, want %d", text, got, len(want))
		}
		for _, m := range got {
			key, value, _ := strings.Cut(m, "=")
			if w := string(want[strings.Trim(key, `"`)]); value != w {
				t.Errorf("%q: got %s of %s, want %s", text, value, key, w)
			}
		}
	}
}

func TestElements_AsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, text := range append(broken, `{}`, `[]`, " [ ] ", "\n[\t1 ,\r\"]\" , [1,[2]],{\"a\":[]} ] ", `[[]]`) {
		var got []string
		err := jsonscan.Elements([]byte(text), func(start, end int) bool {
			got = append(got, text[start:end])
			return true
		})
		var want []json.RawMessage
		if wantErr := json.Unmarshal([]byte(text), &want); (err == nil) != (wantErr == nil && want != nil) {
			t.Errorf("%q: got %v, want %v", text, err, wantErr)
			continue
		}
		if err == nil && fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// If yield returns false, the rest of the text is not read.
func TestMembersAndElements_Stop(t *testing.T) {
	t.Parallel()
	n := 0
	stop := func() bool { n++; return n%2 == 1 }
	if err := jsonscan.Members([]byte(`{"a":1,"b":2,!`), func([]byte, int, int) bool { return stop() }); err != nil || n != 2 {
		t.Errorf("Members: got %v after %d calls, want no error after 2", err, n)
	}
	if err := jsonscan.Elements([]byte(`[1,2,!`), func(int, int) bool { return stop() }); err != nil || n != 4 {
		t.Errorf("Elements: got %v after %d calls, want no error after 4", err, n)
	}
}

// A yield that claims an end behind the text is an error, and so is a yield that fails.
func TestWalk_RefusesAnEndBehindTheText(t *testing.T) {
	t.Parallel()
	for end, want := range map[int]bool{2: true, 3: false, 4: false} {
		_, err := jsonscan.WalkArray([]byte(`[1]`), 0, func(int) (int, bool) { return end, true })
		if (err == nil) != want {
			t.Errorf("array, end %d: got %v, want success: %v", end, err, want)
		}
	}
	for end, want := range map[int]bool{6: true, 7: false, 8: false} {
		_, err := jsonscan.Walk([]byte(`{"a":1}`), 0, func([]byte, int) (int, bool) { return end, true })
		if (err == nil) != want {
			t.Errorf("object, end %d: got %v, want success: %v", end, err, want)
		}
	}
	if _, err := jsonscan.Walk([]byte(`{"a":1}`), 0, func([]byte, int) (int, bool) { return 6, false }); err != jsonscan.ErrSyntax {
		t.Errorf("got %v of a yield that fails, want %v", err, jsonscan.ErrSyntax)
	}
}
