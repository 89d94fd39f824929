package idempotency_test

import (
	"errors"
	"fmt"

	"github.com/lambdakit/lambdakit/idempotency"
)

// simRun is what the model knows of a run: of an owner token that a call has used. It knows
// it from what was asked and answered, not from what the package keeps.
type simRun struct {
	name  string
	call  string // its name
	plan  *simCall
	w     *simWorker
	key   string // in the store
	value simAnswer

	granted bool    // its Begin was answered with a yes
	grant   simTime // until when its owner may take it that it runs alone, by its own clock
	began   bool    // the store began it
	lease   simTime // the longest that the store has had for it
	called  bool    // its work was called
	working bool    // and has not returned
	effect  bool    // and had its effect
	failed  bool    // it returned an error that is no answer, or panicked

	completed bool    // the store has had its answer
	expires   simTime // when that expires
}

// runOf returns the run that a request is for.
func (h *simHistory) runOf(w *simWorker, rec *idempotency.Record) *simRun {
	if r := h.byOwner[rec.Owner]; r != nil {
		return r
	}
	c := w.call()
	r := &simRun{name: w.name(), call: w.name(), plan: c, w: w, key: rec.Key, value: c.answer(w.name())}
	if w.tokens++; w.tokens > 1 {
		r.name = fmt.Sprintf("%s/%d", r.name, w.tokens)
	}
	h.byOwner[rec.Owner] = r
	h.runs = append(h.runs, r)
	return r
}

// applied notes what the store did.
func (h *simHistory) applied(q *simRequest, existing *idempotency.Record, err error) {
	r := q.by
	switch {
	case err != nil:
	case q.op == simBegin && existing == nil:
		r.began, r.lease = true, max(r.lease, simTimeOf(q.rec.Lease))
	case q.op == simExtend:
		r.lease = max(r.lease, simTimeOf(q.rec.Lease))
	case q.op == simComplete:
		for _, prior := range h.runs {
			if prior != r && prior.key == r.key && prior.completed && h.now+h.sc.fastest() <= prior.expires {
				h.violate(ruleSole, "the store has an answer of %s, and takes one of %s", prior.name, r.name)
			}
		}
		r.completed, r.expires = true, simTimeOf(q.rec.Expiration)
	}
}

// simEvidence is what the store told a call.
type simEvidence struct {
	began      simTime // by the worker's clock
	asked      int     // Begins answered
	begin      simReply
	run        *simRun // of the last Begin
	ran        bool    // its work was called
	extension  error   // what the last Extend was answered with
	gaveUp     bool    // which stopped, since its lease was lost
	completes  int
	completing simTime // when the first Complete was sent, by the worker's clock
	complete   error   // what the last Complete was answered with
	tooLarge   bool    // one was an ErrTooLarge
	deletes    int
	deletion   error
}

// answered notes what a worker is about to be told.
func (h *simHistory) answered(w *simWorker, a simReply) {
	q, saw := &w.request, &w.saw
	r := q.by
	switch q.op {
	case simBegin:
		saw.asked++
		saw.begin, saw.run = a, r
		if a.err == nil && (a.existing == nil || a.existing.Owner == q.rec.Owner) {
			r.granted, r.grant = true, simTimeOf(q.rec.Lease)-max(h.sc.margin, 0)
		}
	case simExtend:
		saw.extension = a.err
		if a.err == nil {
			r.grant = simTimeOf(q.rec.Lease) - max(h.sc.margin, 0)
		}
	case simComplete:
		saw.completes++
		saw.complete = a.err
		saw.tooLarge = saw.tooLarge || errors.Is(a.err, idempotency.ErrTooLarge)
	case simDelete:
		saw.deletes++
		saw.deletion = a.err
	}
}

// works notes that a worker's work has its effect, or returns.
func (h *simHistory) works(w *simWorker) {
	switch r := w.saw.run; w.pending {
	case simStarts:
		r.effect = true
	case simEnds:
		r.working = false
		r.failed = w.saw.gaveUp || r.plan.end == simFails || r.plan.end == simPanics
	}
}
