package params

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// fetch is a fetch of one parameter or path. Any number of calls wait for it. It continues if
// they leave.
type fetch struct {
	entry      *entry
	done       chan struct{}
	generation int // of entry when the fetch started

	slow     bool // countSlow counted it; entry.mu guards both
	reported bool // reportSlow reported it, or its outage was reported before

	// A fetch that waits for its turn has not made a request yet. Storing requested publishes
	// started and cancel, which do not change afterwards.
	started   time.Time // monotonic: it does not count the time for which Lambda freezes the environment
	cancel    context.CancelCauseFunc
	requested atomic.Int64 // when the last request started, by Cache.now; 0 if none did

	// The result, set before done is closed:
	content *content
	err     error
	stale   *content // calls may get it instead of err
}

// wait waits until the fetch is done, ctx is done, or timeout receives.
func (f *fetch) wait(ctx context.Context, timeout <-chan time.Time) error {
	select {
	case <-f.done:
		return nil
	default:
	}
	var canceled <-chan struct{}
	if ctx != nil {
		canceled = ctx.Done()
	}
	select {
	case <-f.done:
		return nil
	case <-timeout:
		return errWaitTimeout
	case <-canceled:
		err := ctx.Err()
		if cause := context.Cause(ctx); cause != err {
			err = fmt.Errorf("%w: %w", err, cause)
		}
		return fmt.Errorf("params: %s: %w", f.entry, err)
	}
}

var (
	errWaitTimeout = errors.New("the fetch takes longer than the call waits")
	errStuck       = errors.New("the fetch was canceled: its request is older than Options.FetchTimeout by the wall clock")
)

var closedChan = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// stuck reports whether the request of a fetch is older than FetchTimeout and grace by the wall
// clock. The timer of the request did not fire, so Lambda froze the environment meanwhile and the
// connection is probably dead.
func (c *Cache) stuck(f *fetch, now int64) bool {
	requested := f.requested.Load()
	return requested != 0 && now-requested-int64(grace) > int64(c.options.FetchTimeout)
}

// join returns the fetch in flight of an entry and true, or a new fetch that must be run and
// false. If another call refreshed the entry meanwhile, the fetch is already done.
func (v View) join(e *entry) (f *fetch, joined bool) {
	now := v.cache.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if f := e.inflight; f != nil {
		if !v.cache.stuck(f, now) {
			return f, true
		}
		e.newGeneration() // a late answer of f must not replace the answer of the next fetch
		f.cancel(errStuck)
	}
	if st := e.state.Load(); st != nil && v.accepts(st, now) && !v.refresh {
		return &fetch{entry: e, done: closedChan, content: st.content, err: st.err}, true
	}
	e.inflight = &fetch{entry: e, done: make(chan struct{}), generation: e.generation}
	return e.inflight, false
}

// startOrJoin returns the fetch in flight of an entry, or starts one.
func (v View) startOrJoin(ctx context.Context, e *entry) (f *fetch, joined bool) {
	if ctx == nil {
		ctx = context.Background()
	}
	if f, joined = v.join(e); !joined {
		go v.cache.run(ctx, []*fetch{f})
	}
	return f, joined
}

const (
	// maxBatch bounds the names in one call of ManySource.FetchMany, so that any number of
	// names fits FetchTimeout.
	maxBatch = 200

	// maxConcurrent bounds the simultaneous fetches of one call of Many or Load if the source
	// fetches one parameter at a time.
	maxConcurrent = 8
)

// startOrJoinMany is startOrJoin for several different names. joined are the names whose
// fetches were in flight already.
func (v View) startOrJoinMany(ctx context.Context, names []string) (fetches map[string]*fetch, joined []string) {
	fetches = make(map[string]*fetch, len(names))
	var started []*fetch
	for i, e := range v.cache.entriesOf(names) {
		f, ok := v.join(e)
		fetches[names[i]] = f
		if ok {
			joined = append(joined, names[i])
		} else {
			started = append(started, f)
		}
	}
	if len(started) == 0 {
		return fetches, joined
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if _, ok := v.cache.source.(ManySource); ok {
		v.cache.runBatches(ctx, started, maxBatch, 1)
	} else {
		v.cache.runBatches(ctx, started, 1, maxConcurrent)
	}
	return fetches, joined
}
