package idempotency_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
)

// stuck is a store whose Begin always finds the same record.
type stuck struct {
	*idempotency.MemoryStore
	record idempotency.Record
	asked  int
}

func (s *stuck) Begin(_ context.Context, r *idempotency.Record, _ time.Time) (*idempotency.Record, error) {
	s.asked++
	found := s.record
	found.Key = r.Key
	return &found, nil
}

// TestCall_RecordsThatAStoreFinds has records of other calls, of other libraries and of a broken store.
func TestCall_RecordsThatAStoreFinds(t *testing.T) {
	t.Parallel()
	now := time.Now()
	later, before := now.Add(time.Hour), now.Add(-time.Hour)
	for what, c := range map[string]struct {
		record idempotency.Record
		asked  int
		want   string // the result, or the end of the error
	}{
		"a result":                    {idempotency.Record{Status: idempotency.Completed, Expiration: later, Data: []byte("7")}, 1, "7"},
		"a result without an end":     {idempotency.Record{Status: idempotency.Completed, Data: []byte("7")}, 1, "7"},
		"a result that was validated": {idempotency.Record{Status: idempotency.Completed, Expiration: later, Data: []byte("7"), Validation: "other"}, 1, "7"},
		"no result":                   {idempotency.Record{Status: idempotency.Completed, Expiration: later}, 1, "0"},
		"an expired result":           {idempotency.Record{Status: idempotency.Completed, Expiration: before, Data: []byte("7")}, 3, "the record is in an inconsistent state: it has expired, and the store does not replace it"},
		"an expired lease":            {idempotency.Record{Status: idempotency.InProgress, Lease: before, Expiration: later}, 3, "the record is in an inconsistent state: it has expired, and the store does not replace it"},
		"a lease":                     {idempotency.Record{Status: idempotency.InProgress, Lease: later, Expiration: later}, 1, "a call with this key is in progress"},
		"an unknown status":           {idempotency.Record{Status: "EXPIRED", Expiration: later}, 1, `the record is in an inconsistent state: its status is "EXPIRED"`},
		"another type":                {idempotency.Record{Status: idempotency.Completed, Expiration: later, Data: []byte(`"secret"`)}, 1, "the stored result is not of this type: *int (*json.UnmarshalTypeError)"},
		"an unknown outcome":          {idempotency.Record{Status: idempotency.Completed, Expiration: later, Data: []byte(`{"$lambdakit":{}}`)}, 1, "the record has an outcome that this version does not know"},
		"a lost result":               {idempotency.Record{Status: idempotency.Completed, Expiration: later, Data: []byte(`{"$lambdakit":{"lost":"it is large"}}`)}, 1, "the result could not be stored: it is large"},
		"a codec":                     {idempotency.Record{Status: idempotency.Completed, Expiration: later, Data: []byte("\x00lambdakit-codec\x00x")}, 1, "the stored result is of another codec: it was written with one, and Options has none"},
	} {
		store := &stuck{MemoryStore: idempotency.NewMemoryStore(nil), record: c.record}
		once := newOnce(t, store, idempotency.Options{MaxCacheRecords: 10})
		got, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { return 1, nil })
		text := fmt.Sprint(got)
		if err != nil {
			text = err.Error()
		}
		if err == nil && text != c.want || err != nil && !strings.HasSuffix(text, ": "+c.want) || store.asked != c.asked {
			t.Errorf("%s: got %s after %d requests, want %s after %d", what, text, store.asked, c.want, c.asked)
		}
		// The cache keeps an answer, and not an error that the store may mend.
		store.asked = 0
		idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { return 1, nil })
		cached := err == nil || errors.Is(err, idempotency.ErrResultType)
		if (store.asked == 0) != cached {
			t.Errorf("%s: got %d requests of a duplicate, want an answer from the cache: %v", what, store.asked, cached)
		}
	}
}

func TestCodec_ErrorsOfDecode(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{Codec: unreadable{}})
	var err error
	for range 2 {
		_, err = idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { return 1, nil })
	}
	if !errors.Is(err, idempotency.ErrCodec) || !errors.Is(err, errDeclined) {
		t.Errorf("got %v, want an ErrCodec with the cause %v", err, errDeclined)
	}
}

// unreadable is a Codec that cannot decode.
type unreadable struct{ identity }

func (unreadable) Decode([]byte) ([]byte, error) { return nil, errDeclined }

