package main

import (
	"slices"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	m := measurements{
		"p/A/ours":   {values: []float64{100, 110, 120, 130, 140}, allocs: []float64{2, 2, 2, 2, 2}},
		"p/A/peer":   {values: []float64{100, 100, 100, 100, 100}, allocs: []float64{1, 1, 1, 1, 1}},
		"p/A/slower": {values: []float64{150, 150, 150}},
		"p/A/floor":  {values: []float64{10, 12, 11}},
	}
	const ours, peer = "p/A/ours", "p/A/peer"
	for _, c := range []struct {
		name   string
		goal   goal
		allocs *allocsGoal
		figure float64
		want   verdict
	}{
		{"absolute, met", atMost(120), nil, 120, holds},
		{"absolute, within the quartile", atMost(110), nil, 120, noise},
		{"absolute, missed", atMost(109), nil, 120, fails},
		{"ratio, met", times(1.2, peer), nil, 1.2, holds},
		{"ratio, within the quartile", times(1.15, peer), nil, 1.2, noise},
		{"ratio, missed", times(1.05, peer), nil, 1.2, fails},
		{"difference, met", over(peer, 20), nil, 20, holds},
		{"difference, within the quartile", over(peer, 10), nil, 20, noise},
		{"difference, missed", over(peer, 9), nil, 20, fails},
		{"allocations, met", atMost(200), allocs(2), 120, holds},
		{"allocations, missed", atMost(200), allocs(1), 120, fails},
		{"allocations over a peer's, met", atMost(200), allocsOver(peer, 1), 120, holds},
		{"allocations over a peer's, missed", atMost(200), allocsOver(peer, 0), 120, fails},
	} {
		r, err := claim{what: c.name, ours: ours, peers: []string{"p/A/slower", peer}, floor: "p/A/floor", goal: c.goal, allocs: c.allocs}.judge(m)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r.verdict != c.want || r.figure != c.figure {
			t.Errorf("%s: figure %v, %v; want %v, %v", c.name, r.figure, r.verdict, c.figure, c.want)
		}
		if r.peer != peer || r.peerValue != 100 || r.floorValue != 11 || r.allocated != 2 {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestVerdictWithoutMeasurement(t *testing.T) {
	t.Parallel()
	_, err := claim{what: "speed", ours: "p/A/x", goal: atMost(1)}.judge(measurements{})
	if err == nil || !strings.Contains(err.Error(), `speed: "p/A/x"`) {
		t.Errorf("error %v", err)
	}
	m := measurements{"p/A/x": {values: []float64{1}}}
	if r, err := (claim{ours: "p/A/x", goal: atMost(1), allocs: allocs(0)}).judge(m); err != nil || r.verdict != fails {
		t.Errorf("allocations that were not measured: %v, %v", r.verdict, err)
	}
}

func TestFiguresOfRounds(t *testing.T) {
	t.Parallel()
	got := times(1, "p/A/peer").each([]float64{6, 8, 1}, []float64{2, 4})
	if want := []float64{3, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
