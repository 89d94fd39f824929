package modelcheck

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit/idempotency"
)

// checkEnd is called when a call has returned.
func (h *history) checkEnd(w *worker) {
	if h.tell != nil {
		h.tell("    %s got %v", w.name, w.out)
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

// checkPatience checks that a call retried its last request for long enough, and that a call
// that did not run left no record.
func (h *history) checkPatience(w *worker) {
	saw, c := &w.saw, w.call()
	for _, err := range []error{saw.complete, saw.deletion} {
		if !errors.Is(err, errStore) {
			continue
		}
		until := saw.run.lease
		if saw.run.granted { // the store may have a longer lease whose Extend was not confirmed
			until = min(until, saw.run.grant+max(h.sc.margin, 0))
		}
		if c.middleware && c.deadline > 0 {
			until = min(until, saw.began+c.deadline-100) // time to answer the invocation
		}
		if w.clock() < until {
			h.violate(ruleRecorded, "%s: got its last attempt at %d, want attempts until %d", w.name, w.clock(), until)
		}
	}
	if saw.ran || saw.run == nil || saw.deletion != nil {
		return
	}
	if r := h.store.records[saw.run.key]; r != nil && r.Status == idempotency.InProgress && h.byOwner[r.Owner] == saw.run {
		h.violate(ruleReleased, "%s did not run: got a record in progress until %d, want none", w.name, millisOf(r.Lease))
	}
}

// checkOwn checks the result and the error of a call that ran.
func (h *history) checkOwn(w *worker) {
	out, saw, c, r := &w.out, &w.saw, w.call(), w.saw.run
	lost := saw.completes > 0 && errors.Is(saw.complete, idempotency.ErrLeaseLost)
	unknown := saw.complete != nil && !lost // the response of an invocation goes out in this case
	wantErr := error(nil)
	var want answer
	var wantPanic any
	switch {
	case saw.gaveUp || c.end == fails:
		wantErr = errWork
	case c.end == declines:
		wantErr = errFinal
	case c.end == panics:
		wantPanic = w.name
	default:
		want = r.value
		if lost {
			wantErr = idempotency.ErrLeaseLost
		} else if unknown && !c.middleware {
			wantErr = idempotency.ErrNotRecorded
		}
	}
	// An invocation has one error. A final error is not replaced.
	tellsLost := lost && !(c.middleware && wantErr != nil && c.end == declines)
	if c.middleware && out.err != nil {
		want = answer{} // an invocation that failed has no response
	}
	if out.value != want || out.panicked != wantPanic || !errors.Is(out.err, wantErr) || errors.Is(out.err, idempotency.ErrLeaseLost) != tellsLost ||
		errors.Is(out.err, idempotency.ErrNotRecorded) != (unknown && !c.middleware) {
		h.violate(ruleOwn, "%s ran: got %v, want %+v, %v and panic %v", w.name, *out, want, wantErr, wantPanic)
	}
	if (saw.completes > 0) == r.failed || (saw.deletes > 0) != r.failed || saw.tooLarge && saw.completes < 2 {
		h.violate(ruleRequest, "%s ran: got %d Complete and %d Delete", w.name, saw.completes, saw.deletes)
	}
	// The answer was stored and is live: the lease cannot be lost.
	if lost && r.completed && h.now+h.sc.fastest() <= r.expires {
		h.violate(ruleError, "%s: got an ErrLeaseLost, want none: its answer was stored", w.name)
	}
}

// checkDuplicate checks the result and the error of a call that did not run.
func (h *history) checkDuplicate(w *worker) {
	out, saw := &w.out, &w.saw
	found := saw.begin.existing
	if (out.err != nil && out.value != answer{}) || out.panicked != nil {
		h.violate(ruleAnswer, "%s did not run: got %v, want no panic, and no result with an error", w.name, *out)
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
		h.violate(ruleAnswer, "%s: got %v, want the answer of a run that was stored", w.name, *out)
	case errors.Is(err, idempotency.ErrPayloadMismatch):
		if !h.hasOtherPayload(w) {
			h.violate(ruleError, "%s: got an ErrPayloadMismatch, want none: there is no other payload", w.name)
		}
	case errors.Is(err, context.DeadlineExceeded):
		if c := w.call(); c.deadline == 0 || w.clock() < saw.began+c.deadline {
			h.violate(ruleError, "%s: got %v, want no such error before the deadline", w.name, err)
		}
	case saw.asked == 0:
		h.violate(ruleError, "%s: got %v without a request to the store, want no error", w.name, err)
	case saw.extension != nil && errors.Is(err, saw.extension): // a copy of an Extend got the lease
	case saw.begin.err != nil:
		if !errors.Is(err, saw.begin.err) {
			h.violate(ruleError, "%s: got %v, want the error of the store: %v", w.name, err, saw.begin.err)
		}
	case errors.Is(err, idempotency.ErrInProgress) && found != nil && found.Status == idempotency.InProgress:
		for _, r := range h.runs {
			if r.began && (r.call != w.name || r != saw.run) && r.key == saw.run.key && r.lease >= saw.began {
				return
			}
		}
		h.violate(ruleError, "%s: got an ErrInProgress, want none: no other call runs", w.name)
	default:
		h.violate(ruleError, "%s: got %v, want an error that fits the answer of the store", w.name, err)
	}
}

// mayAnswer reports whether the answer of a run may be given to a call.
func (h *history) mayAnswer(w *worker, r *execution) bool {
	c := w.call()
	return r.plan.key == c.key && (!h.sc.validate || r.plan.payload == c.payload) && r.expires >= w.saw.began
}

// hasOtherPayload reports whether the store or the cache, which answered the call, has a record
// with another payload.
func (h *history) hasOtherPayload(w *worker) bool {
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

// isAnswer reports whether a call got the exact answer of a run.
func (h *history) isAnswer(w *worker, r *execution) bool {
	out := &w.out
	switch r.plan.end {
	case declines:
		message := r.call + ": " + errFinal.Error()
		var response messages.InvokeResponse_Error
		if w.call().middleware {
			return errors.As(out.err, &response) && response.Message == message
		}
		var stored *idempotency.StoredError
		return errors.As(out.err, &stored) && stored.Message == message && stored.Name == "declined" && errors.Is(out.err, errFinal)
	case returnsLarge:
		return errors.Is(out.err, idempotency.ErrResultLost)
	default:
		return out.err == nil && out.value == r.value
	}
}

// checkTold checks the reports to OnError during a call.
func (h *history) checkTold(w *worker) {
	saw := &w.saw
	lost := errors.Is(saw.complete, idempotency.ErrLeaseLost)
	// Another call has the key, or the store refuses the request: the caller has that error.
	withdrawn := !saw.ran && (errors.Is(saw.deletion, idempotency.ErrLeaseLost) || errors.Is(saw.deletion, idempotency.ErrRefused))
	want := saw.deletion != nil && !withdrawn || saw.tooLarge || saw.complete != nil && !lost || lost && w.call().middleware && w.call().end == declines
	if want != (w.reports > 0) {
		h.violate(ruleTold, "%s: got %d reports to OnError", w.name, w.reports)
	}
}
