// Command httpapi is a function with packages logging, metrics, tracing and httpapi.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

var (
	meter    = metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	accepted = meter.Counter("OrdersAccepted")
	total    = meter.Distribution("OrderTotal", metrics.None)
)

func put(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	o := order{ID: r.PathValue("id")}
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		http.Error(w, "the body is not an order", http.StatusBadRequest)
		return
	}
	slog.InfoContext(ctx, "order accepted", "order_id", o.ID, "total", o.Total)
	accepted.Add(ctx, 1)
	total.Record(ctx, o.Total)
	answer, err := tracing.Call(ctx, "charge card", func(context.Context) (receipt, error) {
		return receipt{ID: o.ID, Accepted: true}, nil
	})
	if err != nil {
		http.Error(w, "the card was not charged", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func main() {
	logs, tracer := logging.New(nil), tracing.New(nil)
	slog.SetDefault(slog.New(logs))
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /orders/{id}", put)
	lambda.Start(httpapi.Wrap(mux, tracer.Middleware, logs.Middleware, meter.Middleware))
}
