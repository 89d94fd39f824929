package modelcheck

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// hole is a fault of a store, or of the options, that a rule must notice.
type hole struct {
	name     string
	scenario scenario

	// seen is the rule that is broken for callers, and inside the rule that is broken in
	// the store. 0: no rule.
	seen, inside rules

	hole func(s *store, q request) (*idempotency.Record, error)
}

// on returns a hole that calls before for requests of one kind, and then lets the store process
// them.
func on(o operation, before func(s *store, q *request, existing *idempotency.Record)) func(*store, request) (*idempotency.Record, error) {
	return func(s *store, q request) (*idempotency.Record, error) {
		if q.op == o {
			before(s, &q, s.records[q.rec.Key])
		}
		return s.apply(q)
	}
}

// adopt gives a request the owner of the existing record.
func adopt(_ *store, q *request, existing *idempotency.Record) {
	if existing != nil {
		q.rec.Owner = existing.Owner
	}
}

func holes() []hole {
	ok := oneCall(succeeds)
	two := small("", ok, ok)
	two.budget = budget{trouble: 2, clock: 2}
	again := two
	again.plans = [][]call{{{key: "k"}, {key: "k"}}, ok}
	failing := two
	failing.plans, failing.skews = [][]call{oneCall(fails), ok, ok}, []millis{0, 0, 0}
	extending := two
	extending.plans = [][]call{{{key: "k", extends: []millis{leaseTime, 2 * leaseTime}}}, ok}
	stubborn := two
	stubborn.plans = [][]call{{{key: "k", extends: []millis{3 * leaseTime}, stubborn: true}}, ok}
	payloads := two
	payloads.plans, payloads.validate = [][]call{ok, {{key: "k", payload: 1}}}, true
	large := two
	large.plans = [][]call{oneCall(returnsLarge), ok}
	hasty := two
	hasty.budget, hasty.cleanup = budget{trouble: 2, clock: 1}, time.Nanosecond
	ahead := with(two, skewed)
	ahead.budget = budget{trouble: 1, clock: 2}
	marginless := ahead
	marginless.margin = -1
	farAhead := ahead
	farAhead.skews = []millis{0, leaseMargin + 1}

	return []hole{
		{"Begin takes over a live lease", two, ruleOverlap, ruleTakeover, on(opBegin, func(s *store, q *request, existing *idempotency.Record) {
			if existing != nil && existing.Status == idempotency.InProgress {
				s.remove(q.rec.Key)
			}
		})},
		{"Begin replaces an answer", two, ruleAgain, ruleReplaced, on(opBegin, func(s *store, q *request, existing *idempotency.Record) {
			if existing != nil && existing.Status == idempotency.Completed {
				s.remove(q.rec.Key)
			}
		})},
		{"Begin reads the record before the last change", two, ruleOverlap, ruleTakeover, on(opBegin, func(s *store, q *request, existing *idempotency.Record) {
			if former := s.former[q.rec.Key]; existing != nil && former == nil {
				s.remove(q.rec.Key)
			}
		})},
		{"Begin says yes and writes nothing", two, ruleOverlap, 0, func(s *store, q request) (*idempotency.Record, error) {
			if q.op == opBegin && s.records[q.rec.Key] == nil {
				return nil, nil
			}
			return s.apply(q)
		}},
		{"Begin never takes over", two, ruleProgress, 0, on(opBegin, func(_ *store, q *request, _ *idempotency.Record) {
			q.now = epoch.Add(-time.Hour)
		})},
		{"Begin replaces the record of its own owner", again, ruleAgain, ruleReplaced, on(opBegin, func(s *store, q *request, existing *idempotency.Record) {
			if existing != nil && existing.Owner == q.rec.Owner {
				s.remove(q.rec.Key)
			}
		})},
		{"Begin hides the owner", two, ruleError, 0, func(s *store, q request) (*idempotency.Record, error) {
			existing, err := s.apply(q)
			if existing != nil {
				existing.Owner = ""
			}
			return existing, err
		}},
		{"Begin hides the payload", payloads, ruleAnswer, 0, func(s *store, q request) (*idempotency.Record, error) {
			existing, err := s.apply(q)
			if existing != nil {
				existing.Validation = q.rec.Validation
			}
			return existing, err
		}},
		{"leases in whole seconds", ahead, ruleOverlap, ruleLease, on(opBegin, func(_ *store, q *request, _ *idempotency.Record) {
			q.rec.Lease = q.rec.Lease.Truncate(time.Second)
		})},
		{"Complete without a condition", two, ruleSole, ruleFence, on(opComplete, adopt)},
		{"Complete without a record", failing, 0, ruleFence, on(opComplete, func(s *store, q *request, existing *idempotency.Record) {
			if existing == nil || existing.Owner != q.rec.Owner {
				s.put(q.rec)
			}
		})},
		{"Complete once only", two, ruleError, 0, func(s *store, q request) (*idempotency.Record, error) {
			if r := s.records[q.rec.Key]; q.op == opComplete && r != nil && r.Status == idempotency.Completed {
				return nil, idempotency.ErrLeaseLost
			}
			return s.apply(q)
		}},
		{"Complete loses the data", two, ruleAnswer, 0, on(opComplete, func(_ *store, q *request, _ *idempotency.Record) {
			q.rec.Data = nil
		})},
		{"Complete loses the expiration", two, ruleProgress, 0, on(opComplete, func(_ *store, q *request, _ *idempotency.Record) {
			q.rec.Expiration = time.Time{}
		})},
		{"Complete removes the record of a large result", large, ruleAgain, 0, func(s *store, q request) (*idempotency.Record, error) {
			existing, err := s.apply(q)
			if errors.Is(err, idempotency.ErrTooLarge) {
				s.remove(q.rec.Key)
			}
			return existing, err
		}},
		{"Extend without a condition", stubborn, 0, ruleFence, on(opExtend, adopt)},
		{"Extend of an answer", extending, 0, ruleReplaced, on(opExtend, func(s *store, q *request, existing *idempotency.Record) {
			if existing != nil && existing.Owner == q.rec.Owner {
				open := *existing
				open.Status = idempotency.InProgress
				s.put(open)
			}
		})},
		{"Extend shortens a lease", extending, ruleOverlap, ruleLease, on(opExtend, func(s *store, q *request, existing *idempotency.Record) {
			if existing != nil && existing.Owner == q.rec.Owner && existing.Status == idempotency.InProgress {
				short := *existing
				short.Lease = time.Time{}
				s.put(short)
			}
		})},
		{"Delete without a condition", failing, ruleOverlap, ruleFence, on(opDelete, func(s *store, q *request, _ *idempotency.Record) {
			s.remove(q.rec.Key)
		})},
		{"the record of a Begin that failed is not deleted", two, ruleReleased, 0, func(s *store, q request) (*idempotency.Record, error) {
			if q.op == opDelete && !q.by.granted {
				return nil, nil
			}
			return s.apply(q)
		}},
		{"completing gives up before the lease ends", hasty, ruleRecorded, 0, nil},
		{"no margin", marginless, ruleOverlap, 0, nil},
		{"clocks that differ by more than the margin", farAhead, ruleOverlap, 0, nil},
	}
}

