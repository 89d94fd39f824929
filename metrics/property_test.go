package metrics_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emftest"
	"github.com/lambdakit/lambdakit/metrics"
)

// ledger holds recorded or written values by name, unit and dimensions.
type ledger struct {
	mu   sync.Mutex
	sums map[string]float64
	list map[string][]float64
}

func newLedger() *ledger {
	return &ledger{sums: map[string]float64{}, list: map[string][]float64{}}
}

func (l *ledger) add(key string, value float64, sum bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if sum {
		l.sums[key] += value
	} else {
		l.list[key] = append(l.list[key], value)
	}
}

// locked is a buffer for several goroutines.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if bytes.Count(p, []byte("\n")) != 1 || p[len(p)-1] != '\n' {
		panic("not one line")
	}
	return l.b.Write(p)
}

// TestDocuments_HaveEachRecordedValueOnce makes random calls from several goroutines of several
// invocations, some of which outlive their invocation, and near-deadline writes at any moment. It
// compares the recorded values with the values of all documents. It is not parallel, since
// Shutdown acts on every running invocation.
func TestDocuments_HaveEachRecordedValueOnce(t *testing.T) {
	for seed := range uint64(40) {
		var out locked
		var reported []error
		var mu sync.Mutex
		m := metrics.New(&metrics.Options{Namespace: "N", Service: "s", Writer: &out, MaxDocumentBytes: 8000 + int(seed)*100,
			OnError: func(err error) { mu.Lock(); reported = append(reported, err); mu.Unlock() }})
		want := newLedger()
		units := []metrics.Unit{metrics.Bytes, metrics.Seconds}
		var late sync.WaitGroup
		work := func(ctx context.Context, r *rand.Rand, calls int) {
			for range calls {
				var pairs []string
				for d := range r.IntN(3) {
					pairs = append(pairs, fmt.Sprint("dim", d), fmt.Sprint("v", r.IntN(3)))
				}
				name := fmt.Sprint(strings.Repeat("n", r.IntN(100)), r.IntN(8))
				value := float64(r.IntN(1000)) / 8 // sums are exact
				switch r.IntN(3) {
				case 0:
					m.Counter("c"+name).With(pairs...).Add(ctx, value)
					want.add(key("c"+name, metrics.Count, pairs), value, true)
				case 1:
					u := units[r.IntN(2)]
					m.Distribution("d"+name, u).With(pairs...).Record(ctx, value)
					want.add(key("d"+name, u, pairs), value, false)
				case 2:
					m.Duration("t"+name).With(pairs...).Record(ctx, time.Duration(value*float64(time.Millisecond)))
					want.add(key("t"+name, metrics.Milliseconds, pairs), value, false)
				}
			}
		}
		h := lambdakit.Wrap(func(ctx context.Context, n uint64) (any, error) {
			r := rand.New(rand.NewPCG(seed, n))
			var wg sync.WaitGroup
			for g := range uint64(3) {
				calls, own := r.IntN(200), rand.New(rand.NewPCG(seed, n*10+g))
				wg.Go(func() { work(ctx, own, calls) })
			}
			if n%2 == 0 {
				own := rand.New(rand.NewPCG(seed, n*10+7))
				late.Go(func() { work(ctx, own, 50) }) // may outlive the invocation
			}
			lambdakit.Shutdown() // as the watchdog does: from another goroutine, at any moment
			wg.Wait()
			return nil, nil
		}, m.Middleware)
		var wg sync.WaitGroup
		for n := range 4 {
			wg.Go(func() { h.Invoke(t.Context(), fmt.Append(nil, n)) })
		}
		wg.Wait()
		late.Wait()

		got := newLedger()
		for _, d := range emftest.Decode(t, out.b.Bytes()) {
			if d.Size > 8000+int(seed)*100 {
				t.Errorf("seed %d: got %d bytes, want at most MaxDocumentBytes", seed, d.Size)
			}
			if len(d.Dimensions) != 1 || d.DimensionValues["service"] != "s" {
				t.Fatalf("got dimensions %v, want one set with service", d.Dimensions)
			}
			var pairs []string
			for _, name := range d.Dimensions[0] {
				if name != "service" {
					pairs = append(pairs, name, d.DimensionValues[name])
				}
			}
			for name, values := range d.Values {
				for _, v := range values {
					got.add(key(name, metrics.Unit(d.Units[name]), pairs), v, name[0] == 'c')
				}
			}
		}
		for k, v := range want.sums {
			if got.sums[k] != v {
				t.Errorf("seed %d: %s: got a sum of %v, want %v", seed, k, got.sums[k], v)
			}
		}
		for k, v := range want.list {
			g := got.list[k]
			slices.Sort(v)
			slices.Sort(g)
			if !slices.Equal(v, g) {
				t.Errorf("seed %d: %s: got %d values, want %d", seed, k, len(g), len(v))
			}
		}
		if len(got.sums) != len(want.sums) || len(got.list) != len(want.list) {
			t.Errorf("seed %d: got %d counters and %d distributions, want %d and %d", seed, len(got.sums), len(got.list), len(want.sums), len(want.list))
		}
		for _, err := range reported {
			if !strings.Contains(err.Error(), "several units") {
				t.Errorf("got report %v, want only reports about units", err)
			}
		}
	}
}

func key(name string, unit metrics.Unit, pairs []string) string {
	var sorted []string
	for i := 0; i+1 < len(pairs); i += 2 {
		sorted = append(sorted, pairs[i]+"="+pairs[i+1])
	}
	slices.Sort(sorted)
	return fmt.Sprint(name, " ", unit, " ", sorted)
}
