package guide_test

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/tracing"
)

// overview is the tour of the README. Nothing calls it.
func overview(ctx context.Context, order Order, cache *params.Cache, config *config, once *idempotency.Guard, bus *events.Bus) error {
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

	// Configuration and secrets: typed, cached, there during an outage of their source.
	if err := params.Load(ctx, cache, config); err != nil {
		return err
	}

	// Once per key, also with retries, crashes and timeouts.
	receipt, err := idempotency.Call(ctx, once, order.ID, func(ctx context.Context) (Receipt, error) {
		return charge(ctx, order)
	})

	// Events with versions. A receiver gets the newest version that it knows.
	if err := bus.Publish(ctx, OrderConfirmed.New(order.ID, Confirmed{Order: order.ID})); err != nil {
		return err
	}

	// Work that the caller does not wait for.
	lambdakit.AfterResponse(ctx, "update the index", updateIndex)
	// end
	_ = receipt
	return err
}

var _ = overview