// FindsHoles breaks the store in many ways, and checks that the rules notice each of them.
func FindsHoles(t *testing.T, prepare Prepare) {
	for _, hole := range holes() {
		t.Run(hole.name, func(t *testing.T) {
			t.Parallel()
			hole.scenario.hole, hole.scenario.prepare = hole.hole, prepare
			find := func(what string, rule, blind rules) {
				sc := hole.scenario
				sc.blind = blind
				var s stats
				synctest.Test(t, func(*testing.T) { sc, s = smallest(sc, 30_000) })
				switch {
				case s.bad == nil:
					t.Errorf("%s: got no violation in %d histories, want one", what, s.histories)
				case s.bad.rule&rule == 0:
					t.Errorf("%s: got the wrong violation: %s", what, story(&sc, s.picks, s.bad))
				default:
					t.Logf("%s: after %d histories: %s", what, s.histories, story(&sc, s.picks, s.bad))
				}
			}
			if hole.seen != 0 {
				find("seen by callers", hole.seen, ^hole.seen)
			}
			if hole.inside != 0 {
				find("inside the store", hole.inside, ^hole.inside)
			}
		})
	}
}

// FencesBeyondTheMargin checks clocks that differ by more than LeaseMargin. Two executions may
// run at the same time then, but the record belongs to the later one alone.
func FencesBeyondTheMargin(t *testing.T, prepare Prepare) {
	for _, skew := range []millis{leaseMargin + 1, 3 * leaseMargin, -3 * leaseMargin} {
		ok := oneCall(succeeds)
		sc := small("", ok, ok)
		sc.budget = budget{trouble: 1, clock: 1}
		sc.skews = []millis{0, skew}
		sc.blind, sc.prepare = ruleOverlap, prepare
		synctest.Test(t, func(t *testing.T) {
			if s := exhaust(&sc, 100_000); s.bad != nil || !s.complete && !raceDetector {
				t.Errorf("skew %d, %d histories, complete: %v: got %+v, want no violation", skew, s.histories, s.complete, s.bad)
			}
		})
	}
}
