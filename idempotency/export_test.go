package idempotency

import "time"

// Simulate makes histories repeatable and cheap: attempts have the jitter of pauses between
// them that is given, and no goroutine of their own, which only stores that ignore their context
// need.
func (g *Guard) Simulate(jitter func(time.Duration) time.Duration) {
	g.jitter, g.simulated = jitter, true
}

// WithoutRefusal returns a Digest that takes expressions whose value differs in its language.
func (d *Digest) WithoutRefusal() *Digest {
	lenient := *d
	lenient.language = nil
	return &lenient
}
