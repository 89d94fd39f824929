package params_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

// backend is a source whose values and troubles a test sets.
type backend struct {
	mu      sync.Mutex
	values  map[string]string
	err     error
	delay   time.Duration
	fetches atomic.Int64
}

func (b *backend) Fetch(ctx context.Context, name string) (params.Value, error) {
	b.fetches.Add(1)
	if b.delay > 0 {
		select {
		case <-time.After(b.delay):
		case <-ctx.Done():
			return params.Value{}, ctx.Err()
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return params.Value{}, b.err
	}
	text, ok := b.values[name]
	if !ok {
		return params.Value{}, params.ErrNotFound
	}
	return params.Value{Text: text}, nil
}

func (b *backend) set(name, text string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.values[name], b.err = text, err
}

func newCache(t *testing.T, source params.Source, o *params.Options) *params.Cache {
	t.Helper()
	cache, err := params.New(source, o)
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

func TestAThousandCallersCauseOneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &backend{values: map[string]string{"a": "1"}, delay: time.Second}
		cache := newCache(t, b, nil)
		for round := range int64(3) {
			var wg sync.WaitGroup
			for range 1000 {
				wg.Go(func() {
					if v, err := cache.String(t.Context(), "a"); v != "1" || err != nil {
						t.Errorf("got %q, %v, want 1", v, err)
					}
				})
			}
			wg.Wait()
			if n := b.fetches.Load(); n != round+1 {
				t.Errorf("round %d: got %d fetches, want %d", round, n, round+1)
			}
			time.Sleep(6 * time.Minute) // the fetch ends half a second after its callers have left
		}
	})
}

func TestOutageOfTheSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &backend{values: map[string]string{"a": "1"}}
		var reports []error
		cache := newCache(t, b, &params.Options{MaxAge: time.Minute, OnError: func(err error) { reports = append(reports, err) }})
		cache.String(t.Context(), "a")
		time.Sleep(time.Minute)
		b.set("a", "2", errors.New("throttled"))
		for range 6000 {
			if v, err := cache.String(t.Context(), "a"); v != "1" || err != nil {
				t.Fatalf("got %q, %v, want 1", v, err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if len(reports) != 1 {
			t.Errorf("got %d reports (%v), want 1", len(reports), reports)
		}
		if n := b.fetches.Load(); n > 30 {
			t.Errorf("got %d fetches in ten minutes, want at most 30", n)
		}
		b.set("a", "2", nil)
		time.Sleep(30 * time.Second)
		if v, err := cache.String(t.Context(), "a"); v != "2" || err != nil {
			t.Errorf("got %q, %v after the outage, want 2", v, err)
		}
	})
}

func TestACallerThatLeavesHarmsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &backend{values: map[string]string{"a": "1"}, delay: 3 * time.Second}
		cache := newCache(t, b, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		done := make(chan string)
		go func() {
			time.Sleep(500 * time.Millisecond)
			v, err := cache.String(t.Context(), "a")
			done <- fmt.Sprint(v, err)
		}()
		if _, err := cache.String(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, want context.DeadlineExceeded after 1 s", err, time.Since(start))
		}
		if got := <-done; got != "1<nil>" || b.fetches.Load() != 1 {
			t.Errorf("%s, %d fetches", got, b.fetches.Load())
		}
	})
}

func TestJSONIsDecodedOnceAndNotShared(t *testing.T) {
	t.Parallel()
	type limits struct {
		Max  int
		Tags map[string][]string
	}
	b := &backend{values: map[string]string{"l": `{"Max":3,"Tags":{"a":["x"]}}`}}
	cache := newCache(t, b, nil)
	for range 2 {
		l, err := params.JSON[limits](t.Context(), cache, "l")
		if err != nil || l.Max != 3 || l.Tags["a"][0] != "x" {
			t.Fatalf("got %+v, %v, want Max 3 and the tag x", l, err)
		}
		l.Tags["a"][0] = "changed"
		delete(l.Tags, "a")
	}
	if _, err := params.JSON[int](t.Context(), cache, "l"); err == nil || errors.As(err, new(*params.DecodeError)) == false {
		t.Errorf("got %v, want a *DecodeError", err)
	}
}

func BenchmarkGet(b *testing.B) {
	cache, _ := params.New(&backend{values: map[string]string{"a": "1", "j": `{"A":1,"B":"x"}`}}, nil)
	b.Run("text", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			cache.String(b.Context(), "a")
		}
	})
	b.Run("json", func(b *testing.B) {
		type v struct {
			A int
			B string
		}
		b.ReportAllocs()
		for b.Loop() {
			params.JSON[v](b.Context(), cache, "j")
		}
	})
}

// cached is a source with a cache of its own.
type cached struct{ *backend }

func (cached) CachedElsewhere() string { return "another cache, for a minute" }

func TestFreshOfASourceWithACacheOfItsOwn(t *testing.T) {
	t.Parallel()
	var reports []string
	cache := newCache(t, cached{&backend{values: map[string]string{"a": "1"}}}, &params.Options{OnError: func(err error) { reports = append(reports, err.Error()) }})
	cache.String(t.Context(), "a")
	if len(reports) != 0 {
		t.Errorf("got reports %q, want none", reports)
	}
	for range 2 {
		cache.Fresh().String(t.Context(), "a")
		params.RunWithRotation(t.Context(), cache, "a", func(context.Context, lambdakit.Secret) error { return errors.New("refused") }, func(error) bool { return true })
	}
	if len(reports) != 1 || !strings.Contains(reports[0], "another cache, for a minute") {
		t.Errorf("got reports %q, want one that names the cache", reports)
	}
}

func TestGettersGiveTheErrorOfTheSource(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake(), nil)
	if v, err := cache.Value(t.Context(), "none"); v != (params.Value{}) || !errors.Is(err, params.ErrNotFound) {
		t.Errorf("Value: got %v, %v", v, err)
	}
	if v, err := cache.Secret(t.Context(), "none"); v != (lambdakit.Secret{}) || !errors.Is(err, params.ErrNotFound) {
		t.Errorf("Secret: got %v, %v", v, err)
	}
	if v, err := cache.Bytes(t.Context(), "none"); len(v) > 0 || !errors.Is(err, params.ErrNotFound) {
		t.Errorf("Bytes: got %v, %v", v, err)
	}
}

func TestTheCacheIsBoundedByDefault(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		cache := open(t, f, &params.Options{MaxAge: time.Hour, NotFoundAge: time.Hour})
		cache.String(t.Context(), "first")
		time.Sleep(2 * time.Second)
		cache.Many(t.Context(), names(999)...)
		cache.String(t.Context(), "first")
		wantCalls(t, f, 1000)
		time.Sleep(2 * time.Second)
		cache.Many(t.Context(), names(999)...)
		cache.String(t.Context(), "one more") // takes the place of first
		wantCalls(t, f, 1001)
		cache.String(t.Context(), "first")
		wantCalls(t, f, 1002)
		large := newFake("a", strings.Repeat("x", 4<<20), "b", strings.Repeat("x", 4<<20+1))
		cache = open(t, large, nil)
		for range 2 {
			cache.String(t.Context(), "a")
			cache.String(t.Context(), "b")
		}
		wantCalls(t, large, 3) // b is too large to be cached
	})
}
