package tracing_test

import (
	"context"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
)

// keeping is a provider whose spans keep their data after the end, like spans that an exporter
// sends later.
type keeping struct {
	noop.TracerProvider
	noop.Tracer
	span *keptSpan
}

type keptSpan struct{ record.Span }

func (*keptSpan) End(...trace.SpanEndOption)           {}
func (*keptSpan) TracerProvider() trace.TracerProvider { return noop.NewTracerProvider() }

func (p *keeping) Start(ctx context.Context, _ string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	return trace.ContextWithSpan(ctx, p.span), p.span
}

type keepingProvider struct {
	noop.TracerProvider
	tracer *keeping
}

func (p keepingProvider) Tracer(string, ...trace.TracerOption) trace.Tracer { return p.tracer }

// reusing is a handler that returns the same byte slice each time.
type reusing struct{ response []byte }

func (r reusing) Invoke(context.Context, []byte) ([]byte, error) { return r.response, nil }

var _ lambda.Handler = reusing{}

// The bytes of a response belong to the caller once the invocation has ended.
func TestCaptureResponse_SharesNoBytesWithTheCaller(t *testing.T) {
	t.Parallel()
	on := true
	span := new(keptSpan)
	tracer := tracing.New(&tracing.Options{TracerProvider: keepingProvider{tracer: &keeping{span: span}}, CaptureResponse: &on})
	response := []byte(`{"a":1}`)
	lambdakit.WrapHandler(reusing{response}, tracer.Middleware).Invoke(t.Context(), []byte(`{}`))
	copy(response, `{"b":2}`)
	if len(span.Data.Metadata) != 1 {
		t.Fatalf("got %d values of metadata, want the response", len(span.Data.Metadata))
	}
	if got := string(span.Data.Metadata[0].JSON); got != `{"a":1}` {
		t.Errorf("got %s, want the response as it was", got)
	}
}
