package idempotency

import "time"

// Simulate makes histories repeatable and cheap: attempts have the jitter of pauses between
// them that is given, and no goroutine of their own, which only stores that ignore their context
// need.
func (i *Idempotency) Simulate(jitter func(time.Duration) time.Duration) {
	i.jitter, i.simulated = jitter, true
}

// WithoutRefusal returns a Digest that takes expressions whose value differs in its language.
func (d *Digest) WithoutRefusal() *Digest {
	lenient := *d
	lenient.language = nil
	return &lenient
}
