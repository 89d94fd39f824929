// Command cloudwatch is the function of the tests of lambdakit cloudwatch. It takes orders in events of
// its own, in HTTP requests and in messages of a queue.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
)

func main() {
	logs := logging.New(&logging.Options{Service: "shop", LogRequest: true})
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "shop", ColdStart: true, Batches: true})
	slog.SetDefault(slog.New(logs))
	s := &shop{accepted: meter.Counter("OrdersAccepted"), total: meter.Distribution("OrderTotal", metrics.None), charge: meter.Duration("ChargeTime")}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.PathValue("id"))) })
	mw := []lambdakit.Middleware{logs.Middleware, meter.Middleware}
	lambda.Start(parts{
		own:   lambdakit.WrapFunc(s.order, mw...),
		http:  httpapi.Wrap(mux, mw...),
		queue: lambdakit.Wrap(batch.SQS(func(ctx context.Context, m *batch.Message[order]) error { return s.order(ctx, m.Body) }, nil), mw...),
	})
}

// parts are the handlers by the form of the event.
type parts struct{ own, http, queue lambda.Handler }

func (p parts) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e struct{ Records, RequestContext json.RawMessage }
	json.Unmarshal(payload, &e)
	switch {
	case e.Records != nil:
		return p.queue.Invoke(ctx, payload)
	case e.RequestContext != nil:
		return p.http.Invoke(ctx, payload)
	}
	return p.own.Invoke(ctx, payload)
}

type order struct {
	ID, Channel string
	Total       float64
}

type shop struct {
	accepted metrics.Counter
	total    metrics.Distribution
	charge   metrics.Duration
}

func (s *shop) order(ctx context.Context, o order) error {
	logging.Append(ctx, "order_id", o.ID, slog.Group("customer", "id", 7, "name", "Ada"))
	if o.Total == 0 {
		return errors.New("the order is empty")
	}
	s.charge.Record(ctx, 30*time.Millisecond)
	s.total.Record(ctx, o.Total)
	s.accepted.With("channel", o.Channel).Add(ctx, 1)
	if name := os.Getenv("NEW_METRIC"); name != "" {
		s.accepted.With(name, "value").Add(ctx, 1)
	}
	slog.InfoContext(ctx, "order accepted", "total", o.Total, "strange name", true)
	return nil
}
