package params_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

// wantWait checks how long f takes.
func wantWait(t *testing.T, want time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if got := time.Since(start); got != want {
		t.Errorf("waited %v, want %v", got, want)
	}
}

// silenced returns a Cache whose values a and b have expired, and whose source does not
// answer in an hour.
func silenced(t *testing.T, o *params.Options) (*params.Cache, *fake) {
	t.Helper()
	f := newFake("a", "1", "b", "1")
	cache := open(t, f, o)
	wantGet(t, cache, "a", "1")
	wantGet(t, cache, "b", "1")
	time.Sleep(time.Hour)
	f.slow(time.Hour)
	return cache, f
}

func TestStaleWait_ASilentSourceCostsABoundedWait(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o       params.Options
		timeout time.Duration
		want    time.Duration
	}{
		"default":               {params.Options{}, 0, 500 * time.Millisecond},
		"default, long timeout": {params.Options{}, 15 * time.Minute, 500 * time.Millisecond},
		"a quarter of the rest": {params.Options{}, time.Second, 250 * time.Millisecond},
		"own":                   {params.Options{StaleWait: 2 * time.Second}, time.Minute, 2 * time.Second},
		"negative":              {params.Options{StaleWait: -1}, 3 * time.Second, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				test.o.OnError = quiet
				cache, _ := silenced(t, &test.o)
				ctx := t.Context()
				if test.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.timeout)
					defer cancel()
				}
				wantWait(t, test.want, func() {
					if v, err := cache.String(ctx, "a"); v != "1" || err != nil {
						t.Errorf("got %q, %v, want the older value", v, err)
					}
				})
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestStaleWait_TheFetchGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		time.Sleep(time.Hour)
		f.set("a", "2")
		f.slow(3 * time.Second)
		wantGet(t, cache, "a", "1")
		time.Sleep(3 * time.Second)
		wantGet(t, cache, "a", "2")
		wantCalls(t, f, 2)
	})
}

func TestStaleWait_LaterCallersDoNotWaitAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache, f := silenced(t, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		for range 9 {
			wantWait(t, 0, func() { wantGet(t, cache, "a", "1") })
			time.Sleep(time.Second)
		}
		wantCalls(t, f, 3)
		wantWait(t, 250*time.Millisecond, func() { wantGet(t, cache, "b", "1") }) // one fetch was late, not ten
		time.Sleep(time.Minute)
	})
}

func TestStaleWait_CallersOfOneFetchWaitTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache, _ := silenced(t, &params.Options{OnError: quiet})
		var wg sync.WaitGroup
		wantWait(t, 500*time.Millisecond, func() {
			for range 20 {
				wg.Go(func() { wantGet(t, cache, "a", "1") })
				time.Sleep(10 * time.Millisecond)
			}
			wg.Wait()
		})
		time.Sleep(time.Minute)
	})
}

// A function reads several parameters, one after another.
func TestStaleWait_OtherNamesWaitLess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		cache := open(t, f, &params.Options{OnError: quiet})
		names := strings.Split("abcdef", "")
		for _, name := range names {
			f.set(name, "1")
			wantGet(t, cache, name, "1")
		}
		time.Sleep(time.Hour)
		f.slow(time.Hour)
		for i, want := range []time.Duration{500e6, 250e6, 125e6, 62.5e6, 62.5e6, 62.5e6} {
			wantWait(t, want, func() { wantGet(t, cache, names[i], "1") })
		}
		f.slow(0) // the source answers again
		time.Sleep(time.Minute)
		wantGet(t, cache, "a", "1")
		time.Sleep(time.Hour)
		f.slow(time.Hour)
		wantWait(t, 500*time.Millisecond, func() { wantGet(t, cache, "b", "1") })
		time.Sleep(time.Minute)
	})
}

