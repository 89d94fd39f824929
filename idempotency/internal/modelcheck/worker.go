package modelcheck

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
	errStore   = errors.New("the store did not answer")
	errRefused = fmt.Errorf("the store refused: %w", idempotency.ErrRefused)
	errCrashed = fmt.Errorf("the process is dead: %w", idempotency.ErrRefused) // which ends its retries
	errWork    = errors.New("the work failed")
	errFinal   = errors.New("declined")
)

// ending says how the work of a call ends.
type ending int

const (
	succeeds ending = iota
	fails
	declines // with an error of Options.Final
	panics
	returnsLarge // succeeds with a result that the store does not take
)

// call is one call of a worker.
type call struct {
	key        string
	payload    int // Options.Validate picks it
	end        ending
	extends    []millis // durations of the calls of Extend in the work
	stubborn   bool     // goes on after an ErrLeaseLost of Extend
	middleware bool     // the call is an invocation; if false, a Call
	deadline   millis   // of its context, after its start; 0: no deadline
}

// answer is the result of the work. By is the name of the call, so that no two are equal.
type answer struct {
	By  string
	Pad string `json:",omitempty"`
}

func (c *call) answer(name string) answer {
	a := answer{By: name}
	if c.end == returnsLarge {
		a.Pad = strings.Repeat("x", maxData)
	}
	return a
}

// outcome is the result of a call for its caller.
type outcome struct {
	value    answer
	err      error
	panicked any
}

func (o outcome) String() string {
	if o.panicked != nil {
		return fmt.Sprintf("a panic: %v", o.panicked)
	}
	return fmt.Sprintf("result %q, error: %v", o.value.By, o.err)
}

// pause is a point at which a worker waits for the scheduler.
type pause int

const (
	beforeCall   pause = iota // before its next call
	beforeReply               // before the answer to a request
	beforeEffect              // before the effect of its work
	beforeReturn              // before its work returns
	finished                  // its goroutine has ended
)

// reply is an answer of the scheduler to a worker.
type reply struct {
	existing *idempotency.Record
	err      error
	crashed  bool
}

// worker is a process with a plan of calls. Its goroutine and the scheduler take turns. Only the
// one whose turn it is may use the fields.
type worker struct {
	h     *history
	id    int
	skew  millis
	calls []call
	once  *idempotency.Guard
	serve lambda.Handler
	down  chan reply

	pending pause
	request request // its last request
	current int     // index of its call
	name    string  // of its call
	crashed bool
	over    bool // the current call has just ended
	out     outcome
	reports int // to OnError
	saw     evidence
	tokens  int    // owner tokens that the current call used
	trace   uint64 // hash of all answers that it got, and when
}

func (w *worker) call() *call     { return &w.calls[w.current] }
func (w *worker) clock() millis   { return w.h.now + w.skew }
func (w *worker) now() time.Time  { return w.clock().time() }
func (w *worker) onError(_ error) { w.reports++ }
func (w *worker) isDone() bool    { return w.pending == finished }

// live is the worker's goroutine.
func (w *worker) live() {
	defer w.h.wg.Done()
	for i := range w.calls {
		if w.yield(beforeCall).crashed {
			break
		}
		w.current, w.name = i, "w"+strconv.Itoa(w.id)+"."+strconv.Itoa(i)
		w.tokens, w.reports, w.saw = 0, 0, evidence{began: w.clock()}
		w.out = w.make(w.call())
		w.over = true
	}
	w.pending = finished
	w.h.up <- struct{}{}
}

// yield waits until the scheduler gives the worker a turn. A crashed process has no more turns:
// its requests fail immediately, also in deferred functions.
func (w *worker) yield(kind pause) reply {
	if w.crashed {
		return reply{err: errCrashed, crashed: true}
	}
	w.pending = kind
	w.h.up <- struct{}{}
	return <-w.down
}

// make makes a call.
func (w *worker) make(c *call) (out outcome) {
	event := []byte(`{"key":"` + c.key + `","payload":` + strconv.Itoa(c.payload) + `}`)
	ctx := context.Background()
	if c.deadline > 0 {
		ctx = deadlineContext{ctx, (w.clock() + c.deadline).time()}
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

func (w *worker) handle(ctx context.Context, _ json.RawMessage) (answer, error) {
	return w.work(ctx)
}

// work is the function that the worker passes to Call.
func (w *worker) work(ctx context.Context) (answer, error) {
	if w.yield(beforeEffect).crashed {
		return answer{}, errCrashed
	}
	c := w.call()
	for _, by := range c.extends {
		if err := idempotency.FromContext(ctx).Extend(ctx, by.duration()); errors.Is(err, idempotency.ErrLeaseLost) && !c.stubborn {
			w.saw.gaveUp = true
			break
		}
	}
	if w.yield(beforeReturn).crashed {
		return answer{}, errCrashed
	}
	switch name := w.name; {
	case w.saw.gaveUp || c.end == fails:
		return answer{}, fmt.Errorf("%s: %w", name, errWork)
	case c.end == declines:
		return answer{}, fmt.Errorf("%s: %w", name, errFinal)
	case c.end == panics:
		panic(name)
	default:
		return c.answer(name), nil
	}
}

// Begin implements idempotency.Store: for its process, a worker is the store at the other end of
// a network.
func (w *worker) Begin(_ context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	return w.ask(opBegin, r, now)
}

func (w *worker) Complete(_ context.Context, r *idempotency.Record) error {
	_, err := w.ask(opComplete, r, time.Time{})
	return err
}

func (w *worker) Extend(_ context.Context, r *idempotency.Record) error {
	_, err := w.ask(opExtend, r, time.Time{})
	return err
}

func (w *worker) Delete(_ context.Context, r *idempotency.Record) error {
	_, err := w.ask(opDelete, r, time.Time{})
	return err
}

func (w *worker) ask(o operation, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	if !w.crashed {
		w.request = request{op: o, rec: *r, now: now, by: w.h.runOf(w, r)}
	}
	a := w.yield(beforeReply)
	return a.existing, a.err
}

// deadlineContext is a context with a deadline by the simulated clock. It does not end then.
type deadlineContext struct {
	context.Context
	at time.Time
}

func (c deadlineContext) Deadline() (time.Time, bool) { return c.at, true }

// newWorker returns a worker whose goroutine waits to make its first call.
func (h *history) newWorker(skew millis, plan []call) *worker {
	w := &worker{h: h, id: len(h.workers), skew: skew, calls: plan, down: make(chan reply)}
	h.workers = append(h.workers, w)
	o := idempotency.Options{
		Prefix: "p", Key: keyExpression, LeaseMargin: h.sc.margin.duration(), Lease: h.sc.lease.duration(), ExpiresAfter: h.sc.expires.duration(),
		Final: finalErrors, OnError: w.onError, Now: w.now,
		// No attempt times out by the real clock.
		StoreTimeout: time.Hour, CleanupTimeout: h.sc.cleanup,
	}
	if w.id < len(h.sc.wait) {
		o.Wait = h.sc.wait[w.id]
	}
	if h.sc.validate {
		o.Validate = payloadExpression
	}
	if h.sc.cache {
		o.MaxCacheRecords = 10
	}
	once, err := idempotency.New(w, &o)
	if err != nil {
		panic(err)
	}
	w.once = once
	h.sc.prepare(once)
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
	keyExpression     = idempotency.Path("key")
	payloadExpression = idempotency.Path("payload")
	finalErrors       = map[string]error{"declined": errFinal}
)
