package params_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

func TestEvictionByEntries(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "2", "c", "3")
		cache := open(t, f, &params.Options{MaxRecords: 2, MaxAge: time.Hour})
		for _, name := range []string{"a", "b", "a", "c", "a"} { // b goes for c
			time.Sleep(2 * time.Second)
			wantGet(t, cache, name, f.values[name].Text)
		}
		wantCalls(t, f, 3)
		time.Sleep(2 * time.Second)
		wantGet(t, cache, "b", "2") // c goes
		wantCalls(t, f, 4)
		time.Sleep(2 * time.Second)
		wantGet(t, cache.WithMaxAge(time.Hour), "a", "1") // a use as well
		time.Sleep(2 * time.Second)
		wantGet(t, cache, "c", "3") // b goes
		wantGet(t, cache, "a", "1")
		wantCalls(t, f, 5)
	})
}

func TestEvictionByBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", strings.Repeat("a", 40), "b", strings.Repeat("b", 40), "c", strings.Repeat("c", 40), "huge", strings.Repeat("h", 101))
		cache := open(t, f, &params.Options{MaxBytes: 100, MaxAge: time.Hour})
		for _, name := range []string{"a", "b", "a", "huge", "huge", "a", "b", "c", "b"} {
			time.Sleep(2 * time.Second)
			wantGet(t, cache, name, f.values[name].Text)
		}
		// a, b, huge twice, c; huge evicts no entry, c evicts a.
		wantCalls(t, f, 5)
		time.Sleep(2 * time.Second)
		wantGet(t, cache, "a", f.values["a"].Text)
		wantCalls(t, f, 6)
	})
}

// What is asked for when it has just expired is in use as well.
func TestWhatIsFetchedAgainIsInUse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "2", "c", "3")
		cache := open(t, f, &params.Options{MaxRecords: 2, MaxAge: time.Minute})
		wantGet(t, cache, "a", "1")
		time.Sleep(50 * time.Second)
		wantGet(t, cache, "b", "2")
		time.Sleep(20 * time.Second)
		wantGet(t, cache, "a", "1") // fetched again
		time.Sleep(5 * time.Second)
		wantGet(t, cache, "c", "3") // takes the place of b
		wantCalls(t, f, 4)
		wantGet(t, cache, "a", "1")
		wantCalls(t, f, 4)
	})
}

// Names that a call asks for are in use, also before their values have come.
func TestManyKeepsTheNamesThatItFetchesAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "2", "new", "3")
		cache := open(t, many{f}, &params.Options{MaxRecords: 2, MaxAge: time.Minute})
		wantGet(t, cache, "a", "1")
		time.Sleep(50 * time.Second)
		wantGet(t, cache, "b", "2")
		time.Sleep(20 * time.Second)
		cache.Many(t.Context(), "a", "new") // b, which was used later than a, makes room
		wantCalls(t, f, 3)
		cache.Many(t.Context(), "a", "new")
		wantCalls(t, f, 3)
	})
}

func TestPathsAreEvictedByBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		f.below = map[string]params.Value{"x": {Text: strings.Repeat("x", 60)}}
		cache := open(t, f, &params.Options{MaxBytes: 100, MaxAge: time.Hour})
		for _, path := range []string{"p", "p", "q", "q", "p"} { // each takes the other's place
			time.Sleep(2 * time.Second)
			cache.Path(t.Context(), path)
		}
		wantCalls(t, f, 3)
	})
}

func TestMoreNamesThanThereIsRoomFor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		var names []string
		for i := range 50 {
			names = append(names, fmt.Sprint("n", i))
			f.set(names[i], fmt.Sprint(i))
		}
		cache := open(t, many{f}, &params.Options{MaxRecords: 3})
		got, err := cache.Many(t.Context(), names...)
		if err != nil || len(got) != 50 || got["n49"] != "49" {
			t.Errorf("%d values, %v", len(got), err)
		}
		wantCalls(t, f, 1)
	})
}

// clock is one that a test turns.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1.7e9, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestClockThatGoesBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFake("a", "1")
	cache := open(t, f, &params.Options{Now: c.Now, OnError: quiet})
	wantGet(t, cache, "a", "1")
	c.turn(-time.Hour)
	f.set("a", "2")
	wantGet(t, cache, "a", "2") // no value of the future for an hour
	wantGet(t, cache, "a", "2")
	wantCalls(t, f, 2)
	c.turn(-time.Hour)
	f.fail("", errDown)
	wantGet(t, cache, "a", "2")
}

// The back-off holds whatever became of the clock.
func TestBackOffWithAClockThatWentBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFake("a", "1")
	cache := open(t, f, &params.Options{Now: c.Now, OnError: quiet})
	wantGet(t, cache, "a", "1")
	c.turn(-time.Hour)
	f.fail("", errDown)
	for range 100 {
		wantGet(t, cache, "a", "1")
		c.turn(time.Millisecond)
	}
	if n := f.count(); n > 3 {
		t.Errorf("got %d calls in 100 ms of a source that is down, want at most 3", n)
	}
}

