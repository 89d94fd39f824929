package batch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

// TestBatch_NoMessageIsLost plays random histories of an event source, which delivers again what is
// not acknowledged. It fails if one of these rules is broken:
//
//   - A message is acknowledged only if its handler returned nil, or the dead-letter queue has it.
//   - Exactly the others are reported, in the order of the event; of a stream or a partition, the first.
//   - A message starts, unless the time is over or an earlier one that matters failed.
//   - A message does not start before all earlier ones of its group, key, item or partition are done.
//   - No more handlers than Concurrency run at the same time, and none starts after the deadline.
//   - Observers are told the end of each message once, before the end of the batch.
//   - The function returns in time.
//
// LAMBDAKIT_HISTORIES is the number of histories, LAMBDAKIT_SEED the first of them. It is not
// parallel, because it changes the default logger.
func TestBatch_NoMessageIsLost(t *testing.T) {
	log := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	defer slog.SetDefault(log)
	const usual = 2_000
	histories, first := fromEnv(t, "LAMBDAKIT_HISTORIES", usual), fromEnv(t, "LAMBDAKIT_SEED", 0)
	seen := make(map[string]int)
	for seed := first; seed < first+histories; seed++ {
		h := randomHistory(uint64(seed))
		if err := play(t, h, seen); err != nil {
			small, err := shrink(t, h, err)
			t.Fatalf("LAMBDAKIT_SEED=%d LAMBDAKIT_HISTORIES=1: %v\n%v", seed, err, small)
		}
	}
	fmt.Printf("batch: %d histories: %v\n", histories, seen)
	for _, what := range []string{"done", "failed", "dead", "left behind", "not started", "error", "again"} {
		if histories >= usual && seen[what] == 0 {
			t.Errorf("got no message that was %q, want some", what)
		}
	}
}

