// Command orders is a Lambda function behind an API Gateway HTTP API. It takes an order, checks
// it, and answers with a receipt. Run it from the root of the repository with
//
//	go run ./cmd/lambdakit run ./examples/orders
//
// If a client or a gateway did not wait for the answer and sends an order again, it gets the
// same answer again.
package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

func main() {
	logs := newLogs()
	slog.SetDefault(slog.New(logs))
	c, err := loadConfig(context.Background())
	if err == nil && c.PaymentsURL == "" {
		c.PaymentsURL, err = startProvider()
	}
	if err != nil {
		logs.Fatal("read the configuration", "error", err)
	}
	once, err := newOnce(newStore(), slog.Default())
	if err != nil {
		logs.Fatal("set up idempotency", "error", err)
	}
	lambda.Start(newHandler(logs, newMeter(), newTracer(), once, c))
}

func newLogs() *logging.Handler {
	return logging.New(&logging.Options{
		Service:       "orders",
		CorrelationID: logging.APIGatewayHTTP,
		FromContext:   tracing.LogAttrs,
		Buffer:        &logging.Buffer{}, // DEBUG lines appear only if an order fails
		Redact:        []string{"authorization", "card"},
	})
}

func newMeter() *metrics.Meter {
	return metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders", ColdStart: true})
}

func newTracer() *tracing.Provider { return tracing.New(&tracing.Options{Service: "orders"}) }

func newHandler(logs *logging.Handler, meter *metrics.Meter, tracer *tracing.Provider, once *idempotency.Guard, c config) lambda.Handler {
	api := &api{
		log:        slog.New(logs),
		payments:   newPayments(c),
		once:       once,
		accepted:   meter.Counter("OrdersAccepted"),
		refused:    meter.Counter("OrdersRefused"),
		total:      meter.Distribution("OrderTotal", metrics.None),
		chargeTime: meter.Duration("ChargeTime"),
	}
	return httpapi.Wrap(api.routes(), tracer.Middleware, logs.Middleware, meter.Middleware)
}
