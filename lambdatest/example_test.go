package lambdatest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
)

// Order is the event of the examples.
type Order struct{ ID string }

// ExampleHarness makes two invocations in one execution environment. The first is a cold start.
func ExampleHarness() {
	t := new(testing.T) // the argument of your test

	handle := func(ctx context.Context, o Order) (string, error) {
		return fmt.Sprintf("%s cold=%v", o.ID, lambdakit.FromContext(ctx).ColdStart()), nil
	}
	h := lambdatest.New(t, lambdakit.Wrap(handle), &lambdatest.Options{MemoryMB: 512})
	for _, id := range []string{"o-1", "o-2"} {
		var text string
		h.Invoke(Order{ID: id}).Decode(&text)
		fmt.Println(text)
	}
	// Output:
	// o-1 cold=true
	// o-2 cold=false
}

// ExampleResult_Log finds a log line by its message.
func ExampleResult_Log() {
	t := new(testing.T) // the argument of your test

	logs := logging.New(nil)
	logger := slog.New(logs)
	handle := func(ctx context.Context, o Order) error {
		logger.InfoContext(ctx, "order accepted", "order_id", o.ID)
		return nil
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle, logs.Middleware), Order{ID: "o-1"})
	line := res.Log("order accepted")
	fmt.Println(line.Level(), line["order_id"])
	// Output: INFO o-1
}

// ExampleResult_Metric finds a metric by its name.
func ExampleResult_Metric() {
	t := new(testing.T) // the argument of your test

	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	accepted := meter.Counter("OrdersAccepted")
	handle := func(ctx context.Context, o Order) error {
		accepted.Add(ctx, 1)
		return nil
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle, meter.Middleware), Order{ID: "o-1"})
	m := res.Metric("OrdersAccepted")
	fmt.Println(m.Namespace, m.Value, m.Dimensions)
	// Output: Shop 1 map[service:orders]
}

// ExampleRequest sends an HTTP request through two front ends of Lambda.
func ExampleRequest() {
	t := new(testing.T) // the argument of your test

	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "order %s", r.PathValue("id"))
	})
	for _, kind := range []httpapi.Kind{httpapi.FunctionURL, httpapi.RestAPI} {
		resp := lambdatest.Request(t, httpapi.Wrap(mux), httptest.NewRequest("GET", "/orders/o-1", nil), kind)
		body, _ := io.ReadAll(resp.Body)
		fmt.Println(kind, resp.StatusCode, string(body))
	}
	// Output:
	// function URL 200 order o-1
	// REST API 200 order o-1
}

// charge sends the span that tracing.Run(ctx, "charge card", ...) sends. Package tracing is another
// module.
func charge(ctx context.Context) {
	start := time.Now()
	execenv.FromContext(ctx).Spans(&execenv.Span{
		ID: "53995c3f42cd8ad8", Name: "charge card", Start: start, End: start.Add(250 * time.Millisecond),
		Attributes: map[string]any{"provider": "acme"}, Status: "Error", Description: "card declined",
	})
}

// ExampleResult_Span finds a span by its name. Result.Segment finds its document for X-Ray.
func ExampleResult_Span() {
	t := new(testing.T) // the argument of your test

	handle := func(ctx context.Context, o Order) error {
		charge(ctx) // tracing.Run(ctx, "charge card", func(ctx context.Context) error { ... })
		return nil
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle), Order{ID: "o-1"})
	span := res.Span("charge card")
	fmt.Println(span.End.Sub(span.Start), span.Status, span.StatusMessage, span.Attributes["provider"])
	// Output: 250ms Error card declined acme
}

// Work after the response has run when Run returns.
func ExampleResult_afterResponse() {
	t := new(testing.T) // the argument of your test

	handle := func(ctx context.Context, o Order) error {
		lambdakit.AfterResponse(ctx, "update the search index", func(context.Context) error { return errors.New("no such index") })
		return nil
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle), Order{ID: "o-1"})
	for _, w := range res.AfterResponse {
		fmt.Println(w.Name+":", w.Err)
	}
	// Output: update the search index: no such index
}
