package params_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

var errDown = errors.New("down")

func TestBackOffDoublesAndOneReportIsMadePerOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		var reports []error
		cache := open(t, f, &params.Options{MaxAge: time.Minute, OnError: func(err error) { reports = append(reports, err) }})
		wantGet(t, cache, "a", "1")
		for outage := range 2 {
			time.Sleep(time.Minute)
			f.fail("", errDown)
			var gaps []int
			last, start := f.count(), time.Now()
			for time.Since(start) < 130*time.Second {
				wantGet(t, cache, "a", "1")
				if n := f.count(); n != last {
					gaps = append(gaps, int(time.Since(start)/time.Second))
					last = n
				}
				time.Sleep(250 * time.Millisecond)
			}
			if want := []int{0, 1, 3, 7, 15, 31, 61, 91, 121}; len(gaps) != len(want) || gaps[4] != 15 || gaps[8] != 121 {
				t.Errorf("got attempts at %v, want %v", gaps, want)
			}
			f.fail("", nil)
			time.Sleep(31 * time.Second)
			wantGet(t, cache, "a", "1")
			if len(reports) != outage+1 || !errors.Is(reports[outage], errDown) {
				t.Errorf("outage %d: got reports %v, want one of this outage", outage, reports)
			}
		}
	})
}

// A failed call of Fresh counts as an attempt: the next attempt of other calls is later.
func TestBackOff_CountsFailuresOfFresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{MaxAge: time.Minute, OnError: quiet})
		wantGet(t, cache, "a", "1")
		time.Sleep(time.Minute)
		f.fail("", errDown)
		wantGet(t, cache, "a", "1") // the next attempt is in one second
		time.Sleep(500 * time.Millisecond)
		if _, err := cache.Fresh().String(t.Context(), "a"); !errors.Is(err, errDown) {
			t.Errorf("got %v, want %v", err, errDown)
		} // the next attempt is in two seconds
		wantCalls(t, f, 3)
		time.Sleep(1900 * time.Millisecond)
		wantGet(t, cache, "a", "1")
		wantCalls(t, f, 3)
		time.Sleep(200 * time.Millisecond)
		wantGet(t, cache, "a", "1")
		wantCalls(t, f, 4)
	})
}

func TestHowLongAnOlderValueIsServed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o     params.Options
		after time.Duration
		ok    bool
	}{
		"default, within":   {params.Options{}, 24 * time.Hour, true},
		"default, beyond":   {params.Options{}, 24*time.Hour + 6*time.Minute, false},
		"own, within":       {params.Options{MaxAge: time.Minute, MaxStale: time.Minute}, 110 * time.Second, true},
		"own, beyond":       {params.Options{MaxAge: time.Minute, MaxStale: time.Minute}, 121 * time.Second, false},
		"none":              {params.Options{MaxAge: time.Minute, MaxStale: -1}, 61 * time.Second, false},
		"nothing is cached": {params.Options{MaxAge: -1}, time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake("a", "1")
				test.o.OnError = quiet
				cache := open(t, f, &test.o)
				wantGet(t, cache, "a", "1")
				f.fail("", errDown)
				time.Sleep(test.after)
				v, err := cache.String(t.Context(), "a")
				if (err == nil) != test.ok || test.ok && v != "1" || !test.ok && !errors.Is(err, errDown) {
					t.Errorf("got %q, %v, want a value: %t", v, err, test.ok)
				}
				if _, err := cache.Fresh().String(t.Context(), "a"); !errors.Is(err, errDown) {
					t.Errorf("got %v from Fresh, want %v", err, errDown)
				}
			})
		})
	}
}

// MaxStale is the age of values that the Cache would not serve otherwise.
func TestWithoutMaxStaleAValueIsServedAsLongAsItIsYoung(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{MaxStale: -1, OnError: quiet})
		wantGet(t, cache, "a", "1")
		f.fail("", errDown)
		time.Sleep(time.Minute)
		wantGet(t, cache.WithMaxAge(time.Second), "a", "1")
	})
}

func TestMaxStaleEndsWhenItSays(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]bool{2 * time.Minute: true, 2*time.Minute + 1: false} {
		c := newClock()
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{Now: c.Now, MaxAge: time.Minute, MaxStale: time.Minute, OnError: quiet})
		wantGet(t, cache, "a", "1")
		f.fail("", errDown)
		c.turn(after)
		if _, err := cache.String(t.Context(), "a"); (err == nil) != want {
			t.Errorf("%v: got %v, want a value: %t", after, err, want)
		}
	}
}

func TestNoValueYetAndOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		f.fail("", params.ErrThrottled)
		cache := open(t, f, nil)
		if _, err := cache.String(t.Context(), "a"); !errors.Is(err, params.ErrThrottled) {
			t.Errorf("got %v, want ErrThrottled", err)
		}
		f.fail("", nil)
		wantGet(t, cache, "a", "1")
	})
}

func TestGoneIsNotAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		time.Sleep(6 * time.Minute)
		f.fail("", errDown)
		wantGet(t, cache, "a", "1") // older
		f.fail("", params.WithKind(errors.New("no such thing"), params.ErrNotFound))
		time.Sleep(2 * time.Second)
		for range 3 {
			if v, err := cache.String(t.Context(), "a"); v != "" || !errors.Is(err, params.ErrNotFound) {
				t.Errorf("got %q, %v, want ErrNotFound", v, err)
			}
		}
		f.fail("", errDown) // what was deleted does not come back
		time.Sleep(time.Minute)
		if v, err := cache.String(t.Context(), "a"); v != "" || !errors.Is(err, errDown) {
			t.Errorf("got %q, %v, want %v", v, err, errDown)
		}
	})
}

func TestNotFoundIsRememberedBriefly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		age   time.Duration
		calls int // in 20 s, one a second
	}{"default": {0, 2}, "own": {5 * time.Second, 4}, "not at all": {-1, 20}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				cache := open(t, f, &params.Options{NotFoundAge: test.age})
				for range 20 {
					if _, err := cache.String(t.Context(), "a"); !errors.Is(err, params.ErrNotFound) {
						t.Errorf("got %v, want ErrNotFound", err)
					}
					time.Sleep(time.Second)
				}
				wantCalls(t, f, test.calls)
				cache.String(t.Context(), "a")
				f.set("a", "1")
				wantGet(t, cache.Fresh(), "a", "1")
				wantGet(t, cache, "a", "1")
			})
		})
	}
}

// Lambda functions have a few seconds, less than a fetch may take: an outage in which the
// source does not answer is the usual one.
func TestACallerInAHurryGetsTheOlderValueOfASourceThatHangs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		f.slow(time.Hour)
		time.Sleep(6 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if v, err := cache.String(ctx, "a"); v != "1" || err != nil {
			t.Errorf("got %q, %v, want 1", v, err)
		}
		time.Sleep(time.Minute)
	})
}

// What watches for errors may want the parameter itself, to know where to send them.
func TestOnErrorMayAskTheStore(t *testing.T) {
	t.Parallel()
	f := newFake("a", "1")
	var cache *params.Cache
	now := time.Unix(1e9, 0)
	cache = open(t, f, &params.Options{Now: func() time.Time { return now }, OnError: func(error) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		cache.String(ctx, "a")
	}})
	wantGet(t, cache, "a", "1")
	f.fail("", errDown)
	now = now.Add(time.Hour)
	done := make(chan struct{})
	go func() {
		defer close(done)
		cache.String(context.Background(), "a")
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("got a deadlock of the Cache and OnError, want none")
	}
}

// A refresh ahead of time that fails changes nothing: the value is still young.
func TestAFailedRefreshDoesNotAgeTheValue(t *testing.T) {
	t.Parallel()
	for name, refresh := range map[string]func(ctx context.Context, cache *params.Cache){
		"ahead":   func(ctx context.Context, cache *params.Cache) { cache.String(ctx, "a") },
		"fresh":   func(ctx context.Context, cache *params.Cache) { cache.Fresh().String(ctx, "a") },
		"younger": func(ctx context.Context, cache *params.Cache) { cache.WithMaxAge(time.Second).String(ctx, "a") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake("a", "1")
				o := params.Options{MaxAge: time.Hour, OnError: quiet}
				if name == "ahead" {
					o.RefreshAhead = 50 * time.Minute
				}
				cache := open(t, f, &o)
				wantGet(t, cache, "a", "1")
				time.Sleep(15 * time.Minute)
				f.fail("", errDown)
				refresh(t.Context(), cache)
				time.Sleep(20 * time.Second)
				f.slow(5 * time.Second)
				start := time.Now()
				wantGet(t, cache, "a", "1")
				if waited := time.Since(start); waited > 0 {
					t.Errorf("got a wait of %v for a value of 15 minutes, want none", waited)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}
