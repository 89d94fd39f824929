package params_test

import (
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

// BenchmarkCached compares a hit with a map that a program would write by hand: it looks
// at the clock, without bounds, shared fetches and outages.
func BenchmarkCached(b *testing.B) {
	type item struct {
		text    string
		expires time.Time
	}
	it := item{"1", time.Now().Add(time.Hour)}
	cache := open(b, newFake("a", "1", "json", `{"A":1,"B":"x"}`), nil)
	var syncMap sync.Map
	syncMap.Store("a", &it)
	var mu sync.RWMutex
	locked := map[string]item{"a": it}
	ctx := b.Context()
	for _, way := range []struct {
		name string
		get  func() bool
	}{
		{"clock", func() bool { return time.Now().Before(it.expires) }},
		{"String", func() bool { _, err := cache.String(ctx, "a"); return err == nil }},
		{"JSON", func() bool { _, err := params.JSON[plain](ctx, cache, "json"); return err == nil }},
		{"Int", func() bool { _, err := cache.Int(ctx, "a"); return err == nil }},
		{"syncmap", func() bool {
			v, ok := syncMap.Load("a")
			return ok && time.Now().Before(v.(*item).expires)
		}},
		{"mutexmap", func() bool {
			mu.RLock()
			v, ok := locked["a"]
			mu.RUnlock()
			return ok && time.Now().Before(v.expires)
		}},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !way.get() {
					b.Fatal("no value")
				}
			}
		})
		b.Run(way.name+"/parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					way.get()
				}
			})
		})
	}
}
