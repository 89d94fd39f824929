package adapter_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events/adapter"
)

func TestHandle_Statuses(t *testing.T) {
	for status := 100; status < 600; status++ {
		a := adapter.New(post("http://legacy"), &options{Client: always(status).client()})
		err := a.Handle(t.Context(), message("m1", 1))
		switch {
		case status >= 200 && status < 300:
			if err != nil {
				t.Errorf("%d: got %v, want no error", status, err)
			}
			continue
		case status == 408, status == 425, status == 429, status >= 500:
			wantDelay(t, err, 5*time.Second, 10*time.Second)
		default:
			wantPermanent(t, err)
		}
		if got, ok := errors.AsType[*adapter.StatusError](err); !ok || got.Status != status {
			t.Errorf("%d: got %#v, want a StatusError", status, err)
		}
	}
}

func TestHandle_RetryAfter(t *testing.T) {
	const first, most = 10 * time.Second, 12 * time.Hour
	tests := map[string]struct{ from, to time.Duration }{
		"120":                              {2 * time.Minute, 2 * time.Minute},
		" 7 ":                              {7 * time.Second, 7 * time.Second},
		"0":                                {time.Second, time.Second},
		"43200":                            {most, most},
		"43201":                            {most, most},
		"9223372036854775807":              {most, most},
		"999999999999999999999999999999":   {most, most},
		"Sat, 01 Jan 2000 00:05:00 GMT":    {5 * time.Minute, 5 * time.Minute}, // a bubble begins at midnight
		"Saturday, 01-Jan-00 00:05:00 GMT": {5 * time.Minute, 5 * time.Minute},
		"Fri, 31 Dec 1999 00:00:00 GMT":    {time.Second, time.Second},
		"Sat, 01 Jan 2050 00:00:00 GMT":    {most, most},
		"":                                 {first / 2, first},
		"-5":                               {first / 2, first},
		"+5":                               {first / 2, first},
		"1.5":                              {first / 2, first},
		"soon":                             {first / 2, first},
		"٣":                                {first / 2, first},
	}
	for header, want := range tests {
		t.Run(header, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := adapter.New(post("http://legacy"), &options{Client: always(503, "Retry-After", header).client()})
				wantDelay(t, a.Handle(t.Context(), message("m1", 1)), want.from, want.to)
			})
		})
	}
}

func TestHandle_Backoff(t *testing.T) {
	tests := []struct {
		attempt int
		full    time.Duration
	}{{0, 2 * time.Second}, {1, 2 * time.Second}, {2, 4 * time.Second}, {5, 32 * time.Second}, {6, time.Minute}, {1 << 30, time.Minute}}
	a := adapter.New(post("http://legacy"), &options{
		Client: always(500).client(), FirstRetry: 2 * time.Second, MaxRetry: time.Minute, BreakAfter: 1 << 20,
	})
	for _, test := range tests {
		for range 100 {
			wantDelay(t, a.Handle(t.Context(), message("m1", test.attempt)), test.full/2, test.full)
		}
	}
}

