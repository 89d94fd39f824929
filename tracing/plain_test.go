package tracing_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// The spans of lambdatest are those that an OpenTelemetry backend gets.
func TestSpansOfTheHarness(t *testing.T) {
	t.Parallel()
	linked := tracing.ParseTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	handler := func(ctx context.Context, _ any) (any, error) {
		ctx, span := tracing.Start(ctx, "charge card", trace.WithSpanKind(trace.SpanKindClient),
			trace.WithLinks(trace.Link{SpanContext: linked, Attributes: []attribute.KeyValue{attribute.String("why", "retry")}}),
			trace.WithAttributes(attribute.Int("attempt", 2), attribute.StringSlice("cards", []string{"visa"})))
		defer span.End()
		tracing.Annotate(ctx, "order", "o-1")
		tracing.AddMetadata(ctx, "cart", []int{1, 2})
		tracing.AddMetadataIn(ctx, "stock", "cart", 3)
		span.AddEvent("declined", trace.WithAttributes(attribute.Bool("final", true)))
		return nil, tracing.Run(ctx, "refund", func(context.Context) error { return errors.New("too late") })
	}
	tracer := tracing.New(&tracing.Options{Name: "shop"})
	res := lambdatest.Run(t, lambdakit.Wrap(handler, tracer.Middleware), nil)

	shop, charge, refund := res.Span("shop"), res.Span("charge card"), res.Span("refund")
	if len(res.Spans) != 3 || shop.Kind != "server" || charge.Kind != "client" || refund.Kind != "internal" {
		t.Errorf("got %d spans of the kinds %s, %s and %s, want server, client and internal", len(res.Spans), shop.Kind, charge.Kind, refund.Kind)
	}
	if charge.ParentID != shop.ID || refund.ParentID != charge.ID || charge.TraceID != shop.TraceID || len(charge.TraceID) != 32 {
		t.Errorf("got %+v below %+v, want one trace", charge, shop)
	}
	if want := map[string]any{"attempt": int64(2), "cards": []string{"visa"}, "order": "o-1", "cart": "[1,2]", "stock.cart": "3"}; !reflect.DeepEqual(charge.Attributes, want) {
		t.Errorf("got the attributes %v, want %v", charge.Attributes, want)
	}
	if e := charge.Events; len(e) != 1 || e[0].Name != "declined" || e[0].Attributes["final"] != true || e[0].Time.Before(charge.Start) {
		t.Errorf("got the events %+v, want the one that was added", e)
	}
	if l := charge.Links; len(l) != 1 || l[0].SpanID != "b7ad6b7169203331" || l[0].TraceID != "0af7651916cd43dd8448eb211c80319c" || l[0].Attributes["why"] != "retry" {
		t.Errorf("got the links %+v, want the one of the start", l)
	}
	if refund.Status != "Error" || refund.StatusMessage != "too late" || len(refund.Events) != 1 || refund.Events[0].Attributes["exception.message"] != "too late" || refund.Events[0].Attributes["exception.type"] == "" {
		t.Errorf("got %+v, want the error as status and as event", refund)
	}
	if shop.End.Before(charge.End) || charge.Start.Before(shop.Start) {
		t.Errorf("got %v to %v for the handler and %v to %v for a call, want the call inside", shop.Start, shop.End, charge.Start, charge.End)
	}
}
