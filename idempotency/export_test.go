package idempotency

import "time"

// Simulate makes histories repeatable and cheap: attempts have the jitter of pauses between
// them that is given, and no goroutine of their own, which only stores that ignore their context
// need.
func (i *Idempotency) Simulate(jitter func(time.Duration) time.Duration) {
	i.jitter, i.direct = jitter, true
}
