package idempotency_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// small returns a scenario of two workers with these plans.
func small(name string, a, b []simCall) simScenario {
	return simScenario{
		name: name, skews: []simTime{0, 0}, plans: [][]simCall{a, b}, simBudget: simBudget{trouble: 1, clock: 1},
		lease: simLease, margin: simMargin, expires: simExpires,
	}
}

func with(sc simScenario, change func(*simScenario)) simScenario {
	change(&sc)
	return sc
}

// skewed has clocks that differ by all that LeaseMargin allows.
func skewed(sc *simScenario) { sc.skews = []simTime{0, simMargin} }

func smallScenarios() []simScenario {
	ok := simOnce(simSucceeds)
	again := []simCall{{key: "k"}, {key: "k"}}
	retried := []simCall{{key: "k", end: simFails}, {key: "k"}}
	extends := []simCall{{key: "k", extends: []simTime{simLease}}}
	extendsTwice := []simCall{{key: "k", extends: []simTime{simLease, 2 * simLease}}}
	invoked := []simCall{{key: "k", middleware: true, end: simDeclines}}
	return []simScenario{
		with(small("two calls", ok, ok), func(sc *simScenario) { sc.trouble = 2 }),
		with(with(small("two calls, the second clock ahead", ok, ok), skewed), func(sc *simScenario) { sc.clock = 2 }),
		with(small("two calls, the second clock behind", ok, ok), func(sc *simScenario) { sc.skews[1] = -simMargin }),
		small("a failure", simOnce(simFails), ok),
		small("a panic", simOnce(simPanics), ok),
		small("a final error", simOnce(simDeclines), ok),
		small("a final error in an invocation", invoked, ok),
		small("a large result", simOnce(simLarge), ok),
		small("extended twice", extendsTwice, ok),
		with(small("extended, the second clock ahead", extends, ok), skewed),
		with(small("payloads", ok, []simCall{{key: "k", payload: 1}}), func(sc *simScenario) { sc.validate = true }),
		with(small("a cache", again, ok), func(sc *simScenario) { sc.cache = true }),
		small("a retry of one's own", retried, ok),
		with(small("three calls", ok, ok), func(sc *simScenario) {
			sc.plans, sc.skews = append(sc.plans, simOnce(simFails)), append(sc.skews, 0)
			sc.clock = 0
		}),
		// What a call asked for before it waited may arrive after it has.
		with(small("waiting", retried, ok), func(sc *simScenario) { sc.wait = []time.Duration{0, time.Millisecond} }),
	}
}

func TestModelExhaustively(t *testing.T) {
	t.Parallel()
	const most = 1_000_000
	limit, deep := most, false
	if n := simHistories(t); n > simDefault {
		limit, deep = n, true // each, of what is then more than can be exhausted
	} else if simSlow || testing.Short() {
		limit = 2_000
	}
	var histories, states atomic.Int64
	t.Run("scenarios", func(t *testing.T) {
		for _, sc := range smallScenarios() {
			t.Run(sc.name, func(t *testing.T) {
				t.Parallel()
				if deep {
					sc.simBudget = simBudget{trouble: 2, clock: 2}
				}
				// In a bubble the patience of Options.Wait, which is counted on the
				// real clock, takes no time.
				synctest.Test(t, func(t *testing.T) {
					s := exhaust(&sc, limit)
					histories.Add(int64(s.histories))
					states.Add(int64(s.states))
					t.Logf("%d histories, %d states, all of them: %v", s.histories, s.states, s.complete)
					if s.bad != nil {
						least, s := smallest(sc, limit)
						t.Fatal(story(&least, s.picks, s.bad))
					}
					if !s.complete && limit == most && !deep {
						t.Error("the scenario is too large")
					}
				})
			})
		}
	})
	summary := fmt.Sprintf("model: %d histories, %d states, exhaustively", histories.Load(), states.Load())
	fmt.Println(summary)
	t.Log(summary)
}
