package idempotency_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
)

// Errors of the simulated world.
var (
	errSimStore   = errors.New("the store did not answer")
	errSimRefused = fmt.Errorf("the store did not want to: %w", idempotency.ErrRefused)
	errSimCrashed = fmt.Errorf("the process is dead: %w", idempotency.ErrRefused) // there is nobody to try again
	errSimWork    = errors.New("the work failed")
	errSimFinal   = errors.New("declined")
)

// simEnding is what a call's work comes to.
type simEnding int

const (
	simSucceeds simEnding = iota
	simFails
	simDeclines // with an error of Options.Final
	simPanics
	simLarge // succeeds with a result that the store does not take
)

// simCall is one call of a worker.
type simCall struct {
	key        string
	payload    int // what Options.Validate looks at
	end        simEnding
	extends    []simTime // by how much the work extends its lease, one after the other
	stubborn   bool      // goes on where Extend says that the lease is lost
	middleware bool      // the call is an invocation, else one of Do
	deadline   simTime   // of its context, after its start; 0: none
}

// simAnswer is the result of the work. By names the call, so that no two have the same.
type simAnswer struct {
	By  string
	Pad string `json:",omitempty"`
}

func (c *simCall) answer(name string) simAnswer {
	a := simAnswer{By: name}
	if c.end == simLarge {
		a.Pad = strings.Repeat("x", simMaxData)
	}
	return a
}

// simOutcome is how a call ended for its caller.
type simOutcome struct {
	value    simAnswer
	err      error
	panicked any
}

func (o simOutcome) String() string {
	if o.panicked != nil {
		return fmt.Sprintf("a panic: %v", o.panicked)
	}
	return fmt.Sprintf("result %q, error: %v", o.value.By, o.err)
}

// simEvent says what a worker waits for the scheduler to let it do.
type simEvent int

const (
	simCalls  simEvent = iota // make its next call
	simAsks                   // have a request answered
	simStarts                 // do its work, with whatever effect that has
	simEnds                   // return from its work
	simGone                   // nothing, ever
)

// simReply is what the scheduler has for a worker.
type simReply struct {
	existing *idempotency.Record
	err      error
	crashed  bool
}

// simWorker is a process with calls to make. Its goroutine and the scheduler's take turns: what
// is not a channel belongs to whoever's turn it is.
type simWorker struct {
	h     *simHistory
	id    int
	skew  simTime
	calls []simCall
	once  *idempotency.Guard
	serve lambda.Handler
	down  chan simReply

	pending simEvent
	request simRequest // that it asks
	current int        // its call
	crashed bool
	over    bool // the current call has just ended, and out is news
	out     simOutcome
	reports int // to OnError
	saw     simEvidence
	tokens  int    // owner tokens used in the current call
	trace   uint64 // sums up all that it was told, and when
}

func (w *simWorker) call() *simCall  { return &w.calls[w.current] }
func (w *simWorker) name() string    { return "w" + strconv.Itoa(w.id) + "." + strconv.Itoa(w.current) }
func (w *simWorker) clock() simTime  { return w.h.now + w.skew }
func (w *simWorker) now() time.Time  { return w.clock().time() }
func (w *simWorker) onError(_ error) { w.reports++ }
func (w *simWorker) isDone() bool    { return w.pending == simGone }

// live is the life of the worker's goroutine.
func (w *simWorker) live() {
	defer w.h.wg.Done()
	for i := range w.calls {
		if w.yield(simCalls).crashed {
			break
		}
		w.current, w.tokens, w.reports, w.saw = i, 0, 0, simEvidence{began: w.clock()}
		w.out = w.make(w.call())
		w.over = true
	}
	w.pending = simGone
	w.h.up <- struct{}{}
}

// yield waits until the scheduler lets the worker go on. A crashed process has no turn any
// more: whatever it still does, its deferred clean-up for instance, comes to nothing at once.
func (w *simWorker) yield(kind simEvent) simReply {
	if w.crashed {
		return simReply{err: errSimCrashed, crashed: true}
	}
	w.pending = kind
	w.h.up <- struct{}{}
	return <-w.down
}

