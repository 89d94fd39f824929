//go:build !race

package batch_test

import (
	"context"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

// A record may cost 8 allocations: 2 texts of the body, 2 of BeginMessage, 2 for the id and an
// attribute of SQS, the payload, and the Message.
func TestSQS_AllocationsOfARecord(t *testing.T) {
	type order struct {
		ID, Currency string
		Total        int
	}
	h := lambdakit.Wrap(batch.SQS(func(context.Context, *batch.Message[order]) error { return nil }, nil))
	allocations := func(records int) float64 {
		members := make([]string, records)
		for i := range members {
			members[i] = withBody(`{"id":"o-1","currency":"EUR","total":5}`) + `,"attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1545082649183",` +
				`"SenderId":"AIDA"},"messageAttributes":{},"eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:orders"`
		}
		event := []byte(sqsRecords(members...))
		return testing.AllocsPerRun(100, func() { h.Invoke(t.Context(), event) })
	}
	const few, many, most = 10, 110, 8
	if got := (allocations(many) - allocations(few)) / (many - few); got > most {
		t.Errorf("got %.1f allocations for each record, want at most %d", got, most)
	}
}
