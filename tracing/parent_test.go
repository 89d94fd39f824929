package tracing_test

import (
	"context"
	"encoding/json"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// handlerSpan returns the handler span that a provider of the SDK records, if it records one.
func handlerSpan(t *testing.T, o *tracing.Options, header, event string, opts ...sdktrace.TracerProviderOption) (span tracetest.SpanStub, ok bool) {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(append(opts, sdktrace.WithSyncer(exporter))...)
	t.Cleanup(func() { provider.Shutdown(context.Background()) })
	o.TracerProvider, o.OnError = provider, func(err error) { t.Error(err) }
	h := lambdakit.Wrap(func(context.Context, json.RawMessage) (any, error) { return nil, nil }, tracing.New(o).Middleware)
	lambdatest.New(t, h, &lambdatest.Options{TraceHeader: header}).Invoke(event)
	spans := exporter.GetSpans()
	if len(spans) > 1 {
		t.Fatalf("got %d spans, want at most one", len(spans))
	}
	if len(spans) == 0 {
		return span, false
	}
	return spans[0], true
}

// Lambda's header is present, and says not to record, if X-Ray is off.
func TestProvider_RecordsAlthoughXRayIsOff(t *testing.T) {
	t.Parallel()
	s, ok := handlerSpan(t, new(tracing.Options), unsampled, `{}`)
	if !ok || s.Parent.SpanID().IsValid() || s.SpanContext.TraceID().String() != "5759e988bd862e3fe1be46a994272793" || len(s.Links) != 0 {
		t.Errorf("got %+v, want a root in the trace of the header", s)
	}
	if _, ok := handlerSpan(t, new(tracing.Options), unsampled, `{}`, sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample()))); ok {
		t.Error("got a span, want the decision of the provider's sampler")
	}
}

func TestProvider_SpanThatXRayRecordsIsALink(t *testing.T) {
	t.Parallel()
	s, ok := handlerSpan(t, new(tracing.Options), sampled, `{}`)
	if !ok || len(s.Links) != 1 || s.Links[0].SpanContext.SpanID().String() != parent || !s.Links[0].SpanContext.IsSampled() {
		t.Errorf("got %+v, want a link to Lambda's span", s.Links)
	}
}

func TestProvider_CallerOfAnHTTPEventIsTheParent(t *testing.T) {
	t.Parallel()
	event := `{"multiValueHeaders":{"traceparent":["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],"TraceState":["a=b"]}}`
	s, ok := handlerSpan(t, new(tracing.Options), unsampled, event)
	if !ok || s.Parent.SpanID().String() != "b7ad6b7169203331" || !s.Parent.IsRemote() || s.SpanContext.TraceState().String() != "a=b" {
		t.Errorf("got %+v, want the caller as the parent", s)
	}
}

func TestProvider_ParentOption(t *testing.T) {
	t.Parallel()
	s, ok := handlerSpan(t, &tracing.Options{Parent: tracing.ParentLambda}, sampled, `{}`)
	if !ok || s.Parent.SpanID().String() != parent || len(s.Links) != 0 {
		t.Errorf("got %+v, want Lambda's span as the parent", s)
	}
	if _, ok := handlerSpan(t, &tracing.Options{Parent: tracing.ParentLambda}, unsampled, `{}`); ok {
		t.Error("got a span, want the decision in Lambda's header")
	}
}

func TestProvider_Propagators(t *testing.T) {
	t.Setenv("OTEL_PROPAGATORS", "tracecontext, xray-lambda")
	s, ok := handlerSpan(t, new(tracing.Options), sampled, `{}`)
	if !ok || s.Parent.SpanID().String() != parent {
		t.Errorf("got %+v, want Lambda's span as the parent", s)
	}
}

func TestProvider_TraceStateThatIsWrongIsDropped(t *testing.T) {
	t.Parallel()
	event := `{"headers":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"=="}}`
	s, ok := handlerSpan(t, new(tracing.Options), "", event)
	if !ok || s.Parent.SpanID().String() != "b7ad6b7169203331" || s.SpanContext.TraceState().Len() != 0 {
		t.Errorf("got %+v, want the caller without a trace state", s)
	}
}
