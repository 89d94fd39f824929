package params_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

func TestFetchTimeout_TheErrorNamesTheLimit(t *testing.T) {
	t.Parallel()
	opaque := errors.New("request canceled")
	for name, source := range map[string]params.Source{
		"context error": params.SourceFunc(func(ctx context.Context, _ string) (params.Value, error) {
			<-ctx.Done()
			return params.Value{}, fmt.Errorf("operation GetParameter: %w", ctx.Err())
		}),
		"other error": params.SourceFunc(func(ctx context.Context, _ string) (params.Value, error) {
			<-ctx.Done()
			return params.Value{}, opaque
		}),
		"never returns": params.SourceFunc(func(context.Context, string) (params.Value, error) {
			time.Sleep(time.Hour)
			return params.Value{}, nil
		}),
		"many": waitsMany{newFake()},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				cache := open(t, source, &params.Options{FetchTimeout: 7 * time.Second})
				_, err := cache.Many(t.Context(), "a", "b")
				if !errors.Is(err, context.DeadlineExceeded) || strings.Count(fmt.Sprint(err), "no answer within Options.FetchTimeout (7s): ") != 2 {
					t.Errorf("got %v, want errors that name FetchTimeout", err)
				}
				if name == "other error" && !errors.Is(err, opaque) {
					t.Errorf("got %v, want the error of the source in the chain", err)
				}
				time.Sleep(time.Hour)
			})
		})
	}
}

// waitsMany answers for each name when its time is over.
type waitsMany struct{ *fake }

func (waitsMany) FetchMany(ctx context.Context, names []string) (map[string]params.Result, error) {
	<-ctx.Done()
	results := make(map[string]params.Result)
	for _, name := range names {
		results[name] = params.Result{Err: ctx.Err()}
	}
	return results, nil
}

func TestFetchTimeout_AnErrorOfTheSourceItselfStaysAsItIs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.fail("", fmt.Errorf("own limit: %w", context.DeadlineExceeded))
		_, err := open(t, f, nil).String(t.Context(), "a")
		if want := `params: get "a": own limit: context deadline exceeded`; fmt.Sprint(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

// partly has the value of a in time, and not that of b.
type partly struct {
	*fake
	results map[string]params.Result // of the last call
}

func (p *partly) FetchMany(ctx context.Context, names []string) (map[string]params.Result, error) {
	<-ctx.Done()
	p.results = map[string]params.Result{"a": {Value: params.Value{Text: "1"}}, "b": {Err: ctx.Err()}}
	return p.results, nil
}

func TestFetchTimeout_ValuesThatCameInTimeAreKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		source := &partly{fake: newFake()}
		cache := open(t, source, nil)
		got, err := cache.Many(t.Context(), "a", "b")
		if fmt.Sprint(got) != "map[a:1]" || !strings.Contains(fmt.Sprint(err), `"b": no answer within Options.FetchTimeout`) || strings.Contains(fmt.Sprint(err), `"a"`) {
			t.Errorf("got %v, %v, want a, and an error about b", got, err)
		}
		if err := source.results["b"].Err; err != context.DeadlineExceeded {
			t.Errorf("got %v in the map of the source, want it unchanged (%v)", err, context.DeadlineExceeded)
		}
	})
}

// A source that ignores its context is left alone soon after its time.
func TestFetchTimeout_ASourceThatIgnoresItHoldsNobodyUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
			time.Sleep(time.Hour)
			return params.Value{}, nil
		}), nil)
		start := time.Now()
		if _, err := cache.String(t.Context(), "a"); err == nil || time.Since(start) != 10100*time.Millisecond {
			t.Errorf("got %v after %v, want an error after 10.1 s", err, time.Since(start))
		}
		time.Sleep(time.Hour)
	})
}

// paged is a source with n pages of one parameter, each of which takes a while.
type paged struct {
	*fake
	n      int
	broken int // the page that cannot be read, from 1
	delay  time.Duration
	mu     sync.Mutex
	read   int
}

func (p *paged) pages() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read
}

