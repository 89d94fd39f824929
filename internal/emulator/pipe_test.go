package emulator

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// piped returns a pipe that writes to a buffer.
func piped(t *testing.T, dst io.Writer) *pipe {
	t.Helper()
	p, err := newPipe(dst)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

func TestPipe_SyncWaitsForEverything(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	p := piped(t, &got)
	want := ""
	for i := range 200 {
		text := strings.Repeat("x", i*7)
		want += text
		io.WriteString(p.w, text)
		if p.sync(); got.String() != want {
			t.Fatalf("got %d bytes, want %d", got.Len(), len(want))
		}
	}
}

func TestPipe_OutputThatLooksLikeAMark(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	p := piped(t, &got)
	const text = "\x00lambdakit:\x00\x00\x16lambdakit:mark\x16\x00\x00lambdakit:AAAAAAAAAAAAAAAAAAAAAAAAAA\x00\x00lambdakit:"
	for range 3 {
		io.WriteString(p.w, text)
		p.sync()
	}
	if want := strings.Repeat(text, 3); got.String() != want {
		t.Errorf("got %q, want %q", got.String(), want)
	}
}

func TestPipe_MarkOfAnEarlierSync(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	p := piped(t, &got)
	p.sync()
	p.mu.Lock()
	p.mark, p.seen = []byte("old mark"), make(chan struct{})
	seen := p.seen
	p.mu.Unlock()
	io.WriteString(p.w, "old mark")
	<-seen
	io.WriteString(p.w, "old mark") // a function that read it
	if p.sync(); got.String() != "old mark" {
		t.Errorf("got %q, want it passed on", got.String())
	}
}

// announcing says when it gets the first bytes.
type announcing struct {
	bytes.Buffer
	once  sync.Once
	first chan struct{}
}

func (a *announcing) Write(p []byte) (int, error) {
	a.once.Do(func() { close(a.first) })
	return a.Buffer.Write(p)
}

func TestPipe_MarkInTwoReads(t *testing.T) {
	t.Parallel()
	got := &announcing{first: make(chan struct{})}
	p := piped(t, got)
	p.mu.Lock()
	p.mark, p.seen = []byte("the mark"), make(chan struct{})
	seen := p.seen
	p.mu.Unlock()
	io.WriteString(p.w, "text the m")
	<-got.first // the reader has taken the first part
	io.WriteString(p.w, "ark")
	<-seen
	if p.sync(); got.String() != "text " {
		t.Errorf("got %q, want the text without the mark", got)
	}
}

// Only the beginning of a mark that is awaited is held back.
func TestPipe_NothingIsHeldAfterASync(t *testing.T) {
	t.Parallel()
	got := &announcing{first: make(chan struct{})}
	p := piped(t, got)
	p.sync()
	io.WriteString(p.w, "\x00")
	<-got.first
}

func TestPipe_FailingWriterBlocksNobody(t *testing.T) {
	t.Parallel()
	p := piped(t, failingWriter{})
	io.WriteString(p.w, strings.Repeat("x", 1<<20)) // more than a pipe holds
	p.sync()
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestPipe_CloseDoesNotWaitForOtherWriters(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	p, err := newPipe(&got)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.OpenFile("/proc/self/fd/"+itoa(p.w), os.O_WRONLY, 0)
	if err != nil {
		if runtime.GOOS == "linux" {
			t.Fatal(err)
		}
		t.Skip("no /proc: ", err)
	}
	defer other.Close()
	io.WriteString(other, "text")
	if p.close(); got.String() != "text" {
		t.Errorf("got %q, want text", got.String())
	}
	p.sync() // returns
}

func TestBeginning_OfAMarkAtTheEnd(t *testing.T) {
	t.Parallel()
	mark := []byte("abcabd")
	for data, want := range map[string]int{"": 0, "x": 0, "xa": 1, "ab": 2, "abcab": 5, "abcabc": 3, "abcabd": 0} {
		if got := beginning([]byte(data), mark); got != want {
			t.Errorf("%q: got %d, want %d", data, got, want)
		}
	}
	if got := beginning([]byte("a"), nil); got != 0 {
		t.Errorf("without a mark: got %d, want 0", got)
	}
}

func itoa(f *os.File) string { return strconv.Itoa(int(f.Fd())) }