func fromEnv(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// player plays a history.
type player struct {
	h    *history
	seen map[string]int

	mu       sync.Mutex
	err      error       // the first broken rule
	attempts map[int]int // of each message
	done     map[int]bool
	dead     map[int]bool
	pending  []int
}

// round is one invocation.
type round struct {
	p        *player
	messages []int // in the order of the records
	now      int   // handlers that run
	done     map[int]bool
	dead     map[int]bool
	began    map[int]int
	ended    map[int][]error
	failed   map[int]time.Time
	sends    int // of letters
	result   *lambdakit.BatchResult
	returned bool
}

// play returns the first broken rule.
func play(t *testing.T, h *history, seen map[string]int) (err error) {
	synctest.Test(t, func(t *testing.T) {
		p := &player{h: h, seen: seen, attempts: map[int]int{}, done: map[int]bool{}, dead: map[int]bool{}}
		for i := range h.messages {
			p.pending = append(p.pending, i)
		}
		size := len(p.pending)
		for range h.rounds {
			if len(p.pending) == 0 {
				break
			}
			failed := p.deliver(t, p.pending[:min(size, len(p.pending))], h.timeout)
			size = len(h.messages)
			if failed && h.isStream() {
				size = max(len(p.pending)/2, 1)
			}
			time.Sleep(h.pause)
		}
		time.Sleep(time.Minute) // all handlers have ended
		p.finish(t)
		p.mu.Lock()
		defer p.mu.Unlock()
		err = p.err
	})
	return err
}

// finish delivers all that is left to handlers that succeed.
func (p *player) finish(t *testing.T) {
	for i, m := range p.h.messages {
		p.attempts[i] = len(m.tries)
		if m.broken() {
			return
		}
	}
	if len(p.pending) > 0 {
		p.deliver(t, p.pending, 0)
	}
	if len(p.pending) > 0 {
		p.broken("got the messages %v again after all succeeded, want none", p.pending)
	}
}

func (p *player) broken(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// deliver invokes the function with messages. It reports whether the invocation failed.
func (p *player) deliver(t *testing.T, messages []int, timeout time.Duration) (failed bool) {
	event, messages := p.h.event(messages)
	r := &round{p: p, messages: messages, done: map[int]bool{}, dead: map[int]bool{}, began: map[int]int{}, ended: map[int][]error{}, failed: map[int]time.Time{}}
	o := p.h.o
	if p.h.letters != "" {
		o.DeadLetters = r
	}
	call := p.h.function(r.handle, &o)
	ctx := t.Context()
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
		if p.h.cancel > 0 {
			defer time.AfterFunc(p.h.cancel, cancel).Stop()
		}
	}
	response, err := lambdakit.Wrap(func(ctx context.Context, e batch.Event) (any, error) {
		begin := time.Now()
		response, err := call(ctx, e)
		p.mu.Lock()
		defer p.mu.Unlock()
		r.returned = true
		if took, most := time.Since(begin), r.most(timeout); timeout > 0 && took > most {
			p.broken("got an answer after %v, want it after %v", took, most)
		}
		return response, err
	}, r.observe).Invoke(ctx, event)
	p.mu.Lock()
	defer p.mu.Unlock()
	r.check(response, err)
	return err != nil
}

// most returns the longest time that the function may take.
func (r *round) most(timeout time.Duration) time.Duration {
	reserve := r.p.h.o.Reserve
	if reserve == 0 || reserve >= timeout {
		reserve = min(max(timeout*15/100, 500*time.Millisecond), 5*time.Second, timeout/2)
	}
	most := timeout - reserve*3/4
	if r.p.h.letters == "dawdles" {
		most = timeout - reserve/4
	}
	if cancel := r.p.h.cancel; cancel > 0 {
		most = min(most, cancel+reserve/4)
	}
	return max(most, 0)
}

// handle is the handler of a record.
func (r *round) handle(ctx context.Context, record *batch.Record, i int) error {
	p := r.p
	p.mu.Lock()
	if r.returned {
		p.broken("message %d: got a call after the end of the invocation, want none", i)
	}
	if ctx.Err() != nil {
		p.broken("message %d: got a call after the end of its context, want none", i)
	}
	if r.messages[record.Index] != i {
		p.broken("got message %d as record %d, want %d", i, record.Index, r.messages[record.Index])
	}
	for _, j := range r.messages[:record.Index] {
		if name := p.h.ordered(i); name != "" && name == p.h.ordered(j) && !r.done[j] && !r.dead[j] {
			p.broken("message %d: got a call before message %d of the same %s was done, want the order", i, j, name)
		}
	}
	if h := p.h; h.letters != "dawdles" && (h.isStream() || h.source == "fifo" && h.o.StopGroups) {
		for j, at := range r.failed {
			if !r.dead[j] && (j < i || !h.isStream()) && time.Now().After(at) {
				p.broken("message %d: got a call after message %d failed, want none", i, j)
			}
		}
	}
	if r.now++; r.now > p.h.o.Concurrency {
		p.broken("got %d handlers at the same time, want at most %d", r.now, p.h.o.Concurrency)
	}
	t := try{}
	if m, n := p.h.messages[i], p.attempts[i]; n < len(m.tries) {
		t = m.tries[n]
	}
	p.attempts[i]++
	p.mu.Unlock()
	err := errors.New("panic or Goexit")
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		r.now--
		if err == nil {
			r.succeeds(i)
		}
	}()
	err = t.do(ctx)
	return err
}

// succeeds notes that the handler of message i returns nil.
func (r *round) succeeds(i int) {
	p := r.p
	if !p.done[i] {
		for j := range i {
			if name := p.h.ordered(i); name != "" && name == p.h.ordered(j) && !p.done[j] && !p.dead[j] {
				p.broken("message %d: got its first success before that of message %d of the same %s", i, j, name)
			}
		}
	}
	p.done[i] = true
	if !r.returned {
		r.done[i] = true
	}
}

