package otlp_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

const (
	callerTrace = "0af7651916cd43dd8448eb211c80319c"
	caller      = "b7ad6b7169203331"
	otherTrace  = "68a1b2c3000000000000000000000001"
)

// httpEvent is an event with headers of a caller.
func httpEvent(flags string) string {
	return `{"headers":{"host":"x","TraceParent":"00-` + callerTrace + `-` + caller + `-` + flags + `","tracestate":"vendor=1",` +
		`"x-amzn-trace-id":"Root=1-68a1b2c3-000000000000000000000001;Parent=00000000000000aa;Sampled=1"}}`
}

// TestParent_AndDecision has the parents and decisions of each destination.
func TestParent_AndDecision(t *testing.T) {
	const none = "-"
	link := traceID + "/" + lambda
	for name, c := range map[string]struct {
		header, event string
		option        tracing.Parent
		sampler       tracing.Sampler
		variables     []string
		trace, parent string // none: nothing is recorded
		link          string
	}{
		"X-Ray off":              {header: header + "0", event: `{}`, trace: traceID},
		"X-Ray records":          {header: header + "1", event: `{}`, trace: traceID, link: link},
		"caller":                 {header: header + "0", event: httpEvent("01"), trace: callerTrace, parent: caller},
		"caller and X-Ray":       {header: header + "1", event: httpEvent("01"), trace: callerTrace, parent: caller, link: link},
		"caller does not record": {header: header + "1", event: httpEvent("00"), trace: none},
		"caller, always on":      {header: header + "0", event: httpEvent("00"), variables: []string{"OTEL_TRACES_SAMPLER", "always_on"}, trace: callerTrace, parent: caller},
		"never":                  {header: header + "1", event: `{}`, sampler: tracing.NeverSample(), trace: none},
		"option wins":            {header: header + "1", event: `{}`, sampler: tracing.AlwaysSample(), variables: []string{"OTEL_TRACES_SAMPLER", "always_off"}, trace: traceID, link: link},
		"off":                    {header: header + "1", event: `{}`, variables: []string{"OTEL_TRACES_SAMPLER", "parentbased_always_off"}, trace: none},
		"Lambda":                 {header: header + "1", event: httpEvent("01"), option: tracing.ParentLambda, trace: traceID, parent: lambda},
		"Lambda, X-Ray off":      {header: header + "0", event: `{}`, option: tracing.ParentLambda, trace: none},
		"Lambda, undecided":      {header: "Root=" + rootID + ";Parent=" + lambda, event: `{}`, option: tracing.ParentLambda, trace: traceID},
		"X-Ray header":           {header: header + "0", event: httpEvent("01"), option: tracing.ParentXRay, trace: otherTrace, parent: "00000000000000aa"},
		"none":                   {header: header + "0", event: httpEvent("01"), option: tracing.ParentNone, trace: traceID},
		"propagator Lambda":      {header: header + "1", event: httpEvent("01"), variables: []string{"OTEL_PROPAGATORS", "xray-lambda"}, trace: traceID, parent: lambda},
		"propagators in turn":    {header: header + "1", event: `{}`, variables: []string{"OTEL_PROPAGATORS", "tracecontext,xray-lambda"}, trace: traceID, parent: lambda, link: link},
	} {
		t.Run(name, func(t *testing.T) {
			set(t, c.variables...)
			b := otlptest.Listen(t)
			p := tracing.New(&tracing.Options{Exporter: otlp.New(&otlp.Options{Endpoint: b.URL}), Parent: c.option, Sampler: c.sampler, OnError: func(err error) { t.Error(err) }})
			invoke(t.Context(), p, c.header, c.event, nil)
			if c.trace == none {
				if len(b.Spans()) != 0 {
					t.Errorf("got %+v, want nothing", b.Spans())
				}
				return
			}
			s := b.Spans()[0]
			if s.TraceID != c.trace || s.Parent != c.parent || strings.Join(s.Links, " ") != c.link {
				t.Errorf("got the trace %s, the parent %s and the links %s, want %s, %s and %s", s.TraceID, s.Parent, s.Links, c.trace, c.parent, c.link)
			}
			remote := s.Flags&0x200 != 0
			if remote != (c.parent != "") || s.Flags&0x101 != 0x101 {
				t.Errorf("got the flags %x, want sampled, and remote if there is a parent", s.Flags)
			}
			if c.parent == caller && s.State != "vendor=1" {
				t.Errorf("got the trace state %q, want vendor=1", s.State)
			}
		})
	}
}

