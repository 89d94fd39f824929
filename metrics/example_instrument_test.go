package metrics_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

// A counter becomes one value for each invocation.
func ExampleMeter_Counter() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})
	items := meter.Counter("ItemsSold")

	lambdakit.WrapFunc(func(ctx context.Context) {
		items.Add(ctx, 2)
		items.Add(ctx, 3)
	}, meter.Middleware).Invoke(context.Background(), nil)
	// Output:
	// {"ItemsSold":5,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[]],"Metrics":[{"Name":"ItemsSold","Unit":"Count"}]}]}}
}

// A distribution keeps every value.
func ExampleMeter_Distribution() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})
	size := meter.Distribution("ImageSize", metrics.Kilobytes)

	lambdakit.WrapFunc(func(ctx context.Context) {
		size.Record(ctx, 120)
		size.Record(ctx, 80.5)
	}, meter.Middleware).Invoke(context.Background(), nil)
	// Output:
	// {"ImageSize":[120,80.5],"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[]],"Metrics":[{"Name":"ImageSize","Unit":"Kilobytes"}]}]}}
}

func ExampleMeter_Duration() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})
	charging := meter.Duration("ChargeTime")

	lambdakit.WrapFunc(func(ctx context.Context) {
		charging.Record(ctx, 1500*time.Microsecond)
	}, meter.Middleware).Invoke(context.Background(), nil)
	// Output:
	// {"ChargeTime":1.5,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[]],"Metrics":[{"Name":"ChargeTime","Unit":"Milliseconds"}]}]}}
}

// A timer measures the rest of a function.
func ExampleDuration_Start() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop"})
	charging := meter.Duration("ChargeTime")

	charge := func(ctx context.Context) error {
		defer charging.Start(ctx).Stop()
		// ...
		return nil
	}
	res := lambdatest.Run(new(testing.T), lambdakit.WrapFunc(charge, meter.Middleware), nil)

	m := res.Metric("ChargeTime")
	fmt.Println(m.Unit, len(m.Values))
	// Output: Milliseconds 1
}

// With returns an instrument with more dimensions. Each combination of values is a metric.
func ExampleCounter_With() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})
	accepted := meter.Counter("OrdersAccepted")

	lambdakit.WrapFunc(func(ctx context.Context) {
		accepted.With("channel", "web").Add(ctx, 1)
		accepted.With("channel", "app").Add(ctx, 1)
		accepted.With("channel", "web").Add(ctx, 1)
	}, meter.Middleware).Invoke(context.Background(), nil)
	// Output:
	// {"channel":"web","OrdersAccepted":2,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["channel"]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
	// {"channel":"app","OrdersAccepted":1,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["channel"]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
}

// Record is for names that are known only at run time.
func ExampleMeter_Record() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})
	stock := map[string]float64{"StockOfPens": 12}

	lambdakit.WrapFunc(func(ctx context.Context) {
		for name, n := range stock {
			meter.Record(ctx, name, metrics.Count, n)
		}
	}, meter.Middleware).Invoke(context.Background(), nil)
	// Output:
	// {"StockOfPens":12,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[]],"Metrics":[{"Name":"StockOfPens","Unit":"Count"}]}]}}
}

// Single writes one value immediately, with the given dimensions instead of the dimensions of
// the invocation.
func ExampleMeter_Single() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})

	meter.Single(context.Background(), "ImportTime", metrics.Seconds, 90, "file", "orders.csv")
	// Output:
	// {"file":"orders.csv","ImportTime":90,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["file"]],"Metrics":[{"Name":"ImportTime","Unit":"Seconds"}]}]}}
}
