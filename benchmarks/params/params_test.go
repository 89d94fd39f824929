package params

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/maypok86/otter/v2"

	"github.com/lambdakit/lambdakit/params"
)

const (
	name  = "/shop/prod/payments/limits"
	text  = `{"max":100,"currency":"EUR"}`
	other = 99 // number of further parameters in each cache
)

// limits is the decoded JSON.
type limits struct {
	Max      int    `json:"max"`
	Currency string `json:"currency"`
}

// candidate is one of the compared ways to get the text, and the value decoded from it.
type candidate struct {
	name    string
	text    func(ctx context.Context) string
	decoded func(ctx context.Context) limits
}

// impossible makes the compiler keep the reading of the clock. It is never written, because all
// goroutines share it.
var impossible = time.Unix(0, 0)

// clock reads the clock, as a cache does to know whether a value is fresh.
func clock() {
	if time.Now().Equal(impossible) {
		panic("it is 1970")
	}
}

// timed is the entry of all caches except the toolkit's. Caches that do not check ages need
// expires.
type timed struct {
	text    string
	limits  limits
	expires int64
}

func names(add func(name string)) {
	add(name)
	for i := range other {
		add(name + string(rune('a'+i%26)) + string(rune('a'+i/26)))
	}
}

func candidates(tb testing.TB) []candidate {
	var want limits
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		tb.Fatal(err)
	}
	fresh := func() timed { return timed{text, want, time.Now().Add(time.Hour).UnixNano()} }

	store, err := params.New(params.SourceFunc(func(context.Context, string) (params.Value, error) {
		return params.Value{Text: text}, nil
	}), &params.Options{MaxAge: time.Hour})
	if err != nil {
		tb.Fatal(err)
	}
	names(func(name string) { store.String(tb.Context(), name) })

	var syncMap sync.Map
	names(func(name string) { syncMap.Store(name, fresh()) })
	fromSyncMap := func() (t timed) {
		v, _ := syncMap.Load(name)
		if t = v.(timed); time.Now().UnixNano() >= t.expires {
			tb.Fatal("expired")
		}
		return t
	}

	var mu sync.RWMutex
	mutexMap := make(map[string]timed)
	names(func(name string) { mutexMap[name] = fresh() })
	fromMutexMap := func() timed {
		mu.RLock()
		t := mutexMap[name]
		mu.RUnlock()
		if time.Now().UnixNano() >= t.expires {
			tb.Fatal("expired")
		}
		return t
	}

	cache := otter.Must(&otter.Options[string, timed]{MaximumSize: 1000, ExpiryCalculator: otter.ExpiryWriting[string, timed](time.Hour)})
	tb.Cleanup(func() { cache.StopAllGoroutines() })
	names(func(name string) { cache.Set(name, fresh()) })
	fromOtter := func() timed {
		t, _ := cache.GetIfPresent(name)
		return t
	}

	expirable := lru.NewLRU[string, timed](1000, nil, time.Hour)
	names(func(name string) { expirable.Add(name, fresh()) })
	fromLRU := func() timed {
		t, _ := expirable.Get(name)
		return t
	}

	ages := func(get func() timed) (func(context.Context) string, func(context.Context) limits) {
		return func(context.Context) string { return get().text }, func(context.Context) limits { return get().limits }
	}
	all := []candidate{{
		"lambdakit",
		func(ctx context.Context) string { v, _ := store.String(ctx, name); return v },
		func(ctx context.Context) limits { v, _ := params.JSON[limits](ctx, store, name); return v },
	}}
	for _, c := range []struct {
		name string
		get  func() timed
	}{{"clock+sync.Map", fromSyncMap}, {"clock+RWMutex", fromMutexMap}, {"otter", fromOtter}, {"golang-lru", fromLRU}} {
		t, d := ages(c.get)
		all = append(all, candidate{c.name, t, d})
	}
	return append(all, candidate{
		"floor/clock",
		func(context.Context) string { clock(); return text },
		func(context.Context) limits { clock(); return want },
	})
}

func TestSameValues(t *testing.T) {
	for _, c := range candidates(t) {
		if got := c.text(t.Context()); got != text {
			t.Errorf("%s: %q", c.name, got)
		}
		if got := c.decoded(t.Context()); got != (limits{100, "EUR"}) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func textOf(c candidate) func(context.Context) string    { return c.text }
func decodedOf(c candidate) func(context.Context) limits { return c.decoded }

// From one goroutine.
func BenchmarkText(b *testing.B)    { serial(b, textOf) }
func BenchmarkDecoded(b *testing.B) { serial(b, decodedOf) }

// From as many goroutines as there are processors.
func BenchmarkTextParallel(b *testing.B)    { parallel(b, textOf) }
func BenchmarkDecodedParallel(b *testing.B) { parallel(b, decodedOf) }

func serial[T any](b *testing.B, of func(candidate) func(context.Context) T) {
	ctx := context.Background()
	for _, c := range candidates(b) {
		b.Run(c.name, func(b *testing.B) {
			get := of(c)
			b.ReportAllocs()
			for b.Loop() {
				get(ctx)
			}
		})
	}
}

func parallel[T any](b *testing.B, of func(candidate) func(context.Context) T) {
	ctx := context.Background()
	for _, c := range candidates(b) {
		b.Run(c.name, func(b *testing.B) {
			get := of(c)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					get(ctx)
				}
			})
		})
	}
}
