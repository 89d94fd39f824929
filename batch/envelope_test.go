package batch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
)

var allEnvelopes = []batch.Envelope{batch.SNS, batch.EventBridge, batch.S3, batch.CloudEvents}

// TestOptions_Unwrap says which envelopes are recognised and what remains.
func TestOptions_Unwrap(t *testing.T) {
	t.Parallel()
	const (
		sns    = `{"Type":"Notification","TopicArn":"t","Message":"in"}`
		bridge = `{"detail-type":"d","source":"s","detail":{"in":1}}`
		s3     = `{"Records":[{"eventSource":"aws:s3"}]}`
		cloud  = `{"specversion":"1.0","source":"s"`
	)
	inSNS, _ := json.Marshal(bridge)
	for _, c := range []struct {
		what, body string
		unwrap     []batch.Envelope
		want       string // the envelopes and the data, or the error
	}{
		{"SNS", sns, allEnvelopes, "[SNS] in"},
		{"SNS, not asked for", sns, allEnvelopes[1:], "[] " + sns},
		{"SNS of another type", `{"Type":"SubscriptionConfirmation","TopicArn":"t","Message":"in"}`, allEnvelopes, `[] {"Type":"SubscriptionConfirmation","TopicArn":"t","Message":"in"}`},
		{"SNS without a topic", `{"Type":"Notification","Message":"in"}`, allEnvelopes, `[] {"Type":"Notification","Message":"in"}`},
		{"SNS without a message", `{"Type":"Notification","TopicArn":"t"}`, allEnvelopes, `[] {"Type":"Notification","TopicArn":"t"}`},
		{"SNS with a number", `{"Type":"Notification","TopicArn":"t","Message":5}`, allEnvelopes, "batch: the Message of an SNS notification is no valid text"},
		{"EventBridge", " \n" + bridge, allEnvelopes, `[EventBridge] {"in":1}`},
		{"EventBridge, not asked for", bridge, allEnvelopes[2:], "[] " + bridge},
		{"EventBridge without a type", `{"source":"s","detail":{}}`, allEnvelopes, `[] {"source":"s","detail":{}}`},
		{"EventBridge without a source", `{"detail-type":"d","detail":{}}`, allEnvelopes, `[] {"detail-type":"d","detail":{}}`},
		{"EventBridge without a detail", `{"detail-type":"d","source":"s"}`, allEnvelopes, `[] {"detail-type":"d","source":"s"}`},
		{"EventBridge in SNS", `{"Type":"Notification","TopicArn":"t","Message":` + string(inSNS) + `}`, allEnvelopes, `[SNS EventBridge] {"in":1}`},
		{"S3", s3, allEnvelopes, "[S3] " + s3},
		{"S3, not asked for", s3, allEnvelopes[:2], "[] " + s3},
		{"records of others", `{"Records":[{"eventSource":"aws:sqs"}]}`, allEnvelopes, `[] {"Records":[{"eventSource":"aws:sqs"}]}`},
		{"an S3 test event", `{"Event":"s3:TestEvent"}`, allEnvelopes, "not called"},
		{"an S3 test event, not asked for", `{"Event":"s3:TestEvent"}`, allEnvelopes[:2], `[] {"Event":"s3:TestEvent"}`},
		{"CloudEvents with JSON", cloud + `,"data":{"a":1}}`, allEnvelopes, `[CloudEvents] {"a":1}`},
		{"CloudEvents, not asked for", cloud + `}`, allEnvelopes[:3], "[] " + cloud + "}"},
		{"CloudEvents without a source", `{"specversion":"1.0"}`, allEnvelopes, `[] {"specversion":"1.0"}`},
		{"CloudEvents without a version", `{"source":"s","data":1}`, allEnvelopes, `[] {"source":"s","data":1}`},
		{"CloudEvents with base64", cloud + `,"data_base64":"aGk="}`, allEnvelopes, "[CloudEvents] hi"},
		{"CloudEvents with broken base64", cloud + `,"data_base64":"aGk"}`, allEnvelopes, "batch: the payload is not base64"},
		{"CloudEvents with text", cloud + `,"data":"a\n","datacontenttype":"text/plain"}`, allEnvelopes, "[CloudEvents] a\n"},
		{"CloudEvents with a JSON string", cloud + `,"data":"a","datacontenttype":"application/json"}`, allEnvelopes, `[CloudEvents] "a"`},
		{"CloudEvents without a type of the data", cloud + `,"data":"a"}`, allEnvelopes, `[CloudEvents] "a"`},
		{"CloudEvents with an object of another type", cloud + `,"data":{},"datacontenttype":"text/x"}`, allEnvelopes, `[CloudEvents] {}`},
		{"CloudEvents without data", cloud + `}`, allEnvelopes, "[CloudEvents] null"},
		{"a list", `[` + sns + `]`, allEnvelopes, "[] [" + sns + "]"},
		{"cut off", sns[:len(sns)-1], allEnvelopes, "[] " + sns[:len(sns)-1]},
		{"white space", " ", allEnvelopes, "[]  "},
	} {
		got := "not called"
		var failure error
		h := lambdakit.Wrap(batch.SQS(func(_ context.Context, m *batch.Message[string]) error {
			var found []string
			for _, e := range allEnvelopes {
				if m.Envelope(e, new(any)) == nil {
					found = append(found, string(e))
				}
			}
			got = fmt.Sprint(found, " ", m.Body)
			return nil
		}, &batch.Options{Decoder: batch.Text, Unwrap: c.unwrap, OnFailure: func(_ context.Context, _ *batch.Record, err error) { failure = err }}))
		lambdatest.Run(t, h, lambdatest.SQS("orders", c.body))
		if failure != nil {
			got = failure.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, got, c.want)
		}
	}
}

