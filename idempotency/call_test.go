package idempotency_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

type receipt struct {
	ID    string
	Total float64
}

// counter returns work that counts how often it ran.
func counter(n *int) func(context.Context) (receipt, error) {
	return func(context.Context) (receipt, error) {
		*n++
		return receipt{ID: fmt.Sprint("r-", *n), Total: 9.5}, nil
	}
}

func TestDoRunsOnce(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{})
	var n int
	for range 3 {
		got, err := idempotency.Call(t.Context(), once, "o-1", counter(&n))
		if err != nil || got != (receipt{"r-1", 9.5}) {
			t.Errorf("got %v, %v, want the receipt r-1, no error", got, err)
		}
	}
	if got := strings.Join(store.calls, " "); n != 1 || got != "Begin Complete Begin Begin" {
		t.Errorf("got %d runs and the store calls %q, want 1 and Begin Complete Begin Begin", n, got)
	}
	if _, err := idempotency.Call(t.Context(), once, "o-2", counter(&n)); err != nil || n != 2 {
		t.Errorf("another key: got error %v and %d runs, want no error and 2", err, n)
	}
	if _, err := idempotency.Call(t.Context(), once.Scope("other"), "o-1", counter(&n)); err != nil || n != 3 {
		t.Errorf("another scope: got error %v and %d runs, want no error and 3", err, n)
	}
}

func TestKeysOfDo(t *testing.T) {
	t.Parallel()
	type order struct {
		ID   string `json:"id"`
		Note string `json:"note"`
	}
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{Key: idempotency.Path("id")})
	var n int
	for _, key := range []any{"o-1", order{"o-1", "a"}, &order{"o-1", "b"}, map[string]any{"id": "o-1"}, json.RawMessage(`{"id":"o-1"}`)} {
		if _, err := idempotency.Call(t.Context(), once, key, counter(&n)); err != nil || n != 1 {
			t.Errorf("key %v: got error %v and %d runs, want no error and 1", key, err, n)
		}
	}
	for _, key := range []any{"", order{}, nil, json.RawMessage(`{"id":null}`), json.RawMessage(`{"id":[null,""]}`), json.RawMessage(`{}`)} {
		if _, err := idempotency.Call(t.Context(), once, key, counter(&n)); !errors.Is(err, idempotency.ErrNoKey) || n != 1 {
			t.Errorf("%v: %v, ran %d times, want ErrNoKey", key, err, n)
		}
	}
	for _, key := range []any{make(chan int), json.RawMessage(`{"id":`), json.RawMessage(`{"id":"\ud800"}`), json.RawMessage("{\"id\":\"\xff\"}"), json.RawMessage(`{"id":{"a":1,"a":2}}`), json.RawMessage(``)} {
		if _, err := idempotency.Call(t.Context(), once, key, counter(&n)); err == nil || n != 1 {
			t.Errorf("%v: %v, ran %d times, want an error", key, err, n)
		} else if strings.Contains(err.Error(), `"a"`) {
			t.Errorf("got error %v, want no part of the event in it", err)
		}
	}
}

func TestEventsWithoutAKeyMayRun(t *testing.T) {
	t.Parallel()
	var r reports
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{Key: idempotency.Path("id"), RunWithoutKey: true, OnError: r.add})
	var n int
	for range 3 {
		if _, err := idempotency.Call(t.Context(), once, json.RawMessage(`{"x":1}`), counter(&n)); err != nil {
			t.Error(err)
		}
	}
	if errs := r.take(); n != 3 || len(store.calls) != 0 || len(errs) != 1 || !errors.Is(errs[0], idempotency.ErrNoKey) {
		t.Errorf("got %d runs, store calls %v and reports %v, want 3 runs, no store call and one ErrNoKey", n, store.calls, errs)
	}
}

