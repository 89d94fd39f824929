package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/deadletter"
	"github.com/lambdakit/lambdakit/aws/visibility"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

func Example_batchStart() {
	logs, tracer := logging.New(nil), tracing.New(nil)
	// guide: batch-start
	lambda.Start(lambdakit.Wrap(batch.SQS(ship, nil), tracer.Middleware, logs.Middleware))
	// end
}

var errNoAddress = errors.New("no address")

// guide: batch-handler
func ship(ctx context.Context, m *batch.Message[Order]) error {
	slog.InfoContext(ctx, "order received", "total", m.Body.Total) // has message_id and attempt
	if m.Body.ID == "" {
		return batch.Permanent(errNoAddress) // another attempt cannot help
	}
	_, err := charge(ctx, m.Body)
	return err // an error: SQS delivers the message again
}

// end

func Example_batchHandler() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	h := lambdakit.Wrap(batch.SQS(ship, nil), logs.Middleware)
	res := lambdatest.Run(t, h, lambdatest.SQS("orders", good, bad))
	brief(res)
	fmt.Println(string(res.Response))
	// Output:
	// {"level":"INFO","message":"order received","message_id":"m1","attempt":1,"total":29.95}
	// {"level":"INFO","message":"order received","message_id":"m2","attempt":1,"total":12.5}
	// {"level":"ERROR","message":"record failed","message_id":"m2","attempt":1,"error":{"message":"card declined","type":"*errors.errorString"}}
	// {"batchItemFailures":[{"itemIdentifier":"m2"}]}
}

func Example_batchSources() {
	type Click struct{ Page string }
	logs := logging.New(nil)
	clicked := func(ctx context.Context, m *batch.Message[Click]) error { return nil }
	cleaned := func(ctx context.Context, m *batch.Message[string]) error { return nil }
	// guide: batch-dynamodb
	changed := func(ctx context.Context, m *batch.Message[batch.Change[Order]]) error {
		switch c := m.Body; c.Event {
		case batch.Insert:
			slog.InfoContext(ctx, "order placed", "order_id", c.New.ID)
		case batch.Remove:
			slog.InfoContext(ctx, "order gone", "order_id", c.Old.ID, "expired", c.Expired)
		}
		return nil
	}
	// end
	_ = []any{
		// guide: batch-sources
		lambdakit.Wrap(batch.Kinesis(clicked, &batch.Options{Concurrency: 8}), logs.Middleware),  // order by partition key
		lambdakit.Wrap(batch.DynamoDB(changed, &batch.Options{Concurrency: 8}), logs.Middleware), // order by item
		lambdakit.Wrap(batch.Kafka(clicked, nil), logs.Middleware),                               // order by partition
		lambdakit.Wrap(batch.Firehose(cleaned, &batch.Options{Decoder: batch.Text}), logs.Middleware),
		// end
	}
}

func Example_batchFIFO() {
	receive := func(ctx context.Context, m *batch.Message[Order]) error {
		fmt.Println("handling", m.Body.ID, "of", m.Group)
		_, err := charge(ctx, m.Body)
		return err
	}
	event := lambdatest.SQS("orders.fifo",
		lambdatest.Message{Body: bad, Group: "alice"},
		lambdatest.Message{Body: good, Group: "alice"},
		lambdatest.Message{Body: good, Group: "bob"},
	)
	res := lambdatest.Run(t, lambdakit.Wrap(batch.SQS(receive, nil)), event)
	fmt.Println("again:", res.FailedRecords())
	// Output:
	// handling o-1002 of alice
	// handling o-1001 of bob
	// again: [m1 m2]
}

func Example_batchDeadLetters() {
	// guide: batch-deadletters
	receive := batch.SQS(ship, &batch.Options{
		Concurrency: 4,
		DeadLetters: deadletter.New(nil, os.Getenv("DEAD_LETTER_QUEUE_URL"), nil), // takes permanent failures
		OnFailure:   visibility.New(nil, &visibility.Options{First: 10 * time.Second}).OnFailure,
	})
	// end
	_ = receive
}

func Example_batchRetryAfter() {
	errBusy := errors.New("the warehouse is busy")
	receive := func(ctx context.Context, m *batch.Message[Order]) error {
		// guide: batch-retryafter
		return batch.RetryAfter(time.Minute, errBusy)
		// end
	}
	_ = receive
}

func Example_batchEnvelopes() {
	// guide: batch-envelopes
	receive := batch.SQS(ship, &batch.Options{
		Unwrap: []batch.Envelope{batch.SNS, batch.EventBridge}, // removed from a message that has them
	})
	uploaded := batch.SQS(func(ctx context.Context, m *batch.Message[batch.S3Event]) error {
		for _, r := range m.Body.Records {
			slog.InfoContext(ctx, "object stored", "bucket", r.Bucket, "key", r.Key) // the key is unescaped
		}
		return nil
	}, &batch.Options{Unwrap: []batch.Envelope{batch.SNS, batch.S3}})
	// end
	_, _ = receive, uploaded
}

func Example_batchLoop() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	one := func(ctx context.Context, m events.SNSEventRecord) error {
		slog.InfoContext(ctx, "notified")
		return nil
	}
	// guide: batch-loop
	handle := func(ctx context.Context, event events.SNSEvent) error {
		var errs []error
		for i, r := range event.Records {
			ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{
				ID: r.SNS.MessageID, System: "aws_sns", Source: r.SNS.TopicArn, Index: i, Of: len(event.Records),
			})
			err := one(ctx, r)
			end(err) // one line at ERROR, and the end of the span
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}
	// end
	event := events.SNSEvent{Records: []events.SNSEventRecord{{SNS: events.SNSEntity{MessageID: "n-1"}}}}
	brief(lambdatest.Run(t, lambdakit.WrapFunc(handle, logs.Middleware), event))
	// Output:
	// {"level":"INFO","message":"notified","message_id":"n-1"}
}

func Example_batchMetrics() {
	// guide: batch-metrics
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Batches: true})
	// end
	h := lambdakit.Wrap(batch.SQS(ship, nil), meter.Middleware)
	res := lambdatest.Run(t, h, lambdatest.SQS("orders", good, bad))
	fmt.Println(res.Metric("BatchSize").Values, res.Metric("BatchFailures").Values)
	// Output:
	// [2] [1]
}

// guide: batch-test
func TestShip_ReportsADeclinedCard(t *testing.T) {
	h := lambdatest.New(t, lambdakit.Wrap(batch.SQS(ship, nil)), nil)

	res := h.Invoke(lambdatest.SQS("orders",
		lambdatest.Message{ID: "m-1", Body: Order{ID: "o-1"}},
		lambdatest.Message{ID: "m-2", Body: Order{ID: "o-2", Card: "tok_declined"}},
	))

	if got := res.FailedRecords(); len(got) != 1 || got[0] != "m-2" {
		t.Errorf("got %v reported, want m-2", got)
	}
}

// end
