package batch_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

func TestOptions_CorrelationIDIsCalledForEachRecord(t *testing.T) {
	t.Parallel()
	own := func(r *batch.Record) string {
		if r.ID == "m2" {
			panic("boom")
		}
		return "c-" + r.ID
	}
	var got []string
	f := batch.SQS(func(ctx context.Context, m *batch.Message[any]) error {
		got = append(got, m.CorrelationID)
		return nil
	}, &batch.Options{CorrelationID: own})
	var e batch.Event
	e.UnmarshalJSON([]byte(sqsRecords(withBody("{}"), withBody("{}")+`,"messageAttributes":{"correlation_id":{"stringValue":"x"}}`, withBody("{}"))))
	response, err := f(t.Context(), e)
	if err != nil || len(response.BatchItemFailures) > 0 || len(got) != 3 || got[0] != "c-m0" || got[1] != "c-m1" || got[2] != "" {
		t.Errorf("got the correlation ids %q, %v reported and %v, want c-m0, c-m1 and none", got, response, err)
	}
}

func TestOptions_CorrelationIDThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var calls calls
		f := batch.SQS(calls.handle, &batch.Options{CorrelationID: func(*batch.Record) string {
			time.Sleep(time.Hour)
			return ""
		}})
		response, err := f(ctx, queue("q", message{Name: "a"}))
		time.Sleep(2 * time.Hour)
		if err != nil || reported(response) != "a" || len(calls.names) > 0 {
			t.Errorf("got %q reported, the calls %v and %v, want a and no call", reported(response), calls.names, err)
		}
	})
}
