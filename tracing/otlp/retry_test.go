package otlp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// answer is the answer of a backend.
func answer(status int, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}
}

// bubble runs f with a fake clock, and a Provider whose client has no connection.
func bubble(t *testing.T, o *otlp.Options, f func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, r := otlptest.New(t), new(reports)
		if o == nil {
			o = new(otlp.Options)
		}
		if o.Client == nil {
			o.Client = &http.Client{Transport: b}
		}
		o.Endpoint = "https://collector.example"
		f(t, b, provider(b, o, r), r)
	})
}

// took returns how long an invocation takes.
func took(t *testing.T, p *tracing.Provider) time.Duration {
	start := time.Now()
	invoke(t.Context(), p, header+"1", `{}`, nil)
	return time.Since(start)
}

func wantSpans(t *testing.T, b *otlptest.Backend, requests, spans int) {
	t.Helper()
	if len(b.Requests()) != requests || len(b.Spans()) != spans {
		t.Errorf("got %d requests and %d spans, want %d and %d", len(b.Requests()), len(b.Spans()), requests, spans)
	}
}

func TestRetry_UnavailableIsTriedThreeTimesAndThenWaits(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		b.Answer(answer(503))
		if d := took(t, p); d > 200*time.Millisecond {
			t.Errorf("got an invocation of %v, want two short pauses", d)
		}
		wantSpans(t, b, 3, 0)
		if d := took(t, p); d != 0 { // the breaker is open
			t.Errorf("got an invocation of %v, want no pause", d)
		}
		wantSpans(t, b, 3, 0)
		b.Answer(nil)
		time.Sleep(5 * time.Second)
		took(t, p)
		wantSpans(t, b, 4, 3) // nothing is lost
		if r.len() != 1 || !strings.Contains(r.String(), "503 Service Unavailable") || !strings.Contains(r.String(), "collector.example") {
			t.Errorf("got the reports %s, want one", r)
		}
	})
}

func TestRetry_RetryAfter(t *testing.T) {
	for name, value := range map[string]func() string{
		"seconds": func() string { return "1" },
		"date":    func() string { return time.Now().Add(time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
				b.Answer(func(w http.ResponseWriter, r *http.Request) {
					b.Answer(nil)
					answer(429, "Retry-After", value())(w, r)
				})
				if d := took(t, p); d != time.Second {
					t.Errorf("got an invocation of %v, want 1 s", d)
				}
				wantSpans(t, b, 2, 1)
			})
		})
	}
}

func TestRetry_LongRetryAfterIsNotWaitedFor(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
		b.Answer(answer(429, "Retry-After", "30"))
		if d := took(t, p); d != 0 {
			t.Errorf("got an invocation of %v, want no pause", d)
		}
		b.Answer(nil)
		time.Sleep(29 * time.Second)
		took(t, p)
		wantSpans(t, b, 1, 0)
		time.Sleep(time.Second)
		took(t, p)
		wantSpans(t, b, 2, 3)
	})
}

func TestRetry_RefusedSpansAreLost(t *testing.T) {
	for _, status := range []int{302, 400, 401, 404, 413, 500} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
				b.Answer(answer(status, "Location", "https://elsewhere.example"))
				took(t, p)
				b.Answer(nil)
				time.Sleep(5 * time.Second)
				took(t, p)
				wantSpans(t, b, 2, 1)
				if !strings.Contains(r.String(), strconv.Itoa(status)) || !strings.Contains(r.String(), "lost") {
					t.Errorf("got the reports %s, want the loss", r)
				}
			})
		})
	}
}

func TestRetry_PartialSuccessIsReportedOnce(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		b.Answer(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("\x0a\x08\x08\x02\x12\x04busy")) })
		took(t, p)
		took(t, p)
		wantSpans(t, b, 2, 0)
		if r.len() != 1 || !strings.Contains(r.String(), "2 spans: busy") {
			t.Errorf("got the reports %s, want one", r)
		}
	})
}

