package emulator

import (
	"io"
	"testing"
)

func TestTail(t *testing.T) {
	t.Parallel()
	tail := NewTail(4)
	for _, c := range []struct{ text, want string }{{"ab", "ab"}, {"cd", "abcd"}, {"", "abcd"}, {"e", "bcde"}, {"abcdefgh", "efgh"}} {
		if n, err := io.WriteString(tail, c.text); n != len(c.text) || err != nil || tail.String() != c.want {
			t.Errorf("%q: got %d, %v, %q, want %q", c.text, n, err, tail, c.want)
		}
	}
	io.WriteString(tail, "i\xff")
	if got := tail.String(); got != "ghi\uFFFD" {
		t.Errorf("got %q, want valid UTF-8", got)
	}
	tail.Write(make([]byte, 1<<20))
	if cap(tail.b) > 64 {
		t.Errorf("a tail of 4 bytes holds %d", cap(tail.b))
	}
}
