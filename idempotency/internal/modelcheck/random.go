package modelcheck

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

// randomScenario returns a scenario with two to four workers, which rng determines.
func randomScenario(rng *rand.Rand) scenario {
	sc := scenario{
		lease: leaseTime, margin: leaseMargin, expires: expiresAfter, fine: true,
		validate: rng.IntN(3) == 0, cache: rng.IntN(3) == 0, budget: budget{trouble: rng.IntN(8), clock: rng.IntN(8)},
	}
	if rng.IntN(4) == 0 {
		sc.expires = 1_000 // less than a lease
	}
	lowest := -millis(rng.IntN(int(leaseMargin) + 1))
	for range 2 + rng.IntN(3) {
		sc.skews = append(sc.skews, lowest+millis(rng.IntN(int(leaseMargin)+1)))
		var plan []call
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

func randomCall(rng *rand.Rand) call {
	c := call{key: "k", middleware: rng.IntN(4) == 0, stubborn: rng.IntN(2) == 0}
	if rng.IntN(6) == 0 {
		c.key = "l"
	}
	if rng.IntN(4) == 0 {
		c.payload = 1
	}
	if rng.IntN(2) == 0 {
		c.end = ending(rng.IntN(int(returnsLarge) + 1))
	}
	if rng.IntN(5) == 0 {
		c.deadline = 1 + millis(rng.IntN(int(2*leaseTime)))
	}
	for rng.IntN(4) == 0 {
		c.extends = append(c.extends, millis(rng.IntN(int(2*leaseTime))))
	}
	return c
}

// AtRandom plays histories of random scenarios with random steps. It also fails if one ending of
// endings never happened, because the rules about it were not tested then.
func AtRandom(t *testing.T, prepare Prepare) {
	const shards = 2
	histories, first := wantHistories(t), 0
	if text := os.Getenv("LAMBDAKIT_SEED"); text != "" {
		var err error
		if first, err = strconv.Atoi(text); err != nil {
			t.Fatalf("LAMBDAKIT_SEED: %v", err)
		}
	}
	var done, steps atomic.Int64
	var covered coverage
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run(strconv.Itoa(shard), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ended := make(map[string]int)
					defer covered.add(ended)
					for seed := first + shard; seed < first+histories; seed += shards {
						rng := rand.New(rand.NewPCG(uint64(seed), 0))
						sc := randomScenario(rng)
						sc.prepare = prepare
						h := newHistory(&sc, nil)
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
	if histories >= defaultHistories && !t.Failed() {
		covered.check(t)
	}
}
