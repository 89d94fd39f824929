package modelcheck

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// small returns a scenario of two workers with plans a and b, in which one thing goes wrong and
// the clock advances once.
func small(name string, a, b []call) scenario {
	return scenario{
		name: name, skews: []millis{0, 0}, plans: [][]call{a, b}, budget: budget{trouble: 1, clock: 1},
		lease: leaseTime, margin: leaseMargin, expires: expiresAfter,
	}
}

// with returns sc after change.
func with(sc scenario, change func(*scenario)) scenario {
	change(&sc)
	return sc
}

// skewed makes the clocks differ by exactly LeaseMargin.
func skewed(sc *scenario) { sc.skews = []millis{0, leaseMargin} }

// smallScenarios returns the scenarios of Exhaustively. Those with a long budget take several
// seconds with it.
func smallScenarios() []scenario {
	ok := oneCall(succeeds)
	again := []call{{key: "k"}, {key: "k"}}
	retried := []call{{key: "k", end: fails}, {key: "k"}}
	extends := []call{{key: "k", extends: []millis{leaseTime}}}
	extendsTwice := []call{{key: "k", extends: []millis{leaseTime, 2 * leaseTime}}}
	invoked := []call{{key: "k", middleware: true, end: declines}}
	return []scenario{
		with(small("two calls", ok, ok), func(sc *scenario) { sc.long.trouble = 2 }),
		with(with(small("two calls, the second clock ahead", ok, ok), skewed), func(sc *scenario) { sc.long.clock = 2 }),
		with(small("two calls, the second clock behind", ok, ok), func(sc *scenario) { sc.skews[1] = -leaseMargin }),
		small("a failure", oneCall(fails), ok),
		small("a panic", oneCall(panics), ok),
		small("a final error", oneCall(declines), ok),
		small("a final error in an invocation", invoked, ok),
		small("a large result", oneCall(returnsLarge), ok),
		small("extended twice", extendsTwice, ok),
		with(small("extended, the second clock ahead", extends, ok), skewed),
		with(small("payloads", ok, []call{{key: "k", payload: 1}}), func(sc *scenario) { sc.validate = true }),
		with(small("a cache", again, ok), func(sc *scenario) { sc.cache = true }),
		small("the same worker retries", retried, ok),
		with(small("three calls", ok, ok), func(sc *scenario) {
			sc.plans, sc.skews = append(sc.plans, oneCall(fails)), append(sc.skews, 0)
			sc.clock = 0
		}),
		// A request that a call sent before it waited may arrive after the wait.
		with(small("waiting", retried, ok), func(sc *scenario) {
			sc.wait = []time.Duration{0, time.Millisecond}
			sc.clock, sc.long.clock = 0, 1
		}),
	}
}

// Exhaustively plays 2,000 histories of each small scenario. With LAMBDAKIT_HISTORIES above its default
// it plays all histories of larger budgets and then, with an even larger budget, that many histories of
// each scenario.
func Exhaustively(t *testing.T, prepare Prepare) {
	const most = 1_000_000
	limit, deep := 2_000, 0
	if n := wantHistories(t); n > defaultHistories {
		limit, deep = most, n
	}
	var histories, states atomic.Int64
	play := func(t *testing.T, sc scenario, limit int) stats {
		s := exhaust(&sc, limit)
		histories.Add(int64(s.histories))
		states.Add(int64(s.states))
		t.Logf("%d failures, %d steps of the clock: %d histories, %d states, complete: %v", sc.trouble, sc.clock, s.histories, s.states, s.complete)
		if s.bad != nil {
			least, s := smallest(sc, limit)
			t.Fatal(story(&least, s.picks, s.bad))
		}
		return s
	}
	t.Run("scenarios", func(t *testing.T) {
		for _, sc := range smallScenarios() {
			t.Run(sc.name, func(t *testing.T) {
				t.Parallel()
				sc.prepare = prepare
				if deep > 0 {
					sc.trouble, sc.clock = max(sc.trouble, sc.long.trouble), max(sc.clock, sc.long.clock)
				}
				// Options.Wait counts on the real clock. It takes no time in a bubble.
				synctest.Test(t, func(t *testing.T) {
					if s := play(t, sc, limit); !s.complete && limit == most {
						t.Errorf("got more than %d histories, want a smaller scenario", limit)
					}
					if deep > 0 {
						sc.budget = budget{trouble: 2, clock: 2}
						play(t, sc, deep)
					}
				})
			})
		}
	})
	summary := fmt.Sprintf("model: %d histories, %d states, exhaustively", histories.Load(), states.Load())
	fmt.Println(summary)
	t.Log(summary)
}
