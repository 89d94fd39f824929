package metrics_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/prozz/aws-embedded-metrics-golang/emf"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/metrics"
)

// The values of a document. They are variables, so that the compiler does not know them.
var (
	namespace = "Shop"
	service   = "orders"
	route     = "POST /orders"

	accepted = 1
	latency  = 12.5
	size     = 2048

	requestID = "c6af9ac6-7b61-11e6-9a41-93e812345678"
	attempt   = 2
)

// library is one of the compared libraries.
type library struct {
	name string

	// document returns a function that writes one document to w.
	document func(tb testing.TB, w io.Writer) func()

	// own reports whether that function is for one goroutine only.
	own bool
}

var (
	bound = library{name: "lambdakit-invocation", document: lambdakitBound}
	with  = library{name: "lambdakit-invocation-with", document: lambdakitWith}
	prozz = library{name: "prozz", document: prozzDocument}
	std   = library{name: "json", document: jsonDocument, own: true}
	floor = library{name: "floor", document: floorDocument, own: true}

	// The metrics are disabled.
	off = library{name: "lambdakit-off", document: lambdakitOff}

	// An invocation without metrics.
	frame = library{name: "frame", document: frameOnly}

	libraries = []library{bound, with, prozz, std, floor}
)

// newContext returns a context like the one that aws-lambda-go makes. Its deadline is after the
// given time; zero means no deadline. The loop that is measured does not make the context,
// because it costs the same with and without the toolkit.
func newContext(tb testing.TB, deadline time.Duration) context.Context {
	ctx := tb.Context()
	if deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, deadline)
		tb.Cleanup(cancel)
	}
	ctx = execenv.NewContext(ctx, &execenv.Environment{
		FunctionName:    "orders-prod",
		FunctionVersion: "$LATEST",
		MemoryMB:        512,
		OnDemand:        true,
		Runtime:         true, // timers are reused, as in Lambda
	})
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: requestID})
}

func newMeter(w io.Writer) *metrics.Meter {
	return metrics.New(&metrics.Options{Namespace: namespace, Service: service, Writer: w})
}

func newOff(w io.Writer) *metrics.Meter {
	return metrics.New(&metrics.Options{Namespace: namespace, Service: service, Writer: w, Disabled: new(true)})
}

// invoking returns a function that invokes h. The deadline is well after the end of any
// benchmark.
func invoking(tb testing.TB, h lambda.Handler) func() {
	ctx := newContext(tb, time.Hour)
	return func() {
		if _, err := h.Invoke(ctx, nil); err != nil {
			panic(err)
		}
	}
}

func frameOnly(tb testing.TB, _ io.Writer) func() {
	return invoking(tb, lambdakit.WrapFunc(func(context.Context) {}))
}

func lambdakitBound(tb testing.TB, w io.Writer) func() { return invokingBound(tb, newMeter(w)) }

func lambdakitOff(tb testing.TB, w io.Writer) func() { return invokingBound(tb, newOff(w)) }

func invokingBound(tb testing.TB, meter *metrics.Meter) func() {
	count := meter.Counter("Accepted").With("route", route)
	took := meter.Distribution("Latency", metrics.Milliseconds).With("route", route)
	body := meter.Distribution("Size", metrics.Bytes).With("route", route)
	return invoking(tb, lambdakit.WrapFunc(func(ctx context.Context) {
		metrics.AddMetadata(ctx, "attempt", attempt)
		count.Add(ctx, float64(accepted))
		took.Record(ctx, latency)
		body.Record(ctx, float64(size))
	}, meter.Middleware))
}

func lambdakitWith(tb testing.TB, w io.Writer) func() {
	meter := newMeter(w)
	count := meter.Counter("Accepted")
	took := meter.Distribution("Latency", metrics.Milliseconds)
	body := meter.Distribution("Size", metrics.Bytes)
	return invoking(tb, lambdakit.WrapFunc(func(ctx context.Context) {
		metrics.AddMetadata(ctx, "attempt", attempt)
		count.With("route", route).Add(ctx, float64(accepted))
		took.With("route", route).Record(ctx, latency)
		body.With("route", route).Record(ctx, float64(size))
	}, meter.Middleware))
}

func prozzDocument(_ testing.TB, w io.Writer) func() {
	return func() {
		emf.New(emf.WithWriter(w)).
			Namespace(namespace).
			DimensionSet(emf.NewDimension("service", service), emf.NewDimension("route", route)).
			Property("function_request_id", requestID).
			Property("attempt", strconv.Itoa(attempt)).
			MetricAs("Accepted", accepted, emf.Count).
			MetricFloatAs("Latency", latency, emf.Milliseconds).
			MetricAs("Size", size, emf.Bytes).
			Log()
	}
}

// The types of a program that writes one document without a library.
type (
	jsonLine struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []jsonDirective
		} `json:"_aws"`
		Service   string  `json:"service"`
		Route     string  `json:"route"`
		RequestID string  `json:"function_request_id"`
		Attempt   int     `json:"attempt"`
		Accepted  int     `json:"Accepted"`
		Latency   float64 `json:"Latency"`
		Size      int     `json:"Size"`
	}
	jsonDirective struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []jsonMetric
	}
	jsonMetric struct{ Name, Unit string }
)

// jsonDocument reuses the directive and the encoder for all documents, because neither changes.
func jsonDocument(_ testing.TB, w io.Writer) func() {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	directives := []jsonDirective{{
		Namespace:  namespace,
		Dimensions: [][]string{{"service", "route"}},
		Metrics:    []jsonMetric{{"Accepted", "Count"}, {"Latency", "Milliseconds"}, {"Size", "Bytes"}},
	}}
	return func() {
		line := jsonLine{
			Service: service, Route: route, RequestID: requestID, Attempt: attempt,
			Accepted: accepted, Latency: latency, Size: size,
		}
		line.AWS.Timestamp = time.Now().UnixMilli()
		line.AWS.CloudWatchMetrics = directives
		if err := enc.Encode(&line); err != nil {
			panic(err)
		}
	}
}

func floorDocument(_ testing.TB, w io.Writer) func() {
	prefix := fmt.Appendf(nil, `{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":%q,`+
		`"Dimensions":[["service","route"]],"Metrics":[{"Name":"Accepted","Unit":"Count"},`+
		`{"Name":"Latency","Unit":"Milliseconds"},{"Name":"Size","Unit":"Bytes"}]}]},`+
		`"service":%q,"route":%q,"function_request_id":"`,
		time.Now().UnixMilli(), namespace, service, route)
	var buf []byte
	return func() {
		buf = append(buf[:0], prefix...)
		buf = append(buf, requestID...)
		buf = append(buf, `","attempt":`...)
		buf = strconv.AppendInt(buf, int64(attempt), 10)
		buf = append(buf, `,"Accepted":`...)
		buf = strconv.AppendInt(buf, int64(accepted), 10)
		buf = append(buf, `,"Latency":`...)
		buf = strconv.AppendFloat(buf, latency, 'f', -1, 64)
		buf = append(buf, `,"Size":`...)
		buf = strconv.AppendInt(buf, int64(size), 10)
		buf = append(buf, '}', '\n')
		w.Write(buf)
	}
}
