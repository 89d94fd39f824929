package params_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

func TestPutThenGet(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		cache := open(t, f, nil)
		wantGet(t, cache, "a", "old")
		if err := cache.Put(t.Context(), "a", "new"); err != nil {
			t.Fatal(err)
		}
		wantGet(t, cache, "a", "new")
		wantCalls(t, f, 2)
		if _, err := cache.String(t.Context(), "b"); !errors.Is(err, params.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		if err := cache.Put(t.Context(), "b", "made"); err != nil {
			t.Fatal(err)
		}
		wantGet(t, cache, "b", "made")
		time.Sleep(6 * time.Minute) // what was put gets old as well
		f.set("b", "changed")
		wantGet(t, cache, "b", "changed")
	})
}

func TestPutThatFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		cache := open(t, f, nil)
		wantGet(t, cache, "a", "old")
		f.fail("put", params.WithKind(errDown, params.ErrAccessDenied))
		err := cache.Put(t.Context(), "a", "hunter2")
		if !errors.Is(err, params.ErrAccessDenied) || !errors.Is(err, errDown) || err.Error() != `params: put "a": down` {
			t.Errorf("got %v, want ErrAccessDenied with the text of the source", err)
		}
		wantGet(t, cache, "a", "old")
	})
	readOnly := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
		return params.Value{}, nil
	}), nil)
	if err := readOnly.Put(t.Context(), "a", "hunter2"); !errors.Is(err, params.ErrUnsupported) {
		t.Errorf("got %v, want ErrUnsupported", err)
	}
}

// A source may have written a value although Put failed, so no call may take the old one for current.
func TestAfterAPutThatFailsTheNextCallFetches(t *testing.T) {
	for _, o := range []*params.Options{nil, {RefreshAhead: 30 * time.Second}} {
		for _, age := range []time.Duration{0, time.Hour} {
			t.Run(fmt.Sprintf("%+v, age %v", o, age), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newFake("a", "old")
					cache := open(t, f, o)
					get := func(want string) {
						t.Helper()
						var g params.Getter = cache
						if age > 0 {
							g = cache.WithMaxAge(age)
						}
						if got, err := g.String(t.Context(), "a"); got != want || err != nil {
							t.Errorf("got %q, %v, want %q", got, err, want)
						}
					}
					get("old")
					f.fail("put", errDown)
					f.set("a", "new") // the source wrote it, and its answer was lost
					if err := cache.Put(t.Context(), "a", "new"); err == nil {
						t.Fatal("got no error, want the one of the source")
					}
					f.fail("a", errDown)
					get("old") // stale
					f.fail("a", nil)
					time.Sleep(time.Minute)
					get("new")
				})
			})
		}
	}
}

// What was read before the write must not take the place of what was written.
func TestAFetchFromBeforePutDoesNotUndoIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		f.slow(2 * time.Second)
		cache := open(t, f, nil)
		go cache.String(t.Context(), "a") // is answered "old" now, and told in 2 s
		time.Sleep(time.Second)
		f.slow(0)
		if err := cache.Put(t.Context(), "a", "new"); err != nil {
			t.Fatal(err)
		}
		wantGet(t, cache, "a", "new")
		time.Sleep(10 * time.Second)
		wantGet(t, cache, "a", "new")
	})
}

// A fetch that began before the write and fails after it says nothing about the new value.
func TestAFailedFetchFromBeforePutDoesNotUndoIt(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"not found": params.ErrNotFound, "down": errDown} {
		for which, pairs := range map[string][]string{"with an older value": {"a", "old"}, "without": nil} {
			t.Run(name+" "+which, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newFake(pairs...)
					cache := open(t, f, &params.Options{StaleWait: -1, OnError: func(err error) { t.Errorf("reported: %v", err) }})
					cache.String(t.Context(), "a")
					time.Sleep(time.Hour)
					f.fail("a", err)
					f.slow(2 * time.Second)
					go cache.String(t.Context(), "a") // is answered with the error now, and told in 2 s
					time.Sleep(time.Second)
					f.slow(0)
					if err := cache.Put(t.Context(), "a", "new"); err != nil {
						t.Fatal(err)
					}
					calls := f.count()
					time.Sleep(10 * time.Second)
					wantGet(t, cache, "a", "new")
					wantCalls(t, f, calls) // it is still young
				})
			})
		}
	}
}

// A write that fails may have been made all the same.
func TestAFailedPutMakesTheNextCallFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		cache := open(t, f, &params.Options{StaleWait: -1})
		wantGet(t, cache, "a", "old")
		f.fail("put", errDown)
		cache.Put(t.Context(), "a", "new")
		f.set("a", "new")
		wantGet(t, cache, "a", "new")

		f.slow(2 * time.Second)
		go cache.Fresh().String(t.Context(), "a") // is answered "new" now
		time.Sleep(time.Second)
		f.slow(0)
		cache.Put(t.Context(), "a", "newer")
		f.set("a", "newer")
		wantGet(t, cache, "a", "newer") // by a fetch after the write
		time.Sleep(10 * time.Second)
		wantGet(t, cache, "a", "newer")
		if err := cache.Put(t.Context(), "unknown", "x"); !errors.Is(err, errDown) {
			t.Errorf("got %v, want the error", err)
		}
		cache.String(t.Context(), "missing")
		f.set("missing", "x")
		cache.Put(t.Context(), "missing", "x")
	})
}

func TestPutMakesRoom(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", strings.Repeat("a", 60))
		cache := open(t, f, &params.Options{MaxBytes: 100, MaxAge: time.Hour})
		wantGet(t, cache, "a", f.values["a"].Text)
		time.Sleep(2 * time.Second)
		cache.Put(t.Context(), "b", strings.Repeat("b", 60))
		time.Sleep(2 * time.Second)
		wantGet(t, cache, "a", f.values["a"].Text)
		wantCalls(t, f, 3)
	})
}

// A write that fails because the source is down must not cost the value that would have
// outlived the outage.
func TestAFailedPutDoesNotLoseTheOlderValue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		cache := open(t, f, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "old")
		f.fail("", errDown)
		f.fail("put", errDown)
		cache.Put(t.Context(), "a", "new")
		wantGet(t, cache, "a", "old")
	})
}

func TestNamesThatAreNone(t *testing.T) {
	t.Parallel()
	f := newFake("", "x", "\x00p", "y")
	f.below = map[string]params.Value{"x": {Text: "1"}}
	cache := open(t, many{f}, nil)
	cache.Path(t.Context(), "p")
	cache.Put(t.Context(), "", "x")
	for _, name := range []string{"", "\x00p"} {
		if v, err := cache.String(t.Context(), name); err == nil && v != f.values[name].Text {
			t.Errorf("%q: got %q, want the value of the source or an error", name, v)
		}
	}
	if v, err := cache.String(t.Context(), ""); err == nil {
		t.Errorf("got %q without a name, want an error", v)
	}
	got, err := cache.Many(t.Context(), "", "b", "")
	if err == nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// A call after the write does not get an answer from before it, even if nothing is cached.
func TestGetAfterPutDoesNotJoinAnEarlierFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "old")
		f.slow(2 * time.Second)
		cache := open(t, f, &params.Options{MaxAge: -1, StaleWait: -1})
		go cache.String(t.Context(), "a")
		time.Sleep(time.Second)
		f.slow(0)
		if err := cache.Put(t.Context(), "a", "new"); err != nil {
			t.Fatal(err)
		}
		wantGet(t, cache, "a", "new")
		time.Sleep(10 * time.Second)
	})
}