// A slow fetch after half a minute is the first one again.
func TestStaleWait_OldSlowFetchesAreForgotten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		cache := open(t, f, &params.Options{OnError: quiet})
		names := strings.Split("abcde", "")
		for _, name := range names {
			f.set(name, "1")
			wantGet(t, cache, name, "1")
		}
		time.Sleep(time.Hour)
		f.slow(time.Hour)
		for _, name := range names[:3] {
			wantGet(t, cache, name, "1")
		}
		time.Sleep(31 * time.Second)
		wantWait(t, 500*time.Millisecond, func() { wantGet(t, cache, "d", "1") })
		wantWait(t, 250*time.Millisecond, func() { wantGet(t, cache, "e", "1") })
		time.Sleep(time.Minute)
	})
}

// A quarter of the time left for each of many parameters would be nearly all of it.
func TestStaleWait_OtherNamesWaitLessIfTheContextEndsSoon(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		cache := open(t, f, &params.Options{OnError: quiet})
		names := strings.Split("abcdef", "")
		for _, name := range names {
			f.set(name, "1")
			wantGet(t, cache, name, "1")
		}
		time.Sleep(time.Hour)
		f.slow(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 1024*time.Millisecond)
		defer cancel()
		left := 1024 * time.Millisecond
		for i, share := range []time.Duration{4, 8, 16, 32, 32, 32} {
			want := left / share
			wantWait(t, want, func() { cache.String(ctx, names[i]) })
			left -= want
		}
		time.Sleep(time.Minute)
	})
}

// Lambda freezes the environment after each invocation, and the fetch with it.
func TestStaleWait_ShortInvocationsNoticeThatTheSourceAnswersAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pause time.Duration // between invocations
		wait  time.Duration // of the fourth
		want  string        // what the fifth gets from a source that answers in 400 ms
	}{
		"close together": {11 * time.Second, 62500 * time.Microsecond, "1"},
		"far apart":      {time.Minute, 500 * time.Millisecond, "2"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := newClock()
				f := newFake("a", "1")
				cache := open(t, f, &params.Options{Now: c.Now, OnError: quiet})
				wantGet(t, cache, "a", "1")
				c.turn(time.Hour)
				f.slow(time.Hour)
				for range 3 {
					wantGet(t, cache, "a", "1")
					c.turn(test.pause)
				}
				wantWait(t, test.wait, func() { wantGet(t, cache, "a", "1") })
				c.turn(test.pause)
				f.set("a", "2")
				f.slow(400 * time.Millisecond)
				wantGet(t, cache, "a", test.want)
				time.Sleep(time.Minute)
			})
		})
	}
}

// A call that leaves before StaleWait shortens the waits for other fetches, and reports nothing.
func TestStaleWait_ACallerThatLeavesALittleEarlierIsNoOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: func(err error) { t.Errorf("reported: %v", err) }})
		wantGet(t, cache, "a", "1")
		time.Sleep(time.Hour)
		f.slow(450 * time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 1600*time.Millisecond)
		defer cancel()
		wantWait(t, 400*time.Millisecond, func() { cache.String(ctx, "a") })
		time.Sleep(time.Second)
	})
}

// That a parameter does not exist is an answer as well.
func TestStaleWait_AnAnswerEndsTheShorterWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache, f := silenced(t, &params.Options{OnError: quiet})
		wantWait(t, 500*time.Millisecond, func() { wantGet(t, cache, "a", "1") })
		f.slow(0)
		cache.String(t.Context(), "none")
		f.slow(time.Hour)
		wantWait(t, 500*time.Millisecond, func() { wantGet(t, cache, "b", "1") })
		time.Sleep(time.Minute)
	})
}

// Many joins a fetch that another call started. It waits for it as long as for its own.
func TestStaleWait_ManyThatJoinsAFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		time.Sleep(time.Hour)
		f.slow(time.Hour)
		var wg sync.WaitGroup
		wg.Go(func() { wantGet(t, cache, "a", "1") })
		synctest.Wait()
		wantWait(t, 500*time.Millisecond, func() {
			if got, err := cache.Many(t.Context(), "a"); got["a"] != "1" || err != nil {
				t.Errorf("got %v, %v, want the stale value", got, err)
			}
		})
		wg.Wait()
		wantCalls(t, f, 2)
		time.Sleep(5 * time.Minute)
	})
}

