package modelcheck

import (
	"errors"
	"fmt"

	"github.com/lambdakit/lambdakit/idempotency"
)

// execution is the model's account of one owner token that a call has used. It comes from
// requests and answers, not from the state of package idempotency.
type execution struct {
	name  string
	call  string // name of the call
	plan  *call
	w     *worker
	key   string // in the store
	value answer

	granted bool   // its Begin was answered, and it may run
	grant   millis // until when, by its own clock, no other execution may run
	began   bool   // the store began it
	lease   millis // the longest lease in the store
	called  bool   // its work was called
	working bool   // its work has not returned
	effect  bool   // its work has had its effect
	failed  bool   // its work panicked, or returned an error that is not in Options.Final

	completed bool   // the store took its answer
	expires   millis // when the answer expires
}

// runOf returns the execution that a request is for.
func (h *history) runOf(w *worker, rec *idempotency.Record) *execution {
	if r := h.byOwner[rec.Owner]; r != nil {
		return r
	}
	c := w.call()
	r := &execution{name: w.name, call: w.name, plan: c, w: w, key: rec.Key, value: c.answer(w.name)}
	if w.tokens++; w.tokens > 1 {
		r.name = fmt.Sprintf("%s/%d", r.name, w.tokens)
	}
	h.byOwner[rec.Owner] = r
	h.runs = append(h.runs, r)
	return r
}

// applied notes the effect of a request on the store.
func (h *history) applied(q *request, existing *idempotency.Record, err error) {
	r := q.by
	switch {
	case err != nil:
	case q.op == opBegin && existing == nil:
		r.began, r.lease = true, max(r.lease, millisOf(q.rec.Lease))
	case q.op == opExtend:
		r.lease = max(r.lease, millisOf(q.rec.Lease))
	case q.op == opComplete:
		for _, prior := range h.runs {
			if prior != r && prior.key == r.key && prior.completed && h.now+h.sc.fastest() <= prior.expires {
				h.violate(ruleSole, "the store has an answer of %s: got it replaced by one of %s", prior.name, r.name)
			}
		}
		r.completed, r.expires = true, millisOf(q.rec.Expiration)
	}
}

// evidence is a summary of the answers of the store to a call.
type evidence struct {
	began      millis // by the worker's clock
	asked      int    // Begins answered
	begin      reply
	run        *execution // of the last Begin
	ran        bool       // its work was called
	extension  error      // the answer to the last Extend
	gaveUp     bool       // the work stopped because its lease was lost
	completes  int
	completing millis // when the first Complete was sent, by the worker's clock
	complete   error  // the answer to the last Complete
	tooLarge   bool   // one answer was an ErrTooLarge
	deletes    int
	deletion   error
}

// answered notes an answer that a worker is about to get.
func (h *history) answered(w *worker, a reply) {
	q, saw := &w.request, &w.saw
	r := q.by
	switch q.op {
	case opBegin:
		saw.asked++
		saw.begin, saw.run = a, r
		if a.err == nil && (a.existing == nil || a.existing.Owner == q.rec.Owner) {
			r.granted, r.grant = true, millisOf(q.rec.Lease)-max(h.sc.margin, 0)
		}
	case opExtend:
		saw.extension = a.err
		if a.err == nil {
			r.grant = millisOf(q.rec.Lease) - max(h.sc.margin, 0)
		}
	case opComplete:
		saw.completes++
		saw.complete = a.err
		saw.tooLarge = saw.tooLarge || errors.Is(a.err, idempotency.ErrTooLarge)
	case opDelete:
		saw.deletes++
		saw.deletion = a.err
	}
}

// works notes that the work of a worker has its effect, or returns.
func (h *history) works(w *worker) {
	switch r := w.saw.run; w.pending {
	case beforeEffect:
		r.effect = true
	case beforeReturn:
		r.working = false
		r.failed = w.saw.gaveUp || r.plan.end == fails || r.plan.end == panics
	}
}