// New names are cached although all others look as if they were used later.
func TestRoomIsMadeWithAClockThatWentBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFake("a", "1", "b", "2", "c", "3")
	cache := open(t, f, &params.Options{Now: c.Now, MaxRecords: 2})
	wantGet(t, cache, "a", "1")
	wantGet(t, cache, "b", "2")
	c.turn(-time.Hour)
	for range 10 {
		wantGet(t, cache, "c", "3")
		c.turn(time.Second)
	}
	wantCalls(t, f, 3)
}

// If the clock was set back, values that nobody used since go first.
func TestCache_ClockSetBackEvictsUnusedValues(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFake("a", "1", "b", "2", "c", "3")
	cache := open(t, f, &params.Options{Now: c.Now, MaxRecords: 2})
	wantGet(t, cache, "a", "1")
	wantGet(t, cache, "b", "2")
	c.turn(-time.Hour)
	wantGet(t, cache, "a", "1") // its age is unknown, so it is fetched again
	wantGet(t, cache, "c", "3") // evicts b
	wantCalls(t, f, 4)
	wantGet(t, cache, "a", "1")
	wantCalls(t, f, 4)
}

// A new value is cached although the others look as if they were used at the same time.
func TestCache_FrozenClockKeepsNewValues(t *testing.T) {
	t.Parallel()
	f := newFake()
	cache := open(t, f, &params.Options{Now: newClock().Now, MaxRecords: 2})
	for i, name := range names(30) {
		f.set(name, "1")
		wantGet(t, cache, name, "1")
		wantGet(t, cache, name, "1")
		wantCalls(t, f, i+1)
	}
}

func TestFrozenClock(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFake("a", "1", "b", "2", "c", "3")
	cache := open(t, f, &params.Options{Now: c.Now, MaxRecords: 2})
	for range 10 {
		for _, name := range []string{"a", "b"} {
			wantGet(t, cache, name, f.values[name].Text)
		}
	}
	wantCalls(t, f, 2)
	c.turn(24 * time.Hour) // the execution environment thaws
	f.set("a", "1 of today")
	wantGet(t, cache, "a", "1 of today")
	wantGet(t, cache, "c", "3")
}

func TestJitterTakesUpToATenth(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		var names []string
		for i := range 200 {
			names = append(names, fmt.Sprint("n", i))
			f.set(names[i], "x")
		}
		cache := open(t, many{f}, &params.Options{MaxAge: 100 * time.Second})
		cache.Many(t.Context(), names...)
		time.Sleep(90*time.Second - 1)
		cache.Many(t.Context(), names...)
		wantCalls(t, f, 1)
		time.Sleep(5 * time.Second)
		cache.Many(t.Context(), names...)
		if n := len(f.batch[len(f.batch)-1]); n < 50 || n > 150 {
			t.Errorf("got %d of 200 fetched again after half of the jitter, want 50 to 150", n)
		}
	})
}

func TestTheLongestTimeouts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{FetchTimeout: math.MaxInt64, StaleWait: math.MaxInt64})
		wantGet(t, cache, "a", "1")
		time.Sleep(time.Hour)
		f.set("a", "2")
		f.slow(time.Hour)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { wantGet(t, cache, "a", "2") })
		}
		wg.Wait()
		wantCalls(t, f, 2)
	})
}

// A program that never wants to fetch again says so with the longest duration.
func TestLongestDurations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o    params.Options
		view time.Duration
		down bool
	}{
		"MaxAge":   {params.Options{MaxAge: math.MaxInt64}, 0, false},
		"view":     {params.Options{MaxAge: time.Minute}, math.MaxInt64, false},
		"MaxStale": {params.Options{MaxAge: time.Minute, MaxStale: math.MaxInt64}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake("a", "1")
				test.o.OnError = quiet
				cache := open(t, f, &test.o)
				wantGet(t, cache, "a", "1")
				time.Sleep(time.Hour)
				if test.down {
					f.fail("", errDown)
				} else {
					f.set("a", "2")
				}
				if test.view != 0 {
					wantGet(t, cache.WithMaxAge(test.view), "a", "1")
				} else {
					wantGet(t, cache, "a", "1")
				}
			})
		})
	}
}

func TestANegativeRefreshAheadDoesNotLengthenTheAge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{MaxAge: time.Minute, RefreshAhead: -time.Hour})
		wantGet(t, cache, "a", "1")
		f.set("a", "2")
		time.Sleep(2 * time.Minute)
		wantGet(t, cache, "a", "2")
	})
}
