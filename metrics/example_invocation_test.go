package metrics_test

import (
	"context"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/metrics"
)

// AddDimensions does not change values that were recorded before.
func ExampleAddDimensions() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})
	received, accepted := meter.Counter("OrdersReceived"), meter.Counter("OrdersAccepted")

	lambdakit.WrapFunc(func(ctx context.Context) {
		received.Add(ctx, 1)
		metrics.AddDimensions(ctx, "tenant", "acme")
		accepted.Add(ctx, 1)
	}, meter.Middleware).Invoke(context.Background(), nil)
	// Output:
	// {"OrdersReceived":1,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[]],"Metrics":[{"Name":"OrdersReceived","Unit":"Count"}]}]}}
	// {"tenant":"acme","OrdersAccepted":1,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["tenant"]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
}

// Two sets make two metrics of each value: for the tenant, and over all tenants.
func ExampleAddDimensionSet() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders", Writer: stdout})
	accepted := meter.Counter("OrdersAccepted")

	lambdakit.WrapFunc(func(ctx context.Context) {
		metrics.AddDimensionSet(ctx, "tenant", "acme")
		metrics.AddDimensionSet(ctx) // the default dimensions alone
		accepted.Add(ctx, 1)
	}, meter.Middleware).Invoke(context.Background(), nil)
	// Output:
	// {"service":"orders","tenant":"acme","OrdersAccepted":1,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service","tenant"],["service"]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
}

// Metadata can be searched in the logs and make no metric.
func ExampleAddMetadata() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})
	accepted := meter.Counter("OrdersAccepted")

	lambdakit.WrapFunc(func(ctx context.Context) {
		metrics.AddMetadata(ctx, "order_id", "o-42")
		metrics.AddMetadata(ctx, "customer", map[string]any{"id": 7, "country": "DE"})
		accepted.Add(ctx, 1)
	}, meter.Middleware).Invoke(context.Background(), nil)
	// Output:
	// {"order_id":"o-42","customer":{"country":"DE","id":7},"OrdersAccepted":1,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
}
