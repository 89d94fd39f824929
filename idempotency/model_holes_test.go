package idempotency_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// simHole is a store, or a use of the package, with a fault that a rule must notice.
type simHole struct {
	name     string
	scenario simScenario

	// seen is the rule that callers see broken, and inside the one that is broken in the
	// store; 0 where there is none.
	seen, inside simRules

	hole func(s *simStore, q simRequest) (*idempotency.Record, error)
}

// on returns a hole that does something before requests of one kind, which then go their way.
func on(o simOp, before func(s *simStore, q *simRequest, existing *idempotency.Record)) func(*simStore, simRequest) (*idempotency.Record, error) {
	return func(s *simStore, q simRequest) (*idempotency.Record, error) {
		if q.op == o {
			before(s, &q, s.records[q.rec.Key])
		}
		return s.apply(q)
	}
}

// adopt makes a request that of whoever has the record.
func adopt(_ *simStore, q *simRequest, existing *idempotency.Record) {
	if existing != nil {
		q.rec.Owner = existing.Owner
	}
}

func holes() []simHole {
	ok := simOnce(simSucceeds)
	two := small("", ok, ok)
	two.simBudget = simBudget{trouble: 2, clock: 2}
	again := two
	again.plans = [][]simCall{{{key: "k"}, {key: "k"}}, ok}
	failing := two
	failing.plans, failing.skews = [][]simCall{simOnce(simFails), ok, ok}, []simTime{0, 0, 0}
	extending := two
	extending.plans = [][]simCall{{{key: "k", extends: []simTime{simLease, 2 * simLease}}}, ok}
	stubborn := two
	stubborn.plans = [][]simCall{{{key: "k", extends: []simTime{3 * simLease}, stubborn: true}}, ok}
	payloads := two
	payloads.plans, payloads.validate = [][]simCall{ok, {{key: "k", payload: 1}}}, true
	large := two
	large.plans = [][]simCall{simOnce(simLarge), ok}
	hasty := two
	hasty.simBudget, hasty.cleanup = simBudget{trouble: 2, clock: 1}, time.Nanosecond
	ahead := with(two, skewed)
	ahead.simBudget = simBudget{trouble: 1, clock: 2}
	marginless := ahead
	marginless.margin = -1
	farAhead := ahead
	farAhead.skews = []simTime{0, simMargin + 1}

	return []simHole{
		{"Begin takes over a live lease", two, ruleOverlap, ruleTakeover, on(simBegin, func(s *simStore, q *simRequest, existing *idempotency.Record) {
			if existing != nil && existing.Status == idempotency.InProgress {
				s.remove(q.rec.Key)
			}
		})},
		{"Begin replaces an answer", two, ruleAgain, ruleReplaced, on(simBegin, func(s *simStore, q *simRequest, existing *idempotency.Record) {
			if existing != nil && existing.Status == idempotency.Completed {
				s.remove(q.rec.Key)
			}
		})},
		{"Begin looks at what was there before", two, ruleOverlap, ruleTakeover, on(simBegin, func(s *simStore, q *simRequest, existing *idempotency.Record) {
			if former := s.former[q.rec.Key]; existing != nil && former == nil {
				s.remove(q.rec.Key)
			}
		})},
		{"Begin says yes and writes nothing", two, ruleOverlap, 0, func(s *simStore, q simRequest) (*idempotency.Record, error) {
			if q.op == simBegin && s.records[q.rec.Key] == nil {
				return nil, nil
			}
			return s.apply(q)
		}},
		{"Begin never takes over", two, ruleProgress, 0, on(simBegin, func(_ *simStore, q *simRequest, _ *idempotency.Record) {
			q.now = simEpoch.Add(-time.Hour)
		})},
		{"Begin writes over a record of its own", again, ruleAgain, ruleReplaced, on(simBegin, func(s *simStore, q *simRequest, existing *idempotency.Record) {
			if existing != nil && existing.Owner == q.rec.Owner {
				s.remove(q.rec.Key)
			}
		})},
		{"Begin hides whose the record is", two, ruleError, 0, func(s *simStore, q simRequest) (*idempotency.Record, error) {
			existing, err := s.apply(q)
			if existing != nil {
				existing.Owner = ""
			}
			return existing, err
		}},
		{"Begin hides the payload", payloads, ruleAnswer, 0, func(s *simStore, q simRequest) (*idempotency.Record, error) {
			existing, err := s.apply(q)
			if existing != nil {
				existing.Validation = q.rec.Validation
			}
			return existing, err
		}},
		{"leases in whole seconds", ahead, ruleOverlap, ruleLease, on(simBegin, func(_ *simStore, q *simRequest, _ *idempotency.Record) {
			q.rec.Lease = q.rec.Lease.Truncate(time.Second)
		})},
		{"Complete without a condition", two, ruleSole, ruleFence, on(simComplete, adopt)},
		{"Complete where there is no record", failing, 0, ruleFence, on(simComplete, func(s *simStore, q *simRequest, existing *idempotency.Record) {
			if existing == nil || existing.Owner != q.rec.Owner {
				s.put(q.rec)
			}
		})},
		{"Complete once only", two, ruleError, 0, func(s *simStore, q simRequest) (*idempotency.Record, error) {
			if r := s.records[q.rec.Key]; q.op == simComplete && r != nil && r.Status == idempotency.Completed {
				return nil, idempotency.ErrLeaseLost
			}
			return s.apply(q)
		}},
		{"Complete loses the data", two, ruleAnswer, 0, on(simComplete, func(_ *simStore, q *simRequest, _ *idempotency.Record) {
			q.rec.Data = nil
		})},
		{"Complete loses the expiration", two, ruleProgress, 0, on(simComplete, func(_ *simStore, q *simRequest, _ *idempotency.Record) {
			q.rec.Expiration = time.Time{}
		})},
		{"Complete removes what is too large", large, ruleAgain, 0, func(s *simStore, q simRequest) (*idempotency.Record, error) {
			existing, err := s.apply(q)
			if errors.Is(err, idempotency.ErrTooLarge) {
				s.remove(q.rec.Key)
			}
			return existing, err
		}},
		{"Extend without a condition", stubborn, 0, ruleFence, on(simExtend, adopt)},
		{"Extend of an answer", extending, 0, ruleReplaced, on(simExtend, func(s *simStore, q *simRequest, existing *idempotency.Record) {
			if existing != nil && existing.Owner == q.rec.Owner {
				open := *existing
				open.Status = idempotency.InProgress
				s.put(open)
			}
		})},
		{"Extend takes back an extension", extending, ruleOverlap, ruleLease, on(simExtend, func(s *simStore, q *simRequest, existing *idempotency.Record) {
			if existing != nil && existing.Owner == q.rec.Owner && existing.Status == idempotency.InProgress {
				short := *existing
				short.Lease = time.Time{}
				s.put(short)
			}
		})},
		{"Delete without a condition", failing, ruleOverlap, ruleFence, on(simDelete, func(s *simStore, q *simRequest, _ *idempotency.Record) {
			s.remove(q.rec.Key)
		})},
		{"the record of a Begin that failed is not deleted", two, ruleReleased, 0, func(s *simStore, q simRequest) (*idempotency.Record, error) {
			if q.op == simDelete && !q.by.granted {
				return nil, nil
			}
			return s.apply(q)
		}},
		{"completing gives up before the lease ends", hasty, ruleRecorded, 0, nil},
		{"no margin", marginless, ruleOverlap, 0, nil},
		{"clocks that differ by more than the margin", farAhead, ruleOverlap, 0, nil},
	}
}

