package batch

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
)

// state is what became of a record.
type state uint8

const (
	unstarted state = iota
	running
	done
	failed
	dead      // failed for good; the dead-letter queue has it
	permanent // failed for good; the dead-letter queue gets it at the end
)

// batch is the handling of one event.
type batch struct {
	o      *config
	outer  context.Context // of the invocation
	ctx    context.Context // of the records: it ends before the invocation's
	cancel context.CancelFunc
	grace  time.Duration // how long handlers may go on after the end of ctx
	handle func(ctx context.Context, r *Record) error

	policy   policy
	laneName func(r *Record) string // nil: all records are independent

	mu       sync.Mutex
	records  []Record
	status   []status
	lanes    map[string]*lane
	next     int  // the first record that was not looked at
	lowest   int  // the lowest record that failed
	stopped  bool // no record starts any more
	workers  int
	idle     chan struct{} // closed when no worker is left
	closed   bool          // what becomes known later does not count
	over     error         // why ctx ended; nil if the batch ended first
	panicked *PanicError   // with Options.PropagatePanics
	warnOnce sync.Once     // for warnOfPermanent
}

// status is the state of a record.
type status struct {
	state state
	lane  *lane
	id    string // of the Message
	err   error
	late  bool        // it failed after the context of its handler had ended
	end   func(error) // tells the observers
}

// handlerOf returns a function that decodes a record and calls handler.
func handlerOf[T any](caller string, handler func(context.Context, *Message[T]) error, o *config) func(context.Context, *Record) error {
	if handler == nil {
		panic("batch: " + caller + ": the handler is nil")
	}
	return func(ctx context.Context, r *Record) error {
		m := &Message[T]{Record: r}
		if !r.Tombstone() {
			if err := o.Decoder(r.data, &m.Body); err != nil {
				return newDecodeError(reflect.TypeFor[T](), err, execenv.FromContext(ctx).Local())
			}
		}
		if err := endOf(ctx); err != nil { // decoding took too long
			return err
		}
		return handler(ctx, m)
	}
}

func newBatch(ctx context.Context, o *config, records []Record, handle func(context.Context, *Record) error) *batch {
	number(records)
	return &batch{
		o: o, outer: ctx, records: records, handle: handle,
		status: make([]status, len(records)), lowest: len(records), idle: make(chan struct{}),
	}
}

// run handles the records, until all are handled or the time is over. It returns the number of
// records that are not done.
func (b *batch) run() (left int) {
	if len(b.records) == 0 {
		return 0
	}
	if b.laneName != nil {
		b.lanes = make(map[string]*lane)
	}
	b.limitTime()
	defer b.cancel()
	b.workers = min(b.o.Concurrency, len(b.records))
	for range b.workers {
		go b.work()
	}
	select {
	case <-b.idle:
	case <-b.ctx.Done():
		b.waitForHandlers()
	}
	b.close()
	if b.panicked == nil {
		b.sendLetters()
	}
	result := b.result()
	lambdakit.EndBatch(b.outer, result)
	if p := b.panicked; p != nil {
		if inv := lambdakit.FromContext(b.outer); inv != nil {
			inv.SetPanicStack(p.stack)
		}
		panic(p.Value)
	}
	return result.Failed + result.Unprocessed
}

// limitTime makes the context of the records.
func (b *batch) limitTime() {
	deadline, ok := b.outer.Deadline()
	if !ok {
		b.ctx, b.cancel = context.WithCancel(b.outer)
		b.grace = minReserve / graceShare
		return
	}
	reserve := b.o.reserve(b.outer, time.Until(deadline))
	b.ctx, b.cancel = context.WithDeadlineCause(b.outer, deadline.Add(-reserve), ErrDeadline)
	b.grace = reserve / graceShare
}

// graceShare is the part of Options.Reserve for which the batch waits for handlers whose context ended.
const graceShare = 4

// waitForHandlers waits for the handlers that still run.
func (b *batch) waitForHandlers() {
	t := time.NewTimer(b.grace)
	defer t.Stop()
	select {
	case <-b.idle:
	case <-t.C:
	}
}

