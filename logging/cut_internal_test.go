package logging

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// A cut never leaves half of a surrogate pair: encoding/json would read it as another character.
func TestCutString_KeepsSurrogatePairsWhole(t *testing.T) {
	t.Parallel()
	for _, pair := range []string{`\ud83d\ude00`, `\uD83D\uDE00`, `\ud9ab\udfff`, `\uda00\udc00`, `\udbff\udfff`} {
		value := []byte(`"` + strings.Repeat("x", 20) + strings.Repeat(pair, 10) + strings.Repeat("y", 20) + `"`)
		for n := len(cutMark) + 3; n < len(value); n++ {
			got := cutString(value, n)
			var text string
			if err := json.Unmarshal(got, &text); err != nil || strings.ContainsRune(text, utf8.RuneError) || len(got) > n {
				t.Fatalf("%s in %d bytes: got %s (%v), want whole characters", pair, n, got, err)
			}
		}
	}
}
