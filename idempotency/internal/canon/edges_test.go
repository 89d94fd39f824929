package canon_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/canon"
)

func canonical(t *testing.T, text string) string {
	t.Helper()
	got, err := canon.Append(nil, []byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return string(got)
}

func TestAppend_EveryHexadecimalDigitOfAnEscape(t *testing.T) {
	t.Parallel()
	for _, digit := range "0123456789abcdefABCDEF" {
		escape := fmt.Sprintf(`"\u2%c2%c"`, digit, digit)
		var unit rune
		fmt.Sscanf(escape[3:7], "%x", &unit)
		if got, want := canonical(t, escape), `"`+string(unit)+`"`; got != want {
			t.Errorf("%s: got %s, want %s", escape, got, want)
		}
	}
}

func TestAppend_ReplacementCharacterIsText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\"\ufffd\"", "\"a\ufffdb\"", "{\"\ufffd\":1}"} {
		if got := canonical(t, text); got != text {
			t.Errorf("got %s, want %s", got, text)
		}
	}
}

// Names are in the order of their UTF-16 code units: characters beyond U+FFFF come before those
// from U+E000 on.
func TestAppend_OrderAroundTheSurrogates(t *testing.T) {
	t.Parallel()
	names := []string{"a", "\u07ff", "\u0800", "\ud7ff", "\U00010000", "\U0001f600", "\U0003ffff", "\U00040000", "\U0010ffff", "\ue000", "\uefff", "\uf000", "\uffff"}
	for i, first := range names {
		for _, second := range names[i+1:] {
			want := fmt.Sprintf(`{"%s":1,"%s":1}`, first, second)
			if got := canonical(t, fmt.Sprintf(`{"%s":1,"%s":1}`, second, first)); got != want {
				t.Errorf("got %+q, want %+q", got, want)
			}
			long := strings.Repeat("x", 9)
			want = fmt.Sprintf(`{"%s":1,"%s":1}`, long+first, long+second)
			if got := canonical(t, fmt.Sprintf(`{"%s":1,"%s":1}`, long+second, long+first)); got != want {
				t.Errorf("got %+q, want %+q", got, want)
			}
		}
	}
}

func TestAppend_TextThatEndsEarlyIsAnError(t *testing.T) {
	t.Parallel()
	whole := `{"a":[1,-2.5e3,"b\u00e9\ud83d\ude00",{"c":true,"d":null}],"e":false}`
	for i := range whole {
		if got, err := canon.Append(nil, slices.Clip([]byte(whole[:i]))); err == nil {
			t.Errorf("%s: got %s, want an error", whole[:i], got)
		}
	}
}
