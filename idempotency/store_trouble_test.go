package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
)

var errTransient = errors.New("connection reset by peer")

// unsteady is a store in memory whose requests fail according to a plan. The plan has a step for each
// request of a method. The last step applies to all further requests.
type unsteady struct {
	*idempotency.MemoryStore

	mu    sync.Mutex
	plan  map[string][]step
	calls []string
}

// step is how one request ends.
type step int

const (
	works   step = iota
	fails        // before its work
	loses        // after its work
	refuses      // a retry does not help
	hangs        // also after the end of its context
)

// times returns work that counts its runs and returns the count.
func times(n *int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { *n++; return *n, nil }
}

// hang is longer than the retries of a call with ten seconds, and shorter than a lease without a
// deadline.
const hang = time.Minute

func newUnsteady() *unsteady {
	return &unsteady{MemoryStore: idempotency.NewMemoryStore(nil), plan: make(map[string][]step)}
}

func (u *unsteady) next(method string) step {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.calls = append(u.calls, method)
	steps := u.plan[method]
	if len(steps) == 0 {
		return works
	}
	if len(steps) > 1 {
		u.plan[method] = steps[1:]
	}
	return steps[0]
}

func (u *unsteady) do(method string, work func() error) error {
	s := u.next(method)
	switch s {
	case fails:
		return errTransient
	case refuses:
		return fmt.Errorf("access denied: %w", idempotency.ErrRefused)
	case hangs:
		time.Sleep(hang) // which no context shortens
	}
	if err := work(); err != nil || s == works {
		return err
	}
	return errTransient
}

func (u *unsteady) Begin(ctx context.Context, r *idempotency.Record, now time.Time) (existing *idempotency.Record, err error) {
	err = u.do("Begin", func() error {
		existing, err = u.MemoryStore.Begin(ctx, r, now)
		return err
	})
	return existing, err
}

func (u *unsteady) Complete(ctx context.Context, r *idempotency.Record) error {
	return u.do("Complete", func() error { return u.MemoryStore.Complete(ctx, r) })
}

func (u *unsteady) Extend(ctx context.Context, r *idempotency.Record) error {
	return u.do("Extend", func() error { return u.MemoryStore.Extend(ctx, r) })
}

func (u *unsteady) Delete(ctx context.Context, r *idempotency.Record) error {
	return u.do("Delete", func() error { return u.MemoryStore.Delete(ctx, r) })
}

func (u *unsteady) count(method string) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return strings.Count(strings.Join(u.calls, " "), method)
}

// heal lets all further requests of a method succeed.
func (u *unsteady) heal(method string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.plan[method] = nil
}

func many(s step, n int, then ...step) []step {
	steps := make([]step, n)
	for i := range steps {
		steps[i] = s
	}
	return append(steps, then...)
}

// Complete is retried as long as the lease lasts, however often the store fails.
func TestComplete_GoesOnAsLongAsTheLease(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		complete []step
		want     error
		least    time.Duration // that it goes on
		most     time.Duration
	}{
		{"a failure", []step{fails, works}, nil, 0, time.Second},
		{"many failures", many(fails, 8, works), nil, time.Second, 9 * time.Second},
		{"a lost answer", []step{loses, works}, nil, 0, time.Second},
		{"requests that hang", many(hangs, 5, works), nil, 5 * time.Second, 10 * time.Second},
		{"an outage", []step{fails}, idempotency.ErrNotRecorded, 9500 * time.Millisecond, 11 * time.Second},
		{"a store that hangs", []step{hangs}, idempotency.ErrNotRecorded, 10 * time.Second, 11 * time.Second},
		{"a refusal", []step{refuses}, idempotency.ErrNotRecorded, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newUnsteady()
				store.plan["Complete"] = c.complete
				var r reports
				once := newOnce(t, store, idempotency.Options{OnError: r.add})
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				defer cancel()
				start := time.Now()
				n := 0
				got, err := idempotency.Call(ctx, once, "k", times(&n))
				if took := time.Since(start); took < c.least || took > c.most {
					t.Errorf("it went on for %v, want %v to %v", took, c.least, c.most)
				}
				if got != 1 || !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("got %v, %v, want 1, %v", got, err, c.want)
				}
				if reported := r.take(); (len(reported) == 1) != (c.want != nil) || c.want != nil && !errors.Is(reported[0], c.want) {
					t.Errorf("OnError got %v, want %v", reported, c.want)
				}
				if c.want == nil {
					if got, err := idempotency.Call(t.Context(), once, "k", times(&n)); got != 1 || err != nil || n != 1 {
						t.Errorf("a duplicate got %v, %v after %d runs, want 1, nil after 1", got, err, n)
					}
				}
				time.Sleep(2 * hang) // until no request hangs any more
			})
		})
	}
}

