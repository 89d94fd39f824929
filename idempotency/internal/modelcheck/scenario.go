package modelcheck

import (
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// millis is a time of the simulated world, or a duration in it, in milliseconds: the precision
// of leases.
type millis int64

// epoch is the simulated time 0. It is a whole second.
var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func (t millis) duration() time.Duration { return time.Duration(t) * time.Millisecond }
func (t millis) time() time.Time         { return epoch.Add(t.duration()) }

func millisOf(t time.Time) millis { return millis(t.Sub(epoch) / time.Millisecond) }

// maxData is the size of the largest result that the store takes, in bytes.
const maxData = 200

// budget bounds the events of a history.
type budget struct {
	trouble int // lost requests, lost answers, refusals, copies and crashes
	clock   int // steps of the clock
}

// scenario has the settings that a set of histories shares.
type scenario struct {
	name  string
	skews []millis // by how much the clock of each worker is ahead of the world's clock
	plans [][]call
	budget
	long budget // replaces smaller numbers of budget in the long form of Exhaustively

	lease, margin, expires millis          // negative margin: none
	wait                   []time.Duration // Options.Wait of each worker; nil: no worker waits
	cleanup                time.Duration   // Options.CleanupTimeout
	validate, cache        bool

	// fine adds steps that a search for all histories does not need: the clock also stops
	// one millisecond before a time, and other workers may have a turn between the call
	// of the work and its effect.
	fine bool

	// hole replaces the store. nil: the store that keeps its contract.
	hole func(s *store, q request) (*idempotency.Record, error)

	// blind is the set of rules that are not checked.
	blind rules

	prepare Prepare
}

// With these values a lease lasts 11 s and a result 30 s.
const (
	leaseTime    millis = 10_000
	leaseMargin  millis = 1_000
	expiresAfter millis = 30_000
)

// fastest returns the skew of the fastest clock. The world's clock counts too. A lease or an
// answer counts as over only after the fastest clock has passed its end.
func (sc *scenario) fastest() millis {
	fast := millis(0)
	for _, skew := range sc.skews {
		fast = max(fast, skew)
	}
	return fast
}

// oneCall returns a plan of one call with key k.
func oneCall(end ending) []call { return []call{{key: "k", end: end}} }
