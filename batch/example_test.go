package batch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

type Parcel struct {
	ID     string `json:"id" dynamodbav:"id"`
	Weight int    `json:"weight" dynamodbav:"weight"`
}

// invoke invokes a function as Lambda does, and prints the response.
func invoke(h interface {
	Invoke(context.Context, []byte) ([]byte, error)
}, event []byte) {
	response, err := h.Invoke(context.Background(), event)
	fmt.Println(string(response), err)
}

// A function for an SQS queue handles one message at a time. The messages that failed come again.
func ExampleSQS() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	receive := func(ctx context.Context, m *batch.Message[Parcel]) error {
		if m.Body.Weight > 30 {
			return errors.New("too heavy")
		}
		slog.InfoContext(ctx, "parcel accepted", "parcel", m.Body.ID) // has the message id
		return nil
	}
	h := lambdakit.Wrap(batch.SQS(receive, &batch.Options{Concurrency: 4}), logs.Middleware) // for lambda.Start

	invoke(h, lambdatest.SQS("parcels", Parcel{"a", 5}, Parcel{"b", 50}))
}

// The messages of a group of a FIFO queue stay in order: behind a failed one, none is handled.
func ExampleSQS_fifo() {
	receive := func(ctx context.Context, m *batch.Message[Parcel]) error {
		fmt.Println("handling", m.Body.ID, "of", m.Group)
		if m.Body.Weight > 30 {
			return errors.New("too heavy")
		}
		return nil
	}
	h := lambdakit.Wrap(batch.SQS(receive, nil))
	invoke(h, lambdatest.SQS("parcels.fifo",
		lambdatest.Message{Body: Parcel{"a", 50}, Group: "truck 1"},
		lambdatest.Message{Body: Parcel{"b", 5}, Group: "truck 1"},
		lambdatest.Message{Body: Parcel{"c", 5}, Group: "truck 2"},
	))
	// Output:
	// handling a of truck 1
	// handling c of truck 2
	// {"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]} <nil>
}

// The handler of a table stream gets the item before and after each change.
func ExampleDynamoDB() {
	changed := func(ctx context.Context, m *batch.Message[batch.Change[Parcel]]) error {
		switch c := m.Body; c.Event {
		case batch.Insert:
			fmt.Println("new:", *c.New)
		case batch.Modify:
			fmt.Println("changed:", *c.Old, "to", *c.New)
		case batch.Remove:
			fmt.Println("gone:", *c.Old, "by time to live:", c.Expired)
		}
		return nil
	}
	h := lambdakit.Wrap(batch.DynamoDB(changed, nil))
	key := map[string]string{"id": "a"}
	invoke(h, lambdatest.DynamoDB("parcels",
		lambdatest.Change{Keys: key, New: Parcel{"a", 5}},
		lambdatest.Change{Keys: key, Old: Parcel{"a", 5}, New: Parcel{"a", 6}},
		lambdatest.Change{Keys: key, Old: Parcel{"a", 6}},
	))
	// Output:
	// new: {a 5}
	// changed: {a 5} to {a 6}
	// gone: {a 6} by time to live: false
	// {"batchItemFailures":[]} <nil>
}

// A stream starts again at its lowest failure.
func ExampleKinesis() {
	receive := func(ctx context.Context, m *batch.Message[string]) error {
		fmt.Println(m.Body, "with key", m.Group)
		return nil
	}
	h := lambdakit.Wrap(batch.Kinesis(receive, &batch.Options{Decoder: batch.Text}))
	invoke(h, lambdatest.Kinesis("clicks", lambdatest.Message{Body: "page 1", Key: "visitor 7"}, lambdatest.Message{Body: "page 2", Key: "visitor 7"}))
	// Output:
	// page 1 with key visitor 7
	// page 2 with key visitor 7
	// {"batchItemFailures":[]} <nil>
}

// A Kafka record without a value deletes its key.
func ExampleKafka() {
	receive := func(ctx context.Context, m *batch.Message[Parcel]) error {
		if m.Tombstone() {
			fmt.Printf("delete %s\n", m.Key())
			return nil
		}
		return errors.New("the database is down")
	}
	h := lambdakit.Wrap(batch.Kafka(receive, nil))
	invoke(h, lambdatest.Kafka("parcels", lambdatest.Message{Key: "a", Tombstone: true}, Parcel{"b", 5}))
	// Output:
	// delete a
	// {"batchItemFailures":[{"itemIdentifier":{"partition":"parcels-0","offset":1}}]} <nil>
}

