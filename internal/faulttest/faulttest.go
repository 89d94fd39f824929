// Package faulttest counts how often work is done twice, and how often a key stays locked without an
// execution, if a store fails. A proxy between the store's client and a real server throttles
// requests, cuts connections, hangs and answers with errors.
package faulttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// Options configures Run. Store and Direct use the same server, Store through the proxy.
type Options struct {
	Proxy         *Proxy
	Store, Direct idempotency.Store
	Fault         Fault
	Rate          float64 // of requests that fail, from 0 to 1

	Keys    int
	Calls   int           // at the same time
	Timeout time.Duration // of a call: the deadline of its context

	StoreTimeout time.Duration // Options.StoreTimeout
}

// Keys returns the number in LAMBDAKIT_FAULT_KEYS, or n if it is not set.
func Keys(n int) int {
	if more, err := strconv.Atoi(os.Getenv("LAMBDAKIT_FAULT_KEYS")); err == nil {
		return more
	}
	return n
}

// Result has the counts.
type Result struct {
	Keys     int
	Repeated int // keys whose work was done again by a call after the lease
	Locked   int // keys without an execution whose next call gets an ErrInProgress
	Unknown  int // calls that got an ErrNotRecorded
	Failed   int // calls that got another error, and did not run
	Faults   int // requests that the proxy broke
	Slowest  time.Duration
}

func (r Result) String() string {
	return fmt.Sprintf("%d keys: %d done again after the lease, %d locked with nobody running, %d told that the record is unknown, %d refused; %d requests broken, slowest call %v",
		r.Keys, r.Repeated, r.Locked, r.Unknown, r.Failed, r.Faults, r.Slowest.Round(time.Millisecond))
}

// Run calls once for each key while the store fails. Then it calls again without the proxy:
// immediately for a key without an execution, and after the lease by the clock for all others, like
// a queue that delivers a message again.
func Run(t testing.TB, o Options) Result {
	t.Helper()
	const margin = time.Second
	options := func(now func() time.Time) *idempotency.Options {
		return &idempotency.Options{Prefix: fmt.Sprintf("faults-%016x", rand.Uint64()), LeaseMargin: margin, Now: now, StoreTimeout: o.StoreTimeout, OnError: func(error) {}}
	}
	through, err := idempotency.New(o.Store, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	after := func(late time.Duration) *idempotency.Guard {
		later := options(func() time.Time { return time.Now().Add(late) })
		later.Prefix = prefixOf(t, through)
		once, err := idempotency.New(o.Direct, later)
		if err != nil {
			t.Fatal(err)
		}
		return once
	}
	atOnce, afterLease := after(0), after(o.Timeout+margin+time.Second)

	r := Result{Keys: o.Keys}
	var mu sync.Mutex
	work := func(n *atomic.Int32) func(context.Context) (int32, error) {
		return func(context.Context) (int32, error) { return n.Add(1), nil }
	}
	keys := make(chan string)
	o.Proxy.Break(o.Fault, o.Rate)
	faults := o.Proxy.Count()
	effects := make(map[string]*atomic.Int32)
	var wg sync.WaitGroup
	for range o.Calls {
		wg.Go(func() {
			for key := range keys {
				n := new(atomic.Int32)
				ctx, cancel := context.WithTimeout(context.Background(), o.Timeout)
				start := time.Now()
				_, err := idempotency.Call(ctx, through, key, work(n))
				took := time.Since(start)
				cancel()
				mu.Lock()
				effects[key] = n
				r.Slowest = max(r.Slowest, took)
				switch {
				case errors.Is(err, idempotency.ErrNotRecorded):
					r.Unknown++
				case err != nil && n.Load() == 0:
					r.Failed++
				case err != nil:
					t.Errorf("key %s: got %v after its work was done", key, err)
				}
				mu.Unlock()
			}
		})
	}
	for i := range o.Keys {
		keys <- fmt.Sprint("k", i)
	}
	close(keys)
	wg.Wait()
	o.Proxy.Break("", 0)
	r.Faults = o.Proxy.Count() - faults
	for key, n := range effects {
		if n.Load() == 0 {
			if _, err := idempotency.Call(context.Background(), atOnce, key, work(n)); errors.Is(err, idempotency.ErrInProgress) {
				r.Locked++
			} else if err != nil {
				t.Errorf("key %s, past the proxy: %v", key, err)
			}
			continue
		}
		if _, err := idempotency.Call(context.Background(), afterLease, key, work(n)); err != nil {
			t.Errorf("key %s, after the lease: %v", key, err)
		}
		if n.Load() > 1 {
			r.Repeated++
		}
	}
	return r
}

// Check fails the test if work was done twice, or if more than 1 % of the keys stayed locked. A key
// stays locked if the answers to Begin and to the Delete after it were lost until the time for them
// was over.
func Check(t testing.TB, what string, r Result) {
	t.Helper()
	t.Logf("%s: %v", what, r)
	if r.Repeated > 0 || r.Locked > lockable(r) {
		t.Errorf("%s: got %d keys done again and %d locked, want none and at most %d", what, r.Repeated, r.Locked, lockable(r))
	}
	if r.Faults == 0 {
		t.Errorf("%s: no request was broken", what)
	}
}

// prefixOf returns the prefix of the keys of once.
func prefixOf(t testing.TB, once *idempotency.Guard) string {
	key, err := once.Key(context.Background(), "k")
	if err != nil {
		t.Fatal(err)
	}
	return key[:len(key)-len("#")-64]
}

// lockable is the number of keys that may stay locked: one of a hundred, and two, so that a run of
// few keys does not fail by chance.
func lockable(r Result) int { return 2 + r.Keys/100 }
