package idempotency_test

import (
	"fmt"

	"github.com/lambdakit/lambdakit/idempotency"
)

// simRules is a set of rules. The first four look into the store; the others see only what
// callers see.
type simRules int

const (
	// ruleFence: a Complete, an Extend or a Delete changes nothing but the record of its
	// own run, whenever it arrives and however often.
	ruleFence simRules = 1 << iota

	// ruleTakeover: a record in progress is replaced only when its lease has passed by the
	// fastest of the clocks, that of the world among them. A Begin may carry a time
	// that lies in the past, never one that no clock has shown.
	ruleTakeover

	// ruleReplaced: an answer, once stored, stays as it is until it has expired by the
	// fastest of the clocks.
	ruleReplaced

	// ruleLease: the lease in the store of a run that is live lasts LeaseMargin longer than
	// what the run was granted.
	ruleLease

	// ruleOverlap: of each key at most one run is live: at work, and within what its last
	// answer granted, which is the lease less LeaseMargin, by its own clock or by that of
	// the world. It holds where no two clocks, that of the world among them, differ by
	// more than LeaseMargin.
	ruleOverlap

	// ruleAgain: work that had its effect is not done again before its lease has passed
	// by the fastest of the clocks or, where the store took its answer, before that has
	// expired by it; unless it failed. One grant is one run, and without a grant there
	// is none.
	ruleAgain

	// ruleSole: of two answers to one key the store takes the second only when the first has
	// expired by the fastest of the clocks.
	ruleSole

	// ruleAnswer: who does not run gets the answer of a run with the same key and payload
	// that the store took and that had not expired when the call was made, or no
	// result at all.
	ruleAnswer

	// ruleError: an error is one that the documentation has, and true.
	ruleError

	// ruleOwn: who runs gets what the run returned, whatever becomes of its record, and an
	// ErrLeaseLost exactly where the store said so.
	ruleOwn

	// ruleTold: OnError is told of trouble that the caller is not told of, and of nothing
	// else.
	ruleTold

	// ruleRequest: what the package asks of the store makes sense by itself.
	ruleRequest

	// ruleRecorded: a run that is over, and whose process lives, has tried to complete or
	// delete its record until the store answered, or refused, or the lease was over.
	ruleRecorded

	// ruleReleased: a call that does not run leaves no record in progress with its token,
	// unless the store did not do what it was asked for until the end.
	ruleReleased

	// ruleProgress: when nothing happens any more and the lease has passed, a call gets an
	// answer or runs; when that has expired, it runs.
	ruleProgress
)

func (r simRules) String() string {
	for i, name := range []string{"fence", "takeover", "replaced", "lease", "overlap", "again", "sole", "answer", "error", "own", "told", "request", "recorded", "released", "progress"} {
		if r == 1<<i {
			return name
		}
	}
	return fmt.Sprint(int(r))
}

// simViolation is a rule that was broken.
type simViolation struct {
	rule simRules
	text string
}

// violate notes the first violation of a history, which ends there.
func (h *simHistory) violate(rule simRules, format string, args ...any) {
	if h.bad == nil && h.sc.blind&rule == 0 {
		h.bad = &simViolation{rule, fmt.Sprintf(format, args...)}
	}
}

// checkLive is called after each step.
func (h *simHistory) checkLive() {
	for i, a := range h.runs {
		r := h.store.records[a.key]
		if r != nil && h.byOwner[r.Owner] == a && h.isLive(a) && simTimeOf(r.Lease) < a.grant+max(h.sc.margin, 0) {
			h.violate(ruleLease, "%s may run until %d, and its lease is until %d", a.name, a.grant, simTimeOf(r.Lease))
		}
		for _, b := range h.runs[:i] {
			if a.key == b.key && h.isLive(a) && h.isLive(b) {
				h.violate(ruleOverlap, "%s and %s are live", b.name, a.name)
			}
		}
	}
}

func (h *simHistory) isLive(r *simRun) bool {
	return r.working && (r.w.clock() <= r.grant || h.now <= r.grant)
}

// checkChange is called when a request has arrived.
func (h *simHistory) checkChange(q *simRequest, before, after *idempotency.Record) {
	if before == after || before != nil && after != nil && isSame(before, after) {
		return
	}
	live := before != nil && before.Live((h.now + h.sc.fastest()).time())
	switch {
	case q.op != simBegin && (before == nil || before.Owner != q.rec.Owner):
		h.violate(ruleFence, "%s of %s changed what is not its own", q.op, q.by.name)
	case live && before.Status == idempotency.Completed:
		h.violate(ruleReplaced, "%s of %s replaced an answer", q.op, q.by.name)
	case live && q.op == simBegin:
		h.violate(ruleTakeover, "%s took over a record that is live", q.by.name)
	}
}

func isSame(a, b *idempotency.Record) bool {
	return a.Status == b.Status && a.Owner == b.Owner && a.Lease.Equal(b.Lease) && a.Expiration.Equal(b.Expiration) &&
		a.Validation == b.Validation && string(a.Data) == string(b.Data)
}

// checkStart is called when a call's work has been called.
func (h *simHistory) checkStart(w *simWorker) {
	r := w.saw.run
	switch {
	case r == nil || !r.granted || w.saw.begin.err != nil:
		h.violate(ruleAgain, "%s runs without having begun", w.name())
		return
	case r.called:
		h.violate(ruleAgain, "%s runs twice", r.name)
	}
	r.called, r.working, w.saw.ran = true, true, true
	for _, prior := range h.runs {
		if prior == r || prior.key != r.key || !prior.effect || prior.failed {
			continue
		}
		fast := h.now + h.sc.fastest()
		if prior.completed && fast <= prior.expires || !prior.completed && fast <= prior.lease {
			h.violate(ruleAgain, "%s does again what %s has done", r.name, prior.name)
		}
	}
}

// checkRequest is called when a worker asks something of the store.
func (h *simHistory) checkRequest(w *simWorker) {
	q, r := &w.request, w.request.by
	lease, expires := simTimeOf(q.rec.Lease), simTimeOf(q.rec.Expiration)
	switch q.op {
	case simBegin, simExtend:
		if q.rec.Status != idempotency.InProgress || lease < w.clock()+max(h.sc.margin, 0) || expires < lease || q.op == simExtend && lease < r.grant+max(h.sc.margin, 0) {
			h.violate(ruleRequest, "%s of %s with status %s, lease %d and expiration %d", q.op, r.name, q.rec.Status, lease, expires)
		}
	case simComplete:
		if w.saw.completes == 0 { // further attempts ask for the same
			w.saw.completing = w.clock()
		}
		if q.rec.Status != idempotency.Completed || expires <= w.saw.completing+h.sc.expires-1000 || expires%1000 != 0 {
			h.violate(ruleRequest, "Complete of %s with status %s and expiration %d", r.name, q.rec.Status, expires)
		}
		if !r.effect || r.failed {
			h.violate(ruleRequest, "Complete of %s, whose work is not done", r.name)
		}
	case simDelete:
		if r.effect && !r.failed {
			h.violate(ruleRequest, "Delete of %s, whose work is done", r.name)
		}
	}
}

// checkProgress is called when a call is over that had the store to itself.
func (h *simHistory) checkProgress(w *simWorker, expired bool) {
	saw := &w.saw
	answered := saw.begin.err == nil && saw.begin.existing != nil && saw.begin.existing.Status == idempotency.Completed
	if !saw.ran && (expired || !answered) {
		h.violate(ruleProgress, "%s did not run, long after all was quiet: %v", w.name(), w.out.err)
	}
}
