package eventbridgebus_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/lambdakit/lambdakit/aws/eventbridgebus"
	"github.com/lambdakit/lambdakit/aws/internal/sendertest"
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
			Entries []struct{ Detail, EventBusName string }
		}
		if target := r.Header.Get("X-Amz-Target"); target != "AWSEvents.PutEvents" {
			return nil, errors.New("the target is " + target)
		}
		err = json.NewDecoder(r.Body).Decode(&in)
		for _, e := range in.Entries {
			entries = append(entries, sendertest.Entry{Body: e.Detail})
			if e.EventBusName != "shop" {
				err = errors.New("the event bus is " + e.EventBusName)
			}
		}
		return entries, err
	},
	Encode: func(results []sendertest.Result) string {
		entries := make([]map[string]string, len(results))
		failed := 0
		for i, r := range results {
			if entries[i] = map[string]string{"EventId": "e"}; r.Code != "" {
				entries[i] = map[string]string{"ErrorCode": r.Code, "ErrorMessage": "hunter2"}
				failed++
			}
		}
		return encode(map[string]any{"FailedEntryCount": failed, "Entries": entries})
	},
	Error: func(code, message string) string {
		return encode(map[string]string{"__type": code, "message": message})
	},
}

func TestBus_ServiceThatFails(t *testing.T) {
	t.Parallel()
	sendertest.Run(t, protocol, false, func(cfg aws.Config) events.Sender {
		return eventbridgebus.New(eventbridge.NewFromConfig(cfg), "shop", nil)
	})
}
