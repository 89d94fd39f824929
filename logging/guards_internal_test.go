package logging

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// Not parallel: the pool is of the whole process.
func TestEncoders_LargeBuffersAreNotKept(t *testing.T) {
	h := New(&Options{Writer: io.Discard})
	for range 20 {
		slog.New(h).Info("m", "text", strings.Repeat("x", 4*maxPooled))
		slog.New(h).Info("m", "json", []string{strings.Repeat("x", 4*maxPooled)})
		e := newEncoder(h.common)
		if got := max(cap(e.buf), e.text.Cap()); got > maxPooled {
			t.Fatalf("got a buffer of %d bytes out of the pool, want at most %d", got, maxPooled)
		}
		e.free()
	}
}

func TestAppendCut_KeepsWholeCharacters(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("aé€😀\n\x01", 10)
	full := len(jsonenc.AppendString(nil, text))
	for n := len(cutMark) + 2; n <= full; n++ {
		var got string
		b := appendCut(nil, text, n)
		if err := json.Unmarshal(b, &got); err != nil || len(b) > n || !utf8.Valid(b) {
			t.Fatalf("at most %d bytes: got %q, %v, want whole characters", n, b, err)
		}
		if cut := strings.TrimSuffix(got, cutMark); !strings.HasPrefix(text, cut) || n < full && cut == got {
			t.Fatalf("at most %d bytes: got %q, want the beginning of the text and a mark", n, got)
		}
	}
}

func TestCutText_KeepsWholeCharacters(t *testing.T) {
	t.Parallel()
	const text = "aé€😀"
	for n := range len(text) {
		got := cutText(text, n)
		if cut, ok := strings.CutSuffix(got, cutMark); !ok || len(cut) > n || !strings.HasPrefix(text, cut) || !utf8.ValidString(cut) {
			t.Errorf("at most %d bytes: got %q, want whole characters and a mark", n, got)
		}
	}
	if got := cutText(text, len(text)); got != text {
		t.Errorf("got %q, want the whole text", got)
	}
}

// A second echo would hide a later error of the same text. Not parallel: the default Handler is of
// the whole process.
func TestEchoes_OneForEachHandler(t *testing.T) {
	h := New(&Options{Writer: io.Discard})
	f := lambdakit.WrapFunc(func() error { return errors.New("x") }, h.Middleware)
	f.Invoke(t.Context(), nil)
	if got := len(h.common.awaitedErrors.list); got != 1 {
		t.Errorf("got %d remembered errors, want 1", got)
	}
}

// aws-lambda-go prints an error through the default Handler, which may be another one than the
// invocation's. Not parallel: the default Handler is of the whole process.
func TestAwaitedErrors_OfTheDefaultHandler(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	standard, h := New(&Options{Writer: io.Discard}), New(&Options{Writer: io.Discard})
	slog.SetDefault(slog.New(standard))
	lambdakit.WrapFunc(func() error { return errors.New("x") }, h.Middleware).Invoke(t.Context(), nil)
	if own, other := len(h.common.awaitedErrors.list), len(standard.common.awaitedErrors.list); own != 1 || other != 1 {
		t.Errorf("got %d and %d remembered errors, want 1 of each Handler", own, other)
	}
	lambdakit.WrapFunc(func() error { return errors.New("y") }, standard.Middleware).Invoke(t.Context(), nil)
	if got := len(standard.common.awaitedErrors.list); got != 2 {
		t.Errorf("got %d remembered errors of the default Handler, want one more", got)
	}
	lambdakit.WrapFunc(func() error { return errors.New("z") }, h.Middleware, standard.Middleware).Invoke(t.Context(), nil)
	if own, other := len(h.common.awaitedErrors.list), len(standard.common.awaitedErrors.list); own != 2 || other != 3 {
		t.Errorf("got %d and %d remembered errors of two Handlers, want 2 and 3", own, other)
	}
}

func TestHandler_NothingAddedIsTheSameHandler(t *testing.T) {
	t.Parallel()
	h := New(&Options{Writer: io.Discard})
	if h.WithAttrs(nil) != slog.Handler(h) || h.WithGroup("") != slog.Handler(h) {
		t.Error("got other handlers, want the same")
	}
}