// Send implements batch.DeadLetterQueue.
func (r *round) Send(ctx context.Context, letters []batch.Letter) []error {
	r.p.mu.Lock()
	if r.sends++; r.p.h.source == "sqs" && r.sends > 1 {
		r.p.broken("got %d calls of Send for a standard queue, want one", r.sends)
	}
	r.p.mu.Unlock()
	errs := make([]error, len(letters))
	for n := range errs {
		errs[n] = errBoom
	}
	switch r.p.h.letters {
	case "refuses":
		return errs
	case "exits":
		if r.p.h.source != "sqs" { // there it would end the goroutine of the invocation
			runtime.Goexit()
		}
		return errs
	case "panics":
		panic(errBoom)
	case "miscounts":
		return append(errs, nil)
	case "dawdles":
		select {
		case <-ctx.Done():
			return errs
		case <-time.After(700*time.Millisecond + 1):
		}
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	for n, l := range letters {
		if i := r.messages[l.Record.Index]; i%5 != 4 { // some are refused
			r.p.dead[i], errs[n] = true, nil
			if !r.returned {
				r.dead[i] = true
			}
		}
		if !batch.IsPermanent(l.Reason) {
			r.p.broken("got a letter because of %v, want permanent errors only", l.Reason)
		}
	}
	return errs
}

func (r *round) observe(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		inv.OnMessage(r)
		inv.OnBatch(r)
		return next(ctx, inv)
	}
}

// BeginMessage implements lambdakit.MessageObserver.
func (r *round) BeginMessage(ctx context.Context, m *lambdakit.Message) context.Context {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	r.began[r.messages[m.Index]]++
	return ctx
}

// EndMessage implements lambdakit.MessageObserver.
func (r *round) EndMessage(_ context.Context, m *lambdakit.Message, err error) {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	i := r.messages[m.Index]
	r.ended[i] = append(r.ended[i], err)
	if err != nil {
		r.failed[i] = time.Now()
	}
	if len(r.ended[i]) > r.began[i] {
		r.p.broken("message %d: got %d ends of %d beginnings, want one", i, len(r.ended[i]), r.began[i])
	}
	if r.result != nil {
		r.p.broken("message %d: got its end after the end of the batch", i)
	}
}

// EndBatch implements lambdakit.BatchObserver.
func (r *round) EndBatch(_ context.Context, result lambdakit.BatchResult) {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.result != nil {
		r.p.broken("got two ends of the batch, want one")
	}
	r.result = &result
}

// check compares the answer with the ends of the messages, and settles what is acknowledged.
func (r *round) check(response []byte, err error) {
	p, h := r.p, r.p.h
	counted := lambdakit.BatchResult{Records: len(r.messages)}
	var left []int
	for _, i := range r.messages {
		if r.began[i] > 1 || len(r.ended[i]) != r.began[i] {
			p.broken("message %d: got %d beginnings and %d ends, want one of each", i, r.began[i], len(r.ended[i]))
		}
		switch state := r.state(i); state {
		case "done":
			p.seen["done"]++
			if !r.done[i] {
				p.broken("message %d: got the end of a success, want a failure", i)
			}
			continue
		case "dead":
			p.seen["dead"]++
			counted.DeadLetters++
			continue
		case "not started":
			p.seen[state]++
			counted.Unprocessed++
		default:
			p.seen[state]++
			counted.Failed++
		}
		left = append(left, i)
	}
	if h.letters == "dawdles" { // it may have taken a letter after the batch stopped waiting
		counted.Failed += counted.DeadLetters - r.result.DeadLetters
		counted.DeadLetters = r.result.DeadLetters
	}
	if *r.result != counted {
		p.broken("got the result %+v, want %+v", *r.result, counted)
	}
	if h.timeout == 0 && !(h.source == "fifo" && h.o.StopGroups) {
		r.checkStarts(left)
	}
	n := len(r.messages)
	wantErr := h.o.ErrorIfAllFail && (counted.Failed == n || counted.Failed+counted.Unprocessed == n && (h.source == "sqs" || h.source == "fifo"))
	var all *batch.BatchError
	if wantErr != (err != nil) || wantErr != errors.As(err, &all) {
		p.broken("got the error %v with %v of %v left, want an error: %v", err, left, r.messages, wantErr)
	}
	if err != nil {
		p.seen["error"]++
		return
	}
	reported, err := h.failures(response)
	if err != nil {
		p.broken("%v", err)
		return
	}
	if want := h.reports(left); !slices.Equal(reported, want) && h.letters != "dawdles" {
		p.broken("got %v of %v reported, want %v", reported, r.messages, want)
	}
	for _, i := range h.acknowledged(r.messages, reported) {
		if !r.done[i] && !r.dead[i] {
			p.broken("got message %d acknowledged, want it reported: it is not done", i)
		}
		p.pending = slices.DeleteFunc(slices.Clone(p.pending), func(j int) bool { return i == j })
	}
	for _, i := range p.pending {
		if p.done[i] {
			p.seen["again"]++
		}
	}
}

