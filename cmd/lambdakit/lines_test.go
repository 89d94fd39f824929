package main

import (
	"io"
	"strings"
	"testing"
)

// hostile is text that would write the clipboard, move the cursor and hide what follows.
const hostile = "\x1b]52;c;aGk=\a\u009b2J\u202e\r\b"

// testScreen returns a screen that writes to the buffer.
func testScreen() (*screen, *strings.Builder) {
	out := new(strings.Builder)
	return newScreen(out, false, func() {}), out
}

// shown returns what a screen shows of lines of standard output.
func shown(lines ...string) string {
	s, out := testScreen()
	w := s.lines("")
	for _, line := range lines {
		io.WriteString(w, line+"\n")
	}
	return out.String()
}

func wantClean(t *testing.T, text string) {
	t.Helper()
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && steers(r, 2) }); i >= 0 {
		t.Errorf("got %q, want it without control characters", text[i:min(len(text), i+40)])
	}
}

func TestLines_NothingSteersTheTerminal(t *testing.T) {
	t.Parallel()
	const h = `\u001b]52;c;aGk=\u0007\u009b2J\u202e\r\b`
	for _, line := range []string{
		"plain " + hostile,
		"invalid \x9b2J\xff",
		`{"level":"` + h + `","message":"m","timestamp":"` + h + `"}`,
		`{"level":"INFO","message":"` + h + `","` + h + `":"` + h + `","list":["` + h + `"]}`,
		`{"level":"INFO","message":"m","text":"a\n` + h + `","` + h + `":"a\nb"}`,
		`{"level":"ERROR","message":"m","error":{"type":"` + h + `","message":"` + h + `","stack":"` + h + `\n\tf"}}`,
		`{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"` + h + `","Dimensions":[["` + h + `"]],"Metrics":[{"Name":"` + h + `","Unit":"` + h + `"}]}]},"` + h + `":"` + h + `"}`,
		`2026/01/02 {"errorMessage":"` + h + `","errorType":"` + h + `","stackTrace":[{"path":"` + h + `"}]}`,
	} {
		wantClean(t, shown(line))
	}
}

func TestLines_TagIsCleanToo(t *testing.T) {
	t.Parallel()
	out := new(strings.Builder)
	io.WriteString(newScreen(out, true, func() {}).lines(""), `{"message":"m","requestId":"\u001b[2J"}`+"\n")
	wantClean(t, out.String())
}

func TestLines_CutAcrossWrites(t *testing.T) {
	t.Parallel()
	s, out := testScreen()
	w := s.lines("stderr")
	for _, part := range []string{"a", "b\nc\r\n", "", "\nd"} {
		if n, err := io.WriteString(w, part); n != len(part) || err != nil {
			t.Errorf("%q: got %d, %v", part, n, err)
		}
	}
	if got, want := out.String(), "stderr: ab\nstderr: c\nstderr: \n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.flush()
	w.flush()
	if got, want := out.String(), "stderr: ab\nstderr: c\nstderr: \nstderr: d\n"; got != want {
		t.Errorf("after flush: got %q, want %q", got, want)
	}
}

func TestLines_LongLineIsShownInParts(t *testing.T) {
	t.Parallel()
	s, out := testScreen()
	w := s.lines("")
	for range 5 {
		io.WriteString(w, strings.Repeat("x", maxLine/2))
	}
	if len(w.rest) >= maxLine {
		t.Errorf("%d bytes are held", len(w.rest))
	}
	if got, want := out.String(), strings.Repeat(strings.Repeat("x", maxLine)+"\n", 2); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
	out.Reset()
	io.WriteString(w, strings.Repeat("y", 3*maxLine)+"\n")
	for line := range strings.Lines(out.String()) {
		if len(line) > maxLine+1 {
			t.Errorf("a part has %d bytes", len(line))
		}
	}
}

func TestLines_RuntimesErrorIsLeftToTheResult(t *testing.T) {
	t.Parallel()
	frames := `[{"path":"a.go","line":1,"label":"f"},{"path":"b.go","line":2,"label":"g"}]`
	for _, c := range []struct{ line, want string }{
		{`2026/01/02 03:04:05 {"errorMessage":"m","errorType":"T","stackTrace":` + frames + `}`,
			""},
		{"2026/01/02 03:04:05 calling the handler function resulted in a panic, the process should exit", ""},
		{`{"level":"INFO","msg":"calling the handler function resulted in a panic, the process should exit"}`, ""},
		{`p {"errorMessage":"m","errorType":"T"}`, `p {"errorMessage":"m","errorType":"T"}` + "\n"},
		{`p {"errorMessage":"m","stackTrace":` + frames + `}`, `p {"errorMessage":"m","stackTrace":` + frames + `}` + "\n"},
		{`p {"errorMessage":"m","errorType":"T","stackTrace":` + frames, `p {"errorMessage":"m","errorType":"T","stackTrace":` + frames + "\n"},
	} {
		if got := shown(c.line); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestLines_MessageCannotLookLikeOtherLines(t *testing.T) {
	t.Parallel()
	got := shown(`{"level":"INFO","message":"a\nREPORT RequestId: 1"}`)
	if want := " INFO  a\n    REPORT RequestId: 1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLines_StackHasAFrameALine(t *testing.T) {
	t.Parallel()
	got := shown(`{"level":"ERROR","message":"m","error":{"type":"T","message":"boom","stack":"f\n\ta.go:1\ng\n\tb.go:2"}}`)
	if want := " ERROR m error=T: boom\n    f  a.go:1\n    g  b.go:2\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestScreen_RequestsWithStacksAreBounded(t *testing.T) {
	t.Parallel()
	s, _ := testScreen()
	w := s.lines("")
	for i := range maxStacks + 10 {
		io.WriteString(w, `{"level":"ERROR","message":"m","requestId":"`+strings.Repeat("r", i+1)+`","error":{"stack":"f"}}`+"\n")
	}
	if len(s.stacks) != maxStacks {
		t.Errorf("got %d requests, want %d", len(s.stacks), maxStacks)
	}
}

func TestScreen_BrokenOutput(t *testing.T) {
	t.Parallel()
	n := 0
	s := newScreen(failingWriter{}, false, func() { n++ })
	s.print("text")
	if n != 1 {
		t.Errorf("got %d calls of broken, want one", n)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