func TestModelFindsHoles(t *testing.T) {
	t.Parallel()
	for _, hole := range holes() {
		t.Run(hole.name, func(t *testing.T) {
			t.Parallel()
			hole.scenario.hole = hole.hole
			find := func(what string, rule, blind simRules) {
				sc := hole.scenario
				sc.blind = blind
				var s simStats
				synctest.Test(t, func(*testing.T) { sc, s = smallest(sc, 30_000) })
				switch {
				case s.bad == nil:
					t.Errorf("%s: %d histories, and no violation", what, s.histories)
				case s.bad.rule&rule == 0:
					t.Errorf("%s: the wrong violation: %s", what, story(&sc, s.picks, s.bad))
				default:
					t.Logf("%s: after %d histories: %s", what, s.histories, story(&sc, s.picks, s.bad))
				}
			}
			if hole.seen != 0 {
				find("seen by callers", hole.seen, ^hole.seen)
			}
			if hole.inside != 0 {
				find("inside of the store", hole.inside, ^hole.inside)
			}
		})
	}
}

// Where the clocks differ by more than LeaseMargin, two may run at once. What is fenced holds
// all the same: the record is that of the later one alone.
func TestModelFencesBeyondTheMargin(t *testing.T) {
	t.Parallel()
	for _, skew := range []simTime{simMargin + 1, 3 * simMargin, -3 * simMargin} {
		ok := simOnce(simSucceeds)
		sc := small("", ok, ok)
		sc.simBudget = simBudget{trouble: 1, clock: 1}
		sc.skews = []simTime{0, skew}
		sc.blind = ruleOverlap
		synctest.Test(t, func(t *testing.T) {
			if s := exhaust(&sc, 100_000); s.bad != nil || !s.complete && !simSlow {
				t.Errorf("skew %d: %d histories, all of them: %v, %+v", skew, s.histories, s.complete, s.bad)
			}
		})
	}
}