func TestRelease_GoesOnAsLongAsTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newUnsteady()
		store.plan["Delete"] = many(fails, 8, loses, works)
		once := newOnce(t, store, idempotency.Options{})
		boom := errors.New("boom")
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if _, err := idempotency.Call(ctx, once, "k", func(context.Context) (int, error) { return 0, boom }); err != boom {
			t.Errorf("got %v, want %v", err, boom)
		}
		n := 0
		if got, err := idempotency.Call(t.Context(), once, "k", times(&n)); got != 1 || err != nil {
			t.Errorf("the next call got %v, %v, want 1, nil", got, err)
		}
	})
}

func TestCleanupTimeout_BoundsAllAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newUnsteady()
		store.plan["Complete"] = []step{fails}
		once := newOnce(t, store, idempotency.Options{CleanupTimeout: 3 * time.Second, OnError: func(error) {}})
		start, n := time.Now(), 0
		if _, err := idempotency.Call(context.Background(), once, "k", times(&n)); !errors.Is(err, idempotency.ErrNotRecorded) {
			t.Errorf("got %v, want ErrNotRecorded", err)
		}
		if took := time.Since(start); took < 2*time.Second || took > 3*time.Second {
			t.Errorf("it went on for %v, want 2 to 3 s", took)
		}
	})
}

// A Begin that was not answered may have been done: it is asked again with the same token, and
// the record is deleted if the call does not run.
func TestBegin_LeavesNoRecordIfTheCallDoesNotRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		begin  []step
		ran    int
		most   time.Duration
		begins int
	}{
		{"a failure", []step{fails, works}, 1, time.Second, 2},
		{"a lost answer", []step{loses, works}, 1, time.Second, 2},
		{"answers that get lost", []step{loses}, 0, 3500 * time.Millisecond, 0},
		{"a lost answer, and a refusal", []step{loses, refuses}, 0, time.Second, 2},
		{"requests that hang", []step{hangs, works}, 1, 1500 * time.Millisecond, 2},
		{"a store that hangs", []step{hangs}, 0, 3 * time.Second, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newUnsteady()
				store.plan["Begin"] = c.begin
				once := newOnce(t, store, idempotency.Options{})
				start, n := time.Now(), 0
				_, err := idempotency.Call(context.Background(), once, "k", times(&n))
				if (err == nil) != (c.ran == 1) || n != c.ran {
					t.Errorf("got %v after %d runs, want %d", err, n, c.ran)
				}
				if took := time.Since(start); took > c.most {
					t.Errorf("it took %v, want at most %v", took, c.most)
				}
				if got := store.count("Begin"); c.begins > 0 && got != c.begins {
					t.Errorf("got %d requests for Begin, want %d", got, c.begins)
				}
				time.Sleep(2 * hang) // the hanging requests are done by then, and must be undone
				store.heal("Begin")
				if c.ran == 0 {
					if _, err := idempotency.Call(context.Background(), once, "k", times(&n)); err != nil || n != 1 {
						t.Errorf("the next call got %v after %d runs, want it to run", err, n)
					}
				}
			})
		})
	}
}

func TestBegin_RecordThatCannotBeDeletedIsReported(t *testing.T) {
	t.Parallel()
	store := newUnsteady()
	store.plan["Begin"], store.plan["Delete"] = []step{loses, refuses}, []step{fails}
	var r reports
	once := newOnce(t, store, idempotency.Options{OnError: r.add, CleanupTimeout: time.Millisecond})
	n := 0
	if _, err := idempotency.Call(t.Context(), once, "k", times(&n)); !errors.Is(err, idempotency.ErrRefused) {
		t.Errorf("got %v, want ErrRefused", err)
	}
	if errs := r.take(); len(errs) != 1 || !strings.Contains(errs[0].Error(), "locked until") {
		t.Errorf("OnError got %v, want one report that says until when the key is locked", errs)
	}
}

