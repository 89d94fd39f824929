package batch_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

// TestEvent_OfAHandlerThatIsLeftBehind overwrites the payload after the invocation, as aws-lambda-go
// does, which reads the next event into the same buffer.
func TestEvent_OfAHandlerThatIsLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		event := []byte(sqsRecords(withBody("{}") + `,"messageAttributes":{"tenant":{"stringValue":"blue"}},"attributes":{"SenderId":"s"}`))
		want := string(event[len(`{"Records":[`) : len(event)-len(`]}`)])
		h := lambdakit.Wrap(batch.SQS(func(_ context.Context, m *batch.Message[any]) error {
			time.Sleep(time.Minute)
			if got := m.Attribute("tenant"); got != "blue" {
				t.Errorf("got the attribute %q, want blue", got)
			}
			if got := m.SystemAttribute("SenderId"); got != "s" {
				t.Errorf("got the sender %q, want s", got)
			}
			if got := string(m.Raw()); got != want {
				t.Errorf("got the record %s, want %s", got, want)
			}
			return nil
		}, nil))
		if response, err := h.Invoke(ctx, event); err != nil || string(response) != `{"batchItemFailures":[{"itemIdentifier":"m0"}]}` {
			t.Errorf("got %s and %v, want the message reported", response, err)
		}
		for i := range event {
			event[i] = 'x'
		}
		time.Sleep(time.Hour)
	})
}
