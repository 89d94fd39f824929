package guide_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

// guide: metrics-start
// shop has the instruments, which are made once.
type shop struct {
	accepted metrics.Counter      // one sum for each invocation
	total    metrics.Distribution // every value, for percentiles
	charging metrics.Duration     // times in milliseconds
}

func newShop(meter *metrics.Meter) *shop {
	return &shop{
		accepted: meter.Counter("OrdersAccepted"),
		total:    meter.Distribution("OrderTotal", metrics.None),
		charging: meter.Duration("ChargeTime"),
	}
}

func (s *shop) take(ctx context.Context, o Order) (Receipt, error) {
	timer := s.charging.Start(ctx)
	receipt, err := charge(ctx, o)
	timer.Stop()
	if err != nil {
		return Receipt{}, err
	}
	s.accepted.With("channel", o.Channel).Add(ctx, 1)
	s.total.Record(ctx, o.Total)
	return receipt, nil
}

// end

func Example_metricsMain() {
	// guide: metrics-main
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	lambda.Start(lambdakit.Wrap(newShop(meter).take, meter.Middleware))
	// end
}

func Example_metricsWith() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop"})
	accepted := meter.Counter("OrdersAccepted")
	handle := func(ctx context.Context) error {
		// guide: metrics-with
		accepted.With("channel", "web").Add(ctx, 2)
		accepted.With("channel", "app").Add(ctx, 1)
		// end
		return nil
	}
	full(lambdatest.Run(t, lambdakit.WrapFunc(handle, meter.Middleware), nil))
	// Output:
	// {"function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","channel":"web","OrdersAccepted":2,
	//  "_aws":{"Timestamp":1795342530123,"CloudWatchMetrics":[{"Namespace":"Shop",
	//  "Dimensions":[["channel"]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
	// {"function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","channel":"app","OrdersAccepted":1,
	//  "_aws":{"Timestamp":1795342530123,"CloudWatchMetrics":[{"Namespace":"Shop",
	//  "Dimensions":[["channel"]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
}

func Example_metricsDimensions() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop"})
	received, accepted := meter.Counter("OrdersReceived"), meter.Counter("OrdersAccepted")
	handle := func(ctx context.Context) error {
		// guide: metrics-dimensions
		received.Add(ctx, 1)                         // without the dimension
		metrics.AddDimensions(ctx, "tenant", "acme") // on later metrics of this invocation
		accepted.Add(ctx, 1)
		// end
		return nil
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle, meter.Middleware), nil)
	fmt.Println(res.Metric("OrdersReceived").Dimensions, res.Metric("OrdersAccepted").Dimensions)
	// Output:
	// map[] map[tenant:acme]
}

func Example_metricsSets() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	accepted := meter.Counter("OrdersAccepted")
	handle := func(ctx context.Context) error {
		// guide: metrics-sets
		metrics.AddDimensionSet(ctx, "tenant", "acme") // a metric for the tenant
		metrics.AddDimensionSet(ctx)                   // and one over all tenants
		accepted.Add(ctx, 1)
		// end
		return nil
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle, meter.Middleware), nil)
	m := res.Metric("OrdersAccepted")
	fmt.Println(m.Dimensions, m.DimensionSets)
	// Output:
	// map[service:orders tenant:acme] [[service tenant] [service]]
}

func Example_metricsMetadata() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop"})
	accepted := meter.Counter("OrdersAccepted")
	handle := func(ctx context.Context, o Order) error {
		// guide: metrics-metadata
		metrics.AddMetadata(ctx, "order_id", o.ID) // found by queries, not a dimension
		accepted.Add(ctx, 1)
		// end
		return nil
	}
	full(lambdatest.Run(t, lambdakit.WrapFunc(handle, meter.Middleware), good))
	// Output:
	// {"function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","order_id":"o-1001",
	//  "OrdersAccepted":1,"_aws":{"Timestamp":1795342530123,"CloudWatchMetrics":[{"Namespace":"Shop",
	//  "Dimensions":[[]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
}

func Example_metricsSingle() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop"})
	handle := func(ctx context.Context, o Order) error {
		// guide: metrics-single
		meter.Single(ctx, "ImportTime", metrics.Seconds, 90, "file", "orders.csv") // written now, with these dimensions
		meter.Record(ctx, "Stock_"+o.ID, metrics.Count, 12)                        // a name known only at run time
		// end
		return nil
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle, meter.Middleware), good)
	fmt.Println(res.Metric("ImportTime").Dimensions, res.Metric("Stock_o-1001").Value)
	// Output:
	// map[file:orders.csv] 12
}

func Example_metricsOptions() {
	// guide: metrics-options
	meter := metrics.New(&metrics.Options{
		Namespace:  "Shop",
		Service:    "orders",
		Dimensions: map[string]string{"stage": "prod"}, // of every metric
		ColdStart:  true,                               // a metric ColdStart for the first invocation of an environment
		Batches:    true,                               // BatchSize, BatchFailures, ... with package batch
	})
	// end
	_ = meter
}

func Example_metricsMistake() {
	// guide: metrics-mistake
	meter := metrics.New(&metrics.Options{
		Namespace: "Shop",
		OnError:   func(err error) { fmt.Println(err) }, // default: a line on standard error
	})
	accepted := meter.Counter("OrdersAccepted")
	handle := func(ctx context.Context) error {
		accepted.With("city", "Zürich").Add(ctx, 1)
		return nil
	}
	// end
	lambdatest.Run(t, lambdakit.WrapFunc(handle, meter.Middleware), nil)
	// Output:
	// metrics: dimension "city": its value is blank or has characters other than printable ASCII (PutMetricData); it is left out
}

// guide: metrics-test
func TestShop_CountsByChannel(t *testing.T) {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	h := lambdakit.Wrap(newShop(meter).take, meter.Middleware)

	res := lambdatest.Run(t, h, Order{ID: "o-1", Channel: "web"})

	m := res.Metric("OrdersAccepted")
	if m.Value != 1 || m.Dimensions["channel"] != "web" {
		t.Errorf("got %v with %v, want 1 with the channel web", m.Value, m.Dimensions)
	}
}

// end

// replays counts duplicates in the guide to idempotency.
var replays = metrics.New(&metrics.Options{Namespace: "Shop"}).Counter("Replays")