func TestRecord_EnvelopeErrors(t *testing.T) {
	t.Parallel()
	var wrong, missing error
	var raw json.RawMessage
	const body = `{"detail-type":"d","source":"s","detail":"in"}`
	h := lambdakit.Wrap(batch.SQS(func(_ context.Context, m *batch.Message[string]) error {
		wrong, missing = m.Envelope(batch.EventBridge, new(int)), m.Envelope(batch.SNS, new(any))
		return m.Envelope(batch.EventBridge, &raw)
	}, &batch.Options{Unwrap: allEnvelopes}))
	lambdatest.Run(t, h, lambdatest.SQS("orders", body))
	if !strings.HasPrefix(fmt.Sprint(wrong), "batch: decode the EventBridge envelope: json: ") || fmt.Sprint(missing) != "batch: the record has no SNS envelope" {
		t.Errorf("got %v and %v, want an error of the decoding and of a missing envelope", wrong, missing)
	}
	if string(raw) != body {
		t.Errorf("got the envelope %s, want %s", raw, body)
	}
}

// The attributes of a notification count like attributes of the message.
func TestRecord_AttributesOfSNS(t *testing.T) {
	t.Parallel()
	var got string
	h := lambdakit.Wrap(batch.SQS(func(_ context.Context, m *batch.Message[string]) error {
		got = m.CorrelationID + " " + m.TraceParent
		return nil
	}, &batch.Options{Decoder: batch.Text, Unwrap: allEnvelopes}))
	lambdatest.Run(t, h, lambdatest.SQS("orders", `{"Type":"Notification","TopicArn":"t","Message":"in","MessageAttributes":{"correlationId":{"Type":"String","Value":"c"},"traceparent":{"Type":"String","Value":"p"}}}`))
	if got != "c p" {
		t.Errorf("got the correlation id and traceparent %q, want %q", got, "c p")
	}
}

// Notifications come through a queue, or through EventBridge with other names of members.
func TestS3Event_OfAQueueAndOfEventBridge(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"Records":[{"eventName":"ObjectCreated:Put","eventTime":"2026-11-29T00:00:00Z","awsRegion":"r","s3":{"bucket":{"name":"b"},"object":{"key":"a+b","size":5,"eTag":"e","versionId":"v","sequencer":"q"}}}]}`: "[{ObjectCreated:Put 2026-11-29 00:00:00 +0000 UTC r b a b 5 e v q}]",
		`{"bucket":{"name":"b"},"object":{"key":"a+b","size":5,"etag":"e","version-id":"v","sequencer":"q"}}`:                                                                                                        "[{ 0001-01-01 00:00:00 +0000 UTC  b a+b 5 e v q}]",
		`{"Records":[{"s3":{"object":{"key":"50%"}}}]}`: "[{ 0001-01-01 00:00:00 +0000 UTC   50% 0   }]",
		`{}`: "[]",
	} {
		e := batch.S3Event{Records: []batch.S3Record{{Key: "before"}}}
		if err := json.Unmarshal([]byte(text), &e); err != nil || fmt.Sprint(e.Records) != want {
			t.Errorf("%s: got %v and %v, want %s", text, e.Records, err, want)
		}
	}
	if err := json.Unmarshal([]byte(`{"Records":5}`), new(batch.S3Event)); err == nil {
		t.Error("got no error of a number as records, want one")
	}
}
