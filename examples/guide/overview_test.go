package guide_test

//lint:file-ignore SA4006 the tour leaves checks of errors out

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/tracing"
)

type Limits struct{ MaxTotal float64 }

// overview is the tour of the README. Nothing calls it.
func overview(ctx context.Context, t *testing.T, order Order, config config, key string, bus *events.Bus) error {
	logs, tracer := logging.New(nil), tracing.New(nil)
	updateIndex := func(context.Context) error { return nil }
	// guide: overview
	// HTTP: any router of net/http behind API Gateway, function URLs, load balancers and VPC Lattice,
	// or typed operations: a struct with tags in, a value out, problems of RFC 9457.
	var api httpapi.API
	api.Handle("PUT /orders/{id}", httpapi.Func(putOrder, httpapi.OnError(errNoStock, http.StatusConflict)))
	lambda.Start(httpapi.Wrap(&api, tracer.Middleware, logs.Middleware))

	// Queues and streams: one record at a time, in order inside a group. Failed records come again.
	lambda.Start(lambdakit.Wrap(batch.SQS(ship, &batch.Options{Concurrency: 4}), tracer.Middleware, logs.Middleware))

	// Configuration and secrets: typed, cached, there during an outage of their source. The tour leaves
	// checks of errors out.
	cache, err := params.New(parameterstore.New(nil, nil), &params.Options{MaxAge: time.Minute})
	err = params.Load(ctx, cache, &config)               // a struct with tags
	currency, err := cache.String(ctx, "/shop/currency") // or one by one
	limits, err := params.JSON[Limits](ctx, cache, "/shop/limits")
	slog.InfoContext(ctx, "loaded", "key", lambdakit.NewSecret(key)) // prints [redacted]

	// Once per key, also with retries, crashes and timeouts.
	once, err := idempotency.New(dynamodbstore.New(nil, "orders", nil), &idempotency.Options{ExpiresAfter: time.Hour})
	receipt, err := idempotency.Call(ctx, once, order.ID, func(ctx context.Context) (Receipt, error) {
		return charge(ctx, order)
	})

	// Events with versions. A receiver gets the newest version that it knows.
	if err := bus.Publish(ctx, OrderConfirmed.New(order.ID, Confirmed{Order: order.ID})); err != nil {
		return err
	}

	// Work that the caller does not wait for.
	lambdakit.AfterResponse(ctx, "update the index", updateIndex)

	// Tests see the response, the log lines, the metrics and the spans.
	res := lambdatest.Run(t, newHandler(), Order{ID: "o-1"})
	fmt.Println(res.Log("order accepted")["order_id"], res.Metric("OrdersAccepted").Value, res.Span("charge card").Attributes)
	// end
	_, _, _ = receipt, currency, limits
	return err
}

var _ = overview
