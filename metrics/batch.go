package metrics

import (
	"context"

	"github.com/lambdakit/lambdakit"
)

// EndBatch implements lambdakit.BatchObserver. It counts what became of the records.
func (sc *scope) EndBatch(ctx context.Context, r lambdakit.BatchResult) {
	for _, x := range []struct {
		name  string
		value int
	}{
		{"BatchSize", r.Records}, {"BatchFailures", r.Failed}, {"BatchDeadLetters", r.DeadLetters}, {"BatchUnprocessed", r.Unprocessed},
	} {
		sc.meter.Record(ctx, x.name, Count, float64(x.value))
	}
}
