package events

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/lambdakit/lambdakit"
)

// Options configures a [Bus]. A nil *Options, and every zero field, means the default.
type Options struct {
	// Envelope is the form of the events. Default: [MetadataAndData].
	Envelope Envelope

	// MaxTries bounds how often an event is sent. Default: 10, which takes about ten seconds.
	MaxTries int

	// Reserve is the time before the deadline of the context at which Publish gives up. Default:
	// 500 ms, but at most half of the time left.
	Reserve time.Duration

	// Now is the clock for the Time of events. Default: time.Now.
	Now func() time.Time
}

// Bus publishes events. Make one with [New]. Several goroutines may use it at the same time.
type Bus struct {
	sender Sender
	o      Options
}

// New returns a bus that publishes with sender. It panics if sender is nil.
func New(sender Sender, o *Options) *Bus {
	if sender == nil {
		panic("events: New: the Sender is nil")
	}
	b := &Bus{sender: sender}
	if o != nil {
		b.o = *o
	}
	if b.o.Envelope < MetadataAndData || b.o.Envelope > Bare {
		slog.Warn("events: Options.Envelope is not one of this package; events have metadata and data", "envelope", int(b.o.Envelope))
		b.o.Envelope = MetadataAndData
	}
	if b.o.MaxTries <= 0 {
		b.o.MaxTries = 10
	}
	if b.o.Now == nil {
		b.o.Now = time.Now
	}
	return b
}

// Publish publishes events in their order. It returns a *[PublishError] with those that were not
// published. After an error it is safe to publish all of them again, because their ids stay the same.
func (b *Bus) Publish(ctx context.Context, events ...Publishable) error {
	p := publication{bus: b, limits: b.sender.Limits(), errs: make([]error, len(events))}
	entries := make([]Entry, len(events))
	now := b.o.Now()
	origin := originOf(ctx)
	for i, e := range events {
		var err error
		if entries[i], err = b.entry(e, &origin, now); err == nil {
			err = p.limits.check(&entries[i])
		}
		p.waiting = append(p.waiting, waiting{index: i, entry: &entries[i], err: err})
	}
	p.run(ctx)
	failed := &PublishError{Of: len(events)}
	for i, err := range p.errs {
		if err != nil {
			failed.Failed = append(failed.Failed, Failure{i, entries[i].Metadata, err})
		}
	}
	if failed.Failed == nil {
		return nil
	}
	return failed
}

// entry returns an event as the Sender gets it.
func (b *Bus) entry(e Publishable, o *origin, now time.Time) (Entry, error) {
	if isNil(e) {
		return Entry{}, fmt.Errorf("%w: it is nil", ErrMalformed)
	}
	m := *e.metadata()
	o.complete(&m, now)
	entry := Entry{Metadata: m, TraceHeader: o.TraceHeader}
	data, err := encode(e)
	if err != nil {
		return entry, err
	}
	entry.Body, err = b.o.Envelope.seal(&m, data)
	return entry, err
}

// origin is what events take along from the work that publishes them.
type origin struct {
	lambdakit.Propagation
	causationID string
}

func originOf(ctx context.Context) origin {
	o := origin{Propagation: lambdakit.PropagationFromContext(ctx)}
	if m, ok := FromContext(ctx); ok {
		o.CorrelationID, o.causationID = m.CorrelationID, m.ID
	}
	return o
}

// complete fills in empty fields.
func (o *origin) complete(m *Metadata, now time.Time) {
	set := func(field *string, value string) {
		if *field == "" {
			*field = short(value)
		}
	}
	set(&m.CorrelationID, o.CorrelationID)
	set(&m.CorrelationID, m.ID)
	set(&m.CausationID, o.causationID)
	set(&m.TraceParent, o.TraceParent)
	if m.Time.IsZero() {
		m.Time = now.UTC()
	}
}

// publication is a call of Publish.
type publication struct {
	bus     *Bus
	limits  Limits
	waiting []waiting // in their order
	errs    []error
}

// waiting is an entry that is not published yet.
type waiting struct {
	index int
	entry *Entry
	tries int
	err   error // of the last try; before the first one: it cannot be sent
}

// run sends the entries until none is waiting.
func (p *publication) run(ctx context.Context) {
	giveUp, late := p.bus.giveUpAt(ctx)
	if !giveUp.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, giveUp, late)
		defer cancel()
	}
	p.drop(func(w *waiting) bool { return w.err != nil })
	for pause := 0; len(p.waiting) > 0; {
		if pause > 0 && !sleep(ctx, pause, giveUp) || ctx.Err() != nil {
			p.drop(func(w *waiting) bool {
				if w.err == nil { // it was not sent
					w.err = Transient(cmp.Or(context.Cause(ctx), late))
				}
				return true
			})
			return
		}
		if p.send(ctx) {
			pause = 0
		} else {
			pause++
		}
	}
}