// work handles records until none is left. If a handler calls runtime.Goexit, another worker goes on.
func (b *batch) work() {
	growStack()
	b.workFrom(nil)
}

// growStack makes room on the stack of a new goroutine. Without it, decoding JSON and a handler double
// the small stack several times, and each time the runtime copies all frames.
//
//go:noinline
func growStack() (sum byte) {
	var room [8 << 10]byte
	for i := 0; i < len(room); i += 4 << 10 {
		sum += room[i]
	}
	return sum
}

func (b *batch) workFrom(l *lane) {
	over := false
	defer func() {
		if !over {
			go b.workFrom(l)
		}
	}()
	for {
		b.mu.Lock()
		i, next, ok := b.take(l)
		l = next
		if !ok {
			b.workers--
			if b.workers == 0 {
				close(b.idle)
			}
			b.mu.Unlock()
			over = true
			return
		}
		b.status[i].state, b.status[i].lane = running, l
		b.mu.Unlock()
		b.one(i)
	}
}

// one handles a record, whatever its handler does.
func (b *batch) one(i int) {
	returned := false
	var err error
	defer func() {
		if !returned {
			if v := recover(); v != nil {
				err = newPanicError(v)
			} else {
				err = lambdakit.ErrGoexit
			}
		}
		b.finish(i, err)
	}()
	r := &b.records[i]
	err = r.open(b.o)
	id := r.ID
	ctx, end := lambdakit.BeginMessage(b.ctx, &r.Message)
	b.mu.Lock()
	b.status[i].id, b.status[i].end = id, end
	b.mu.Unlock()
	switch {
	case err == errTestEvent:
		slog.DebugContext(ctx, "batch: S3 sent a test event; it is done")
		err = nil
	case err != nil:
		err = newDecodeError(nil, err, true)
	case b.ctx.Err() != nil: // a hook took too long
		err = context.Cause(b.ctx)
	default:
		err = b.handle(ctx, r)
	}
	returned = true
}

// finish notes what became of a record. A hook that calls runtime.Goexit does not change it.
func (b *batch) finish(i int, err error) {
	b.mu.Lock()
	end, closed := b.status[i].end, b.closed
	b.mu.Unlock()
	now := done
	if err != nil {
		now = failed
	}
	defer func() { b.settle(i, now, err) }()
	if end != nil {
		end(err)
	}
	if err != nil && !closed {
		now = b.failure(&b.records[i], err)
	}
}

// settle sets the state of a record whose handler ended.
func (b *batch) settle(i int, now state, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	s := &b.status[i]
	s.state, s.err, s.late = now, err, err != nil && b.ctx.Err() != nil
	if now == failed {
		b.fails(i, s.lane)
	}
	if p, ok := err.(*PanicError); ok && b.o.PropagatePanics {
		b.stopped, b.panicked = true, p
	}
}

// failure decides what becomes of a record whose handler failed, and calls the hooks of the user.
func (b *batch) failure(r *Record, err error) state {
	if b.o.DeadLetters != nil && IsPermanent(err) {
		if b.policy == independent {
			return permanent
		}
		if b.send(b.outer, []Letter{{r, err}})[0] == nil {
			return dead
		}
	}
	if b.o.DeadLetters == nil && IsPermanent(err) {
		b.warnOnce.Do(func() { b.warnOfPermanent(r) })
	}
	b.onFailure(b.outer, r, err)
	return failed
}

// warnOfPermanent says what becomes of a record that no dead-letter queue takes.
func (b *batch) warnOfPermanent(r *Record) {
	what := "it comes again until its queue gives it up"
	if b.policy == byStream || b.policy == byPartition {
		what = "it blocks the records behind it until it expires"
	}
	slog.WarnContext(b.outer, "batch: a record failed permanently and Options.DeadLetters is not set; "+what, "message_id", r.ID[:min(len(r.ID), maxID)])
}

func (b *batch) onFailure(ctx context.Context, r *Record, err error) {
	if b.o.OnFailure == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			slog.ErrorContext(ctx, "batch: Options.OnFailure panicked", "error", newPanicError(v))
		}
	}()
	b.o.OnFailure(ctx, r, err)
}

