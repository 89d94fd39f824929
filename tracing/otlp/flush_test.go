package otlp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// largeSpans makes n spans of 60 KB.
func largeSpans(t *testing.T, p *tracing.Provider, n int) {
	text := strings.Repeat("x", 60_000)
	invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) {
		for range n {
			_, sp := tracing.Start(ctx, "step", trace.WithAttributes(attribute.String("text", text)))
			sp.End()
		}
	})
}

// A flush whose context has ended makes no request, and does not count as a failure of the backend.
func TestFlush_ContextThatHasEnded(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		b.Answer(answer(503))
		took(t, p)
		b.Answer(nil)
		why := errors.New("the reason")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		for range 30 {
			if err := p.ForceFlush(ctx); err != why {
				t.Fatalf("got %v, want the cause of the context", err)
			}
		}
		wantSpans(t, b, 3, 0)
		if err := p.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
		wantSpans(t, b, 4, 1)
	})
}

// If the backend refuses a request, the spans of the next requests wait.
func TestFlush_ARefusedRequestDoesNotLoseTheNext(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		b.Answer(func(w http.ResponseWriter, req *http.Request) {
			b.Answer(nil)
			answer(400)(w, req)
		})
		largeSpans(t, p, 40) // 2.4 MB
		refused := len(b.Requests())
		time.Sleep(5 * time.Second)
		if err := p.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
		if n := len(b.Spans()); refused != 1 || n < 20 || n > 30 || !strings.Contains(r.String(), "refuses spans, so they are lost: 400 Bad Request") {
			t.Errorf("got %d requests before the pause, %d spans after it and the reports %s, want 1, about 24 and the loss", refused, n, r)
		}
	})
}

// The error of a flush names the backend and the failure.
func TestFlush_Errors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		client http.RoundTripper // nil: the backend
		status int
		want   string
	}{
		"refused":     {nil, 400, "tracing/otlp: send 1 spans to collector.example: 400 Bad Request"},
		"unavailable": {nil, 503, "tracing/otlp: send 1 spans to collector.example: 503 Service Unavailable"},
		"hangs":       {hanging{}, 0, "tracing/otlp: send 1 spans to collector.example: context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			o := new(otlp.Options)
			if c.client != nil {
				o.Client = &http.Client{Transport: c.client}
			}
			bubble(t, o, func(t *testing.T, b *otlptest.Backend, _ *tracing.Provider, r *reports) {
				p := tracing.New(&tracing.Options{Exporter: otlp.New(o), OnError: r.add, FlushTimeout: -1})
				took(t, p)
				if c.status != 0 {
					b.Answer(answer(c.status))
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := p.ForceFlush(ctx); err == nil || err.Error() != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
			})
		})
	}
}

// A span that ends during a request is sent with the next one, whether the request fails or not.
func TestKept_SpansThatEndDuringARequest(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{503: "orders late ", 200: "late "} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
				var late trace.Span
				b.Answer(func(w http.ResponseWriter, r *http.Request) {
					late.End()
					answer(status)(w, r)
				})
				invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) { _, late = tracing.Start(ctx, "late") })
				b.Answer(nil)
				if err := p.ForceFlush(t.Context()); err != nil {
					t.Error(err)
				}
				names := ""
				for _, s := range b.Spans() {
					names += s.Name + " "
				}
				if names != want {
					t.Errorf("got the spans %s, want %s", names, want)
				}
			})
		})
	}
}

// A backend cannot ask for a longer pause than five minutes.
func TestRetry_LongestPause(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
		b.Answer(answer(503, "Retry-After", "1000"))
		took(t, p)
		b.Answer(nil)
		took(t, p)
		time.Sleep(299 * time.Second)
		took(t, p)
		wantSpans(t, b, 1, 0)
		time.Sleep(time.Second)
		took(t, p)
		wantSpans(t, b, 2, 4)
	})
}

// Spans that were sent make room for others.
func TestFlush_SentSpansMakeRoom(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		for range 5 {
			largeSpans(t, p, 20) // 6 MB in all
		}
		if n := len(b.Spans()); n != 105 || r.len() > 0 {
			t.Errorf("got %d spans and the reports %s, want 105 and none", n, r)
		}
	})
}

func TestReports_AFailureIsReportedUntilTheBackendWorks(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		fail := func(pause string, reports int) {
			t.Helper()
			if took(t, p); r.len() != reports || !strings.Contains(r.String(), "collector.example does not take spans, so they wait for "+pause+" or longer: 503 Service Unavailable") {
				t.Errorf("got the reports %s, want %d, one of a pause of %s", r, reports, pause)
			}
		}
		b.Answer(answer(503))
		fail("5s", 1)
		time.Sleep(5 * time.Second)
		fail("5s", 1) // told already
		b.Answer(answer(503, "Retry-After", "90"))
		time.Sleep(10 * time.Second)
		took(t, p)
		b.Answer(nil)
		time.Sleep(90 * time.Second)
		took(t, p)
		wantSpans(t, b, 3+3+1+1, 4)
		b.Answer(answer(503, "Retry-After", "90"))
		fail("1m30s", 2)
		for i, status := range []int{400, 401, 400, 401} {
			b.Answer(answer(status))
			p.ForceFlush(t.Context())
			if want := 2 + min(i+1, 2); r.len() != want || !strings.Contains(r.String(), fmt.Sprintf("lost: %d ", status)) {
				t.Errorf("got the reports %s, want %d, one of each status", r, want)
			}
			b.Answer(answer(503))
			took(t, p)
			p.ForceFlush(t.Context())
		}
		if r.len() != 4 {
			t.Errorf("got the reports %s, want none of the next failure", r)
		}
		b.Answer(nil)
		time.Sleep(90 * time.Second)
		took(t, p)
	})
}

