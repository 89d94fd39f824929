package guide_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

// newHandler is the function under test.
func newHandler() any {
	logs := logging.New(nil)
	meter := metrics.New(&metrics.Options{Namespace: "Shop"})
	tracer := tracing.New(nil)
	slog.SetDefault(slog.New(logs))
	s := newShop(meter)
	return lambdakit.Wrap(func(ctx context.Context, o Order) (Receipt, error) {
		logging.Append(ctx, "order_id", o.ID)
		slog.InfoContext(ctx, "order received")
		return tracing.Call(ctx, "take order", func(ctx context.Context) (Receipt, error) { return s.take(ctx, o) })
	}, tracer.Middleware, logs.Middleware, meter.Middleware)
}

// guide: testing-run
func TestOrder(t *testing.T) {
	res := lambdatest.Run(t, newHandler(), Order{ID: "o-1", Channel: "web", Total: 12.5})

	var receipt Receipt
	res.Decode(&receipt) // fails the test if the function failed
	if receipt.OrderID != "o-1" {
		t.Errorf("got a receipt for %s, want o-1", receipt.OrderID)
	}
	if got := res.Log("order received")["order_id"]; got != "o-1" {
		t.Errorf("got a line of the order %v, want o-1", got)
	}
	if m := res.Metric("OrdersAccepted"); m.Dimensions["channel"] != "web" {
		t.Errorf("got the dimensions %v, want the channel web", m.Dimensions)
	}
	if s := res.Span("take order"); s.Status == "Error" {
		t.Errorf("got the error %q, want none", s.StatusMessage)
	}
}

// end

// guide: testing-error
func TestOrder_Declined(t *testing.T) {
	res := lambdatest.Run(t, newHandler(), Order{ID: "o-1", Card: "tok_declined"})

	if !errors.Is(res.Err, errDeclined) {
		t.Errorf("got the error %v, want that the card is declined", res.Err)
	}
	if level := res.Log("invocation failed").Level(); level != "ERROR" {
		t.Errorf("got a line at %s, want ERROR", level)
	}
}

// end

// guide: testing-harness
func TestOrder_TwoInvocations(t *testing.T) {
	h := lambdatest.New(t, newHandler(), &lambdatest.Options{
		FunctionName: "orders",
		MemoryMB:     512,
		Timeout:      3 * time.Second,
		TenantID:     "acme",
	})
	cold, warm := h.Invoke(Order{ID: "o-1"}), h.Invoke(Order{ID: "o-2"})
	if cold.Logs[0]["cold_start"] != true || warm.Logs[0]["cold_start"] != false {
		t.Errorf("got %v and %v, want one cold start", cold.Logs[0], warm.Logs[0])
	}
}

// end

// guide: testing-request
func TestGetOrder(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", getOrder)
	for _, kind := range []httpapi.Kind{httpapi.RestAPI, httpapi.HTTPAPI, httpapi.FunctionURL, httpapi.LoadBalancer} {
		resp := lambdatest.Request(t, httpapi.Wrap(mux), httptest.NewRequest("GET", "/orders/o-1", nil), kind)
		if body, _ := io.ReadAll(resp.Body); string(body) != "order o-1\n" {
			t.Errorf("%v: got %q, want the order", kind, body)
		}
	}
}

// end

// guide: testing-timeout
func TestSlowOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // time passes only if all goroutines wait
		logs := logging.New(nil)
		h := lambdakit.WrapFunc(func(ctx context.Context) error {
			<-ctx.Done() // waits for the deadline
			return ctx.Err()
		}, logs.Middleware)

		res := lambdatest.New(t, h, &lambdatest.Options{Timeout: 10 * time.Second}).Invoke(nil)

		res.Log("invocation is about to time out") // fails the test if there is no such line
	})
}

// end

// guide: testing-bare
func TestBareFunction(t *testing.T) {
	handle := func(ctx context.Context, o Order) (string, error) { return fmt.Sprint("order ", o.ID), nil }
	if got := string(lambdatest.Run(t, handle, `{"id": "o-1"}`).Response); got != `"order o-1"` {
		t.Errorf("got %s, want the order", got)
	}
}

// end
