package modelcheck

import (
	"fmt"

	"github.com/lambdakit/lambdakit/idempotency"
)

// rules is a set of rules. The first four check the store, the others what callers observe.
type rules int

const (
	// ruleFence: a Complete, an Extend or a Delete changes no record of another
	// execution, also if it arrives late or several times.
	ruleFence rules = 1 << iota

	// ruleTakeover: a record in progress is replaced only after the fastest clock has passed
	// its lease. The world has a clock too. A Begin may carry a time in the past, but not a
	// time that no clock has shown yet.
	ruleTakeover

	// ruleReplaced: a stored answer does not change until it has expired by the fastest
	// clock.
	ruleReplaced

	// ruleLease: the stored lease of a live execution lasts LeaseMargin longer than the
	// time that the execution was granted.
	ruleLease

	// ruleOverlap: at most one execution of each key is live. An execution is live if it
	// works and the granted time, which is the lease less LeaseMargin, is not over by its
	// own clock or by the world's clock. The rule holds if no two clocks differ by more
	// than LeaseMargin.
	ruleOverlap

	// ruleAgain: work that had its effect and did not fail is not done again before its
	// lease is over by the fastest clock or, if the store took its answer, before the
	// answer has expired. Each grant allows one execution.
	ruleAgain

	// ruleSole: the store takes a second answer to a key only after the first has expired by
	// the fastest clock.
	ruleSole

	// ruleAnswer: a call that does not run gets no result, or the answer of an execution
	// with the same key and payload that the store took and that had not expired when the
	// call began.
	ruleAnswer

	// ruleError: an error is documented, and true.
	ruleError

	// ruleOwn: a call that runs gets the result of its work, and an ErrLeaseLost if and only
	// if the store answered so.
	ruleOwn

	// ruleTold: OnError gets the failures that the caller does not get, and no others.
	ruleTold

	// ruleRequest: each request to the store is consistent.
	ruleRequest

	// ruleRecorded: a process that has not crashed tries to complete or delete the record of
	// its execution until the store answers or refuses, or until the lease is over.
	ruleRecorded

	// ruleReleased: a call that does not run leaves no record in progress with its token,
	// unless the store failed until the end.
	ruleReleased

	// ruleProgress: after the last event and the end of the lease, a call gets an answer or
	// runs. After the answer has expired, the call runs.
	ruleProgress
)

func (r rules) String() string {
	for i, name := range []string{"fence", "takeover", "replaced", "lease", "overlap", "again", "sole", "answer", "error", "own", "told", "request", "recorded", "released", "progress"} {
		if r == 1<<i {
			return name
		}
	}
	return fmt.Sprint(int(r))
}

// violation is a broken rule.
type violation struct {
	rule rules
	text string
}

// violate notes the first violation of a history. The history ends there.
func (h *history) violate(rule rules, format string, args ...any) {
	if h.bad == nil && h.sc.blind&rule == 0 {
		h.bad = &violation{rule, fmt.Sprintf(format, args...)}
	}
}

// checkLive is called after each step.
func (h *history) checkLive() {
	for i, a := range h.runs {
		r := h.store.records[a.key]
		if r != nil && h.byOwner[r.Owner] == a && h.isLive(a) && millisOf(r.Lease) < a.grant+max(h.sc.margin, 0) {
			h.violate(ruleLease, "%s may run until %d: got a lease until %d", a.name, a.grant, millisOf(r.Lease))
		}
		for _, b := range h.runs[:i] {
			if a.key == b.key && h.isLive(a) && h.isLive(b) {
				h.violate(ruleOverlap, "got %s and %s live at the same time", b.name, a.name)
			}
		}
	}
}

func (h *history) isLive(r *execution) bool {
	return r.working && (r.w.clock() <= r.grant || h.now <= r.grant)
}

// checkChange is called after the store has processed a request.
func (h *history) checkChange(q *request, before, after *idempotency.Record) {
	if before == after || before != nil && after != nil && isSame(before, after) {
		return
	}
	live := before != nil && before.Live((h.now + h.sc.fastest()).time())
	switch {
	case q.op != opBegin && (before == nil || before.Owner != q.rec.Owner):
		h.violate(ruleFence, "%s of %s: got a change of another record", q.op, q.by.name)
	case live && before.Status == idempotency.Completed:
		h.violate(ruleReplaced, "%s of %s: got an answer replaced", q.op, q.by.name)
	case live && q.op == opBegin:
		h.violate(ruleTakeover, "%s: got a live record taken over", q.by.name)
	}
}

func isSame(a, b *idempotency.Record) bool {
	return a.Status == b.Status && a.Owner == b.Owner && a.Lease.Equal(b.Lease) && a.Expiration.Equal(b.Expiration) &&
		a.Validation == b.Validation && string(a.Data) == string(b.Data)
}

// checkStart is called when the work of a call begins.
func (h *history) checkStart(w *worker) {
	r := w.saw.run
	switch {
	case r == nil || !r.granted || w.saw.begin.err != nil:
		h.violate(ruleAgain, "%s: got a run without a Begin", w.name)
		return
	case r.called:
		h.violate(ruleAgain, "%s: got two runs, want one", r.name)
	}
	r.called, r.working, w.saw.ran = true, true, true
	for _, prior := range h.runs {
		if prior == r || prior.key != r.key || !prior.effect || prior.failed {
			continue
		}
		fast := h.now + h.sc.fastest()
		if prior.completed && fast <= prior.expires || !prior.completed && fast <= prior.lease {
			h.violate(ruleAgain, "%s: got the work of %s done again", r.name, prior.name)
		}
	}
}

// checkRequest is called when a worker sends a request to the store.
func (h *history) checkRequest(w *worker) {
	q, r := &w.request, w.request.by
	lease, expires := millisOf(q.rec.Lease), millisOf(q.rec.Expiration)
	switch q.op {
	case opBegin, opExtend:
		if q.rec.Status != idempotency.InProgress || lease < w.clock()+max(h.sc.margin, 0) || expires < lease || q.op == opExtend && lease < r.grant+max(h.sc.margin, 0) {
			h.violate(ruleRequest, "%s of %s: got status %s, lease %d and expiration %d", q.op, r.name, q.rec.Status, lease, expires)
		}
	case opComplete:
		if w.saw.completes == 0 { // later attempts repeat the request
			w.saw.completing = w.clock()
		}
		if q.rec.Status != idempotency.Completed || expires <= w.saw.completing+h.sc.expires-1000 || expires%1000 != 0 {
			h.violate(ruleRequest, "Complete of %s: got status %s and expiration %d", r.name, q.rec.Status, expires)
		}
		if !r.effect || r.failed {
			h.violate(ruleRequest, "Complete of %s: got it before the work is done", r.name)
		}
	case opDelete:
		if r.effect && !r.failed {
			h.violate(ruleRequest, "Delete of %s: got it although the work is done", r.name)
		}
	}
}

// checkProgress is called after a call of a worker that had no competitor.
func (h *history) checkProgress(w *worker, expired bool) {
	saw := &w.saw
	answered := saw.begin.err == nil && saw.begin.existing != nil && saw.begin.existing.Status == idempotency.Completed
	if !saw.ran && (expired || !answered) {
		h.violate(ruleProgress, "%s without a competitor: got no run and error %v, want a run", w.name, w.out.err)
	}
}