func TestEchoes_AreBounded(t *testing.T) {
	t.Parallel()
	var e awaitedErrors
	for i := range 3 * maxAwaitedErrors {
		e.expect(errors.New(strconv.Itoa(i)))
	}
	if got := len(e.list); got != maxAwaitedErrors {
		t.Errorf("got %d remembered errors, want %d", got, maxAwaitedErrors)
	}
	for i, want := range map[int]bool{0: false, 2*maxAwaitedErrors - 1: false, 2 * maxAwaitedErrors: true, 3*maxAwaitedErrors - 1: true} {
		if got := e.take("errorString", strconv.Itoa(i)); got != want {
			t.Errorf("error %d: got remembered %v, want %v", i, got, want)
		}
	}
	if e.take("errorString", strconv.Itoa(3*maxAwaitedErrors-1)) {
		t.Error("got an error remembered twice, want once")
	}
	long := strings.Repeat("x", 1<<20)
	e.expect(errors.New(long))
	if got := len(e.list[len(e.list)-1].message); got > maxAwaitedText {
		t.Errorf("got %d bytes remembered, want at most %d", got, maxAwaitedText)
	}
	if !e.take("errorString", long) {
		t.Error("got a long error forgotten, want it remembered by its beginning")
	}
}

func TestLineBuffer_KeepsNoMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	var sc scope
	for i := range 1000 {
		if err := sc.own.buffer.add([]byte(strconv.Itoa(1000+i)), 100, &sc.own.phase); err != nil {
			t.Fatal(err)
		}
		if n := len(sc.own.buffer.lines); n > 100 {
			t.Fatalf("got %d bytes held, want at most 100", n)
		}
	}
	lines, lengths, evicted := sc.own.buffer.take()
	if !evicted || len(lengths) != 25 || !strings.HasSuffix(string(lines), "1999") {
		t.Errorf("got %s, want the last 25 lines, and evicted", lines)
	}
	if err := sc.own.buffer.add(make([]byte, 101), 100, &sc.own.phase); err != errTooBig {
		t.Errorf("got %v, want %v", err, errTooBig)
	}
}

// The phase may change while a line is encoded. Nothing would write a line that is added afterwards.
func TestLineBuffer_HoldsNothingAfterItsRelease(t *testing.T) {
	t.Parallel()
	for _, phase := range []int32{phaseReleasing, phaseOver} {
		var h held
		h.phase.Store(phase)
		if err := h.buffer.add([]byte("line"), 100, &h.phase); err != errNotHolding {
			t.Errorf("phase %d: got %v, want %v", phase, err, errNotHolding)
		}
		if lines, _, _ := h.buffer.take(); len(lines) > 0 {
			t.Errorf("phase %d: got %q held, want nothing", phase, lines)
		}
	}
}

// Members whose names have other bits are appended as a whole, but not beyond maxNames.
func TestMembers_AreBoundedAlthoughTheirNamesDiffer(t *testing.T) {
	t.Parallel()
	var first, second []slog.Attr // without a name in common, as their bits say
	for i := 0; len(first) < maxNames || len(second) == 0; i++ {
		name := "k" + strconv.Itoa(i)
		if hash, _ := jsonenc.Hash(name); nameBit(hash) == 1 {
			second = append(second, slog.Int(name, i))
		} else if len(first) < maxNames {
			first = append(first, slog.Int(name, i))
		}
	}
	var b bytes.Buffer
	h := New(&Options{Writer: &b, Attrs: first, MaxLineBytes: 1 << 20}).WithAttrs(second)
	slog.New(h).Info("m")
	if got := strings.Count(b.String(), `"k`); got != maxNames || !strings.Contains(b.String(), tooMany) {
		t.Errorf("got %d members, want %d and a note", got, maxNames)
	}
}

