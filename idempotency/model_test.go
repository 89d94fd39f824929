// The files model_*_test.go check the state machine of this package, rather than test it. They
// run the real code against a simulated store, network and clock, in which everything that can
// happen is a step that a scheduler chooses, and hold each step against the rules of
// model_invariants_test.go. TestModelExhaustively takes all choices in small scenarios,
// TestModelAtRandom many in large ones. TestModelFindsHoles breaks the store on purpose, to
// prove that the rules would notice. LAMBDAKIT_HISTORIES says how many histories to play, where
// that is to be more than takes some seconds, and LAMBDAKIT_SEED where those at random begin.
package idempotency_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// simSlow says that the race detector runs, which the model does for its own sake: it takes
// some ten times as long, and only one goroutine of a history runs at a time.
var simSlow = false

// simHistories returns how many histories to play at random.
func simHistories(t *testing.T) int {
	text := os.Getenv("LAMBDAKIT_HISTORIES")
	if text == "" {
		if simSlow || testing.Short() {
			return 3_000
		}
		return simDefault
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("LAMBDAKIT_HISTORIES: %v", err)
	}
	return n
}

// simDefault is how many histories a run at random has where nobody says.
const simDefault = 20_000

// randomScenario returns one that a seed determines.
func randomScenario(rng *rand.Rand) simScenario {
	sc := simScenario{
		lease: simLease, margin: simMargin, expires: simExpires, fine: true,
		validate: rng.IntN(3) == 0, cache: rng.IntN(3) == 0, simBudget: simBudget{trouble: rng.IntN(8), clock: rng.IntN(8)},
	}
	if rng.IntN(4) == 0 {
		sc.expires = 1_000 // less than a lease
	}
	lowest := -simTime(rng.IntN(int(simMargin) + 1))
	for range 2 + rng.IntN(3) {
		sc.skews = append(sc.skews, lowest+simTime(rng.IntN(int(simMargin)+1)))
		var plan []simCall
		for range 1 + rng.IntN(3) {
			plan = append(plan, randomCall(rng))
		}
		sc.plans = append(sc.plans, plan)
	}
	if rng.IntN(5) == 0 {
		for range sc.plans {
			sc.wait = append(sc.wait, time.Duration(rng.IntN(2))*25*time.Millisecond)
		}
	}
	return sc
}

func randomCall(rng *rand.Rand) simCall {
	c := simCall{key: "k", middleware: rng.IntN(4) == 0, stubborn: rng.IntN(2) == 0}
	if rng.IntN(6) == 0 {
		c.key = "l"
	}
	if rng.IntN(4) == 0 {
		c.payload = 1
	}
	if rng.IntN(2) == 0 {
		c.end = simEnding(rng.IntN(int(simLarge) + 1))
	}
	if rng.IntN(5) == 0 {
		c.deadline = 1 + simTime(rng.IntN(int(2*simLease)))
	}
	for rng.IntN(4) == 0 {
		c.extends = append(c.extends, simTime(rng.IntN(int(2*simLease))))
	}
	return c
}

func TestModelAtRandom(t *testing.T) {
	t.Parallel()
	const shards = 2
	histories, first := simHistories(t), 0
	if text := os.Getenv("LAMBDAKIT_SEED"); text != "" {
		var err error
		if first, err = strconv.Atoi(text); err != nil {
			t.Fatalf("LAMBDAKIT_SEED: %v", err)
		}
	}
	var done, steps atomic.Int64
	var coverage simCoverage
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run(strconv.Itoa(shard), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ended := make(map[string]int)
					defer coverage.add(ended)
					for seed := first + shard; seed < first+histories; seed += shards {
						rng := rand.New(rand.NewPCG(uint64(seed), 0))
						sc := randomScenario(rng)
						h := newSimHistory(&sc, nil)
						h.ended = ended
						h.play(atRandom(rng))
						done.Add(1)
						steps.Add(int64(len(h.picks)))
						if h.bad != nil {
							t.Fatalf("LAMBDAKIT_SEED=%d LAMBDAKIT_HISTORIES=1: %s", seed, story(&sc, h.picks, h.bad))
						}
					}
				})
			})
		}
	})
	summary := fmt.Sprintf("model: %d histories, %d steps, at random", done.Load(), steps.Load())
	fmt.Println(summary)
	t.Log(summary)
	if histories >= 3_000 && !t.Failed() {
		coverage.check(t)
	}
}