func TestReplay_LogValueShowsNoAnswer(t *testing.T) {
	t.Parallel()
	at := time.Unix(1.7e9, 0).UTC()
	for want, r := range map[string]*idempotency.Replay{
		"[key=k expiration=2023-11-14 22:13:20 +0000 UTC cached=true error=false]": {Key: "k", Expiration: at, Cached: true, Data: []byte("secret")},
		"[key=k expiration=2023-11-14 22:13:20 +0000 UTC cached=false error=true]": {Key: "k", Expiration: at, Err: errors.New("secret")},
	} {
		if got := fmt.Sprint(r.LogValue()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Outside an execution the functions and the methods of a nil *Execution work.
func TestFromContext_OutsideAnExecution(t *testing.T) {
	t.Parallel()
	var none context.Context
	x := idempotency.FromContext(t.Context())
	if x != nil || x.Key() != "" || x.Replayed() || idempotency.FromContext(none) != nil {
		t.Errorf("got %v, want nil without a key", x)
	}
	attrs := []slog.Attr{slog.Int("a", 1)}
	if got := idempotency.LogAttrs(t.Context(), attrs); fmt.Sprint(got) != "[a=1]" {
		t.Errorf("got the attributes %v, want [a=1]", got)
	}
	once := newOnce(t, nil, idempotency.Options{OnReplay: func(ctx context.Context, r *idempotency.Replay) {
		x := idempotency.FromContext(ctx)
		if err := x.Extend(ctx, time.Hour); err == nil || !x.Replayed() || x.Key() != r.Key {
			t.Errorf("a replay: got %v, %v and the key %s, want an error of Extend, true and %s", err, x.Replayed(), x.Key(), r.Key)
		}
		if got := fmt.Sprint(idempotency.LogAttrs(ctx, nil)); got != "[idempotency_key="+r.Key+" idempotency_replayed=true]" {
			t.Errorf("a replay: got the attributes %s", got)
		}
	}})
	for range 2 {
		if err := idempotency.Run(t.Context(), once, "k", func(ctx context.Context) error {
			if got, want := fmt.Sprint(idempotency.LogAttrs(ctx, nil)), "[idempotency_key="+idempotency.FromContext(ctx).Key()+"]"; got != want {
				t.Errorf("got the attributes %s, want %s", got, want)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
}

func TestGuard_KeyErrors(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{Key: idempotency.Path("id")})
	for _, c := range []struct {
		of   any
		want string
	}{
		{"\xff", `idempotency: the key is not valid UTF-8, or encodes with the escape \ufffd`},
		{struct{ ID string }{"\xff"}, `idempotency: the key is not valid UTF-8, or encodes with the escape \ufffd`},
		{func() {}, "idempotency: the key does not encode as JSON (*json.UnsupportedTypeError)"},
		{json.RawMessage(`{}`), "idempotency: the event has no idempotency key: nothing at id (see Options.RunWithoutKey)"},
	} {
		if key, err := once.Key(t.Context(), c.of); key != "" || err == nil || err.Error() != c.want {
			t.Errorf("%v: got %q and %v, want %s", c.of, key, err, c.want)
		}
	}
}

// A middleware inside may answer with a stream, which is not stored.
func TestMiddleware_StreamOfAMiddlewareIsLost(t *testing.T) {
	t.Parallel()
	var r reports
	stream := func(lambdakit.Handler) lambdakit.Handler {
		return func(_ context.Context, inv *lambdakit.Invocation) error {
			inv.SetStream(strings.NewReader("text"), "")
			return nil
		}
	}
	h := lambdakit.Wrap(func(context.Context, order) (int, error) { return 1, nil }, newOnce(t, nil, idempotency.Options{OnError: r.add}).Middleware, stream)
	if response, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`)); string(response) != "text" || err != nil {
		t.Errorf("got %s and %v, want the text", response, err)
	}
	if errs := r.take(); len(errs) != 1 || !strings.Contains(errs[0].Error(), "it is a stream") {
		t.Errorf("got the reports %v, want one that it is a stream", errs)
	}
	if _, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`)); !errors.Is(err, idempotency.ErrResultLost) || !strings.HasSuffix(err.Error(), "the result could not be stored: it is a stream") {
		t.Errorf("a duplicate: got %v, want %v", err, idempotency.ErrResultLost)
	}
}

// A middleware inside may answer without a response.
func TestMiddleware_NoResponseIsNull(t *testing.T) {
	t.Parallel()
	silent := func(lambdakit.Handler) lambdakit.Handler {
		return func(context.Context, *lambdakit.Invocation) error { return nil }
	}
	store := newFlaky()
	h := lambdakit.Wrap(func(context.Context, order) (int, error) { return 1, nil }, newOnce(t, store, idempotency.Options{}).Middleware, silent)
	if _, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`)); err != nil || string(store.data) != "null" {
		t.Errorf("got %v and the record %s, want null", err, store.data)
	}
	if response, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`)); string(response) != "null" || err != nil {
		t.Errorf("a duplicate: got %s and %v, want null", response, err)
	}
}

// TypeScriptKey has no key for values that are false in a condition of JavaScript.
func TestTypeScriptKey_ValuesWithoutAKey(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		`null`: false, `false`: false, `""`: false, `0`: false, `-0`: false, `0.0`: false, `0e9`: false, `[]`: false, `{}`: false, `[0,null]`: false, `{"a":"","b":0}`: false,
		`true`: true, `1`: true, `-1`: true, `"0"`: true, `" "`: true, `[0,1]`: true, `[[]]`: true, `{"a":0,"b":{}}`: true,
	} {
		once := newOnce(t, nil, idempotency.Options{Key: idempotency.Path("v"), Digest: idempotency.TypeScriptKey(nil)})
		key, err := once.Key(t.Context(), json.RawMessage(`{"v":`+value+`}`))
		if ok := err == nil && key != ""; ok != want || !want && !errors.Is(err, idempotency.ErrNoKey) {
			t.Errorf("%s: got %q and %v, want a key: %v", value, key, err, want)
		}
		lenient := newOnce(t, nil, idempotency.Options{Key: idempotency.Path("v"), Digest: idempotency.TypeScriptKey(nil), RunWithoutKey: true, OnError: func(error) {}})
		if key, err := lenient.Key(t.Context(), json.RawMessage(`{"v":`+value+`}`)); err != nil || (key == "") != (value == "null") {
			t.Errorf("%s with RunWithoutKey: got %q and %v, want no key only of null", value, key, err)
		}
	}
}

func TestPythonKey_ValuesWithoutAKey(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		`null`: false, `""`: false, `[]`: false, `{}`: false, `[null,null]`: false,
		`false`: true, `0`: true, `[null,0]`: true, `[[]]`: true, `{"a":null}`: true, `" "`: true,
	} {
		once := newOnce(t, nil, idempotency.Options{Key: idempotency.Path("v"), Digest: idempotency.PythonKey("app.handler", nil)})
		key, err := once.Key(t.Context(), json.RawMessage(`{"v":`+value+`}`))
		if ok := err == nil && key != ""; ok != want || !want && !errors.Is(err, idempotency.ErrNoKey) {
			t.Errorf("%s: got %q and %v, want a key: %v", value, key, err, want)
		}
	}
}