func (p *paged) Pages(path string) func(context.Context) (map[string]params.Value, bool, error) {
	n := 0
	return func(ctx context.Context) (map[string]params.Value, bool, error) {
		n++
		p.mu.Lock()
		p.read++
		p.mu.Unlock()
		select {
		case <-time.After(p.delay):
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
		if n == p.broken {
			return map[string]params.Value{"broken": {}}, true, errDown
		}
		return map[string]params.Value{fmt.Sprint(path, n): {Text: "1"}}, n < p.n, nil
	}
}

func TestPath_EachPageHasFetchTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := &paged{fake: newFake(), n: 1000, delay: 9 * time.Second}
		cache := open(t, p, nil)
		got, err := cache.Path(t.Context(), "/p")
		if len(got) != 1000 || got["/p1000"] != "1" || err != nil {
			t.Errorf("got %d parameters, %v, want 1000", len(got), err)
		}
		cache.Path(t.Context(), "/p")
		if p.pages() != 1000 {
			t.Errorf("got %d pages read, want 1000: the path is cached", p.pages())
		}
	})
}

func TestPath_APageThatTakesTooLong(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache := open(t, &paged{fake: newFake(), n: 2, delay: 11 * time.Second}, nil)
		_, err := cache.Path(t.Context(), "/p")
		if want := `params: get below "/p": no answer within Options.FetchTimeout (10s): context deadline exceeded`; fmt.Sprint(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestPath_APageThatFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := &paged{fake: newFake(), n: 3, broken: 2}
		cache := open(t, p, nil)
		if got, err := cache.Path(t.Context(), "/p"); got != nil || !errors.Is(err, errDown) || p.pages() != 2 {
			t.Errorf("got %v, %v after %d pages, want the error after 2", got, err, p.pages())
		}
	})
}

func TestPath_PagesWithoutAnEndAreGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := &paged{fake: newFake(), n: 1 << 30}
		if _, err := open(t, p, nil).Path(t.Context(), "/p"); err == nil || p.pages() != 20_000 {
			t.Errorf("got %v after %d pages, want an error after 20,000", err, p.pages())
		}
	})
}

// Progress keeps a fetch alive: it is its last request that can be lost.
func TestPath_AFetchThatMakesProgressIsNotGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := &paged{fake: newFake(), n: 5, delay: 9 * time.Second}
		cache := open(t, p, nil)
		go cache.Path(t.Context(), "/p")
		time.Sleep(44 * time.Second)
		if got, err := cache.Path(t.Context(), "/p"); len(got) != 5 || err != nil || p.pages() != 5 {
			t.Errorf("got %v, %v after %d pages, want 5", got, err, p.pages())
		}
	})
}

func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("n", i)
	}
	return list
}

func TestMany_AsksFor200NamesAtATime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		for _, name := range names(1000) {
			f.set(name, name)
		}
		f.slow(time.Second)
		cache := open(t, many{f}, nil)
		start := time.Now()
		got, err := cache.Many(t.Context(), names(450)...)
		if len(got) != 450 || got["n449"] != "n449" || err != nil {
			t.Errorf("got %d values, %v, want 450", len(got), err)
		}
		var sizes []int
		for _, batch := range f.batch {
			sizes = append(sizes, len(batch))
		}
		if fmt.Sprint(sizes) != "[200 200 50]" || time.Since(start) != 3*time.Second {
			t.Errorf("got batches of %v in %v, want [200 200 50] in 3 s", sizes, time.Since(start))
		}
	})
}

// Each batch has the whole FetchTimeout, also one that waited for its turn.
func TestMany_ASlowSourceHasTimeForEachBatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		for _, name := range names(1000) {
			f.set(name, name)
		}
		f.slow(9 * time.Second)
		cache := open(t, many{f}, nil)
		go cache.Many(t.Context(), names(1000)...)
		time.Sleep(20 * time.Second)
		got, err := cache.Many(t.Context(), names(1000)...)
		if len(got) != 1000 || err != nil {
			t.Errorf("got %d values, %v, want 1000", len(got), err)
		}
		wantCalls(t, f, 5)
	})
}

// A source may answer for each name that its time was over.
func TestMany_ASourceThatAnswersWithTimeoutsIsAskedOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		start := time.Now()
		_, err := open(t, waitsMany{newFake()}, nil).Many(t.Context(), names(1000)...)
		if strings.Count(fmt.Sprint(err), "no answer within") != 1000 || time.Since(start) != 10*time.Second {
			t.Errorf("got %.100v after %v, want an error for each after 10 s", err, time.Since(start))
		}
	})
}

func TestTheContextOfAFetchEndsWithIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var ctxs []context.Context
		cache := open(t, params.SourceFunc(func(ctx context.Context, _ string) (params.Value, error) {
			ctxs = append(ctxs, ctx)
			return params.Value{}, nil
		}), nil)
		cache.String(t.Context(), "a")
		synctest.Wait()
		if len(ctxs) != 1 || !errors.Is(ctxs[0].Err(), context.Canceled) {
			t.Errorf("got %v, want a context that is done", ctxs[0].Err())
		}
	})
}

func TestASourceThatCallsGoexitIsAnError(t *testing.T) {
	t.Parallel()
	cache := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
		runtime.Goexit()
		return params.Value{}, nil
	}), nil)
	if v, err := cache.String(t.Context(), "a"); v != "" || !strings.Contains(fmt.Sprint(err), "Goexit") {
		t.Errorf("got %q, %v, want an error", v, err)
	}
}

// If nothing answers, the names that wait for their turn need not try.
func TestMany_ASilentSourceIsAskedOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source func(*fake) params.Source
		calls  int
	}{
		"many": {func(f *fake) params.Source { return many{f} }, 1},
		"one":  {func(f *fake) params.Source { return f }, 8},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.slow(time.Hour)
				cache := open(t, test.source(f), nil)
				start := time.Now()
				got, err := cache.Many(t.Context(), names(2000)...)
				if len(got) != 0 || time.Since(start) != 10*time.Second || strings.Count(fmt.Sprint(err), "no answer within") != 2000 {
					t.Errorf("got %d values and %.100v after %v, want an error for each after 10 s", len(got), err, time.Since(start))
				}
				wantCalls(t, f, test.calls)
			})
		})
	}
}

func TestMany_OneNameWithoutAnAnswerDoesNotStopTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache := open(t, params.SourceFunc(func(ctx context.Context, name string) (params.Value, error) {
			if name == "n0" {
				<-ctx.Done()
				return params.Value{}, ctx.Err()
			}
			time.Sleep(time.Second)
			return params.Value{Text: name}, nil
		}), nil)
		if got, err := cache.Many(t.Context(), names(200)...); len(got) != 199 || strings.Count(fmt.Sprint(err), "params: ") != 1 {
			t.Errorf("got %d values, %v, want 199", len(got), err)
		}
	})
}

// A fetch that one caller gives up is no outage for the other names of its batch.
func TestMany_ABatchThatIsOldByTheWallClockIsFetchedAgain(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := &frozenMany{fake: newFake("a", "1", "b", "1"), hangs: make(chan struct{})}
	cache := open(t, f, &params.Options{Now: c.Now, OnError: func(err error) { t.Errorf("reported: %v", err) }})
	cache.String(t.Context(), "a")
	cache.String(t.Context(), "b")
	c.turn(time.Hour)
	earlier := make(chan map[string]string)
	go func() {
		got, _ := cache.Fresh().Many(context.Background(), "a", "b")
		earlier <- got
	}()
	<-f.hangs
	f.set("a", "2")
	f.set("b", "2")
	c.turn(11 * time.Second)
	wantGet(t, cache, "a", "2")
	if got := <-earlier; !maps.Equal(got, map[string]string{"a": "2", "b": "2"}) {
		t.Errorf("the earlier call got %v, want the new values", got)
	}
	wantGet(t, cache, "b", "2")
}

// frozenMany never answers for many.
type frozenMany struct {
	*fake
	hangs chan struct{}
	once  sync.Once
}

func (f *frozenMany) FetchMany(ctx context.Context, names []string) (map[string]params.Result, error) {
	f.once.Do(func() { close(f.hangs) })
	<-ctx.Done()
	return nil, ctx.Err()
}

// A fetch that is about to end by its timeout has failed, and was not lost.
func TestFetchTimeout_ACallAtTheEndOfAFetchDoesNotProlongIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cache := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
			time.Sleep(time.Hour) // whatever the context says
			return params.Value{}, nil
		}), nil)
		go func() {
			time.Sleep(10050 * time.Millisecond)
			cache.String(t.Context(), "a")
		}()
		wantWait(t, 10100*time.Millisecond, func() { cache.String(t.Context(), "a") })
		time.Sleep(2 * time.Hour)
	})
}
