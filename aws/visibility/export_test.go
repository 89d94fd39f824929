package visibility

import (
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

// Delay returns when a message should come again.
func Delay(b *Backoff, r *batch.Record, err error) time.Duration {
	d, _ := b.delay(r, err)
	return d
}