// send gives letters to the dead-letter queue. It returns an error for each letter, nil if the queue
// has it.
func (b *batch) send(ctx context.Context, letters []Letter) (errs []error) {
	defer func() {
		if v := recover(); v != nil {
			errs = same(newPanicError(v), len(letters))
		}
		for i, err := range errs {
			if err != nil {
				slog.ErrorContext(ctx, "batch: a dead letter was not taken over; its record comes again", "message_id", letters[i].Record.ID, "error", err)
			}
		}
	}()
	switch errs = b.o.DeadLetters.Send(ctx, letters); len(errs) {
	case len(letters):
	case 0:
		errs = make([]error, len(letters))
	default:
		errs = same(fmt.Errorf("batch: DeadLetters.Send returned %d errors for %d letters; want one for each, or none", len(errs), len(letters)), len(letters))
	}
	return errs
}

func same(err error, n int) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// close ends the handling. Records whose handlers still run have failed.
func (b *batch) close() {
	b.mu.Lock()
	var ends []func(error)
	var left []string
	b.closed, b.over = true, endOf(b.ctx)
	for i := range b.status {
		if s := &b.status[i]; s.state == running {
			s.state, s.err, s.late = failed, b.over, true
			if s.end != nil {
				ends = append(ends, s.end)
			}
			left = append(left, s.id)
		}
	}
	b.mu.Unlock()
	for _, end := range ends {
		end(b.over)
	}
	if len(left) > 0 {
		const most = 10
		slog.ErrorContext(b.outer, "batch: handlers did not return after their context ended; their records are reported and their goroutines left behind",
			"count", len(left), "message_ids", left[:min(len(left), most)])
	}
}

// endOf returns why ctx ended: [ErrDeadline], or the reason of the caller. It returns nil if ctx has
// not ended.
func endOf(ctx context.Context) error {
	if ctx.Err() == context.DeadlineExceeded {
		return ErrDeadline
	}
	return context.Cause(ctx)
}

// sendLetters sends the records of a standard queue that failed for good, together.
func (b *batch) sendLetters() {
	var letters []Letter
	var indexes []int
	for i := range b.status {
		if s := &b.status[i]; s.state == permanent {
			letters, indexes = append(letters, Letter{&b.records[i], s.err}), append(indexes, i)
		}
	}
	if letters == nil {
		return
	}
	ctx := b.outer
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, deadline.Add(-b.grace), ErrDeadline)
		defer cancel()
	}
	answer := make(chan []error, 1)
	b.within(ctx, "DeadLetters.Send", func() {
		errs := same(lambdakit.ErrGoexit, len(letters))
		defer func() { answer <- errs }()
		errs = b.send(ctx, letters)
	})
	var errs []error
	select {
	case errs = <-answer:
	default:
		errs = same(ErrDeadline, len(letters))
	}
	for n, i := range indexes {
		if s := &b.status[i]; errs[n] == nil {
			s.state = dead
		} else {
			s.state = failed
		}
	}
	b.within(ctx, "Options.OnFailure", func() {
		for n, l := range letters {
			if errs[n] != nil {
				b.onFailure(ctx, l.Record, l.Reason)
			}
		}
	})
}

// within calls f, which calls a function of the user's. It does not wait long for it once ctx has ended,
// so that the invocation answers before its deadline.
func (b *batch) within(ctx context.Context, what string, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	late := time.NewTimer(b.grace / 4) // two functions may be left behind
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		slog.ErrorContext(b.outer, "batch: "+what+" did not return after its context ended; it is left behind, and the records come again")
	}
}

// result counts what became of the records.
func (b *batch) result() lambdakit.BatchResult {
	r := lambdakit.BatchResult{Records: len(b.records)}
	for i := range b.status {
		switch b.status[i].state {
		case failed:
			r.Failed++
		case dead:
			r.DeadLetters++
		case unstarted:
			r.Unprocessed++
		}
	}
	return r
}