// A transformation for Data Firehose returns other data for each record.
func ExampleFirehose() {
	transform := func(ctx context.Context, m *batch.Message[Parcel]) error {
		if m.Body.Weight == 0 {
			m.Drop()
			return nil
		}
		m.Transform(fmt.Appendf(nil, "%s,%d\n", m.Body.ID, m.Body.Weight))
		return nil
	}
	h := lambdakit.Wrap(batch.Firehose(transform, nil))
	invoke(h, lambdatest.Firehose("parcels", Parcel{"a", 5}, Parcel{"b", 0}))
	// Output:
	// {"records":[{"recordId":"r1","result":"Ok","data":"YSw1Cg=="},{"recordId":"r2","result":"Dropped","data":null}]} <nil>
}

// Without DeadLetters, a message that can never be handled comes again until its queue gives it up.
func ExamplePermanent() {
	receive := func(ctx context.Context, m *batch.Message[Parcel]) error {
		return batch.Permanent(errors.New("no such address"))
	}
	letters := batch.DeadLetterFunc(func(ctx context.Context, l batch.Letter) error {
		fmt.Println(l.Record.ID, "is given up:", l.Reason)
		return nil
	})
	h := lambdakit.Wrap(batch.SQS(receive, &batch.Options{DeadLetters: letters}))
	invoke(h, lambdatest.SQS("parcels", Parcel{"a", 5}, "no JSON"))
	// Output:
	// m1 is given up: no such address
	// m2 is given up: batch: decode the payload into batch_test.Parcel: it is not JSON
	// {"batchItemFailures":[]} <nil>
}

// RetryAfter names the time after which a message comes again; see package visibility of the module aws.
func ExampleRetryAfter() {
	err := batch.RetryAfter(time.Minute, errors.New("the carrier is busy"))
	d, _ := batch.RetryDelay(err)
	fmt.Println(err, d)
	// Output:
	// the carrier is busy 1m0s
}

// Notifications of a topic arrive in an envelope, unless the subscription has raw message delivery. The
// handler need not know.
func ExampleRecord_Envelope() {
	receive := func(ctx context.Context, m *batch.Message[Parcel]) error {
		var n events.SNSEntity
		if err := m.Envelope(batch.SNS, &n); err == nil {
			fmt.Println("from the topic", n.TopicArn)
		}
		fmt.Println(m.Body)
		return nil
	}
	h := lambdakit.Wrap(batch.SQS(receive, &batch.Options{Unwrap: []batch.Envelope{batch.SNS, batch.EventBridge}}))
	invoke(h, lambdatest.SQS("parcels",
		`{"Type":"Notification","MessageId":"n-1","TopicArn":"arn:aws:sns:eu-west-1:123456789012:parcels","Message":"{\"id\":\"a\",\"weight\":5}","Timestamp":"2026-11-29T00:00:00Z"}`,
		`{"version":"0","id":"e-1","source":"shop.orders","detail-type":"ParcelPacked","detail":{"id":"b","weight":6}}`,
		Parcel{"c", 7},
	))
	// Output:
	// from the topic arn:aws:sns:eu-west-1:123456789012:parcels
	// {a 5}
	// {b 6}
	// {c 7}
	// {"batchItemFailures":[]} <nil>
}

// Notifications of S3 have one or more objects. Their keys are unescaped.
func ExampleS3Event() {
	receive := func(ctx context.Context, m *batch.Message[batch.S3Event]) error {
		for _, o := range m.Body.Records {
			fmt.Println(o.Event, o.Bucket, o.Key, o.Size)
		}
		return nil
	}
	h := lambdakit.Wrap(batch.SQS(receive, &batch.Options{Unwrap: []batch.Envelope{batch.S3}}))
	invoke(h, lambdatest.SQS("uploads",
		`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"photos"}`,
		`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"photos"},"object":{"key":"my+first%2Bphoto.jpg","size":1024}}}]}`))
	// Output:
	// ObjectCreated:Put photos my first+photo.jpg 1024
	// {"batchItemFailures":[]} <nil>
}
