package metrics_test

import (
	"context"
	"fmt"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/metrics"
)

func Example() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	accepted := meter.Counter("OrdersAccepted") // declared and checked once
	charging := meter.Duration("ChargeTime")

	handle := func(ctx context.Context, order struct{ Channel string }) (string, error) {
		defer charging.Start(ctx).Stop()
		accepted.With("channel", order.Channel).Add(ctx, 1) // this dimension, bound now
		return "ok", nil
	}
	_ = lambdakit.Wrap(handle, meter.Middleware) // for lambda.Start
}

func ExampleMeter_Single() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Disabled: new(true)}) // it would write a document
	meter.Single(context.Background(), "ImportTook", metrics.Seconds, (90 * time.Second).Seconds(), "file", "orders.csv")
}

func ExampleParseUnit() {
	unit, err := metrics.ParseUnit("milliseconds")
	fmt.Println(unit, err)
	// Output: Milliseconds <nil>
}
