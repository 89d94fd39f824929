package logging

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
)

// The last field that fits is there. A field that takes the place of another needs no room of its own.
func TestMerge_FieldsAsLongAsALine(t *testing.T) {
	t.Parallel()
	const limit = 1000
	c := New(&Options{MaxLineBytes: limit, Writer: io.Discard}).common
	fields := func(args ...any) members { return c.bind(members{}, nil, argsToAttrs(args), nil) }
	text := func(n int) string { return strings.Repeat("x", n) }
	room := limit - len(`,"a":"s"`) - len(`,"big":""`)
	for name, m := range map[string]struct {
		old, added members
		want, left string
	}{
		"full":                  {fields("a", "s"), fields("big", text(room)), `,"a":"s","big":"` + text(room) + `"`, ""},
		"one byte more":         {fields("a", "s"), fields("big", text(room+1)), `,"a":"s"`, `"big"`},
		"the first does not":    {fields("a", "s"), fields("big", text(room+1), "b", 1), `,"a":"s","b":1`, `"big"`},
		"the last two do not":   {fields("big", text(room)), fields("a", "s", "b", 1, "c", 2), `,"big":"` + text(room) + `","a":"s"`, `"c"`},
		"replaced":              {fields("a", "s", "big", text(room)), fields("a", "t"), `,"big":"` + text(room) + `","a":"t"`, ""},
		"replaced by a longer":  {fields("a", "s", "big", text(room)), fields("a", "tt"), `,"a":"s","big":"` + text(room) + `"`, `"a"`},
		"replaced by a shorter": {fields("a", "s", "big", text(room)), fields("big", "y"), `,"a":"s","big":"y"`, ""},
		"a similar name":        {fields("a", "s", "big", text(room)), fields("bi", 1), `,"a":"s","big":"` + text(room) + `"`, `"bi"`},
	} {
		got, left := c.merge(m.old, m.added)
		if string(got.buf) != m.want || left != m.left || got.count != strings.Count(m.want, ",") {
			t.Errorf("%s: got %.60s in %d bytes with %d members and %q left out, want %.60s and %q", name, got.buf, len(got.buf), got.count, left, m.want, m.left)
		}
	}
}

// Not parallel: the pool is of the whole process.
func TestEncoders_OfLargeTextsAreNotKept(t *testing.T) {
	h := New(&Options{Writer: io.Discard, MaxLineBytes: 1 << 20})
	for range 20 {
		slog.New(h).Info("m", "text", strings.Repeat("x", 4*maxPooled))
		e := newEncoder(h.common)
		if got := cap(e.buf); got > maxPooled {
			t.Fatalf("got a buffer of %d bytes out of the pool, want at most %d", got, maxPooled)
		}
		e.free()
	}
}

// The invocation forgets a record that has ended, as it may have thousands.
func TestRecord_IsForgottenAtItsEnd(t *testing.T) {
	t.Parallel()
	h := New(&Options{Writer: io.Discard, Buffer: &Buffer{}})
	lambdakit.WrapFunc(func(ctx context.Context) {
		sc, _ := lookup(ctx)
		for _, err := range []error{nil, errors.New("no stock")} {
			ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
			slog.New(h).DebugContext(ctx, "held")
			if got := len(sc.records); got != 1 {
				t.Errorf("got %d records that hold lines, want 1", got)
			}
			end(err)
			if got := len(sc.records); got != 0 {
				t.Errorf("after the end: got %d records that hold lines, want none", got)
			}
		}
	}, h.Middleware).Invoke(t.Context(), []byte(`{}`))
}

func TestAppendShort_ObjectsStayObjectsIfTheyFit(t *testing.T) {
	t.Parallel()
	value := []byte(`{"a":"` + strings.Repeat("x", 300) + `","b":"` + strings.Repeat("y", 300) + `"}`)
	for n := 2*minKept + 1; n <= len(value); n++ {
		got := appendShort(nil, value, n, 0)
		if len(got) > n || len(got) < n-2 && !strings.Contains(string(got), droppedKey) || got[0] != '{' || !json.Valid(got) {
			t.Fatalf("at most %d bytes: got %d: %s", n, len(got), got)
		}
	}
	for n, depth := range map[int]int{2 * minKept: 0, 2*minKept + 1: maxShrunk} {
		if got := appendShort(nil, value, n, depth); len(got) > n || got[0] != '"' || !json.Valid(got) {
			t.Errorf("at most %d bytes in a depth of %d: got %s, want a string", n, depth, got)
		}
	}
}
