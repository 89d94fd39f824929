package modelcheck

import (
	"slices"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// history is one sequence of steps in a scenario. In each step one worker has a turn, the
// network does something, or time passes. Nothing happens between steps, so the choices
// determine the history.
//
// A copy of a request stays in flight and may arrive at any later time, or never. Copies model
// two cases: a client that retries below the Store, as the AWS SDK does, is a copy that arrives
// before the request; a request that arrives after its sender gave up is a copy of a lost
// request.
type history struct {
	sc       *scenario
	store    *store
	now      millis
	left     budget
	workers  []*worker
	inFlight []request
	up       chan struct{} // the turn of a worker is over
	wg       sync.WaitGroup

	runs    []*execution
	byOwner map[string]*execution
	bad     *violation

	born  time.Time
	steps []step
	times []millis // of addTimes
	picks []int
	ended map[string]int                   // calls by ending; nil: not counted
	tell  func(format string, args ...any) // writes the story; nil: no story
}

// stepKind is a kind of step.
type stepKind int

const (
	stepGo          stepKind = iota // a worker calls, works or returns
	stepDeliver                     // a request arrives and is answered
	stepLoseAnswer                  // a request arrives, and the sender gets an error
	stepLoseRequest                 // a request does not arrive, and the sender gets an error
	stepRefuse                      // a request is refused: the sender must not retry
	stepCopy                        // a copy of a request is in flight from now on
	stepLand                        // a copy arrives
	stepCrash                       // a process crashes
	stepAdvance                     // time passes
	stepQuiet                       // the requests in flight never arrive
	stepKinds
)

// step is one step.
type step struct {
	kind stepKind
	n    int    // of the worker, or of the copy
	to   millis // of stepAdvance
}

func newHistory(sc *scenario, tell func(string, ...any)) *history {
	h := &history{
		sc: sc, store: newStore(maxData), now: 500, left: sc.budget, up: make(chan struct{}),
		byOwner: make(map[string]*execution), born: time.Now(), tell: tell,
	}
	for i, plan := range sc.plans {
		h.newWorker(sc.skews[i], plan)
	}
	return h
}

// play runs a history to its end. choose returns the index of a step, or a negative number to
// leave the history there. At the end, without steps, any other number ends it.
func (h *history) play(choose func(*history) int) {
	for h.bad == nil {
		more := h.enabled()
		i := choose(h)
		if i < 0 {
			break
		}
		if !more {
			h.settle()
			break
		}
		h.picks = append(h.picks, i)
		h.take(h.steps[i])
	}
	for _, w := range h.workers {
		for !w.isDone() { // the history ends early
			w.crashed = true
			h.resume(w, reply{err: errCrashed, crashed: true})
		}
	}
	h.wg.Wait()
}

// enabled finds the possible steps, and reports whether there are any.
func (h *history) enabled() bool {
	h.steps = h.steps[:0]
	add := func(kind stepKind, n int) { h.steps = append(h.steps, step{kind: kind, n: n}) }
	busy := false
	for i, w := range h.workers {
		if w.pending == beforeEffect && !h.sc.fine {
			if add(stepGo, i); h.left.trouble > 0 {
				add(stepCrash, i)
			}
			return true
		}
	}
	for i, w := range h.workers {
		switch w.pending {
		case finished:
			continue
		case beforeReply:
			add(stepDeliver, i)
			if h.left.trouble > 0 {
				add(stepLoseAnswer, i)
				add(stepLoseRequest, i)
				add(stepRefuse, i)
				add(stepCopy, i)
			}
		default:
			add(stepGo, i)
		}
		busy = true
		if h.left.trouble > 0 && w.pending != beforeCall {
			add(stepCrash, i)
		}
	}
	for i := range h.inFlight {
		add(stepLand, i)
	}
	if !busy && len(h.inFlight) > 0 {
		add(stepQuiet, 0)
	}
	if h.left.clock > 0 && len(h.steps) > 0 {
		h.addTimes()
	}
	return len(h.steps) > 0
}

// addTimes adds the steps of the clock: to the last moment of each lease and result by each
// clock, and to the moments next to it. Nothing changes between these moments.
func (h *history) addTimes() {
	times := h.times[:0]
	first := millis(0)
	if h.sc.fine {
		first = -1
	}
	add := func(t millis) {
		for i := range len(h.sc.skews) + 1 {
			skew := millis(0) // the world's clock
			if i > 0 {
				skew = h.sc.skews[i-1]
			}
			for near := t - skew + first; near <= t-skew+1; near++ {
				if near > h.now {
					times = append(times, near)
				}
			}
		}
	}
	for _, key := range h.store.keys {
		if r := h.store.records[key]; r != nil && r.Status == idempotency.InProgress {
			add(millisOf(r.Lease))
		} else if r != nil {
			add(millisOf(r.Expiration))
		}
	}
	for _, r := range h.runs {
		if r.working {
			add(r.grant)
		}
	}
	if h.sc.cleanup > 0 {
		times = append(times, h.now+101) // just longer than the last retry
	}
	slices.Sort(times)
	h.times = times
	for _, t := range slices.Compact(times) {
		h.steps = append(h.steps, step{kind: stepAdvance, to: t})
	}
}

// take does a step and checks the rules.
func (h *history) take(s step) {
	if h.tell != nil {
		h.tell("%s", h.describe(s))
	}
	switch s.kind {
	case stepAdvance:
		h.left.clock--
		h.now = s.to
	case stepQuiet:
		h.inFlight = nil
	case stepLand:
		q := h.inFlight[s.n]
		h.inFlight = slices.Delete(slices.Clone(h.inFlight), s.n, s.n+1)
		h.arrive(q)
	case stepCopy:
		h.left.trouble--
		h.inFlight = append(h.inFlight, h.workers[s.n].request)
	case stepCrash:
		h.left.trouble--
		h.crash(h.workers[s.n])
	case stepGo:
		w := h.workers[s.n]
		h.works(w)
		h.resume(w, reply{})
	default:
		w := h.workers[s.n]
		a := reply{err: errStore}
		if s.kind == stepRefuse {
			a.err = errRefused
		} else if s.kind != stepLoseRequest {
			existing, err := h.arrive(w.request)
			if s.kind == stepDeliver {
				a = reply{existing: existing, err: err}
			}
		}
		if s.kind != stepDeliver {
			h.left.trouble--
		}
		h.answered(w, a)
		h.resume(w, a)
	}
	h.checkLive()
}

// arrive lets the store process a request, and checks the change.
func (h *history) arrive(q request) (existing *idempotency.Record, err error) {
	before := h.store.records[q.rec.Key]
	if h.sc.hole != nil {
		existing, err = h.sc.hole(h.store, q)
	} else {
		existing, err = h.store.apply(q)
	}
	h.checkChange(&q, before, h.store.records[q.rec.Key])
	h.applied(&q, existing, err)
	if h.tell != nil {
		h.tell("    %s %s: %s, now %s", q.by.name, q.op, h.describeReply(existing, err), h.describeRecord(h.store.records[q.rec.Key]))
	}
	return existing, err
}

// crash ends a process. Its goroutine ends as well, and its last requests go nowhere.
func (h *history) crash(w *worker) {
	w.crashed = true
	h.count(w)
	for _, r := range h.runs {
		if r.w == w {
			r.working = false
		}
	}
	h.resume(w, reply{err: errCrashed, crashed: true})
}

// resume gives a worker a turn.
func (h *history) resume(w *worker, a reply) {
	w.trace = h.traceOf(w, a)
	w.down <- a
	<-h.up
	if w.crashed {
		return
	}
	if w.over {
		w.over = false
		h.checkEnd(w)
	}
	switch w.pending {
	case beforeEffect:
		h.checkStart(w)
	case beforeReply:
		h.checkRequest(w)
	}
}

// settle checks the end of a history: after the leases a call of each key gets an answer or
// runs, and after the results have expired it runs.
func (h *history) settle() {
	h.left = budget{}
	for _, expired := range []bool{false, true} {
		for _, key := range h.store.keys {
			if r := h.store.records[key]; r != nil && r.Status == idempotency.InProgress {
				h.now = max(h.now, millisOf(r.Lease)+1)
			} else if r != nil && expired {
				h.now = max(h.now, millisOf(r.Expiration)+1)
			}
		}
		for _, key := range h.store.keys {
			w := h.newWorker(0, []call{{key: key}})
			for h.bad == nil && h.enabled() {
				h.take(h.steps[0])
			}
			if h.bad == nil {
				h.checkProgress(w, expired)
			}
		}
		h.steps = h.steps[:0]
	}
}
