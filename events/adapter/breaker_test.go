package adapter_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/events/adapter"
)

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status, made := 503, 0
		a := adapter.New(post("http://legacy"), &options{Client: system(func(*http.Request) (*http.Response, error) {
			made++
			return answer(status), nil
		}).client()})
		handle := func(wantCalls int, wantOpen bool) error {
			t.Helper()
			made = 0
			err := a.Handle(t.Context(), message("m1", 1))
			if made != wantCalls || errors.Is(err, adapter.ErrOpen) != wantOpen {
				t.Errorf("got %v and %d calls, want ErrOpen %v and %d calls", err, made, wantOpen, wantCalls)
			}
			return err
		}
		text := logged(t, func() {
			for range 5 {
				handle(1, false)
			}
			wantDelay(t, handle(0, true), 30*time.Second, 30*time.Second)
			time.Sleep(20 * time.Second)
			wantDelay(t, handle(0, true), 10*time.Second, 10*time.Second)
			time.Sleep(10*time.Second - 1)
			wantDelay(t, handle(0, true), 5*time.Second, 10*time.Second)

			time.Sleep(time.Nanosecond) // the call that is let through fails
			handle(1, false)
			handle(0, true)
			time.Sleep(30 * time.Second)
			status = 200
			for range 3 {
				handle(1, false)
			}
		})
		want := `level=WARN msg="adapter: the other system fails; the breaker is open" open_for=30s again=false
level=WARN msg="adapter: the other system fails; the breaker is open" open_for=30s again=true
level=WARN msg="adapter: the other system works again; the breaker is closed"
`
		if text != want {
			t.Errorf("got the lines\n%swant\n%s", text, want)
		}
	})
}

// Only failures in a row open the breaker. An answer of the other system ends the row, even if it is
// a permanent failure of the message.
func TestBreaker_InARow(t *testing.T) {
	for _, between := range []int{200, 302, 404, 422} {
		n := 0
		a := adapter.New(post("http://legacy"), &options{BreakAfter: 3, Client: system(func(*http.Request) (*http.Response, error) {
			if n++; n%3 == 0 {
				return answer(between), nil
			}
			return nil, errors.New("connection reset")
		}).client()})
		for range 30 {
			if err := a.Handle(t.Context(), message("m1", 1)); errors.Is(err, adapter.ErrOpen) {
				t.Fatalf("%d: the breaker opened", between)
			}
		}
	}
}

// After the pause one call is let through, however many messages wait, and calls that began before
// the breaker opened do not count.
func TestBreaker_OneTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made atomic.Int64
		var status atomic.Int64
		status.Store(503)
		a := adapter.New(post("http://legacy"), &options{BreakAfter: 2, OpenFor: 10 * time.Second, Timeout: time.Hour,
			Client: system(func(r *http.Request) (*http.Response, error) {
				made.Add(1)
				if r.Header.Get("Idempotency-Key") == "late" {
					time.Sleep(5 * time.Second)
				} else {
					time.Sleep(time.Second)
				}
				return answer(int(status.Load())), nil
			}).client()})
		go a.Handle(t.Context(), message("late", 1)) // ends while the breaker is open
		if errs := handleAll(t.Context(), a, 2); len(errs) != 2 {
			t.Errorf("got %v", errs)
		}
		time.Sleep(10*time.Second - 1)
		if errs := handleAll(t.Context(), a, 8); made.Load() != 3 || !errors.Is(errors.Join(errs...), adapter.ErrOpen) {
			t.Errorf("got %d calls and %v, want 3 and ErrOpen", made.Load(), errs)
		}
		time.Sleep(time.Nanosecond)
		status.Store(200)
		errs := handleAll(t.Context(), a, 8)
		if made.Load() != 4 || len(errs) != 7 {
			t.Errorf("got %d calls and %d errors, want 4 and 7", made.Load(), len(errs))
		}
		for _, err := range errs {
			wantDelay(t, err, 10*time.Second, 10*time.Second)
		}
		if errs := handleAll(t.Context(), a, 8); errs != nil {
			t.Errorf("got %v, want no errors after the breaker closed", errs)
		}
	})
}

// While the breaker is open, the delay grows with the attempts, too.
func TestBreaker_Backoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := adapter.New(post("http://legacy"), &options{Client: always(500).client(), BreakAfter: 1})
		a.Handle(t.Context(), message("m1", 1))
		for attempt, full := range map[int]time.Duration{4: 80 * time.Second, 20: 15 * time.Minute} {
			err := a.Handle(t.Context(), message("m1", attempt))
			wantDelay(t, err, full/2, full)
			if !errors.Is(err, adapter.ErrOpen) {
				t.Errorf("got %v, want ErrOpen", err)
			}
		}
	})
}

// A panic in the client leaves the breaker usable.
func TestBreaker_PanicWhileTrying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		a := adapter.New(post("http://legacy"), &options{BreakAfter: 1, Client: system(func(*http.Request) (*http.Response, error) {
			switch n++; n {
			case 1:
				return answer(500), nil
			case 2:
				panic("transport")
			}
			return answer(200), nil
		}).client()})
		a.Handle(t.Context(), message("m1", 1))
		time.Sleep(30 * time.Second)
		func() {
			defer func() {
				if v := recover(); v != "transport" {
					t.Errorf("got the panic %v", v)
				}
			}()
			a.Handle(t.Context(), message("m1", 2))
		}()
		if err := a.Handle(t.Context(), message("m1", 3)); err != nil {
			t.Errorf("got %v, want no error", err)
		}
	})
}

func TestErrors_Texts(t *testing.T) {
	for _, err := range []error{adapter.ErrOpen, adapter.ErrBusy, adapter.ErrTooLarge} {
		if !strings.HasPrefix(err.Error(), "adapter: ") {
			t.Error(err)
		}
	}
}