// A store without access is not asked twice, and one report is enough: the error of the call.
func TestBegin_RefusedIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	store := newUnsteady()
	store.plan["Begin"], store.plan["Delete"] = []step{refuses}, []step{refuses}
	n := 0
	if _, err := idempotency.Call(t.Context(), newOnce(t, store, idempotency.Options{}), "k", times(&n)); !errors.Is(err, idempotency.ErrRefused) || n != 0 {
		t.Errorf("got %v after %d runs, want ErrRefused", err, n)
	}
	if got := strings.Join(store.calls, " "); got != "Begin Delete" {
		t.Errorf("the store was asked %s, want Begin Delete", got)
	}
}

// Half of the time that a call has is left for its answer.
func TestBegin_LeavesTimeToAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newUnsteady()
		store.plan["Begin"], store.plan["Delete"] = []step{hangs}, []step{hangs}
		h := lambdakit.Wrap(func(context.Context, order) (int, error) { return 1, nil }, newOnce(t, store, idempotency.Options{OnError: func(error) {}}).Middleware)
		const timeout = 5 * time.Second
		ctx, cancel := context.WithTimeout(lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "r"}), timeout)
		defer cancel()
		start := time.Now()
		if _, err := h.Invoke(ctx, []byte(`{"id":"o"}`)); err == nil {
			t.Error("got no error, want one of the store")
		}
		if took := time.Since(start); took >= timeout-50*time.Millisecond {
			t.Errorf("got an answer after %v of %v with a store that hangs, want one 50 ms before the end", took, timeout)
		}
		time.Sleep(2 * hang)
	})
}

func TestCompleting_EndsBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newUnsteady()
		store.plan["Complete"] = []step{hangs}
		var r reports
		var inv *lambdakit.Invocation
		h := lambdakit.Wrap(func(ctx context.Context, _ order) (int, error) {
			inv = lambdakit.FromContext(ctx)
			return 7, nil
		}, newOnce(t, store, idempotency.Options{OnError: r.add}).Middleware)
		const timeout = 5 * time.Second
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		start := time.Now()
		response, err := h.Invoke(ctx, []byte(`{"id":"o"}`))
		if string(response) != "7" || err != nil {
			t.Errorf("got %s, %v, want the response: the work is done", response, err)
		}
		if took := time.Since(start); took < 4*time.Second || took >= timeout {
			t.Errorf("it went on for %v, want until just before %v", took, timeout)
		}
		if err := inv.Err(); !errors.Is(err, idempotency.ErrNotRecorded) {
			t.Errorf("the invocation has %v, want ErrNotRecorded", err)
		}
		if errs := r.take(); len(errs) != 1 || !errors.Is(errs[0], idempotency.ErrNotRecorded) {
			t.Errorf("OnError got %v, want ErrNotRecorded", errs)
		}
		time.Sleep(2 * hang)
	})
}

func TestExtend_IsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newUnsteady()
		store.plan["Extend"] = []step{fails, loses, hangs, works}
		once := newOnce(t, store, idempotency.Options{})
		_, err := idempotency.Call(context.Background(), once, "k", func(ctx context.Context) (int, error) {
			return 1, idempotency.FromContext(ctx).Extend(ctx, time.Hour)
		})
		if err != nil {
			t.Errorf("got %v, want nil", err)
		}
		time.Sleep(2 * hang)
	})
}

// No request is sent to the store whose answer would come too late.
func TestBegin_OfACallThatIsOverAsksNothing(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	frozen := deadlineContext{t.Context(), time.Now().Add(-time.Minute)} // its timer stood still
	for _, c := range []struct {
		ctx  context.Context
		want error
	}{{canceled, context.Canceled}, {frozen, context.DeadlineExceeded}} {
		store, n := newUnsteady(), 0
		if _, err := idempotency.Call(c.ctx, newOnce(t, store, idempotency.Options{}), "k", times(&n)); !errors.Is(err, c.want) || n != 0 {
			t.Errorf("got %v after %d runs, want %v", err, n, c.want)
		}
		if len(store.calls) != 0 {
			t.Errorf("the store was asked %v, want nothing", store.calls)
		}
	}
}

func TestStoreThatPanics_PanicsInTheCaller(t *testing.T) {
	t.Parallel()
	once := newOnce(t, panics{idempotency.NewMemoryStore(nil)}, idempotency.Options{})
	defer func() {
		if v := recover(); v != "store bug" {
			t.Errorf("recovered %v, want the panic of the store", v)
		}
	}()
	n := 0
	idempotency.Call(t.Context(), once, "k", times(&n))
	t.Error("got no panic, want the one of the store")
}

type panics struct{ *idempotency.MemoryStore }

func (panics) Begin(context.Context, *idempotency.Record, time.Time) (*idempotency.Record, error) {
	panic("store bug")
}