func TestErrorsAndPanicsLetTheNextCallRun(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{})
	boom := errors.New("boom")
	fail := func(context.Context) (int, error) { return 7, boom }
	for range 2 {
		if v, err := idempotency.Call(t.Context(), once, "k", fail); err != boom || v != 7 {
			t.Errorf("%v, %v, want the function's own result and error", v, err)
		}
	}
	func() {
		defer func() {
			if v := recover(); v != "oh" {
				t.Errorf("got panic %v, want oh", v)
			}
		}()
		idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { panic("oh") })
	}()
	if v, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { return 1, nil }); v != 1 || err != nil {
		t.Errorf("after a failure: got %v, %v, want 1, no error", v, err)
	}
}

func TestCleaningUpOutlivesTheContext(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{})
	for _, err := range []error{nil, context.Canceled} {
		ctx, cancel := context.WithCancel(t.Context())
		_, got := idempotency.Call(ctx, once, fmt.Sprint("k", err), func(context.Context) (int, error) {
			cancel()
			return 1, err
		})
		if got != err {
			t.Errorf("%v, want %v", got, err)
		}
	}
	if got := strings.Join(store.calls, " "); got != "Begin Complete Begin Delete" {
		t.Errorf("got store calls %q, want Begin Complete Begin Delete", got)
	}
}

func TestTroubleWithTheStore(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	work := func(context.Context) (int, error) { return 1, nil }
	for name, c := range map[string]struct {
		fail, after string
		work        func(context.Context) (int, error)
		want        error
		result      int
		reported    error
	}{
		"before the work":             {fail: "Begin", want: errStore},
		"after the work":              {fail: "Complete", want: idempotency.ErrNotRecorded, result: 1, reported: errStore},
		"after the work, done anyway": {after: "Complete", want: idempotency.ErrNotRecorded, result: 1, reported: errStore},
		"after the work failed":       {fail: "Delete", work: func(context.Context) (int, error) { return 0, boom }, want: boom, reported: errStore},
	} {
		t.Run(name, func(t *testing.T) {
			store := newFlaky()
			store.fail[c.fail], store.after[c.after] = errStore, errStore
			var r reports
			once := newOnce(t, store, idempotency.Options{OnError: r.add})
			if c.work == nil {
				c.work = work
			}
			got, err := idempotency.Call(t.Context(), once, "k", c.work)
			if !errors.Is(err, c.want) || got != c.result {
				t.Errorf("%v, %v, want %v, %v", got, err, c.result, c.want)
			}
			if errs := r.take(); c.reported == nil && errs != nil || c.reported != nil && (len(errs) == 0 || !errors.Is(errs[0], c.reported)) {
				t.Errorf("reported %v, want %v", errs, c.reported)
			}
		})
	}
}

// lossy loses the answer to the first Begin, and tries again, as clients do.
type lossy struct{ *idempotency.MemoryStore }

func (l lossy) Begin(ctx context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	l.MemoryStore.Begin(ctx, r, now)
	return l.MemoryStore.Begin(ctx, r, now)
}

func TestALostAnswerIsNoConflict(t *testing.T) {
	t.Parallel()
	once := newOnce(t, lossy{idempotency.NewMemoryStore(nil)}, idempotency.Options{})
	if v, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { return 1, nil }); v != 1 || err != nil {
		t.Errorf("got %v, %v, want 1, no error", v, err)
	}
}

func TestResultsThatCannotBeStored(t *testing.T) {
	t.Parallel()
	for name, work := range map[string]func(context.Context) (any, error){
		"not encodable": func(context.Context) (any, error) { return func() {}, nil },
		"too large":     func(context.Context) (any, error) { return strings.Repeat("x", 2000), nil },
	} {
		t.Run(name, func(t *testing.T) {
			var r reports
			var n int
			once := newOnce(t, idempotency.NewMemoryStore(&idempotency.MemoryStoreOptions{MaxBytes: 1500}), idempotency.Options{OnError: r.add})
			do := func() (any, error) {
				return idempotency.Call(t.Context(), once, "k", func(ctx context.Context) (any, error) { n++; return work(ctx) })
			}
			if v, err := do(); v == nil || err != nil {
				t.Errorf("caller: got %v, %v, want a result and no error", v, err)
			}
			if errs := r.take(); len(errs) != 1 {
				t.Errorf("got reports %v, want one", errs)
			}
			if _, err := do(); !errors.Is(err, idempotency.ErrResultLost) || n != 1 {
				t.Errorf("duplicate: got error %v and %d runs, want an ErrResultLost and 1", err, n)
			}
		})
	}
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("oh") }

