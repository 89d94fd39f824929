package sqsbus_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lambdakit/lambdakit/aws/internal/sendertest"
	"github.com/lambdakit/lambdakit/aws/sqsbus"
	"github.com/lambdakit/lambdakit/events"
)

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var protocol = sendertest.Protocol{
	Decode: func(r *http.Request) (entries []sendertest.Entry, err error) {
		var in struct {
			Entries []struct{ ID, MessageBody, MessageGroupID, MessageDeduplicationID string }
		}
		if target := r.Header.Get("X-Amz-Target"); target != "AmazonSQS.SendMessageBatch" {
			return nil, errors.New("the target is " + target)
		}
		err = json.NewDecoder(r.Body).Decode(&in)
		for _, e := range in.Entries {
			entries = append(entries, sendertest.Entry{Body: e.MessageBody, BatchID: e.ID, Group: e.MessageGroupID, Deduplication: e.MessageDeduplicationID})
		}
		return entries, err
	},
	Encode: func(results []sendertest.Result) string {
		var successful, failed []map[string]any
		for _, r := range results {
			if r.Code == "" {
				successful = append(successful, map[string]any{"Id": r.BatchID, "MessageId": "m"})
			} else {
				failed = append(failed, map[string]any{"Id": r.BatchID, "Code": r.Code, "SenderFault": r.SenderFault, "Message": "hunter2"})
			}
		}
		return encode(map[string]any{"Successful": successful, "Failed": failed})
	},
	Error: func(code, message string) string {
		return encode(map[string]string{"__type": code, "message": message})
	},
}

func TestQueue_ServiceThatFails(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"standard": standard, "FIFO": fifo} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sendertest.Run(t, protocol, url == fifo, func(cfg aws.Config) events.Sender { return sqsbus.New(sqs.NewFromConfig(cfg), url, nil) })
		})
	}
}

const (
	standard = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
	fifo     = standard + ".fifo"
)
