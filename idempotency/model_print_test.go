package idempotency_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency"
)

func sortedKeys(s *simStore) []string {
	if len(s.keys) < 2 {
		return s.keys
	}
	return slices.Sorted(slices.Values(s.keys))
}

// describe tells of a step that is about to be taken.
func (h *simHistory) describe(s simStep) string {
	about := func(q *simRequest) string {
		text := fmt.Sprintf("%s of %s", q.op, q.by.name)
		if q.op == simBegin {
			text += fmt.Sprintf(" at %d", simTimeOf(q.now))
		}
		if q.op == simBegin || q.op == simExtend {
			text += fmt.Sprintf(" with lease %d", simTimeOf(q.rec.Lease))
		}
		return text
	}
	at := fmt.Sprintf("%6d  ", h.now)
	switch s.kind {
	case stepAdvance:
		return fmt.Sprintf("%stime goes on to %d", at, s.to)
	case stepQuiet:
		return at + "what is in the air gets lost"
	case stepLand:
		return at + "a copy arrives: " + about(&h.air[s.n])
	}
	w := h.workers[s.n]
	if s.kind == stepGo {
		return at + fmt.Sprintf([...]string{simCalls: "w%d makes its next call", simStarts: "w%d does its work", simEnds: "w%d returns from its work"}[w.pending], w.id)
	}
	what := map[simKind]string{
		stepDeliver: "is answered", stepLoseAnswer: "arrives, its answer is lost", stepLoseRequest: "is lost", stepRefuse: "is refused", stepCopy: "is copied", stepCrash: "",
	}[s.kind]
	if s.kind == stepCrash {
		return at + fmt.Sprintf("w%d crashes", w.id)
	}
	return at + about(&w.request) + " " + what
}

func (h *simHistory) describeReply(existing *idempotency.Record, err error) string {
	if err != nil {
		return err.Error()
	}
	if existing == nil {
		return "yes"
	}
	return "there is " + h.describeRecord(existing)
}

func (h *simHistory) describeRecord(r *idempotency.Record) string {
	if r == nil {
		return "nothing"
	}
	owner := "nobody"
	if run := h.byOwner[r.Owner]; run != nil {
		owner = run.name
	}
	if r.Status == idempotency.Completed {
		return fmt.Sprintf("%s's answer until %d", owner, simTimeOf(r.Expiration))
	}
	return fmt.Sprintf("%s's lease until %d", owner, simTimeOf(r.Lease))
}

// story plays a bad history once more and returns it in words.
func story(sc *simScenario, picks []int, bad *simViolation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "rule %s: %s\n", bad.rule, bad.text)
	for i, plan := range sc.plans {
		fmt.Fprintf(&b, "  w%d, clock %+d: %+v\n", i, sc.skews[i], plan)
	}
	if again := replay(sc, picks, func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+"\n", args...) }); again == nil || again.rule != bad.rule {
		fmt.Fprintf(&b, "  played again, it comes to %v\n", again)
	}
	return b.String()
}
