// Command orders is a Lambda function behind an API Gateway HTTP API: it takes an
// order, checks it, and answers with a receipt. Run it from the root of the
// repository with
//
//	go run ./cmd/lambdakit run ./examples/orders
package main

import (
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
)

func main() {
	logs, meter := newLogs(), newMeter()
	slog.SetDefault(slog.New(logs))
	lambda.Start(newHandler(logs, meter))
}

func newLogs() *logging.Handler {
	return logging.New(&logging.Options{
		Service:       "orders",
		CorrelationID: logging.APIGatewayHTTP,
		Buffer:        &logging.Buffer{}, // DEBUG lines appear only where an order fails
		Redact:        []string{"authorization", "card"},
	})
}

func newMeter() *metrics.Metrics {
	return metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders", ColdStart: true})
}

func newHandler(logs *logging.Handler, meter *metrics.Metrics) lambda.Handler {
	api := &api{
		log:        slog.New(logs),
		charge:     chargeCard,
		accepted:   meter.Counter("OrdersAccepted"),
		refused:    meter.Counter("OrdersRefused"),
		total:      meter.Distribution("OrderTotal", metrics.None),
		chargeTime: meter.Duration("ChargeTime"),
	}
	return lambdakit.Wrap(api.handle, logs.Middleware, meter.Middleware)
}
