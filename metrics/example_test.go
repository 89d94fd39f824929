package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/metrics"
)

// stdout writes documents to os.Stdout with a fixed time, for the outputs of the examples.
var stdout fixedTime

type fixedTime struct{}

var timestamp = regexp.MustCompile(`"Timestamp":\d+`)

func (fixedTime) Write(document []byte) (int, error) {
	os.Stdout.Write(timestamp.ReplaceAll(document, []byte(`"Timestamp":1700000000000`)))
	return len(document), nil
}

func Example() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders", Writer: stdout})
	accepted := meter.Counter("OrdersAccepted")
	charging := meter.Duration("ChargeTime")

	handle := func(ctx context.Context, order struct{ Channel string }) (string, error) {
		charging.Record(ctx, 120*time.Millisecond)
		accepted.With("channel", order.Channel).Add(ctx, 1)
		return "ok", nil
	}
	h := lambdakit.Wrap(handle, meter.Middleware) // main calls lambda.Start(h)

	h.Invoke(context.Background(), []byte(`{"channel":"web"}`))
	// Output:
	// {"service":"orders","ChargeTime":120,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],"Metrics":[{"Name":"ChargeTime","Unit":"Milliseconds"}]}]}}
	// {"service":"orders","channel":"web","OrdersAccepted":1,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service","channel"]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
}

// New never fails. It reports a mistake and says which value it uses instead.
func ExampleNew() {
	meter := metrics.New(&metrics.Options{
		Namespace:  "AWS/Shop",
		Dimensions: map[string]string{"stage": "prod"}, // of every metric
		Writer:     stdout,
		OnError:    func(err error) { fmt.Println(err) },
	})
	meter.Counter("OrdersAccepted").Add(context.Background(), 1) // outside an invocation: written immediately
	// Output:
	// metrics: namespace "AWS/Shop" begins with "AWS/", which is reserved for AWS (PutMetricData); using "default_namespace"
	// {"stage":"prod","OrdersAccepted":1,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"default_namespace","Dimensions":[["stage"]],"Metrics":[{"Name":"OrdersAccepted","Unit":"Count"}]}]}}
}

// Metrics are written if the function fails, too.
func ExampleMeter_Middleware() {
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: stdout})
	declined := meter.Counter("CardsDeclined")

	h := lambdakit.WrapFunc(func(ctx context.Context) error {
		declined.Add(ctx, 1)
		return errors.New("card declined")
	}, meter.Middleware)

	_, err := h.Invoke(context.Background(), nil)
	fmt.Println(err)
	// Output:
	// {"CardsDeclined":1,"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[]],"Metrics":[{"Name":"CardsDeclined","Unit":"Count"}]}]}}
	// card declined
}

func ExampleParseUnit() {
	unit, err := metrics.ParseUnit("milliseconds")
	fmt.Println(unit, err)
	// Output: Milliseconds <nil>
}