func TestResultsWhoseEncodingPanics(t *testing.T) {
	t.Parallel()
	var r reports
	once := newOnce(t, nil, idempotency.Options{OnError: r.add})
	work := func(context.Context) (panicking, error) { return panicking{}, nil }
	func() {
		defer func() {
			if v := recover(); v != "oh" {
				t.Errorf("got panic %v, want oh", v)
			}
		}()
		idempotency.Call(t.Context(), once, "k", work)
	}()
	if _, err := idempotency.Call(t.Context(), once, "k", work); !errors.Is(err, idempotency.ErrResultLost) || len(r.take()) != 1 {
		t.Errorf("duplicate: got %v, want an ErrResultLost and one report", err)
	}
}

var errDeclined = errors.New("declined")

func TestFinalErrorsAreAnswers(t *testing.T) {
	t.Parallel()
	var n int
	var replayed []*idempotency.Replay
	once := newOnce(t, nil, idempotency.Options{
		Final:    map[string]error{"declined": errDeclined},
		OnReplay: func(_ context.Context, r *idempotency.Replay) { replayed = append(replayed, r) },
	})
	charge := func(context.Context) (receipt, error) {
		n++
		return receipt{}, fmt.Errorf("card of %d: %w", n, errDeclined)
	}
	_, first := idempotency.Call(t.Context(), once, "k", charge)
	_, second := idempotency.Call(t.Context(), once, "k", charge)
	var stored *idempotency.StoredError
	if !errors.As(second, &stored) || !errors.Is(second, errDeclined) || second.Error() != first.Error() || stored.Type != "wrapError" || stored.Name != "declined" || n != 1 {
		t.Errorf("got %v, then %#v, and %d runs, want a *StoredError for the duplicate and 1 run", first, second, n)
	}
	if len(replayed) != 1 || replayed[0].Err != second || strings.Contains(fmt.Sprint(slog.AnyValue(replayed[0]).Resolve()), "card") {
		t.Errorf("got replays %v, want one with the error and no message in its log value", replayed)
	}
}

func TestPayloadsAreValidated(t *testing.T) {
	t.Parallel()
	for name, cache := range map[string]int{"store": 0, "cache": 10} {
		t.Run(name, func(t *testing.T) {
			var n int
			store := newFlaky()
			once := newOnce(t, store, idempotency.Options{Key: idempotency.Path("id"), Validate: idempotency.Path("[amount, meta]"), MaxCacheRecords: cache})
			do := func(event string) error {
				_, err := idempotency.Call(t.Context(), once, json.RawMessage(event), counter(&n))
				return err
			}
			for _, event := range []string{`{"id":1,"amount":10}`, `{"id":1,"amount":10.0,"other":2}`} {
				if err := do(event); err != nil || n != 1 {
					t.Errorf("%s: got error %v and %d runs, want no error and 1", event, err, n)
				}
			}
			for _, event := range []string{`{"id":1,"amount":11}`, `{"id":1}`, `{"id":1,"amount":10,"meta":{}}`} {
				if err := do(event); !errors.Is(err, idempotency.ErrPayloadMismatch) || n != 1 {
					t.Errorf("%s: got error %v and %d runs, want an ErrPayloadMismatch and 1", event, err, n)
				}
			}
			if got := len(store.calls); cache > 0 && got != 2 {
				t.Errorf("got %d store calls, want 2", got)
			}
		})
	}
}

func TestCall_WaitsForAnotherKeyInsideAnExecution(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		once := newOnce(t, nil, idempotency.Options{Wait: time.Minute})
		go idempotency.Call(t.Context(), once, "b", func(context.Context) (string, error) {
			time.Sleep(time.Second)
			return "first", nil
		})
		synctest.Wait()
		got, err := idempotency.Call(t.Context(), once, "a", func(ctx context.Context) (string, error) {
			return idempotency.Call(ctx, once, "b", func(context.Context) (string, error) { return "second", nil })
		})
		if got != "first" || err != nil {
			t.Errorf("got %q, %v, want first", got, err)
		}
	})
}