// No text of an error contains what a URL or a response may keep secret.
func TestHandle_ErrorsKeepSecrets(t *testing.T) {
	request := func(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://user:hunter2@secret.host:1/orders/7?token=hunter2#hunter2", strings.NewReader("hunter2"))
		req.Header.Set("Authorization", "hunter2")
		return req, err
	}
	tests := map[string]struct {
		system system
		want   string
	}{
		"status": {
			func(*http.Request) (*http.Response, error) {
				r := answer(422, "Location", "hunter2")
				r.Status, r.Body = "422 hunter2", io.NopCloser(strings.NewReader("hunter2"))
				return r, nil
			},
			"adapter: PUT /orders/7: status 422 Unprocessable Entity",
		},
		"network": {
			func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") },
			"adapter: PUT /orders/7: connection reset",
		},
		"timeout": {
			func(r *http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded },
			"adapter: PUT /orders/7: no complete response in time",
		},
		"a client inside the client": {
			func(r *http.Request) (*http.Response, error) {
				_, err := (&http.Client{Transport: system(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })}).Get("http://tokens?secret=hunter2")
				return nil, err
			},
			"adapter: PUT /orders/7: unexpected EOF",
		},
		"long": {
			func(r *http.Request) (*http.Response, error) { return nil, errors.New(strings.Repeat("é", 1000)) },
			"adapter: PUT /orders/7: " + strings.Repeat("é", 128),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := adapter.New(request, &options{Client: test.system.client()}).Handle(t.Context(), message("m1", 1))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestHandle_Timeout(t *testing.T) {
	silent := system(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	synctest.Test(t, func(t *testing.T) {
		a := adapter.New(post("http://legacy"), &options{Client: silent.client(), Timeout: 3 * time.Second})
		start := time.Now()
		err := a.Handle(t.Context(), message("m1", 1))
		wantDelay(t, err, 5*time.Second, 10*time.Second)
		if got, ok := errors.AsType[*adapter.CallError](err); !ok || !got.Timeout() {
			t.Errorf("got %#v, want a CallError of a timeout", err)
		}
		if got := time.Since(start); got != 3*time.Second {
			t.Errorf("the call took %v, want 3s", got)
		}
	})
}

// A body that never ends is a timeout, with and without a Reply.
func TestHandle_TimeoutOfBody(t *testing.T) {
	trickle := system(func(r *http.Request) (*http.Response, error) {
		response := answer(200)
		response.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			select {
			case <-time.After(time.Second):
				return copy(p, " "), nil
			case <-r.Context().Done():
				return 0, r.Context().Err()
			}
		}))
		return response, nil
	})
	synctest.Test(t, func(t *testing.T) {
		a := adapter.New(post("http://legacy"), &options{Client: trickle.client(), Timeout: 3 * time.Second, Reply: none})
		wantDelay(t, a.Handle(t.Context(), message("m1", 1)), 5*time.Second, 10*time.Second)

		start := time.Now()
		a = adapter.New(post("http://legacy"), &options{Client: trickle.client(), Timeout: 3 * time.Second})
		if err := a.Handle(t.Context(), message("m1", 1)); err != nil || time.Since(start) > 3*time.Second {
			t.Errorf("got %v after %v, want no error after 3s, because the status is known", err, time.Since(start))
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// If the batch ends, the error says so, and the call does not count as a failure of the system.
func TestHandle_ContextEnds(t *testing.T) {
	silent := system(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	synctest.Test(t, func(t *testing.T) {
		a := adapter.New(post("http://legacy"), &options{Client: silent.client(), BreakAfter: 1})
		for range 3 {
			ctx, cancel := context.WithTimeoutCause(t.Context(), 4*time.Second, batch.ErrDeadline)
			err := a.Handle(ctx, message("m1", 1))
			cancel()
			if !errors.Is(err, batch.ErrDeadline) || errors.Is(err, adapter.ErrOpen) {
				t.Errorf("got %v, want ErrDeadline", err)
			}
			wantDelay(t, err, 5*time.Second, 10*time.Second)
		}
	})
}

func TestHandle_NetworkErrorsAreTransient(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	a := adapter.New(post("http://"+listener.Addr().String()), nil)
	err = a.Handle(t.Context(), message("m1", 1))
	wantDelay(t, err, 5*time.Second, 10*time.Second)
	if _, ok := errors.AsType[*net.OpError](err); !ok {
		t.Errorf("got %v, want the error of the dialer", err)
	}
}

// A mistake in the request says nothing about the other system, and no slot stays taken.
func TestHandle_BadRequests(t *testing.T) {
	own := errors.New("own")
	tests := map[string]struct {
		request adapter.Request[Order]
		key     string
		check   func(error) bool
	}{
		"error":      {func(context.Context, *batch.Message[Order]) (*http.Request, error) { return nil, own }, "k", func(err error) bool { return err == own }},
		"no request": {func(context.Context, *batch.Message[Order]) (*http.Request, error) { return nil, nil }, "k", func(err error) bool { return err != nil }},
		"no URL":     {func(context.Context, *batch.Message[Order]) (*http.Request, error) { return &http.Request{}, nil }, "k", func(err error) bool { return err != nil }},
		"key":        {post("http://legacy"), "a\r\nb", batch.IsPermanent},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := adapter.New(test.request, &options{
				Client: always(200).client(), BreakAfter: 1, InFlight: 1, Key: func(*batch.Message[Order]) string { return test.key },
			})
			for range 3 {
				if err := a.Handle(t.Context(), message("m1", 1)); !test.check(err) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestNew_Panics(t *testing.T) {
	for name, f := range map[string]func(){
		"no request": func() { adapter.New[Order](nil, nil) },
		"rate":       func() { adapter.New(post(""), &options{Rate: -1}) },
		"burst":      func() { adapter.New(post(""), &options{Burst: -1}) },
		"in flight":  func() { adapter.New(post(""), &options{InFlight: -1}) },
	} {
		func() {
			defer func() {
				if v, _ := recover().(string); !strings.HasPrefix(v, "adapter: New: ") {
					t.Errorf("%s: got the panic %q", name, v)
				}
			}()
			f()
		}()
	}
}
