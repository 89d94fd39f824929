package params_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

func TestFreshDoesNotSettleForAnEarlierFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		f.slow(2 * time.Second)
		cache := open(t, f, nil)
		go cache.String(t.Context(), "a")
		time.Sleep(time.Second)
		f.set("a", "new") // after the first fetch was answered, before it is over
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { wantGet(t, cache.Fresh(), "a", "new") })
		}
		wg.Wait()
		wantCalls(t, f, 2)
		wantGet(t, cache, "a", "new")
		wantCalls(t, f, 2)
	})
}

func TestFreshManyDoesNotSettleForAnEarlierFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old", "b", "old")
		f.slow(2 * time.Second)
		cache := open(t, many{f}, nil)
		go cache.Many(t.Context(), "a", "b")
		time.Sleep(time.Second)
		f.set("a", "new")
		got, err := cache.Fresh().Many(t.Context(), "a", "b", "a")
		if err != nil || got["a"] != "new" || got["b"] != "old" || len(got) != 2 {
			t.Errorf("%v, %v", got, err)
		}
		wantCalls(t, f, 2)
	})
}

func TestManyJoinsWhatFliesAndFetchesTheRestAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "2", "c", "3")
		f.slow(time.Second)
		cache := open(t, many{f}, nil)
		go cache.String(t.Context(), "a")
		time.Sleep(100 * time.Millisecond)
		got, err := cache.Many(t.Context(), "c", "a", "b", "a", "c")
		if err != nil || fmt.Sprint(got) != "map[a:1 b:2 c:3]" {
			t.Errorf("%v, %v", got, err)
		}
		if fmt.Sprint(f.batch) != "[[c b]]" || fmt.Sprint(f.single) != "[a]" {
			t.Errorf("got batches %v, singles %v, want [[c b]] and [a]", f.batch, f.single)
		}
	})
}

func TestEachCallerWaitsForItsOwnContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		f.slow(5 * time.Second)
		cache := open(t, f, nil)
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 10 {
			patience := time.Duration(i) * time.Second
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				_, err := cache.String(ctx, "a")
				want := min(patience, 5*time.Second)
				if (err != nil) != (patience <= 5*time.Second) && patience != 5*time.Second || time.Since(start) != want {
					t.Errorf("deadline of %v: got %v after %v, want an end after %v", patience, err, time.Since(start), want)
				}
				if err != nil && (!errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), `"a"`)) {
					t.Errorf("got %v, want context.DeadlineExceeded with the name", err)
				}
			})
		}
		wg.Wait()
		wantCalls(t, f, 1)
	})
}

type key struct{}

func TestTheFetchHasTheValuesOfTheContextAndATimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache := open(t, params.SourceFunc(func(ctx context.Context, _ string) (params.Value, error) {
			deadline, ok := ctx.Deadline()
			if !ok || time.Until(deadline) != 7*time.Second || ctx.Value(key{}) != "v" || ctx.Err() != nil {
				t.Errorf("got deadline %v, value %v, error %v, want FetchTimeout and the value of the caller's context", deadline, ctx.Value(key{}), ctx.Err())
			}
			<-ctx.Done()
			return params.Value{}, ctx.Err()
		}), &params.Options{FetchTimeout: 7 * time.Second})
		start := time.Now()
		_, err := cache.String(context.WithValue(t.Context(), key{}, "v"), "a")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 7*time.Second {
			t.Errorf("got %v after %v, want context.DeadlineExceeded after 7 s", err, time.Since(start))
		}
	})
}

// A fetch of Many has the values of the context, too.
func TestManyHasTheValuesOfTheContext(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	got := map[string]any{}
	cache := open(t, params.SourceFunc(func(ctx context.Context, name string) (params.Value, error) {
		mu.Lock()
		defer mu.Unlock()
		got[name] = ctx.Value(key{})
		return params.Value{Text: "1"}, nil
	}), nil)
	if _, err := cache.Many(context.WithValue(t.Context(), key{}, "v"), "a", "b"); err != nil {
		t.Fatal(err)
	}
	var none context.Context
	if _, err := cache.Many(none, "c"); err != nil {
		t.Fatal(err)
	}
	if got["a"] != "v" || got["b"] != "v" || got["c"] != nil {
		t.Errorf("got the values %v, want those of the contexts", got)
	}
}

// The cause is worth telling; but code asks for context.Canceled.
func TestAnErrorOfTheContextIsOneOfTheContextWithACauseToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		f.slow(time.Second)
		cache := open(t, f, nil)
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		_, err := cache.String(ctx, "a")
		if !errors.Is(err, cause) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want its cause and context.Canceled in the chain", err)
		}
		time.Sleep(time.Minute)
	})
}

func TestAHitNeedsNoLiveContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache := open(t, newFake("a", "1"), nil)
		wantGet(t, cache, "a", "1")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if v, err := cache.String(ctx, "a"); v != "1" || err != nil {
			t.Errorf("got %q, %v, want 1", v, err)
		}
	})
}

// A source that does not heed its context must not keep a parameter from ever being
// fetched again.
func TestASourceThatNeverReturnsIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		forever := make(chan struct{})
		defer close(forever)
		f := newFake("a", "1")
		hang := false
		cache := open(t, params.SourceFunc(func(ctx context.Context, name string) (params.Value, error) {
			if hang {
				<-forever
			}
			return f.Fetch(ctx, name)
		}), &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		hang = true
		time.Sleep(10 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if v, err := cache.String(ctx, "a"); v != "1" || err != nil {
			t.Errorf("got %q, %v after FetchTimeout, want the stale value 1", v, err)
		}
	})
}

func TestASourceThatPanicsHarmsNobody(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"boom", errors.New("boom"), nil, 7} {
		panics := true
		cache := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
			if panics {
				panic(value)
			}
			return params.Value{Text: "1"}, nil
		}), nil)
		if v, err := cache.String(t.Context(), "a"); v != "" || err == nil {
			t.Errorf("got %q, %v, want an error", v, err)
		}
		panics = false
		wantGet(t, cache, "a", "1")
	}
	cache := open(t, panicsMany{newFake()}, nil)
	if v, err := cache.Many(t.Context(), "a", "b"); len(v) != 0 || err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("got %v, %v, want an error for b", v, err)
	}
	if v, err := cache.Path(t.Context(), "/p"); len(v) != 0 || err == nil {
		t.Errorf("got %v, %v, want an error", v, err)
	}
}

// nilError panics in Unwrap if it is nil, as the methods of many errors do.
type nilError struct{ cause error }

func (*nilError) Error() string   { return "nil error" }
func (e *nilError) Unwrap() error { return e.cause }

// nilErrors is a source whose errors are nil pointers.
type nilErrors struct{ *fake }

func (nilErrors) Fetch(context.Context, string) (params.Value, error) {
	return params.Value{}, (*nilError)(nil)
}

func (nilErrors) FetchMany(_ context.Context, names []string) (map[string]params.Result, error) {
	if len(names) == 3 {
		return nil, (*nilError)(nil)
	}
	return map[string]params.Result{"a": {Value: params.Value{Text: "1"}}, "b": {Err: (*nilError)(nil)}}, nil
}

func TestASourceWhoseErrorsPanicHarmsNobody(t *testing.T) {
	t.Parallel()
	cache := open(t, nilErrors{newFake()}, nil)
	if v, err := cache.String(t.Context(), "a"); v != "" || err == nil || !strings.Contains(err.Error(), "the source panicked") {
		t.Errorf("got %q, %v, want an error", v, err)
	}
	for _, names := range [][]string{{"a", "b"}, {"a", "b", "c"}} {
		if v, err := cache.Many(t.Context(), names...); len(v) != 0 || err == nil || !strings.Contains(err.Error(), "the source panicked") {
			t.Errorf("%q: got %v, %v, want an error", names, v, err)
		}
	}
}

type panicsMany struct{ *fake }

func (panicsMany) FetchMany(context.Context, []string) (map[string]params.Result, error) {
	panic("many")
}

func (panicsMany) FetchPath(context.Context, string) (map[string]params.Value, error) {
	panic("path")
}

// What a source panics with may well be what it was working on.
func TestAPanicOfASourceDoesNotTellTheValue(t *testing.T) {
	t.Parallel()
	cache := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
		panic("cannot parse hunter2")
	}), nil)
	_, err := cache.String(t.Context(), "a")
	if want := `params: get "a": the source panicked (with a string)`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestForgetDuringAFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		f.slow(2 * time.Second)
		cache := open(t, f, nil)
		go cache.String(t.Context(), "a")
		time.Sleep(time.Second)
		f.set("a", "new")
		cache.Forget("a")
		wantGet(t, cache, "a", "new") // by a fetch of its own, not by the one before Forget
		time.Sleep(10 * time.Second)
		wantGet(t, cache, "a", "new")
		wantCalls(t, f, 2)
	})
}

func TestForgetAllAndForgetPaths(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "2")
		f.below = map[string]params.Value{"x": {Text: "1"}}
		cache := open(t, f, nil)
		ask := func() {
			wantGet(t, cache, "a", "1")
			wantGet(t, cache, "b", "2")
			cache.Path(t.Context(), "a")
		}
		for i, forget := range [][]string{nil, {"none"}, {"a"}} {
			ask()
			ask()
			wantCalls(t, f, []int{3, 6, 6}[i])
			cache.Forget(forget...)
		}
		ask()
		wantCalls(t, f, 8) // the parameter and the path of that name
	})
}
