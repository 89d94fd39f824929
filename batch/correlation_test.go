package batch_test

import (
	"context"
	"testing"

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
