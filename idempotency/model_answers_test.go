package idempotency_test

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit/idempotency"
)

// checkEnd is called when a call has returned.
func (h *simHistory) checkEnd(w *simWorker) {
	if h.tell != nil {
		h.tell("    %s got %v", w.name(), w.out)
	}
	h.count(w)
	if w.saw.ran {
		h.checkOwn(w)
	} else {
		h.checkDuplicate(w)
	}
	h.checkTold(w)
	h.checkPatience(w)
}

// checkPatience checks that what a call had to write at its end was tried long enough, and
// that one that did not run has left nothing behind.
func (h *simHistory) checkPatience(w *simWorker) {
	saw, c := &w.saw, w.call()
	for _, err := range []error{saw.complete, saw.deletion} {
		if !errors.Is(err, errSimStore) {
			continue
		}
		until := saw.run.lease
		if c.middleware && c.deadline > 0 {
			until = min(until, saw.began+c.deadline-100) // the time in which an invocation is answered
		}
		if w.clock() < until {
			h.violate(ruleRecorded, "%s has given up at %d, and may go on until %d", w.name(), w.clock(), until)
		}
	}
	if saw.ran || saw.run == nil || saw.deletion != nil {
		return
	}
	if r := h.store.records[saw.run.key]; r != nil && r.Status == idempotency.InProgress && h.byOwner[r.Owner] == saw.run {
		h.violate(ruleReleased, "%s does not run, and its record stays in progress until %d", w.name(), simTimeOf(r.Lease))
	}
}

// checkOwn checks what the caller of a run got.
func (h *simHistory) checkOwn(w *simWorker) {
	out, saw, c, r := &w.out, &w.saw, w.call(), w.saw.run
	lost := saw.completes > 0 && errors.Is(saw.complete, idempotency.ErrLeaseLost)
	unknown := saw.complete != nil && !lost // a response of an invocation goes out all the same
	wantErr := error(nil)
	var want simAnswer
	var wantPanic any
	switch {
	case saw.gaveUp || c.end == simFails:
		wantErr = errSimWork
	case c.end == simDeclines:
		wantErr = errSimFinal
	case c.end == simPanics:
		wantPanic = w.name()
	default:
		want = r.value
		if lost {
			wantErr = idempotency.ErrLeaseLost
		} else if unknown && !c.middleware {
			wantErr = idempotency.ErrNotRecorded
		}
	}
	// An invocation has one error, and a final one stays what it is.
	tellsLost := lost && !(c.middleware && wantErr != nil && c.end == simDeclines)
	if c.middleware && out.err != nil {
		want = simAnswer{} // and no response beside it
	}
	if out.value != want || out.panicked != wantPanic || !errors.Is(out.err, wantErr) || errors.Is(out.err, idempotency.ErrLeaseLost) != tellsLost ||
		errors.Is(out.err, idempotency.ErrNotRecorded) != (unknown && !c.middleware) {
		h.violate(ruleOwn, "%s ran, and got %v, want %+v, %v and %v", w.name(), *out, want, wantErr, wantPanic)
	}
	if (saw.completes > 0) == r.failed || (saw.deletes > 0) != r.failed || saw.tooLarge && saw.completes < 2 {
		h.violate(ruleRequest, "%s sent %d Complete and %d Delete", w.name(), saw.completes, saw.deletes)
	}
	// The store may not say so where the answer has been stored and stands.
	if lost && r.completed && h.now+h.sc.fastest() <= r.expires {
		h.violate(ruleError, "%s has an ErrLeaseLost, and its answer was stored", w.name())
	}
}

