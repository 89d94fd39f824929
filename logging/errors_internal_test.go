package logging

import (
	"io"
	"strings"
	"testing"
)

// A panic's message has a quarter of a line, its stack too, but at most 16 KB, and the name of its type
// 256 bytes.
func TestFailure_PartsAreBounded(t *testing.T) {
	t.Parallel()
	for line, want := range map[int][3]int{4000: {1000, 256, 1000}, 64_000: {16_000, 256, 16_000}, 100_000: {25_000, 256, 16 << 10}} {
		c := New(&Options{Writer: io.Discard, MaxLineBytes: line}).common
		for spare, mark := range map[int]string{0: "", 1: cutMark} {
			f := c.failure(strings.Repeat("m", want[0]+spare), strings.Repeat("k", want[1]+spare), strings.Repeat("s", want[2]+spare))
			if f.message != strings.Repeat("m", want[0])+mark || f.kind != strings.Repeat("k", want[1])+mark || f.stack != strings.Repeat("s", want[2])+mark {
				t.Errorf("lines of %d bytes, %d too many: got %d, %d and %d bytes, want %v and the mark %q", line, spare, len(f.message), len(f.kind), len(f.stack), want, mark)
			}
		}
	}
	if got := len((failure{"m", "k", ""}).LogValue().Group()); got != 2 {
		t.Errorf("without a stack: got %d members, want 2", got)
	}
}

// An error takes half of a line at most. If it is longer, its texts become shorter in steps.
func TestError_TakesHalfOfALine(t *testing.T) {
	t.Parallel()
	for _, line := range []int{1000, 4000, 64_000} {
		c := New(&Options{Writer: io.Discard, MaxLineBytes: line}).common
		for n := 1; n < 3*line; n += max(1, n/9) {
			e := newEncoder(c)
			e.buf = append(e.buf, "before"...)
			e.error(failing(strings.Repeat("x", n)))
			got := string(e.buf)
			e.free()
			message, ok := strings.CutPrefix(got, `before{"message":"`)
			message, rest, _ := strings.Cut(message, `"`)
			cut := strings.HasSuffix(message, cutMark)
			if !ok || rest != `,"type":"logging.failing"}` || len(got)-len("before") > line/2 {
				t.Fatalf("lines of %d bytes, a message of %d: got %d bytes %.200s, want at most half of a line", line, n, len(got), got)
			}
			if whole := n+len(got)-len("before")-len(message) <= line/2 && n <= 64<<10; cut == whole {
				t.Errorf("lines of %d bytes, a message of %d: got it cut: %v, want %v", line, n, cut, !whole)
			}
		}
	}
}

type failing string

func (f failing) Error() string { return string(f) }