// checkStarts fails if a message did not start although no failure was before it.
func (r *round) checkStarts(left []int) {
	h := r.p.h
	for n, i := range left {
		after := func(j int) bool {
			return r.began[j] > 0 && (h.isStream() || h.ordered(i) != "" && h.ordered(i) == h.ordered(j))
		}
		if r.began[i] == 0 && !slices.ContainsFunc(left[:n], after) {
			r.p.broken("message %d: got no call and no failure before it, want one", i)
		}
	}
}

// state returns what became of message i.
func (r *round) state(i int) string {
	switch ends := r.ended[i]; {
	case len(ends) == 0:
		return "not started"
	case ends[0] == nil:
		return "done"
	case r.dead[i]:
		return "dead"
	case ends[0] == batch.ErrDeadline && r.now > 0:
		return "left behind"
	}
	return "failed"
}

// reports returns the messages of left that are reported.
func (h *history) reports(left []int) (reported []int) {
	lanes := make(map[int]bool)
	for _, i := range left {
		lane := h.messages[i].lane
		switch {
		case h.isStream() && len(reported) > 0, h.source == "kafka" && lanes[lane]:
			continue
		}
		lanes[lane] = true
		reported = append(reported, i)
	}
	return reported
}

// shrink returns a smaller history that breaks a rule.
func shrink(t *testing.T, h *history, err error) (*history, error) {
	for budget := 300; budget > 0; {
		smaller := false
		for _, c := range h.simpler() {
			if budget--; budget < 0 {
				break
			}
			if e := play(t, c, map[string]int{}); e != nil {
				h, err, smaller = c, e, true
				break
			}
		}
		if !smaller {
			break
		}
	}
	return h, err
}

// simpler returns histories that are a little simpler than h.
func (h *history) simpler() (simpler []*history) {
	add := func(change func(*history)) {
		c := *h
		c.messages = slices.Clone(h.messages)
		if change(&c); c.String() != h.String() {
			simpler = append(simpler, &c)
		}
	}
	for i := range h.messages {
		if len(h.messages) > 1 {
			add(func(c *history) { c.messages = slices.Delete(c.messages, i, i+1) })
		}
		if n := len(h.messages[i].tries); n > 0 {
			add(func(c *history) { c.messages[i].tries = c.messages[i].tries[:n-1] })
		}
	}
	add(func(c *history) { c.rounds = 1 })
	add(func(c *history) { c.letters = "" })
	add(func(c *history) { c.timeout, c.cancel = 0, 0 })
	add(func(c *history) { c.cancel = 0 })
	add(func(c *history) { c.o.Reserve = 0 })
	add(func(c *history) { c.o.Order = 0 })
	add(func(c *history) { c.o.Concurrency = 1 })
	add(func(c *history) { c.o.StopGroups, c.o.ErrorIfAllFail = false, false })
	return simpler
}
