package params_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

// fake is a source with every ability, whose answers a test replaces while it runs.
type fake struct {
	mu     sync.Mutex
	values map[string]params.Value
	failed map[string]error // by name; "" for all
	below  map[string]params.Value
	delay  time.Duration

	calls  int // of any kind
	batch  [][]string
	single []string
}

func newFake(pairs ...string) *fake {
	f := &fake{values: map[string]params.Value{}, failed: map[string]error{}}
	for i := 0; i < len(pairs); i += 2 {
		f.values[pairs[i]] = params.Value{Text: pairs[i+1]}
	}
	return f
}

func (f *fake) set(name, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.values[name] = params.Value{Text: text}
}

func (f *fake) fail(name string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed[name] = err
}

func (f *fake) slow(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay = d
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// begin reads the answer before it waits, as a service answers with what it had when the
// request came.
func (f *fake) begin(ctx context.Context, answer func()) error {
	f.mu.Lock()
	f.calls++
	delay := f.delay
	answer()
	f.mu.Unlock()
	if delay == 0 {
		return nil
	}
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fake) one(name string) (params.Value, error) {
	for _, err := range []error{f.failed[""], f.failed[name]} {
		if err != nil {
			return params.Value{}, err
		}
	}
	v, ok := f.values[name]
	if !ok {
		return v, params.ErrNotFound
	}
	return v, nil
}

func (f *fake) Fetch(ctx context.Context, name string) (v params.Value, err error) {
	if late := f.begin(ctx, func() { f.single = append(f.single, name); v, err = f.one(name) }); late != nil {
		return params.Value{}, late
	}
	return v, err
}

func (f *fake) FetchPath(ctx context.Context, _ string) (below map[string]params.Value, err error) {
	if late := f.begin(ctx, func() { below, err = maps.Clone(f.below), f.failed[""] }); late != nil {
		return nil, late
	}
	return below, err
}

func (f *fake) Put(ctx context.Context, name, text string) (params.Value, error) {
	var err error
	if late := f.begin(ctx, func() {
		if err = f.failed["put"]; err == nil {
			f.values[name] = params.Value{Text: text}
		}
	}); late != nil {
		return params.Value{}, late
	}
	return params.Value{Text: text}, err
}

// many is a fake that fetches many names with one call.
type many struct{ *fake }

func (m many) FetchMany(ctx context.Context, names []string) (map[string]params.Result, error) {
	results := make(map[string]params.Result)
	var err error
	if late := m.begin(ctx, func() {
		m.batch = append(m.batch, names)
		if err = m.failed[""]; err != nil {
			return
		}
		for _, name := range names {
			v, err := m.one(name)
			results[name] = params.Result{Value: v, Err: err}
		}
	}); late != nil {
		return nil, late
	}
	return results, err
}

// open returns a Cache, and fails the test if New fails.
func open(t testing.TB, source params.Source, o *params.Options) *params.Cache {
	t.Helper()
	cache, err := params.New(source, o)
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

// bubble runs f with a clock that moves only when everything waits.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// wantGet checks what a Get answers.
func wantGet(t *testing.T, g interface {
	String(context.Context, string) (string, error)
}, name, want string) {
	t.Helper()
	if got, err := g.String(t.Context(), name); got != want || err != nil {
		t.Errorf("Get(%q) = %q, %v; want %q", name, got, err, want)
	}
}

// wantCalls checks how often the source was asked so far.
func wantCalls(t *testing.T, f *fake, want int) {
	t.Helper()
	if got := f.count(); got != want {
		t.Errorf("%d calls of the source; want %d", got, want)
	}
}

// quiet keeps reports off standard error.
func quiet(error) {}