func TestStaleWait_ManyWaitsOnceForAll(t *testing.T) {
	t.Parallel()
	for name, timeout := range map[string]time.Duration{"default": time.Minute, "a quarter of the rest": time.Second} {
		for kind, source := range map[string]func(*fake) params.Source{
			"many": func(f *fake) params.Source { return many{f} },
			"one":  func(f *fake) params.Source { return f },
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newFake()
					var names []string
					for i := range 50 {
						names = append(names, fmt.Sprint(i))
						f.set(names[i], "1")
					}
					cache := open(t, source(f), &params.Options{OnError: quiet})
					cache.Many(t.Context(), names...)
					time.Sleep(time.Hour)
					f.slow(time.Hour)
					ctx, cancel := context.WithTimeout(t.Context(), timeout)
					defer cancel()
					wantWait(t, min(500*time.Millisecond, timeout/4), func() {
						if got, err := cache.Many(ctx, names...); len(got) != 50 || err != nil {
							t.Errorf("got %d values, %v, want 50", len(got), err)
						}
					})
					time.Sleep(5 * time.Minute)
				})
			})
		}
	}
}

func TestStaleWait_WithoutAnOlderValueCallersWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "gone", "1")
		cache := open(t, f, &params.Options{OnError: quiet, MaxAge: time.Minute, MaxStale: time.Minute})
		wantGet(t, cache, "gone", "1")
		time.Sleep(time.Hour)
		f.slow(3 * time.Second)
		wantWait(t, 3*time.Second, func() { wantGet(t, cache, "a", "1") })
		wantWait(t, 3*time.Second, func() { wantGet(t, cache, "gone", "1") }) // it is older than MaxStale
	})
}

func TestStaleWait_FreshWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		f.set("a", "2")
		f.slow(3 * time.Second)
		wantWait(t, 3*time.Second, func() { wantGet(t, cache.Fresh(), "a", "2") })
		time.Sleep(time.Minute)
		f.set("a", "3")
		wantWait(t, 500*time.Millisecond, func() { wantGet(t, cache.WithMaxAge(time.Second), "a", "2") }) // MaxAge does not
		time.Sleep(time.Minute)
	})
}

func TestStaleWait_PathsToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.below = map[string]params.Value{"x": {Text: "1"}}
		cache := open(t, f, &params.Options{OnError: quiet})
		cache.Path(t.Context(), "/p")
		time.Sleep(time.Hour)
		f.slow(time.Hour)
		wantWait(t, 500*time.Millisecond, func() {
			if got, err := cache.Path(t.Context(), "/p"); got["x"] != "1" || err != nil {
				t.Errorf("got %v, %v, want the older values", got, err)
			}
		})
		time.Sleep(time.Minute)
	})
}

func TestStaleWait_OneReportAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var reports []error
		cache, f := silenced(t, &params.Options{OnError: func(err error) { reports = append(reports, err) }})
		for outage := range 2 {
			wantGet(t, cache, "a", "1")
			if len(reports) != outage+1 || !strings.Contains(reports[outage].Error(), `params: get "a": no answer within 500ms; serving the value fetched 1h0m1s ago`) {
				t.Errorf("got reports %v, want one of this outage", reports)
			}
			for range 200 { // fetches begin, and end after FetchTimeout
				wantGet(t, cache, "a", "1")
				time.Sleep(time.Second)
			}
			if len(reports) != outage+1 {
				t.Errorf("got reports %v, want one an outage", reports)
			}
			f.slow(0)
			time.Sleep(time.Minute)
			wantGet(t, cache, "a", "1")
			f.slow(time.Hour)
			time.Sleep(time.Hour)
		}
		time.Sleep(time.Minute)
	})
}

func TestStaleWait_ACallerInAHurryIsNoOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: func(err error) { t.Errorf("reported: %v", err) }})
		wantGet(t, cache, "a", "1")
		time.Sleep(time.Hour)
		f.slow(300 * time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		wantWait(t, 100*time.Millisecond, func() {
			if v, err := cache.String(ctx, "a"); v != "1" || err != nil {
				t.Errorf("got %q, %v", v, err)
			}
		})
		time.Sleep(time.Second)
	})
}

