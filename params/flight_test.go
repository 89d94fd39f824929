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
		s := open(t, f, nil)
		go s.Text(t.Context(), "a")
		time.Sleep(time.Second)
		f.set("a", "new") // after the first fetch was answered, before it is over
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { wantGet(t, s.Fresh(), "a", "new") })
		}
		wg.Wait()
		wantCalls(t, f, 2)
		wantGet(t, s, "a", "new")
		wantCalls(t, f, 2)
	})
}

func TestFreshManyDoesNotSettleForAnEarlierFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old", "b", "old")
		f.slow(2 * time.Second)
		s := open(t, many{f}, nil)
		go s.Many(t.Context(), "a", "b")
		time.Sleep(time.Second)
		f.set("a", "new")
		got, err := s.Fresh().Many(t.Context(), "a", "b", "a")
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
		s := open(t, many{f}, nil)
		go s.Text(t.Context(), "a")
		time.Sleep(100 * time.Millisecond)
		got, err := s.Many(t.Context(), "c", "a", "b", "a", "c")
		if err != nil || fmt.Sprint(got) != "map[a:1 b:2 c:3]" {
			t.Errorf("%v, %v", got, err)
		}
		if fmt.Sprint(f.batch) != "[[c b]]" || fmt.Sprint(f.single) != "[a]" {
			t.Errorf("batches %v, singles %v", f.batch, f.single)
		}
	})
}

func TestEachCallerWaitsForItsOwnContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		f.slow(5 * time.Second)
		s := open(t, f, nil)
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 10 {
			patience := time.Duration(i) * time.Second
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				_, err := s.Text(ctx, "a")
				want := min(patience, 5*time.Second)
				if (err != nil) != (patience <= 5*time.Second) && patience != 5*time.Second || time.Since(start) != want {
					t.Errorf("patience %v: %v after %v", patience, err, time.Since(start))
				}
				if err != nil && (!errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), `"a"`)) {
					t.Errorf("%v", err)
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
		s := open(t, params.SourceFunc(func(ctx context.Context, _ string) (params.Value, error) {
			deadline, ok := ctx.Deadline()
			if !ok || time.Until(deadline) != 7*time.Second || ctx.Value(key{}) != "v" || ctx.Err() != nil {
				t.Errorf("deadline %v, value %v, %v", deadline, ctx.Value(key{}), ctx.Err())
			}
			<-ctx.Done()
			return params.Value{}, ctx.Err()
		}), &params.Options{FetchTimeout: 7 * time.Second})
		start := time.Now()
		_, err := s.Text(context.WithValue(t.Context(), key{}, "v"), "a")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 7*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// The cause is worth telling; but code asks for context.Canceled.
func TestAnErrorOfTheContextIsOneOfTheContextWithACauseToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		f.slow(time.Second)
		s := open(t, f, nil)
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		_, err := s.Text(ctx, "a")
		if !errors.Is(err, cause) || !errors.Is(err, context.Canceled) {
			t.Errorf("%v: is the cause %t, is context.Canceled %t", err, errors.Is(err, cause), errors.Is(err, context.Canceled))
		}
		time.Sleep(time.Minute)
	})
}

func TestAHitNeedsNoLiveContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := open(t, newFake("a", "1"), nil)
		wantGet(t, s, "a", "1")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if v, err := s.Text(ctx, "a"); v != "1" || err != nil {
			t.Errorf("%q, %v", v, err)
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
		s := open(t, params.SourceFunc(func(ctx context.Context, name string) (params.Value, error) {
			if hang {
				<-forever
			}
			return f.Fetch(ctx, name)
		}), &params.Options{OnError: quiet})
		wantGet(t, s, "a", "1")
		hang = true
		time.Sleep(10 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if v, err := s.Text(ctx, "a"); v != "1" || err != nil {
			t.Errorf("after FetchTimeout the older value should be served: %q, %v", v, err)
		}
	})
}

func TestASourceThatPanicsHarmsNobody(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"boom", errors.New("boom"), nil, 7} {
		panics := true
		s := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
			if panics {
				panic(value)
			}
			return params.Value{Text: "1"}, nil
		}), nil)
		if v, err := s.Text(t.Context(), "a"); v != "" || err == nil {
			t.Errorf("%q, %v", v, err)
		}
		panics = false
		wantGet(t, s, "a", "1")
	}
	s := open(t, panicsMany{newFake()}, nil)
	if v, err := s.Many(t.Context(), "a", "b"); len(v) != 0 || err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("%v, %v", v, err)
	}
	if v, err := s.Path(t.Context(), "/p"); len(v) != 0 || err == nil {
		t.Errorf("%v, %v", v, err)
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
	s := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
		panic("cannot parse hunter2")
	}), nil)
	_, err := s.Text(t.Context(), "a")
	if want := `params: get "a": the source panicked (with a string)`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestForgetDuringAFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		f.slow(2 * time.Second)
		s := open(t, f, nil)
		go s.Text(t.Context(), "a")
		time.Sleep(time.Second)
		f.set("a", "new")
		s.Forget("a")
		wantGet(t, s, "a", "new") // by a fetch of its own, not by the one before Forget
		time.Sleep(10 * time.Second)
		wantGet(t, s, "a", "new")
		wantCalls(t, f, 2)
	})
}

func TestForgetAllAndForgetPaths(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "2")
		f.below = map[string]params.Value{"x": {Text: "1"}}
		s := open(t, f, nil)
		ask := func() {
			wantGet(t, s, "a", "1")
			wantGet(t, s, "b", "2")
			s.Path(t.Context(), "a")
		}
		for i, forget := range [][]string{nil, {"none"}, {"a"}} {
			ask()
			ask()
			wantCalls(t, f, []int{3, 6, 6}[i])
			s.Forget(forget...)
		}
		ask()
		wantCalls(t, f, 8) // the parameter and the path of that name
	})
}
