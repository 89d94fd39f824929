package params_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

func TestMaxAgeOfAView(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, nil)
		wantGet(t, cache, "a", "1")
		f.set("a", "2")
		time.Sleep(time.Minute)
		wantGet(t, cache.WithMaxAge(2*time.Minute), "a", "1")
		wantGet(t, cache.WithMaxAge(time.Minute), "a", "2")
		wantCalls(t, f, 2)
		f.set("a", "3")
		time.Sleep(10 * time.Minute)
		wantGet(t, cache.WithMaxAge(time.Hour), "a", "2") // older than the Cache serves
		wantGet(t, cache, "a", "3")
		f.set("a", "4")
		wantGet(t, cache.WithMaxAge(0), "a", "4")
		wantGet(t, cache.WithMaxAge(-1), "a", "4")
		wantCalls(t, f, 5)
	})
}

func TestViewsOfAStaleValue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		f.fail("", errDown)
		time.Sleep(10 * time.Minute)
		wantGet(t, cache.WithMaxAge(time.Minute), "a", "1") // it outlives the outage
		wantCalls(t, f, 2)
		wantGet(t, cache.WithMaxAge(time.Minute), "a", "1") // and the back-off holds
		wantCalls(t, f, 2)
		time.Sleep(2 * time.Second)
		wantGet(t, cache.WithMaxAge(time.Minute), "a", "1") // which ends
		wantCalls(t, f, 3)
		if _, err := cache.Fresh().String(t.Context(), "a"); !errors.Is(err, errDown) {
			t.Errorf("got %v, want %v", err, errDown)
		}
	})
}

// A view that accepts the age of a value has no reason to fetch, in an outage less than
// ever.
func TestAnAgeThatIsAcceptedIsAcceptedInAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{OnError: quiet})
		wantGet(t, cache, "a", "1")
		f.fail("", errDown)
		time.Sleep(10 * time.Minute)
		wantGet(t, cache, "a", "1") // the Cache keeps it
		time.Sleep(time.Minute)
		f.slow(5 * time.Second)
		start := time.Now()
		wantGet(t, cache.WithMaxAge(time.Hour), "a", "1")
		if waited := time.Since(start); waited > 0 {
			t.Errorf("got a wait of %v for a value of 11 minutes, want none", waited)
		}
		time.Sleep(time.Minute)
	})
}

func TestRefreshAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{MaxAge: 100 * time.Second, RefreshAhead: 30 * time.Second})
		wantGet(t, cache, "a", "1")
		time.Sleep(50 * time.Second)
		wantGet(t, cache, "a", "1")
		wantCalls(t, f, 1)
		f.set("a", "2")
		f.slow(5 * time.Second)
		time.Sleep(30 * time.Second)
		start := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { wantGet(t, cache, "a", "1") })
		}
		wg.Wait()
		if waited := time.Since(start); waited > 0 {
			t.Errorf("got a wait of %v, want none", waited)
		}
		time.Sleep(6 * time.Second)
		wantGet(t, cache, "a", "2")
		wantCalls(t, f, 2)
	})
}

// A view may accept a value that the Cache could not refresh. RefreshAhead does not fetch it then.
func TestRefreshAheadIsNotForStaleValues(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{MaxAge: 100 * time.Second, RefreshAhead: 30 * time.Second, OnError: quiet})
		wantGet(t, cache, "a", "1")
		time.Sleep(100 * time.Second)
		f.fail("", errDown)
		wantGet(t, cache, "a", "1") // a failed refresh
		wantCalls(t, f, 2)
		time.Sleep(time.Minute)
		wantGet(t, cache.WithMaxAge(time.Hour), "a", "1")
		synctest.Wait()
		wantCalls(t, f, 2)
		wantGet(t, cache, "a", "1")
		wantCalls(t, f, 3)
	})
}

// Many and Load are calls as well, the ones that a slow fetch costs most.
func TestRefreshAheadOfMany(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "1")
		cache := open(t, many{f}, &params.Options{MaxAge: 100 * time.Second, RefreshAhead: 30 * time.Second})
		cache.Many(t.Context(), "a", "b")
		time.Sleep(85 * time.Second)
		cache.Many(t.Context(), "a", "b")
		time.Sleep(time.Second)
		wantCalls(t, f, 2) // one for both names
	})
}

// A source that fetches one parameter at a time gets no more fetches at a time than without
// RefreshAhead.
func TestRefreshAheadOfManyIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		for _, name := range names(100) {
			f.set(name, "1")
		}
		cache := open(t, f, &params.Options{MaxAge: 100 * time.Second, RefreshAhead: 30 * time.Second})
		cache.Many(t.Context(), names(100)...)
		time.Sleep(85 * time.Second)
		f.slow(time.Second)
		cache.Many(t.Context(), names(100)...)
		synctest.Wait()
		wantCalls(t, f, 108)
		time.Sleep(time.Minute)
		wantCalls(t, f, 200)
	})
}