func TestCall_ReplaysTheSameBytes(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{})
	for range 2 {
		got, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (json.RawMessage, error) { return json.RawMessage(`{"a":"<b>&"}`), nil })
		if string(got) != `{"a":"<b>&"}` || err != nil {
			t.Errorf("got %s, %v, want the same bytes", got, err)
		}
	}
}

func TestExecution_Key(t *testing.T) {
	t.Parallel()
	if got := idempotency.FromContext(t.Context()).Key(); got != "" {
		t.Errorf("outside an execution: got the key %q, want none", got)
	}
	once := newOnce(t, nil, idempotency.Options{})
	idempotency.Call(t.Context(), once, "k", func(ctx context.Context) (string, error) {
		if got := idempotency.FromContext(ctx).Key(); !strings.Contains(got, "#") {
			t.Errorf("got the key %q, want the key in the store", got)
		}
		return "", nil
	})
}

// A key with a value of one digit is not empty.
func TestKeys_EveryDigitIsAValue(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{})
	n := 0
	for i := range 10 {
		if _, err := idempotency.Call(t.Context(), once, i, counter(&n)); err != nil || n != i+1 {
			t.Errorf("%d: got %v and %d runs, want no error and %d", i, err, n, i+1)
		}
	}
}

func TestPayloadsAreValidatedWhileTheFirstRuns(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{Key: idempotency.Path("id"), Validate: idempotency.Path("amount"), Wait: time.Hour})
	_, err := idempotency.Call(t.Context(), once, json.RawMessage(`{"id":1,"amount":1}`), func(ctx context.Context) (int, error) {
		return idempotency.Call(ctx, once, json.RawMessage(`{"id":1,"amount":2}`), func(context.Context) (int, error) { return 2, nil })
	})
	if !errors.Is(err, idempotency.ErrPayloadMismatch) {
		t.Errorf("got %v, want an ErrPayloadMismatch", err)
	}
}

func TestLateFinisherChangesNothing(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{Lease: time.Minute, Now: c.now})
	v, err := idempotency.Call(t.Context(), once, "k", func(ctx context.Context) (string, error) {
		c.advance(time.Minute + 900*time.Millisecond)
		if _, err := idempotency.Call(ctx, once, "k", func(context.Context) (string, error) { return "early", nil }); !errors.Is(err, idempotency.ErrInProgress) {
			t.Errorf("within the margin: got %v, want an ErrInProgress", err)
		}
		c.advance(200 * time.Millisecond)
		if v, err := idempotency.Call(ctx, once, "k", func(context.Context) (string, error) { return "second", nil }); v != "second" || err != nil {
			t.Errorf("after the lease: got %v, %v, want second, no error", v, err)
		}
		if err := idempotency.FromContext(ctx).Extend(ctx, time.Minute); !errors.Is(err, idempotency.ErrLeaseLost) {
			t.Errorf("Extend: got %v, want an ErrLeaseLost", err)
		}
		return "first", nil
	})
	if v != "first" || !errors.Is(err, idempotency.ErrLeaseLost) {
		t.Errorf("got %v, %v, want first, an ErrLeaseLost", v, err)
	}
	if v, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (string, error) { return "third", nil }); v != "second" || err != nil {
		t.Errorf("duplicate: got %v, %v, want second, no error", v, err)
	}
}

func TestLeases(t *testing.T) {
	t.Parallel()
	c := newClock()
	start := c.now()
	deadline := start.Add(30 * time.Second)
	for name, test := range map[string]struct {
		ctx  context.Context
		want time.Time
	}{
		"of the deadline":    {deadlineContext{t.Context(), deadline}, deadline},
		"without a deadline": {t.Context(), start.Add(15 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			store := newFlaky()
			once := newOnce(t, store, idempotency.Options{Now: c.now, ExpiresAfter: time.Second})
			idempotency.Call(test.ctx, once, "k", func(context.Context) (int, error) { return 1, nil })
			first := store.begun
			if want := test.want.Add(time.Second); !first.Lease.Equal(want) || first.Expiration.Before(want) {
				t.Errorf("lease %v, expiration %v, want a lease until %v, and no expiration before", first.Lease, first.Expiration, want)
			}
		})
	}
}