// A cached value may outlive its MaxStale while a call waits.
func TestStaleWait_AValueThatGetsTooOldWhileACallWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{MaxAge: time.Minute, MaxStale: time.Minute, OnError: quiet})
		wantGet(t, cache, "a", "1")
		time.Sleep(2*time.Minute - 100*time.Millisecond)
		f.set("a", "2")
		f.slow(3 * time.Second)
		wantWait(t, 3*time.Second, func() { wantGet(t, cache, "a", "2") })
	})
}

// frozen is a source whose next fetch after freeze hangs until its context is done, as with
// a connection that died while the environment was frozen.
type frozen struct {
	*fake
	late  string        // the answer that comes then, if any
	hangs chan struct{} // closed when the fetch hangs
	once  sync.Once
	ended chan error // with what cause
}

func (f *frozen) freeze() { f.hangs, f.ended = make(chan struct{}), make(chan error, 1) }

func (f *frozen) Fetch(ctx context.Context, name string) (v params.Value, err error) {
	hung := false
	if f.hangs != nil {
		f.once.Do(func() {
			close(f.hangs)
			<-ctx.Done()
			f.ended <- context.Cause(ctx)
			hung = true
		})
	}
	switch {
	case !hung:
		return f.fake.Fetch(ctx, name)
	case f.late == "":
		return v, ctx.Err()
	}
	return params.Value{Text: f.late}, nil
}

func TestAFetchThatIsOldByTheWallClockIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ late, earlier string }{
		"no answer":    {"", "2"},
		"late answer":  {"late", "late"},
		"older answer": {"1", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := newClock()
				f := &frozen{fake: newFake("a", "1"), late: test.late}
				cache := open(t, f, &params.Options{Now: c.Now, OnError: func(err error) { t.Errorf("reported: %v", err) }, StaleWait: -1})
				wantGet(t, cache, "a", "1")
				c.turn(time.Hour)
				f.freeze()
				earlier := make(chan string, 1)
				go func() { // the call of an earlier invocation, which still waits
					v, _ := cache.String(context.Background(), "a")
					earlier <- v
				}()
				<-f.hangs
				c.turn(10100 * time.Millisecond) // not old enough
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				cache.String(ctx, "a")
				synctest.Wait()
				if len(f.ended) > 0 {
					t.Error("got the end of the fetch before FetchTimeout, want it to continue")
				}
				c.turn(time.Nanosecond)
				f.set("a", "2")
				wantGet(t, cache, "a", "2")
				if err := <-f.ended; err == nil || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the error of a canceled fetch", err)
				}
				if got := <-earlier; got != test.earlier {
					t.Errorf("the earlier call got %q, want %q", got, test.earlier)
				}
				wantGet(t, cache, "a", "2")
				wantCalls(t, f.fake, 2)
			})
		})
	}
}

// The monotonic clock stops while Lambda has the environment frozen, the wall clock does not.
func TestStaleWait_TimeInTheFreezerCounts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newClock()
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{Now: c.Now, OnError: quiet})
		wantGet(t, cache, "a", "1")
		c.turn(time.Hour)
		f.slow(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Millisecond)
		defer cancel()
		cache.String(ctx, "a") // a call in a hurry, before the freeze
		c.turn(5 * time.Second)
		wantWait(t, 0, func() { wantGet(t, cache, "a", "1") })
		time.Sleep(time.Minute)
	})
}

// A clock that stands still, as in a test, must not make every call wait again.
func TestStaleWait_AClockThatStandsStill(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newClock()
		f := newFake("a", "1")
		reports := 0
		cache := open(t, f, &params.Options{Now: c.Now, OnError: func(error) { reports++ }})
		wantGet(t, cache, "a", "1")
		c.turn(time.Hour)
		f.slow(time.Hour)
		wantWait(t, 500*time.Millisecond, func() { wantGet(t, cache, "a", "1") })
		wantWait(t, 0, func() { wantGet(t, cache, "a", "1") })
		if reports != 1 {
			t.Errorf("got %d reports, want 1", reports)
		}
		time.Sleep(time.Minute)
	})
}
