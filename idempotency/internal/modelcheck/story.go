package modelcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency"
)

func sortedKeys(s *store) []string {
	if len(s.keys) < 2 {
		return s.keys
	}
	return slices.Sorted(slices.Values(s.keys))
}

// describe returns a text for the step that comes next.
func (h *history) describe(s step) string {
	about := func(q *request) string {
		text := fmt.Sprintf("%s of %s", q.op, q.by.name)
		if q.op == opBegin {
			text += fmt.Sprintf(" at %d", millisOf(q.now))
		}
		if q.op == opBegin || q.op == opExtend {
			text += fmt.Sprintf(" with lease %d", millisOf(q.rec.Lease))
		}
		return text
	}
	at := fmt.Sprintf("%6d  ", h.now)
	switch s.kind {
	case stepAdvance:
		return fmt.Sprintf("%sthe time is %d", at, s.to)
	case stepQuiet:
		return at + "the requests in flight get lost"
	case stepLand:
		return at + "a copy arrives: " + about(&h.inFlight[s.n])
	}
	w := h.workers[s.n]
	if s.kind == stepGo {
		return at + fmt.Sprintf([...]string{beforeCall: "w%d makes its next call", beforeEffect: "w%d does its work", beforeReturn: "w%d returns from its work"}[w.pending], w.id)
	}
	what := map[stepKind]string{
		stepDeliver: "is answered", stepLoseAnswer: "arrives, its answer is lost", stepLoseRequest: "is lost", stepRefuse: "is refused", stepCopy: "is copied", stepCrash: "",
	}[s.kind]
	if s.kind == stepCrash {
		return at + fmt.Sprintf("w%d crashes", w.id)
	}
	return at + about(&w.request) + " " + what
}

func (h *history) describeReply(existing *idempotency.Record, err error) string {
	if err != nil {
		return err.Error()
	}
	if existing == nil {
		return "yes"
	}
	return "there is " + h.describeRecord(existing)
}

func (h *history) describeRecord(r *idempotency.Record) string {
	if r == nil {
		return "nothing"
	}
	owner := "nobody"
	if run := h.byOwner[r.Owner]; run != nil {
		owner = run.name
	}
	if r.Status == idempotency.Completed {
		return fmt.Sprintf("%s's answer until %d", owner, millisOf(r.Expiration))
	}
	return fmt.Sprintf("%s's lease until %d", owner, millisOf(r.Lease))
}

// story plays a history with a violation again and returns it as text.
func story(sc *scenario, picks []int, bad *violation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "rule %s: %s\n", bad.rule, bad.text)
	for i, plan := range sc.plans {
		fmt.Fprintf(&b, "  w%d, clock %+d: %+v\n", i, sc.skews[i], plan)
	}
	if again := replay(sc, picks, func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+"\n", args...) }); again == nil || again.rule != bad.rule {
		fmt.Fprintf(&b, "  the replay came to %v\n", again)
	}
	return b.String()
}