func TestExtend(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{Lease: time.Minute, LeaseMargin: -1, Now: c.now})
	_, err := idempotency.Call(t.Context(), once, "k", func(ctx context.Context) (int, error) {
		run := idempotency.FromContext(ctx)
		if err := run.Extend(ctx, time.Hour); err != nil {
			t.Error(err)
		}
		c.advance(59 * time.Minute)
		if _, err := idempotency.Call(ctx, once, "k", func(context.Context) (int, error) { return 2, nil }); !errors.Is(err, idempotency.ErrInProgress) {
			t.Errorf("in the extended lease: got %v, want an ErrInProgress", err)
		}
		if err := run.Extend(ctx, time.Second); err != nil || store.last.Lease.Before(c.now().Add(time.Minute)) {
			t.Errorf("a shorter extension: got %v and a lease until %v, want no error and the longer lease", err, store.last.Lease)
		}
		return 1, nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := idempotency.FromContext(t.Context()).Extend(t.Context(), time.Hour); err == nil {
		t.Error("Extend without an execution: got no error, want one")
	}
}

// A call asks the store once if it does not wait. It asks at growing intervals if it does.
func TestCall_RequestsForARecordInProgress(t *testing.T) {
	t.Parallel()
	for wait, c := range map[time.Duration]struct{ least, most int }{0: {1, 1}, 10 * time.Second: {15, 20}} {
		synctest.Test(t, func(t *testing.T) {
			store := newFlaky()
			once := newOnce(t, store, idempotency.Options{Wait: wait})
			begun := make(chan struct{})
			go idempotency.Run(t.Context(), once, "k", func(context.Context) error {
				close(begun)
				time.Sleep(time.Hour)
				return nil
			})
			<-begun
			err := idempotency.Run(t.Context(), once, "k", func(context.Context) error { return nil })
			store.mu.Lock()
			got := len(store.calls) - 1
			store.mu.Unlock()
			if !errors.Is(err, idempotency.ErrInProgress) || got < c.least || got > c.most {
				t.Errorf("wait of %v: got %v after %d requests, want %v after %d to %d", wait, err, got, idempotency.ErrInProgress, c.least, c.most)
			}
			time.Sleep(2 * time.Hour)
		})
	}
}

func TestWaitingForTheTwin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes   time.Duration
		fails   bool
		timeout time.Duration
		want    string
		err     error
		after   time.Duration // at most
	}{
		"it answers":          {takes: 3 * time.Second, want: "twin", after: 4 * time.Second},
		"it fails":            {takes: 3 * time.Second, fails: true, want: "own", after: 4 * time.Second},
		"it takes too long":   {takes: time.Minute, err: idempotency.ErrInProgress, after: 10 * time.Second},
		"the context is over": {takes: time.Minute, timeout: 2 * time.Second, err: idempotency.ErrInProgress, after: 1900 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				once := newOnce(t, nil, idempotency.Options{Wait: 10 * time.Second})
				begun := make(chan struct{})
				go idempotency.Call(t.Context(), once, "k", func(context.Context) (string, error) {
					close(begun)
					time.Sleep(c.takes)
					if c.fails {
						return "", errors.New("boom")
					}
					return "twin", nil
				})
				<-begun
				ctx := t.Context()
				if c.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.timeout)
					defer cancel()
				}
				start := time.Now()
				got, err := idempotency.Call(ctx, once, "k", func(context.Context) (string, error) { return "own", nil })
				if got != c.want || !errors.Is(err, c.err) || time.Since(start) > c.after {
					t.Errorf("got %q, %v after %v, want %q, %v within %v", got, err, time.Since(start), c.want, c.err, c.after)
				}
				time.Sleep(2 * time.Minute) // the twin ends
			})
		})
	}
}
