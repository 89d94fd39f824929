package lambdatest_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// decode decodes an event into a type that AWS publishes.
func decode[T any](t *testing.T, event []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(event, &v); err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	return v
}

func TestSQS_MembersOfAMessage(t *testing.T) {
	t.Parallel()
	e := decode[events.SQSEvent](t, lambdatest.SQS("orders", parcel{"a"}, []byte("bytes"), lambdatest.Message{
		ID: "own", Body: "text", Attributes: map[string]string{"channel": "web"}, System: map[string]string{"AWSTraceHeader": "Root=1-2-3"}, Attempt: 2,
	}))
	if len(e.Records) != 3 {
		t.Fatalf("got %d records, want 3", len(e.Records))
	}
	for i, want := range []string{`m1 {"ID":"a"}`, "m2 bytes", "own text"} {
		if r := e.Records[i]; r.MessageId+" "+r.Body != want || !strings.HasSuffix(r.EventSourceARN, ":orders") {
			t.Errorf("record %d: got %s %s of %s, want %s of orders", i, r.MessageId, r.Body, r.EventSourceARN, want)
		}
	}
	r := e.Records[2]
	if a := r.MessageAttributes["channel"]; a.StringValue == nil || *a.StringValue != "web" {
		t.Errorf("got the attributes %+v, want channel=web", r.MessageAttributes)
	}
	if r.Attributes["AWSTraceHeader"] != "Root=1-2-3" || r.Attributes["ApproximateReceiveCount"] != "2" || r.Attributes["MessageGroupId"] != "" {
		t.Errorf("got the system attributes %v, want the trace header, 2 receptions and no group", r.Attributes)
	}
}

func TestSQS_FIFOByItsName(t *testing.T) {
	t.Parallel()
	message := lambdatest.Message{Body: "x", Group: "g"}
	for queue, fifo := range map[string]bool{"orders.fifo": true, "orders": false, ".fifo": false, "orders.fif": false, "fifo.orders": false} {
		a := decode[events.SQSEvent](t, lambdatest.SQS(queue, message)).Records[0].Attributes
		if got := a["SequenceNumber"] != ""; got != fifo {
			t.Errorf("%s: got the attributes %v, want those of a FIFO queue: %v", queue, a, fifo)
		}
	}
}

func TestKinesis_MembersOfARecord(t *testing.T) {
	t.Parallel()
	e := decode[events.KinesisEvent](t, lambdatest.Kinesis("clicks", lambdatest.Message{Body: "a", Key: "k"}, nil))
	if len(e.Records) != 2 || len(e.Records[1].Kinesis.Data) != 0 {
		t.Fatalf("got %+v, want two records, the second without data", e.Records)
	}
	if r := e.Records[0]; r.Kinesis.PartitionKey != "k" || string(r.Kinesis.Data) != "a" || !strings.HasSuffix(r.EventSourceArn, "/clicks") {
		t.Errorf("got %+v, want a with the key k of clicks", r)
	}
}

func TestKafka_MembersOfARecord(t *testing.T) {
	t.Parallel()
	e := decode[events.KafkaEvent](t, lambdatest.Kafka("orders", lambdatest.Message{Body: "a", Key: "k", Attributes: map[string]string{"channel": "web"}}))
	if len(e.Records["orders-0"]) != 1 {
		t.Fatalf("got %+v, want one record of the partition 0", e.Records)
	}
	r := e.Records["orders-0"][0]
	var header string
	for _, h := range r.Headers {
		header += string(h["channel"])
	}
	if r.Topic != "orders" || r.Key != "aw==" || r.Value != "YQ==" || header != "web" {
		t.Errorf("got %+v, want a with the key k and the header channel=web", r)
	}
}

