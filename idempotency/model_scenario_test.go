package idempotency_test

import (
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// simTime is a time of the simulated world, and a duration in it: milliseconds, to which
// leases are kept.
type simTime int64

// simEpoch is simulated time 0, a whole second.
var simEpoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func (t simTime) duration() time.Duration { return time.Duration(t) * time.Millisecond }
func (t simTime) time() time.Time         { return simEpoch.Add(t.duration()) }

func simTimeOf(t time.Time) simTime { return simTime(t.Sub(simEpoch) / time.Millisecond) }

// simMaxData is the largest result that the store takes.
const simMaxData = 200

// simBudget bounds what goes wrong in a history.
type simBudget struct {
	trouble int // requests and answers that get lost, copies of requests, crashes
	clock   int // steps of the clock
}

// simScenario is what a set of histories has in common.
type simScenario struct {
	name  string
	skews []simTime // of the workers' clocks, against that of the world
	plans [][]simCall
	simBudget

	lease, margin, expires simTime         // negative margin: none
	wait                   []time.Duration // of the workers; nil: none waits
	cleanup                time.Duration   // Options.CleanupTimeout
	validate, cache        bool

	// fine has more steps than a search for all histories needs: the clock stops just
	// before a time as well, which is to all that compare times what that time itself
	// is; and others may have a turn while a worker is between the call of its work
	// and its effect, who cannot know whether that has happened.
	fine bool

	// hole replaces what the store does; nil is the store that keeps its contract.
	hole func(s *simStore, q simRequest) (*idempotency.Record, error)

	// blind has the rules that are not checked.
	blind simRules
}

// With these a lease lasts 11 s, a result 30 s.
const (
	simLease   simTime = 10_000
	simMargin  simTime = 1_000
	simExpires simTime = 30_000
)

// fastest returns the skew of the clock that is ahead of all others, that of the world among
// them. No lease and no answer counts as over before that clock has passed it.
func (sc *simScenario) fastest() simTime {
	fast := simTime(0)
	for _, skew := range sc.skews {
		fast = max(fast, skew)
	}
	return fast
}

// simOnce returns a plan of one call with key k that ends so.
func simOnce(end simEnding) []simCall { return []simCall{{key: "k", end: end}} }
