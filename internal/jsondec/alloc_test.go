//go:build !race

package jsondec

import "testing"

// Producers end their records with a newline.
func TestDecoder_IsUsedAgainAfterATextInWhiteSpace(t *testing.T) {
	type body struct{ N int }
	text, v := []byte(" {\"N\":5}\r\n"), new(body)
	if got := testing.AllocsPerRun(100, func() { Unmarshal(text, v) }); got > 1 || v.N != 5 {
		t.Errorf("got %v allocations and %d, want 1 at most, and 5", got, v.N)
	}
}