// checkDuplicate checks what the caller of a call got that did not run.
func (h *simHistory) checkDuplicate(w *simWorker) {
	out, saw := &w.out, &w.saw
	found := saw.begin.existing
	if (out.err != nil && out.value != simAnswer{}) || out.panicked != nil {
		h.violate(ruleAnswer, "%s did not run, and got %v", w.name(), *out)
	}
	var stored *idempotency.StoredError
	var response messages.InvokeResponse_Error
	switch err := out.err; {
	case err == nil, errors.As(err, &stored), errors.Is(err, idempotency.ErrResultLost), errors.As(err, &response):
		for _, r := range h.runs {
			if r.completed && h.mayAnswer(w, r) && h.isAnswer(w, r) {
				return
			}
		}
		h.violate(ruleAnswer, "%s got %v, which no run has stored", w.name(), *out)
	case errors.Is(err, idempotency.ErrPayloadMismatch):
		if !h.hasOtherPayload(w) {
			h.violate(ruleError, "%s has an ErrPayloadMismatch, and there is no other payload", w.name())
		}
	case errors.Is(err, context.DeadlineExceeded):
		if c := w.call(); c.deadline == 0 || w.clock() < saw.began+c.deadline {
			h.violate(ruleError, "%s has %v, and time is left", w.name(), err)
		}
	case saw.asked == 0:
		h.violate(ruleError, "%s has an error, and has not asked the store: %v", w.name(), err)
	case saw.extension != nil && errors.Is(err, saw.extension): // of a lease that a copy got
	case saw.begin.err != nil:
		if !errors.Is(err, saw.begin.err) {
			h.violate(ruleError, "%s has %v, and the store said %v", w.name(), err, saw.begin.err)
		}
	case errors.Is(err, idempotency.ErrInProgress) && found != nil && found.Status == idempotency.InProgress:
		for _, r := range h.runs {
			if r.began && (r.call != w.name() || r != saw.run) && r.key == saw.run.key && r.lease >= saw.began {
				return
			}
		}
		h.violate(ruleError, "%s has an ErrInProgress, and no other call runs", w.name())
	default:
		h.violate(ruleError, "%s has an error that does not fit what the store said: %v", w.name(), err)
	}
}

// mayAnswer reports whether the answer of a run may be given to a call.
func (h *simHistory) mayAnswer(w *simWorker, r *simRun) bool {
	c := w.call()
	return r.plan.key == c.key && (!h.sc.validate || r.plan.payload == c.payload) && r.expires >= w.saw.began
}

// hasOtherPayload reports whether what a call was answered from, the store or the cache, has
// another payload.
func (h *simHistory) hasOtherPayload(w *simWorker) bool {
	for _, r := range h.runs {
		if r.plan.key != w.call().key || r.plan.payload == w.call().payload || !h.sc.validate {
			continue
		}
		found := w.saw.begin.existing
		if found != nil && h.byOwner[found.Owner] == r || w.saw.asked == 0 && h.sc.cache && r.completed && r.expires >= w.saw.began {
			return true
		}
	}
	return false
}

// isAnswer reports whether a call got exactly the answer of a run.
func (h *simHistory) isAnswer(w *simWorker, r *simRun) bool {
	out := &w.out
	switch r.plan.end {
	case simDeclines:
		message := r.call + ": " + errSimFinal.Error()
		var response messages.InvokeResponse_Error
		if w.call().middleware {
			return errors.As(out.err, &response) && response.Message == message
		}
		var stored *idempotency.StoredError
		return errors.As(out.err, &stored) && stored.Message == message && stored.Name == "declined" && errors.Is(out.err, errSimFinal)
	case simLarge:
		return errors.Is(out.err, idempotency.ErrResultLost)
	default:
		return out.err == nil && out.value == r.value
	}
}

// checkTold checks what went to OnError during a call.
func (h *simHistory) checkTold(w *simWorker) {
	saw := &w.saw
	lost := errors.Is(saw.complete, idempotency.ErrLeaseLost)
	// Another call has the key, or the store does not want to: the caller has that error.
	withdrawn := !saw.ran && (errors.Is(saw.deletion, idempotency.ErrLeaseLost) || errors.Is(saw.deletion, idempotency.ErrRefused))
	want := saw.deletion != nil && !withdrawn || saw.tooLarge || saw.complete != nil && !lost || lost && w.call().middleware && w.call().end == simDeclines
	if want != (w.reports > 0) {
		h.violate(ruleTold, "%s ended with %d reports to OnError", w.name(), w.reports)
	}
}
