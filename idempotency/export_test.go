package idempotency

import "time"

// Simulate replaces the random pauses between attempts by jitter, and lets requests run without
// goroutines, so that the histories of the model are repeatable. Stores that ignore their context
// need the goroutines.
func (g *Guard) Simulate(jitter func(time.Duration) time.Duration) {
	g.jitter, g.simulated = jitter, true
}

// WithoutRefusal returns a Digest that accepts expressions whose value can differ in its language.
func (d *Digest) WithoutRefusal() *Digest {
	lenient := *d
	lenient.language = nil
	return &lenient
}