func TestCleaner_WorkIsBounded(t *testing.T) {
	t.Parallel()
	c := cleaner{redact: &redactor{}, limit: 100}
	long := jsonenc.AppendString(nil, strings.Repeat("a=b ", 100_000))
	if got := c.text(nil, long, 0, false); len(got) > 3*c.limit {
		t.Errorf("got %d bytes of a long text, want at most %d", len(got), 3*c.limit)
	}
	if got := c.json(nil, []byte("["+strings.Repeat(`"x",`, 100_000)+`1]`), 0, true, false); len(got) > 2*c.limit {
		t.Errorf("got %d bytes of a long list, want at most %d", len(got), 2*c.limit)
	}
}

func TestCleaner_TextsInsideDoNotRaiseTheLimit(t *testing.T) {
	t.Parallel()
	const limit = 100
	c := cleaner{redact: &redactor{}, limit: limit}
	text := jsonenc.AppendString(nil, `{"a":"`+strings.Repeat("x", 1000)+`"}`)
	if got := c.json(nil, []byte("["+strings.Repeat(string(text)+",", 100)+"1]"), 0, true, false); len(got) > 4*limit {
		t.Errorf("got %d bytes of a list of texts, want at most %d", len(got), 4*limit)
	}
}

// Each compressed text costs time, however short it is.
func TestCleaner_CompressedTextsAreCounted(t *testing.T) {
	t.Parallel()
	c := cleaner{redact: &redactor{}, limit: 100}
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	io.WriteString(w, "x")
	w.Close()
	for i := range 2000 {
		if _, ok := c.inflate(compressed.Bytes()); !ok {
			if i < 900 || i > 1100 {
				t.Errorf("got %d texts decompressed, want about 1,000", i)
			}
			return
		}
	}
	t.Error("got 2,000 texts decompressed, want about 1,000")
}

func TestShrink_DepthIsBounded(t *testing.T) {
	t.Parallel()
	text := `{"a":1}`
	for range 30 {
		text = `{"o":` + text + `,"text":"` + strings.Repeat("x", 1000) + `"}`
	}
	got := shrink([]byte(text), nil, 20_000, 0)
	if n := strings.Count(string(got), `{"o":`); n > maxShrunk+2 || n < 2 || len(got) > 20_000 {
		t.Errorf("got %d objects in each other in %d bytes, want at most %d", n, len(got), maxShrunk+2)
	}
}

func TestWith_KeepsFewEncodings(t *testing.T) {
	t.Parallel()
	ctx := With(t.Context(), "a", 1)
	for range 5 * maxEncodings {
		slog.New(New(&Options{Writer: io.Discard})).InfoContext(ctx, "m")
	}
	_, f := lookup(ctx)
	n := 0
	for p := f.encodings.Load(); p != nil; p = p.next {
		n++
	}
	if n != maxEncodings {
		t.Errorf("got %d encodings, want %d", n, maxEncodings)
	}
}

func TestJoin_ListIsBounded(t *testing.T) {
	t.Parallel()
	lambdakit.WrapFunc(func(ctx context.Context) {
		for range 5 * maxHandlers {
			slog.New(New(&Options{Writer: io.Discard})).InfoContext(ctx, "m")
		}
		first, _ := lookup(ctx)
		n := 0
		for s := first; s != nil; s = s.next {
			n++
		}
		if n != maxHandlers {
			t.Errorf("got %d scopes, want %d", n, maxHandlers)
		}
	}).Invoke(t.Context(), []byte(`{}`))
}

func TestPretty_ColoursFollowTheLevel(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]string{
		LevelTrace: "\x1b[90m\"TRACE\"\x1b[0m", slog.LevelDebug: "\x1b[90m\"DEBUG\"\x1b[0m", slog.LevelInfo: "\x1b[32m\"INFO\"\x1b[0m",
		slog.LevelWarn: "\x1b[33m\"WARN\"\x1b[0m", slog.LevelError: "\x1b[31m\"ERROR\"\x1b[0m", LevelFatal: "\x1b[31m\"FATAL\"\x1b[0m",
	} {
		name := levelName(level) // as a message it has no colour
		line := []byte(`{"level":"` + name + `","message":"` + name + `"}` + "\n")
		if got, want := string(pretty(line, level, true)), "{\n    \"level\": "+want+",\n    \"message\": \""+name+"\"\n}\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