// send makes a request. It reports whether all of its entries were published or failed for good.
func (p *publication) send(ctx context.Context) bool {
	chunk := p.limits.next(p.waiting)
	entries := make([]Entry, len(chunk))
	for i, at := range chunk {
		entries[i] = *p.waiting[at].entry
	}
	errs := p.bus.send(ctx, entries)
	sent := make(map[int]bool, len(chunk))
	again := false
	for i, at := range chunk {
		w := &p.waiting[at]
		w.tries++
		w.err = nil
		if len(errs) > 0 {
			w.err = errs[i]
		}
		if w.err != nil && ctx.Err() != nil && !IsTransient(w.err) {
			w.err = Transient(w.err) // the service may have the event or not
		}
		if w.err != nil && IsTransient(w.err) && w.tries < p.bus.o.MaxTries {
			again = true
			continue
		}
		sent[w.index] = true
	}
	p.drop(func(w *waiting) bool { return sent[w.index] })
	return !again
}

// drop removes entries from the list of waiting ones, and keeps their errors. If the service keeps the order
// of a group, drop also removes the later entries of a group in which an entry failed.
func (p *publication) drop(ended func(*waiting) bool) {
	var failed map[string]bool
	rest := p.waiting[:0]
	for i := range p.waiting {
		w := &p.waiting[i]
		group := w.entry.group()
		switch {
		case ended(w):
			p.errs[w.index] = w.err
			if w.err != nil && p.limits.KeepOrder {
				if failed == nil {
					failed = make(map[string]bool)
				}
				failed[group] = true
			}
		case failed[group]:
			p.errs[w.index] = ErrSkipped
		default:
			rest = append(rest, *w)
		}
	}
	p.waiting = rest
}

// next returns the positions of the entries of the next request: those at the front, within the
// limits. If the service keeps the order of a group, it takes only the first entry of each group.
func (l *Limits) next(waiting []waiting) (chunk []int) {
	bytes := 0
	var groups map[string]bool
	if l.KeepOrder {
		groups = make(map[string]bool)
	}
	for i := range waiting {
		e := waiting[i].entry
		if groups[e.group()] {
			continue
		}
		bytes += l.size(e)
		if len(chunk) > 0 && (l.Entries > 0 && len(chunk) == l.Entries || l.Bytes > 0 && bytes > l.Bytes) {
			break
		}
		if chunk = append(chunk, i); groups != nil {
			groups[e.group()] = true
		}
	}
	return chunk
}

// send calls the Sender.
func (b *Bus) send(ctx context.Context, entries []Entry) (errs []error) {
	defer func() {
		if v := recover(); v != nil {
			errs = same(fmt.Errorf("events: the Sender panicked: %v", v), len(entries))
		}
	}()
	errs = b.sender.Send(ctx, entries)
	if len(errs) != 0 && len(errs) != len(entries) {
		return same(fmt.Errorf("events: the Sender returned %d errors for %d entries; want one for each, or none", len(errs), len(entries)), len(entries))
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

// giveUpAt returns the time after which no request is repeated, and the error of an event that was not sent
// by then. The time is zero if there is none.
func (b *Bus) giveUpAt(ctx context.Context) (at time.Time, late error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}, nil
	}
	left := time.Until(deadline)
	reserve := b.o.Reserve
	if reserve <= 0 {
		reserve = min(500*time.Millisecond, left/2)
	}
	return deadline.Add(-reserve), lateError(reserve)
}

// lateError is the error of an event that was not sent before the reserve.
type lateError time.Duration

func (e lateError) Error() string {
	return fmt.Sprintf("events: the deadline is near, and Publish gives up %v before it (Options.Reserve): %v", time.Duration(e).Round(time.Millisecond), context.DeadlineExceeded)
}

func (lateError) Unwrap() error { return context.DeadlineExceeded }

// Pauses between requests, doubled each time.
const (
	firstPause = 50 * time.Millisecond
	maxPause   = 2 * time.Second
)

// sleep waits before a request is repeated. It returns false if that would be too late, or if ctx ends.
func sleep(ctx context.Context, try int, giveUp time.Time) bool {
	longest := min(firstPause<<min(try-1, 10), maxPause)
	pause := longest/2 + rand.N(longest/2)
	if !giveUp.IsZero() && time.Now().Add(pause).After(giveUp) {
		return false
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
