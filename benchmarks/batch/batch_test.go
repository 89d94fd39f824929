package batch

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

type order struct {
	ID       string  `json:"id"`
	Customer string  `json:"customer"`
	Total    float64 `json:"total"`
	Items    []item  `json:"items"`
}

type item struct {
	SKU      string  `json:"sku"`
	Quantity int     `json:"quantity"`
	Price    float64 `json:"price"`
}

// sqsEvent has n messages as SQS delivers them.
func sqsEvent(n int) []byte {
	var records []string
	for i := range n {
		body, _ := json.Marshal(fmt.Sprintf(`{"id":"ord-2048-%04d","customer":"c-77","total":29.95,"items":[{"sku":"mug","quantity":2,"price":8.5},{"sku":"tea","quantity":1,"price":12.95}]}`, i))
		records = append(records, fmt.Sprintf(`{"messageId":"059f36b4-87a3-44ab-83d2-6619%08d","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a","body":%s,"attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1545082649183","SenderId":"AIDAIENQZJOLO23YVJ4VO","ApproximateFirstReceiveTimestamp":"1545082649185"},"messageAttributes":{},"md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:orders","awsRegion":"us-east-2"}`, i, body))
	}
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

func kinesisEvent(n int) []byte {
	var records []string
	for i := range n {
		data := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"id":"ord-2048-%04d","customer":"c-77","total":29.95}`, i))
		records = append(records, fmt.Sprintf(`{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"p%d","sequenceNumber":"4959033827149025660855969253836157109592157598913659%04d","data":%q,"approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000006:4959033827149025660855969253836157109592157598913659%04d","eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::123456789012:role/lambda-role","awsRegion":"us-east-2","eventSourceARN":"arn:aws:kinesis:us-east-2:123456789012:stream/orders"}`, i%100, i, data, i))
	}
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

var total float64

func use(o *order) { total += o.Total }

// loop is what a function without this toolkit writes.
func loop(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	failures := []events.SQSBatchItemFailure{}
	for _, m := range e.Records {
		var o order
		if err := json.Unmarshal([]byte(m.Body), &o); err != nil {
			failures = append(failures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			continue
		}
		use(&o)
	}
	return events.SQSEventResponse{BatchItemFailures: failures}, nil
}

func handle(ctx context.Context, m *batch.Message[order]) error {
	use(&m.Body)
	return nil
}

func lambdaContext() context.Context {
	//lint:ignore SA1029 the key that aws-lambda-go uses
	ctx := context.WithValue(context.Background(), "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", InvokedFunctionArn: "arn:aws:lambda:us-east-2:123456789012:function:orders"})
}

func measure(b *testing.B, event []byte, h lambda.Handler) {
	ctx := lambdaContext()
	b.ReportAllocs()
	b.SetBytes(int64(len(event)))
	for b.Loop() {
		out, err := h.Invoke(ctx, event)
		if err != nil || !strings.Contains(string(out), `"batchItemFailures":[]`) {
			b.Fatal(string(out), err)
		}
	}
}

func BenchmarkSQS(b *testing.B) {
	event := sqsEvent(10)
	b.Run("bare", func(b *testing.B) { measure(b, event, lambda.NewHandler(loop)) })
	b.Run("lambdakit", func(b *testing.B) { measure(b, event, lambdakit.Wrap(batch.SQS(handle, nil))) })
	b.Run("lambdakit-4", func(b *testing.B) {
		measure(b, event, lambdakit.Wrap(batch.SQS(func(ctx context.Context, m *batch.Message[order]) error { return nil }, &batch.Options{Concurrency: 4})))
	})
	b.Run("lambdakit-all", func(b *testing.B) {
		logs := logging.New(&logging.Options{Service: "orders", Writer: io.Discard})
		meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders", Writer: io.Discard})
		tracer := tracing.New(nil)
		l, accepted, size := slog.New(logs), meter.Counter("Accepted"), meter.Distribution("Size", metrics.None)
		measure(b, event, lambdakit.Wrap(batch.SQS(func(ctx context.Context, m *batch.Message[order]) error {
			use(&m.Body)
			l.LogAttrs(ctx, slog.LevelInfo, "order accepted", slog.String("order_id", m.Body.ID), slog.Float64("total", m.Body.Total))
			accepted.Add(ctx, 1)
			size.Record(ctx, m.Body.Total)
			return nil
		}, nil), tracer.Middleware, logs.Middleware, meter.Middleware))
	})
}

func BenchmarkKinesis10000(b *testing.B) {
	event := kinesisEvent(10_000)
	b.Run("bare", func(b *testing.B) {
		measure(b, event, lambda.NewHandler(func(ctx context.Context, e events.KinesisEvent) (events.KinesisEventResponse, error) {
			for _, r := range e.Records {
				var o order
				if err := json.Unmarshal(r.Kinesis.Data, &o); err != nil {
					return events.KinesisEventResponse{}, err
				}
				use(&o)
			}
			return events.KinesisEventResponse{BatchItemFailures: []events.KinesisBatchItemFailure{}}, nil
		}))
	})
	b.Run("lambdakit", func(b *testing.B) { measure(b, event, lambdakit.Wrap(batch.Kinesis(handle, nil))) })
}