func TestReports_PartialSuccess(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\x0a\x02\x08\x02":             "collector.example rejected 2 spans: ",
		"\x0a\x06\x12\x04busy":         "collector.example rejected 0 spans: busy",
		"\x0a\x08\x08\x03\x12\x04busy": "collector.example rejected 3 spans: busy",
		"":                             "", "\x0a\x00": "", "\x0a\x02\x08\x00": "",
	} {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
				b.Answer(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(text)) })
				took(t, p)
				if !strings.Contains(r.String(), want) || (r.len() == 0) != (want == "") {
					t.Errorf("got the reports %s, want %q", r, want)
				}
			})
		})
	}
}

// The message of the backend says why it refuses spans.
func TestReports_MessageOfTheBackend(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		b.Answer(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			w.Write([]byte("\x08\x03\x12\x0cno such team"))
		})
		took(t, p)
		if !strings.Contains(r.String(), "400 Bad Request: no such team") {
			t.Errorf("got the reports %s, want the message", r)
		}
	})
}

// The exporter's own OnError gets its reports, and the one of the Provider the others.
func TestReports_OnErrorOfTheExporter(t *testing.T) {
	t.Parallel()
	own, all := new(reports), new(reports)
	o := &otlp.Options{Endpoint: "wrong", Client: &http.Client{Transport: otlptest.New(t)}, OnError: own.add}
	p := tracing.New(&tracing.Options{Exporter: otlp.New(o), OnError: all.add, MaxResponseBytes: -1})
	took(t, p)
	if own.len() != 1 || !strings.Contains(own.String(), "Options.Endpoint") || all.len() != 1 || !strings.Contains(all.String(), "MaxResponseBytes") {
		t.Errorf("got %s and %s, want the endpoint in the first and the size in the second", own, all)
	}
}

// Only headers that may hold a key are removed from texts.
func TestReports_KeepTheUserAgent(t *testing.T) {
	t.Parallel()
	r := new(reports)
	o := &otlp.Options{Endpoint: "https://collector.example", Headers: map[string]string{"User-Agent": "agent-x", "X-Key": "key-1", "X-Short": "abc", "X-Four": "4444"},
		Client: &http.Client{Transport: failure{"agent-x sent application/x-protobuf with key-1, 4444 and abc"}}}
	took(t, provider(nil, o, r))
	if want := "agent-x sent application/x-protobuf with REDACTED, REDACTED and abc"; !strings.Contains(r.String(), want) {
		t.Errorf("got the reports %s, want %s", r, want)
	}
}

// A header that Options.Sign adds holds a secret, too.
func TestReports_HaveNothingThatSignAdds(t *testing.T) {
	t.Parallel()
	for _, failed := range []error{nil, errors.New("the token hunter2 has expired")} {
		r := new(reports)
		o := &otlp.Options{Endpoint: "https://collector.example", Client: &http.Client{Transport: failure{"bad token hunter2, or no gzip"}},
			Sign: func(req *http.Request, _ []byte) error {
				req.Header = req.Header.Clone()
				req.Header.Set("X-Amz-Security-Token", "hunter2")
				req.Header.Set("Content-Encoding", "gzip") // as of a large request
				return failed
			}}
		took(t, provider(nil, o, r))
		if !strings.Contains(r.String(), "REDACTED") || strings.Contains(r.String(), "hunter2") || failed == nil && !strings.Contains(r.String(), "gzip") {
			t.Errorf("got the reports %s, want REDACTED in place of the token alone", r)
		}
	}
}

// Tracers that differ only in one part of their scope do not share it.
func TestScopes_DifferInEachPart(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) {
		for range 2 {
			for _, o := range [][]trace.TracerOption{nil, {trace.WithInstrumentationVersion("1")}, {trace.WithSchemaURL("https://s.example/1")}, {trace.WithInstrumentationAttributes(attribute.Int("a", 1))}} {
				_, sp := p.Tracer("lib", o...).Start(ctx, "x")
				sp.End()
			}
		}
	})
	body := string(b.Requests()[0].Body)
	if n := strings.Count(body, "lib"); n != 4+strings.Count(body, "lib/") || strings.Count(body, "https://s.example/1") != 1 || len(b.Spans()) != 9 {
		t.Errorf("got %d scopes with the name in %q, want 4, one of them with the schema", n, body)
	}
}

// Not parallel: the memory is that of the process.
func TestSettings_Memory(t *testing.T) {
	before := execenv.Process.MemoryMB
	defer func() { execenv.Process.MemoryMB = before }()
	for memory, want := range map[int]string{0: "", 512: "536870912"} {
		execenv.Process.MemoryMB = memory
		q, _, _ := send(t, otlp.Options{})
		if got := otlptest.Decode(t, q.Body)[0].Resource["faas.max_memory"]; got != want {
			t.Errorf("%d MB: got %q, want %q", memory, got, want)
		}
	}
}