// make makes a call.
func (w *simWorker) make(c *simCall) (out simOutcome) {
	event := []byte(`{"key":"` + c.key + `","payload":` + strconv.Itoa(c.payload) + `}`)
	ctx := context.Background()
	if c.deadline > 0 {
		ctx = simDeadline{ctx, (w.clock() + c.deadline).time()}
	}
	defer func() { out.panicked = recover() }()
	if !c.middleware {
		out.value, out.err = idempotency.Call(ctx, w.once, json.RawMessage(event), w.work)
		return out
	}
	response, err := w.serve.Invoke(ctx, event)
	if out.err = err; len(response) > 0 {
		if err := json.Unmarshal(response, &out.value); err != nil {
			panic(err)
		}
	}
	return out
}

func (w *simWorker) handle(ctx context.Context, _ json.RawMessage) (simAnswer, error) {
	return w.work(ctx)
}

// work is the work of the worker's calls.
func (w *simWorker) work(ctx context.Context) (simAnswer, error) {
	if w.yield(simStarts).crashed {
		return simAnswer{}, errSimCrashed
	}
	c := w.call()
	for _, by := range c.extends {
		if err := idempotency.FromContext(ctx).Extend(ctx, by.duration()); errors.Is(err, idempotency.ErrLeaseLost) && !c.stubborn {
			w.saw.gaveUp = true
			break
		}
	}
	if w.yield(simEnds).crashed {
		return simAnswer{}, errSimCrashed
	}
	switch name := w.name(); {
	case w.saw.gaveUp || c.end == simFails:
		return simAnswer{}, fmt.Errorf("%s: %w", name, errSimWork)
	case c.end == simDeclines:
		return simAnswer{}, fmt.Errorf("%s: %w", name, errSimFinal)
	case c.end == simPanics:
		panic(name)
	default:
		return c.answer(name), nil
	}
}

// A worker is the store as its process sees it, from the far end of a network.
func (w *simWorker) Begin(_ context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	return w.ask(simBegin, r, now)
}

func (w *simWorker) Complete(_ context.Context, r *idempotency.Record) error {
	_, err := w.ask(simComplete, r, time.Time{})
	return err
}

func (w *simWorker) Extend(_ context.Context, r *idempotency.Record) error {
	_, err := w.ask(simExtend, r, time.Time{})
	return err
}

func (w *simWorker) Delete(_ context.Context, r *idempotency.Record) error {
	_, err := w.ask(simDelete, r, time.Time{})
	return err
}

func (w *simWorker) ask(o simOp, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	if !w.crashed {
		w.request = simRequest{op: o, rec: *r, now: now, by: w.h.runOf(w, r)}
	}
	a := w.yield(simAsks)
	return a.existing, a.err
}

// simDeadline has a deadline of the simulated clock, at which nothing happens.
type simDeadline struct {
	context.Context
	at time.Time
}

func (c simDeadline) Deadline() (time.Time, bool) { return c.at, true }

// newWorker returns a worker whose goroutine waits to make its first call.
func (h *simHistory) newWorker(skew simTime, plan []simCall) *simWorker {
	w := &simWorker{h: h, id: len(h.workers), skew: skew, calls: plan, down: make(chan simReply)}
	h.workers = append(h.workers, w)
	o := idempotency.Options{
		Prefix: "p", Key: simKey, LeaseMargin: h.sc.margin.duration(), Lease: h.sc.lease.duration(), ExpiresAfter: h.sc.expires.duration(),
		Final: simFinals, OnError: w.onError, Now: w.now,
		// No attempt runs out of time by the other clock.
		StoreTimeout: time.Hour, CleanupTimeout: h.sc.cleanup,
	}
	if w.id < len(h.sc.wait) {
		o.Wait = h.sc.wait[w.id]
	}
	if h.sc.validate {
		o.Validate = simPayload
	}
	if h.sc.cache {
		o.CacheRecords = 10
	}
	once, err := idempotency.New(w, &o)
	if err != nil {
		panic(err)
	}
	w.once = once
	once.Simulate(func(time.Duration) time.Duration { return 0 })
	for i := range plan {
		if plan[i].middleware && w.serve == nil {
			w.serve = lambdakit.Wrap(w.handle, once.Middleware)
		}
	}
	h.wg.Add(1)
	go w.live()
	<-h.up
	return w
}

var (
	simKey     = idempotency.Path("key")
	simPayload = idempotency.Path("payload")
	simFinals  = map[string]error{"declined": errSimFinal}
)