func TestParent_WithoutARootTheTraceIsNew(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	invoke(t.Context(), p, "", `{}`, nil)
	invoke(t.Context(), p, "", `{}`, nil)
	if got := b.Spans(); len(got) != 2 || got[0].TraceID == got[1].TraceID || got[0].TraceID == strings.Repeat("0", 32) {
		t.Errorf("got %+v, want two traces", got)
	}
}

func TestParent_NestedInvocation(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	invoke(t.Context(), p, header+"0", `{}`, func(ctx context.Context) {
		lambdakit.WrapFunc(func() {}, p.Middleware).Invoke(ctx, []byte(`{}`))
	})
	if got := b.Spans(); len(got) != 2 || got[0].Parent != got[1].ID || got[0].TraceID != got[1].TraceID {
		t.Errorf("got %+v, want the inner handler span below the outer one", got)
	}
}

// sent is a RoundTripper that keeps the headers of a request.
type sent struct{ http.Header }

func (s *sent) RoundTrip(req *http.Request) (*http.Response, error) {
	s.Header = req.Header
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

func TestParent_CallsPassTheTraceOnAndKeepLambdasHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sampler tracing.Sampler
		flags   string
	}{"recorded": {tracing.AlwaysSample(), "-01"}, "not recorded": {tracing.NeverSample(), "-00"}} {
		b := otlptest.Listen(t)
		p := tracing.New(&tracing.Options{Exporter: otlp.New(&otlp.Options{Endpoint: b.URL}), Sampler: c.sampler})
		came := header + "0;Lineage=1:abc:0"
		invoke(t.Context(), p, came, `{}`, func(ctx context.Context) {
			s := new(sent)
			req, _ := http.NewRequestWithContext(ctx, "GET", "http://api.example", nil)
			(&tracing.Transport{Base: s}).RoundTrip(req)
			if got := s.Get("X-Amzn-Trace-Id"); got != came || tracing.Header(ctx) != came {
				t.Errorf("%s: got %s and %s, want %s", name, got, tracing.Header(ctx), came)
			}
			if got := s.Get("Traceparent"); !strings.HasPrefix(got, "00-"+traceID+"-") || !strings.HasSuffix(got, c.flags) || strings.Contains(got, lambda) {
				t.Errorf("%s: got %q, want a span of ours that ends with %s", name, got, c.flags)
			}
			out := lambdakit.PropagationFromContext(ctx)
			if out.TraceHeader != came || !strings.HasSuffix(out.TraceParent, c.flags) {
				t.Errorf("%s: got %+v, want Lambda's header and our span", name, out)
			}
		})
	}
}

func TestSampler_CallerThatDoesNotRecordIsPassedOn(t *testing.T) {
	t.Parallel()
	p := provider(otlptest.Listen(t), nil, new(reports))
	invoke(t.Context(), p, header+"1", httpEvent("00"), func(ctx context.Context) {
		sc := trace.SpanContextFromContext(ctx)
		if sc.SpanID().String() != caller || sc.IsSampled() || sc.TraceState().String() != "vendor=1" {
			t.Errorf("got %+v, want the caller", sc)
		}
	})
}

func TestSampler_HalfOfTheTraces(t *testing.T) {
	set(t, "OTEL_TRACES_SAMPLER", "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG", "0.5")
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	for range 200 {
		invoke(t.Context(), p, "", `{}`, nil)
	}
	if n := len(b.Spans()); n < 60 || n > 140 {
		t.Errorf("got %d of 200 spans, want about half", n)
	}
}