func TestReplay_SaysThatItIsCached(t *testing.T) {
	t.Parallel()
	var got []bool
	once := newOnce(t, nil, idempotency.Options{MaxCacheRecords: 1, OnReplay: func(_ context.Context, r *idempotency.Replay) { got = append(got, r.Cached) }})
	for _, key := range []string{"a", "b", "a", "a"} { // b takes the place of a
		if err := idempotency.Run(t.Context(), once, key, func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	if fmt.Sprint(got) != "[false true]" {
		t.Errorf("got cached replays %v, want [false true]", got)
	}
}

// An execution that has ended does not contain later calls with its context.
func TestCall_AfterTheEndOfItsExecution(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	store.fail["Delete"] = errStore // so that the record stays in progress
	once := newOnce(t, store, idempotency.Options{OnError: func(error) {}})
	var ctx context.Context
	idempotency.Run(t.Context(), once, "k", func(c context.Context) error {
		ctx = c
		if err := idempotency.Run(c, once, "k", func(context.Context) error { return nil }); !errors.Is(err, idempotency.ErrInProgress) || !strings.Contains(err.Error(), "nested in itself") {
			t.Errorf("inside: got %v, want an ErrInProgress of a nested call", err)
		}
		return errDeclined
	})
	if err := idempotency.Run(ctx, once, "k", func(context.Context) error { return nil }); !errors.Is(err, idempotency.ErrInProgress) || strings.Contains(err.Error(), "nested") {
		t.Errorf("afterwards: got %v, want an ErrInProgress of a call that is not nested", err)
	}
}

// If neither the result nor its loss can be stored, the caller gets the result and an error.
func TestCall_LossThatCannotBeStored(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]any{"the codec fails": 1, "it does not encode": func() {}} {
		store := newFlaky()
		store.fail["Complete"] = errStore
		once := newOnce(t, store, idempotency.Options{Codec: reversed{fail: true}, OnError: func(error) {}})
		got, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (any, error) { return result, nil })
		if got == nil || !errors.Is(err, idempotency.ErrNotRecorded) || !errors.Is(err, errStore) {
			t.Errorf("%s: got %v and %v, want the result and %v", name, got, err, idempotency.ErrNotRecorded)
		}
	}
}