func TestMaxAgeOfAViewIsNotForMissingParameters(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		cache := open(t, f, nil)
		cache.String(t.Context(), "a")
		f.set("a", "1")
		time.Sleep(11 * time.Second)
		wantGet(t, cache.WithMaxAge(time.Hour), "a", "1")
	})
}

// If a refresh ahead of time fails, the next one waits like a refresh during an outage.
func TestRefreshAhead_BacksOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{MaxAge: 100 * time.Second, RefreshAhead: 30 * time.Second, OnError: quiet})
		wantGet(t, cache, "a", "1")
		time.Sleep(80 * time.Second)
		f.fail("", errDown)
		for range 9 { // attempts after 0, 1 and 3 seconds
			wantGet(t, cache, "a", "1")
			time.Sleep(500 * time.Millisecond)
		}
		wantCalls(t, f, 4)
	})
}

// A parameter that is missing, or in an outage, is not refreshed ahead of time.
func TestRefreshAheadIsForValues(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{RefreshAhead: 30 * time.Second, OnError: quiet})
		for range 9 {
			cache.String(t.Context(), "none")
			time.Sleep(time.Second)
		}
		wantCalls(t, f, 1)
		wantGet(t, cache, "a", "1")
		time.Sleep(time.Hour)
		f.fail("", errDown)
		for range 20 {
			wantGet(t, cache, "a", "1")
			time.Sleep(10 * time.Millisecond)
		}
		wantCalls(t, f, 3)
	})
}

func TestManyAsksOnceForANameThatComesTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "2")
		cache := open(t, many{f}, nil)
		for i := range 2 {
			if got, err := cache.Fresh().Many(t.Context(), "a", "b", "a"); len(got) != 2 || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
			wantCalls(t, f, i+1)
		}
	})
}

func TestCallsWithoutAContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		f.below = map[string]params.Value{"x": {Text: "1"}}
		f.slow(time.Second)
		cache := open(t, f, &params.Options{OnError: quiet})
		var none context.Context
		for range 2 {
			if v, err := cache.String(none, "a"); v != "1" || err != nil {
				t.Errorf("Get: got %q, %v", v, err)
			}
			if got, err := cache.Many(none, "a", "b"); len(got) != 1 || !errors.Is(err, params.ErrNotFound) {
				t.Errorf("Many: got %v, %v", got, err)
			}
			if got, err := cache.Path(none, "p"); len(got) != 1 || err != nil {
				t.Errorf("Path: got %v, %v", got, err)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestAPathCannotHoldTheMarkOfPaths(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.below = map[string]params.Value{"x": {}}
	if got, err := open(t, f, nil).Path(t.Context(), "a\x00b"); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}

func TestFreshManyTellsOfACacheOfTheSource(t *testing.T) {
	t.Parallel()
	var reports []error
	cache := open(t, fixed{newFake("a", "1")}, &params.Options{OnError: func(err error) { reports = append(reports, err) }})
	cache.Many(t.Context(), "a")
	cache.Fresh().Many(t.Context(), "a")
	cache.Fresh().Many(t.Context(), "a")
	if len(reports) != 1 || !strings.Contains(reports[0].Error(), "the vault") {
		t.Errorf("got reports %v, want one", reports)
	}
}

type fixed struct{ *fake }

func (fixed) CachedElsewhere() string { return "the vault" }

func TestPathIsCachedAndCopied(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.below = map[string]params.Value{"url": {Text: "u"}, "db/key": {Text: "k", Secret: true}}
		cache := open(t, f, &params.Options{OnError: quiet})
		for range 3 {
			got, err := cache.Path(t.Context(), "/shop")
			if err != nil || len(got) != 2 || got["db/key"] != "k" {
				t.Fatalf("%v, %v", got, err)
			}
			got["url"] = "changed"
			clear(got)
		}
		wantCalls(t, f, 1)
		if got, err := cache.Fresh().Path(t.Context(), "/shop"); err != nil || len(got) != 2 {
			t.Errorf("%v, %v", got, err)
		}
		wantCalls(t, f, 2)
		f.below = nil
		if got, err := cache.Path(t.Context(), "/none"); err != nil || got == nil || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
		if _, err := cache.String(t.Context(), "/shop"); !errors.Is(err, params.ErrNotFound) {
			t.Errorf("got %v for a path, want ErrNotFound", err)
		}
		f.fail("", errDown)
		time.Sleep(time.Hour)
		if got, err := cache.Path(t.Context(), "/shop"); err != nil || len(got) != 2 {
			t.Errorf("in an outage: %v, %v", got, err)
		}
	})
}

func TestPathIsRefreshed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		cache := open(t, f, nil)
		for _, text := range []string{"1", "2"} {
			f.below = map[string]params.Value{"x": {Text: text}}
			if got, err := cache.Path(t.Context(), "/p"); got["x"] != text || err != nil {
				t.Errorf("got %v, %v, want %s", got, err, text)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestSourcesWithoutPaths(t *testing.T) {
	t.Parallel()
	cache := open(t, params.Environment{}, nil)
	if got, err := cache.Path(t.Context(), "/shop"); !errors.Is(err, params.ErrUnsupported) || got != nil {
		t.Errorf("%v, %v", got, err)
	}
}
