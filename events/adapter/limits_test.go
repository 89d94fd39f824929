package adapter_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events/adapter"
)

// calls keeps the times of calls and how many run at the same time.
type calls struct {
	takes time.Duration

	mu      sync.Mutex
	starts  []time.Time
	running int
	most    int
}

func (c *calls) client() *http.Client {
	return system(func(*http.Request) (*http.Response, error) {
		c.mu.Lock()
		c.starts = append(c.starts, time.Now())
		c.running++
		c.most = max(c.most, c.running)
		c.mu.Unlock()
		time.Sleep(c.takes)
		c.mu.Lock()
		c.running--
		c.mu.Unlock()
		return answer(200), nil
	}).client()
}

// handleAll handles n messages at the same time, and returns the errors that are not nil.
func handleAll(ctx context.Context, a *adapter.Adapter[Order], n int) (errs []error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range n {
		wg.Go(func() {
			if err := a.Handle(ctx, message("m", 1)); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	return errs
}

// Whatever the messages do, no interval has more calls than the rate and the burst allow.
func TestRate(t *testing.T) {
	for _, burst := range []int{1, 5} {
		synctest.Test(t, func(t *testing.T) {
			c := &calls{takes: 70 * time.Millisecond}
			slow := func(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
				time.Sleep(time.Duration(len(m.Body.ID)) * 30 * time.Millisecond) // in bursts of its own
				return post("http://legacy")(ctx, m)
			}
			a := adapter.New(slow, &options{Client: c.client(), Rate: 20, Burst: burst})
			if errs := handleAll(t.Context(), a, 60); errs != nil {
				t.Error(errs)
			}
			time.Sleep(time.Minute)
			for range 3 { // some give up while they wait
				ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
				handleAll(ctx, a, 30)
				cancel()
			}
			for i, from := range c.starts {
				for n, to := range c.starts[i:] {
					// n+1 calls take at least the time in which n+1-burst tokens come.
					least := time.Duration(n+1-burst) * 50 * time.Millisecond
					if got := to.Sub(from); got < least-time.Microsecond {
						t.Fatalf("burst %d: %d calls within %v, want at least %v", burst, n+1, got, least)
					}
				}
			}
			if len(c.starts) < 60+10 {
				t.Errorf("burst %d: got %d calls; the limiter loses tokens", burst, len(c.starts))
			}
		})
	}
}

// A message whose turn is after the deadline fails immediately, and its call is never made.
func TestRate_Late(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{}
		a := adapter.New(post("http://legacy"), &options{Client: c.client(), Rate: 0.01, Burst: 2})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		errs := handleAll(ctx, a, 10)
		if len(errs) != 8 || len(c.starts) != 2 || time.Since(start) != 0 {
			t.Errorf("got %d errors and %d calls after %v, want 8, 2 and no time", len(errs), len(c.starts), time.Since(start))
		}
		for _, err := range errs {
			if !errors.Is(err, adapter.ErrBusy) {
				t.Errorf("got %v, want ErrBusy", err)
			}
			wantDelay(t, err, 100*time.Second, 101*time.Second) // until the next token
		}
		time.Sleep(100 * time.Second)
		if err := a.Handle(t.Context(), message("m", 2)); err != nil {
			t.Errorf("got %v; the messages that failed must not use tokens", err)
		}
	})
}

// A canceled context ends the wait for the rate.
func TestRate_Canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{}
		a := adapter.New(post("http://legacy"), &options{Client: c.client(), Rate: 0.1})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		errs := handleAll(ctx, a, 3)
		if len(errs) != 2 || len(c.starts) != 1 || !errors.Is(errs[0], context.Canceled) || !errors.Is(errs[0], adapter.ErrBusy) {
			t.Errorf("got %v and %d calls, want ErrBusy with context.Canceled twice and a call", errs, len(c.starts))
		}
	})
}

func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{takes: time.Second}
		a := adapter.New(post("http://legacy"), &options{Client: c.client(), InFlight: 4})
		start := time.Now()
		errs := handleAll(t.Context(), a, 40)
		if errs != nil || c.most != 4 || time.Since(start) != 10*time.Second {
			t.Errorf("got %v, %d at the same time, %v; want no error, 4 and 10s", errs, c.most, time.Since(start))
		}
	})
}

// A slot is free again after an error, a panic and a runtime.Goexit.
func TestInFlight_Released(t *testing.T) {
	var n atomic.Int64
	request := func(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
		if n.Add(1) <= 3 {
			panic("request")
		}
		return post("http://legacy")(ctx, m)
	}
	hostile := system(func(*http.Request) (*http.Response, error) {
		if n.Add(1) <= 8 {
			panic("transport")
		}
		return answer(200), nil
	})
	a := adapter.New(request, &options{Client: hostile.client(), InFlight: 1})
	for range 6 {
		func() {
			defer func() { _ = recover() }()
			a.Handle(t.Context(), message("m", 1))
		}()
	}
	if err := a.Handle(t.Context(), message("m", 1)); err != nil {
		t.Errorf("got %v, want no error", err)
	}
}

// A message that gets no slot fails before its deadline.
func TestInFlight_Late(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{takes: 9 * time.Second}
		a := adapter.New(post("http://legacy"), &options{Client: c.client(), InFlight: 1, Reserve: 3 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		errs := handleAll(ctx, a, 2)
		if len(errs) != 1 || !errors.Is(errs[0], adapter.ErrBusy) || len(c.starts) != 1 || time.Since(start) != 9*time.Second {
			t.Errorf("got %v, %d calls after %v; want ErrBusy once and a call", errs, len(c.starts), time.Since(start))
		}
		wantDelay(t, errs[0], 5*time.Second, 10*time.Second)

		time.Sleep(-time.Until(start.Add(9500 * time.Millisecond))) // too late for any call
		ctx, cancel = context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := a.Handle(ctx, message("m", 1)); !errors.Is(err, adapter.ErrBusy) || len(c.starts) != 1 || !strings.Contains(err.Error(), "Options.Reserve") {
			t.Errorf("got %v and %d calls, want ErrBusy because of Options.Reserve, and no call", err, len(c.starts)-1)
		}
	})
}
