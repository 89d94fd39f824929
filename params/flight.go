package params

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// flight is a fetch of one parameter that any number of callers wait for. It goes on when
// they leave.
type flight struct {
	entry *entry
	done  chan struct{}
	since int // entry.changes when it began

	overdue bool // an older value was served in its place; entry.mu guards it

	// A flight that waits for its turn has no request yet. request publishes the two
	// fields above it, which do not change afterwards.
	start   time.Time // by the monotonic clock, which stops while Lambda freezes the environment
	stop    context.CancelCauseFunc
	request atomic.Int64 // when its last request began, by Cache.now

	// The outcome, after done is closed:
	content *content
	err     error
	older   *content // that may be served instead of err
}

// wait waits for the end of the flight or of ctx, or until late.
func (f *flight) wait(ctx context.Context, late <-chan time.Time) error {
	select {
	case <-f.done:
		return nil
	default:
	}
	var ended <-chan struct{}
	if ctx != nil {
		ended = ctx.Done()
	}
	select {
	case <-f.done:
		return nil
	case <-late:
		return errLate
	case <-ended:
		err := ctx.Err()
		if cause := context.Cause(ctx); cause != err {
			err = fmt.Errorf("%w: %w", err, cause)
		}
		return fmt.Errorf("params: %s: %w", f.entry, err)
	}
}

var (
	errLate = errors.New("the fetch takes longer than the caller waits")
	errLost = errors.New("the fetch was given up, because its request is older than Options.FetchTimeout by the wall clock")
)

var over = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// lost reports whether the request of a flight is older than FetchTimeout by the wall clock,
// and has had time to end. Its timer has not ended it, so Lambda had the environment frozen
// meanwhile, and the connection is probably dead.
func (s *Cache) lost(f *flight, now int64) bool {
	began := f.request.Load()
	return began != 0 && now-began-int64(grace) > int64(s.o.FetchTimeout)
}

// take returns the flight of e, and whether it was there before. If the value has come
// meanwhile, the flight is over.
func (v View) take(e *entry) (f *flight, joined bool) {
	now := v.store.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if f := e.flight; f != nil {
		if !v.store.lost(f, now) {
			return f, true
		}
		e.change() // its answer, if one still comes, is older than the next
		f.stop(errLost)
	}
	if st := e.state.Load(); st != nil && v.accepts(st, now) && !v.ahead {
		return &flight{entry: e, done: over, content: st.content, err: st.err}, true
	}
	e.flight = &flight{entry: e, done: make(chan struct{}), since: e.changes}
	return e.flight, false
}

// begin returns the flight of e, which it begins unless there is one.
func (v View) begin(ctx context.Context, e *entry) (f *flight, joined bool) {
	if ctx == nil {
		ctx = context.Background()
	}
	if f, joined = v.take(e); !joined {
		go v.store.fly(ctx, []*flight{f})
	}
	return f, joined
}

// maxBatch bounds the names that one call of ManySource.FetchMany gets, so that a fetch of
// any number of names fits FetchTimeout. maxFlying bounds the fetches that a call makes at
// the same time if its source fetches one parameter at a time.
const (
	maxBatch  = 200
	maxFlying = 8
)

// beginMany is begin for several names, which are all different. joined are the names whose
// flights were there before.
func (v View) beginMany(ctx context.Context, names []string) (flights map[string]*flight, joined []string) {
	flights = make(map[string]*flight, len(names))
	var own []*flight
	for i, e := range v.store.entriesOf(names) {
		f, there := v.take(e)
		flights[names[i]] = f
		if there {
			joined = append(joined, names[i])
		} else {
			own = append(own, f)
		}
	}
	if len(own) == 0 {
		return flights, joined
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if _, ok := v.store.source.(ManySource); ok {
		v.store.flyAll(ctx, own, maxBatch, 1)
	} else {
		v.store.flyAll(ctx, own, 1, maxFlying)
	}
	return flights, joined
}