// hanging is a connection to a backend that never answers.
type hanging struct{ ignoreContext bool }

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.ignoreContext {
		time.Sleep(time.Hour)
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestRetry_BackendThatHangsCostsFlushTimeoutOncePerPause(t *testing.T) {
	for _, ignores := range []bool{false, true} {
		t.Run(fmt.Sprint("ignores its context: ", ignores), func(t *testing.T) {
			o := &otlp.Options{Client: &http.Client{Transport: hanging{ignores}}}
			bubble(t, o, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
				var all []time.Duration
				for range 4 {
					all = append(all, took(t, p).Round(100*time.Millisecond))
				}
				time.Sleep(5 * time.Second)
				all = append(all, took(t, p).Round(100*time.Millisecond))
				want := []time.Duration{2 * time.Second, 0, 0, 0, 2 * time.Second}
				if ignores {
					want[4] = 0 // until the call returns
				}
				if fmt.Sprint(all) != fmt.Sprint(want) {
					t.Errorf("got invocations of %v, want %v", all, want)
				}
				if ignores {
					time.Sleep(2 * time.Hour) // the goroutine ends
				}
			})
		})
	}
}

func TestRetry_HalfOfTheTimeThatIsLeft(t *testing.T) {
	o := &otlp.Options{Client: &http.Client{Transport: hanging{}}}
	bubble(t, o, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		invoke(ctx, p, header+"1", `{}`, nil)
		if d := time.Since(start); d > 510*time.Millisecond {
			t.Errorf("got an invocation of %v, want half of a second", d)
		}
	})
}

func TestRetry_PausesGrowToAMinute(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
		b.Answer(answer(503))
		var pauses []time.Duration
		last := time.Now()
		for n := 0; len(pauses) < 7; time.Sleep(100 * time.Millisecond) {
			took(t, p)
			if now := len(b.Requests()); now > n {
				n = now
				pauses = append(pauses, time.Since(last).Round(time.Second))
				last = time.Now()
			}
		}
		if got, want := fmt.Sprint(pauses), "[0s 5s 10s 20s 40s 1m0s 1m0s]"; got != want {
			t.Errorf("got pauses of %s, want %s", got, want)
		}
	})
}

// failing fails without an answer a number of times.
type failing struct {
	times int
	next  http.RoundTripper
}

func (f *failing) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.times--; f.times >= 0 {
		return nil, &net.OpError{Op: "write", Err: errors.New("broken pipe")}
	}
	return f.next.RoundTrip(r)
}

func TestRetry_NoAnswerIsTriedOnceMore(t *testing.T) {
	for times, want := range map[int]int{1: 1, 2: 0} {
		t.Run(strconv.Itoa(times), func(t *testing.T) {
			f := &failing{times: times}
			bubble(t, &otlp.Options{Client: &http.Client{Transport: f}}, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
				f.next = b
				if d := took(t, p); d != 0 || len(b.Spans()) != want {
					t.Errorf("got %d spans after %v, want %d at once", len(b.Spans()), d, want)
				}
			})
		})
	}
}

type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("x") }

func TestRetry_PanicOfTheClientIsAFailure(t *testing.T) {
	bubble(t, &otlp.Options{Client: &http.Client{Transport: panicking{}}}, func(t *testing.T, _ *otlptest.Backend, p *tracing.Provider, r *reports) {
		took(t, p)
		if !strings.Contains(r.String(), "panicked") {
			t.Errorf("got the reports %s, want the panic", r)
		}
	})
}

func TestKept_AtMostFourMegabytes(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		b.Answer(answer(503))
		text := strings.Repeat("x", 10_000)
		for range 10 {
			invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) {
				for range 60 {
					tracing.Run(ctx, "step", func(ctx context.Context) error {
						tracing.Annotate(ctx, "text", text)
						return nil
					})
				}
			})
		}
		n := len(b.Requests())
		b.Answer(nil)
		time.Sleep(time.Minute)
		took(t, p)
		kept := 0
		for _, q := range b.Requests()[n:] {
			if kept += len(q.Body); len(q.Body) > 1<<20+1000 {
				t.Errorf("got a request of %d bytes, want at most 1 MB", len(q.Body))
			}
		}
		if kept > 4<<20+10_000 || kept < 4<<20-20_000 {
			t.Errorf("got %d bytes, want 4 MB", kept)
		}
		if lost := 611 - len(b.Spans()); !strings.Contains(r.String(), fmt.Sprintf("%d spans were dropped", lost)) {
			t.Errorf("got the reports %s, want %d dropped spans", r, lost)
		}
	})
}

func TestKept_OldSpansComeFirst(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
		b.Answer(answer(503))
		for _, name := range []string{"a", "b"} {
			invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) {
				tracing.Run(ctx, name, func(context.Context) error { return nil })
			})
		}
		b.Answer(nil)
		if err := p.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, s := range b.Spans() {
			names += s.Name + " "
		}
		if want := "a orders b orders "; names != want {
			t.Errorf("got %s, want %s", names, want)
		}
	})
}
