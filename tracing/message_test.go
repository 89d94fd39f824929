package tracing_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/tracing"
)

const (
	senderHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"
	senderParent = "00-5759e988bd862e3fe1be46a994272793-0123456789abcdef-01"
)

// twoMessages has one message with each form of the sender's span.
var twoMessages = fmt.Sprintf(`{"Records":[
	{"messageId":"m1","body":"1","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:orders","attributes":{"AWSTraceHeader":%q,"ApproximateReceiveCount":"2"}},
	{"messageId":"m2","body":"2","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:orders","attributes":{},"messageAttributes":{"traceparent":{"stringValue":%q},"correlation_id":{"stringValue":"c-2"}}}]}`, senderHeader, senderParent)

func receive(ctx context.Context, m *batch.Message[int]) error {
	return tracing.Run(ctx, "work", func(context.Context) error {
		if m.Body == 2 {
			return errors.New("no stock")
		}
		return nil
	})
}

func TestMessage_EachRecordHasASpanWithALink(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	lambdatest.Run(t, lambdakit.Wrap(batch.SQS(receive, nil), tracer.Middleware), twoMessages)
	spans := exporter.GetSpans()
	if len(spans) != 5 {
		t.Fatalf("got %d spans, want two of work, two of records and the handler's", len(spans))
	}
	for i, want := range []struct{ id, sender, attributes string }{
		{"m1", "557abcec3ee5a047", "messaging.operation.type=process messaging.operation.name=process messaging.system=aws_sqs messaging.destination.name=orders messaging.message.id=m1 messaging.message.delivery_count=2 "},
		{"m2", "0123456789abcdef", "messaging.operation.type=process messaging.operation.name=process messaging.system=aws_sqs messaging.destination.name=orders messaging.message.id=m2 messaging.message.conversation_id=c-2 "},
	} {
		work, record := spans[2*i], spans[2*i+1]
		attributes := ""
		for _, a := range record.Attributes {
			attributes += fmt.Sprintf("%s=%s ", a.Key, a.Value.String())
		}
		if record.Name != "orders process" || record.SpanKind != trace.SpanKindConsumer || attributes != want.attributes {
			t.Errorf("got %s of kind %v with %s, want a consumer span with %s", record.Name, record.SpanKind, attributes, want.attributes)
		}
		if len(record.Links) != 1 || record.Links[0].SpanContext.SpanID().String() != want.sender {
			t.Errorf("%s: got the links %v, want one to %s", want.id, record.Links, want.sender)
		}
		if work.Parent.SpanID() != record.SpanContext.SpanID() || record.Parent.SpanID() != spans[4].SpanContext.SpanID() {
			t.Errorf("%s: got other parents, want the work inside the record inside the handler", want.id)
		}
		if failed := len(record.Events) > 0; failed != (want.id == "m2") {
			t.Errorf("%s: got a failed span: %v", want.id, failed)
		}
	}
}

// A trace header that names no span leaves the traceparent of the message.
func TestMessage_SenderOfEachForm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ header, parent, want string }{
		"none":                    {"", "", ""},
		"header":                  {senderHeader, senderParent, "557abcec3ee5a047"},
		"header without a parent": {"Root=1-5759e988-bd862e3fe1be46a994272793", senderParent, "0123456789abcdef"},
		"header that is none":     {"x", senderParent, "0123456789abcdef"},
		"traceparent":             {"", senderParent, "0123456789abcdef"},
		"neither is one":          {"x", "00-x", ""},
	} {
		provider, exporter := sdk(t)
		tracer := tracing.New(&tracing.Options{TracerProvider: provider})
		m := lambdatest.Message{Body: "1", System: map[string]string{"AWSTraceHeader": c.header}, Attributes: map[string]string{"traceparent": c.parent}}
		lambdatest.Run(t, lambdakit.Wrap(batch.SQS(receive, nil), tracer.Middleware), lambdatest.SQS("orders", m))
		got := ""
		for _, s := range exporter.GetSpans() {
			if s.Name == "orders process" && len(s.Links) > 0 {
				got = s.Links[0].SpanContext.SpanID().String()
			}
		}
		if got != c.want {
			t.Errorf("%s: got a link to %q, want %q", name, got, c.want)
		}
	}
}

// The line about a failed record belongs to the span of the record, in either order of the middleware.
func TestMessage_LineOfAFailedRecordHasItsSpan(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{FromContext: tracing.LogAttrs})
	tracer := tracing.New(nil)
	for name, mw := range map[string][]lambdakit.Middleware{
		"tracing first": {tracer.Middleware, logs.Middleware}, "logging first": {logs.Middleware, tracer.Middleware},
	} {
		res := lambdatest.Run(t, lambdakit.Wrap(batch.SQS(receive, nil), mw...), twoMessages)
		var record lambdatest.Span
		for _, s := range res.Spans {
			if s.Attributes["messaging.message.id"] == "m2" {
				record = s
			}
		}
		if got := res.Log("record failed")["span_id"]; got != record.ID || record.ID == "" {
			t.Errorf("%s: got the span %v, want that of the record, %s", name, got, record.ID)
		}
	}
}

// Each of two Providers ends its own spans of records.
func TestMessage_TwoProviders(t *testing.T) {
	t.Parallel()
	outer, outerSpans := sdk(t)
	inner, innerSpans := sdk(t)
	a, b := tracing.New(&tracing.Options{TracerProvider: outer}), tracing.New(&tracing.Options{TracerProvider: inner})
	lambdatest.Run(t, lambdakit.Wrap(batch.SQS(func(context.Context, *batch.Message[int]) error { return nil }, nil), a.Middleware, b.Middleware), twoMessages)
	for name, e := range map[string]int{"outer": len(outerSpans.GetSpans()), "inner": len(innerSpans.GetSpans())} {
		if e < 1 {
			t.Errorf("%s: got %d spans, want at least the handler's", name, e)
		}
	}
	if n := len(outerSpans.GetSpans()) + len(innerSpans.GetSpans()); n != 6 {
		t.Errorf("got %d spans that ended, want two of handlers and two of each record", n)
	}
}

func TestMessage_SegmentsOfXRay(t *testing.T) {
	t.Parallel()
	tracer := tracing.New(nil)
	res := lambdatest.Run(t, lambdakit.Wrap(batch.SQS(receive, &batch.Options{Concurrency: 2}), tracer.Middleware), twoMessages)
	spans := 0
	for _, s := range res.Segments {
		if s.Name == "orders process" {
			spans++
			if s.Document["parent_id"] == nil {
				t.Errorf("got %v, want a parent", s.Document)
			}
		}
	}
	if spans != 2 {
		t.Errorf("got %d spans of records in %v, want 2", spans, res.Segments)
	}
}

func TestMessage_UnsampledCostsNoSpan(t *testing.T) {
	t.Parallel()
	tracer := tracing.New(nil)
	h := lambdatest.New(t, lambdakit.Wrap(batch.SQS(receive, nil), tracer.Middleware), &lambdatest.Options{TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"})
	res := h.Invoke(twoMessages)
	if len(res.Segments) != 0 || string(res.Response) != `{"batchItemFailures":[{"itemIdentifier":"m2"}]}` {
		t.Errorf("got %v and %s, want no span and one failure", res.Segments, res.Response)
	}
}