func TestDynamoDB_MembersOfAChange(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(`{"id":{"S":"raw"}}`)
	keys := map[string]string{"id": "a"}
	e := decode[events.DynamoDBEvent](t, lambdatest.DynamoDB("orders",
		lambdatest.Change{Keys: keys, New: raw}, lambdatest.Change{Keys: keys, Old: raw}, lambdatest.Change{Keys: keys, Old: raw, New: raw},
		lambdatest.Change{Keys: keys, New: raw, Event: "MODIFY"}))
	var got []string
	for _, r := range e.Records {
		old, now := r.Change.OldImage["id"], r.Change.NewImage["id"]
		text := r.EventName + " " + r.Change.Keys["id"].String()
		if !old.IsNull() && r.Change.OldImage != nil {
			text += " from " + old.String()
		}
		if !now.IsNull() && r.Change.NewImage != nil {
			text += " to " + now.String()
		}
		got = append(got, text)
	}
	if want := "[INSERT a to raw REMOVE a from raw MODIFY a from raw to raw MODIFY a to raw]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestFirehose_MembersOfARecord(t *testing.T) {
	t.Parallel()
	e := decode[events.KinesisFirehoseEvent](t, lambdatest.Firehose("clicks", "a", parcel{"b"}))
	if e.DeliveryStreamArn != "arn:aws:firehose:us-east-1:123456789012:deliverystream/clicks" || e.Region != "us-east-1" || e.InvocationID == "" || len(e.Records) != 2 {
		t.Fatalf("got %+v, want two records of clicks", e)
	}
	if r := e.Records[1]; r.RecordID != "r2" || string(r.Data) != `{"ID":"b"}` || r.ApproximateArrivalTimestamp.IsZero() {
		t.Errorf("got %+v, want r2 with b", r)
	}
	if got := string(lambdatest.Firehose("clicks")); !strings.Contains(got, `"records":[]`) {
		t.Errorf("without data: got %s, want an empty list", got)
	}
}

func TestBatch_TooManyMessagesForAnEvent(t *testing.T) {
	t.Parallel()
	defer func() {
		if got, want := fmt.Sprint(recover()), "lambdatest: 7 messages do not fit into one event of "; !strings.HasPrefix(got, want) {
			t.Errorf("got the panic %s, want %s", got, want)
		}
	}()
	got := lambdatest.SQS("orders", slices.Repeat([]any{strings.Repeat("x", 1<<20)}, 7)...)
	t.Errorf("got an event of %d bytes, want a panic", len(got))
}

func TestFailedRecords_FailsTheTest(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"statusCode":200}`:       `the response has no batchItemFailures: {"statusCode":200} (error: <nil>)`,
		`[]`:                       `the response has no batchItemFailures: [] (error: <nil>)`,
		`{"batchItemFailures":{}}`: `the response has no batchItemFailures: {"batchItemFailures":{}} (error: <nil>)`,
	} {
		f := &failing{T: t}
		res := lambdatest.Run(f, func() (json.RawMessage, error) { return json.RawMessage(answer), nil }, nil)
		if res.FailedRecords(); f.text != want {
			t.Errorf("%s: got %q, want %q", answer, f.text, want)
		}
	}
	f := &failing{T: t}
	if lambdatest.Run(f, func() error { return errDown }, nil).FailedRecords(); f.text != "the response has no batchItemFailures:  (error: the database is down)" {
		t.Errorf("a handler that fails: got %q, want its error", f.text)
	}
}

func TestHarnessRequest_RequestThatTheFrontEndRefuses(t *testing.T) {
	t.Parallel()
	f := &failing{T: t}
	h := lambdatest.New(f, httpapi.Wrap(orders()), &lambdatest.Options{Claims: map[string]string{"sub": "u-1"}})
	func() {
		defer func() { recover() }() // a real test would have ended
		h.Request(httptest.NewRequest("GET", "/", nil), httpapi.FunctionURL)
	}()
	if !strings.HasPrefix(f.text, "lambdatest: ") || !strings.Contains(f.text, "claims") {
		t.Errorf("got %q, want a failure about the claims", f.text)
	}
}
