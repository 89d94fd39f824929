package logging

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lambdakit/lambdakit"
)

// record is the state of a record of a batch while its handler runs, and of its context afterwards.
// The context carries it under scopeKey. All Handlers share it.
type record struct {
	message *lambdakit.Message
	id      *string                       // the correlation id with which it began, or nil
	fields  atomic.Pointer[contextFields] // of the record

	mu    sync.Mutex // guards the fields below
	lines []*heldLines
	over  bool
}

// heldLines is what a record holds back of the lines of one Handler.
type heldLines struct {
	scope *scope
	held  held
}

// recordOf returns the record that ctx belongs to, or nil.
func recordOf(ctx context.Context) *record {
	if ctx == nil {
		return nil
	}
	switch v := ctx.Value(scopeKey).(type) {
	case *record:
		return v
	case *contextFields:
		return v.record
	}
	return nil
}

// BeginMessage implements lambdakit.MessageObserver. The first Handler makes the record.
func (sc *scope) BeginMessage(ctx context.Context, m *lambdakit.Message) context.Context {
	if r := recordOf(ctx); r != nil && r.message == m {
		return ctx
	}
	_, outer := lookup(ctx)
	r := &record{message: m}
	f := &contextFields{outer: outer, inv: sc.inv, record: r, ofRecord: true, attrs: make([]slog.Attr, 0, 2)}
	f.attrs = append(f.attrs, slog.String("message_id", m.ID))
	if m.Attempt > 0 {
		f.attrs = append(f.attrs, slog.Int("attempt", m.Attempt))
	}
	if id := m.CorrelationID; id != "" { // a copy, because the handler may change m
		f.correlationID = &id
	}
	r.id = f.correlationID
	r.fields.Store(f)
	return context.WithValue(ctx, scopeKey, r)
}

// EndMessage implements lambdakit.MessageObserver. It writes the lines that were held back if the
// record failed, and drops them otherwise.
func (sc *scope) EndMessage(ctx context.Context, m *lambdakit.Message, err error) {
	r := recordOf(ctx)
	if r == nil || r.message != m {
		return
	}
	f := r.fields.Load()
	h := r.held(sc)
	if err == nil {
		h.phase.Store(phaseOver)
		h.buffer.take()
	} else {
		h.phase.Store(phaseReleasing)
		if sc.writesFailures.Load() {
			sc.writeOwn(ctx, f, slog.LevelError, "record failed", slog.Any("error", err))
		}
		h.phase.Store(phaseOver)
		sc.flushForFailure(f)
	}
	r.end()
	sc.mu.Lock()
	delete(sc.records, r)
	sc.mu.Unlock()
}

func (r *record) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
}

// held returns what holds the lines of sc back.
func (r *record) held(sc *scope) *held {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lines {
		if l.scope == sc {
			return &l.held
		}
	}
	l := &heldLines{scope: sc}
	r.lines = append(r.lines, l)
	if r.over {
		l.held.phase.Store(phaseOver)
	} else if sc.common.bufferLevel != nil {
		sc.mu.Lock()
		if sc.records == nil {
			sc.records = make(map[*record]struct{})
		}
		sc.records[r] = struct{}{}
		sc.mu.Unlock()
	}
	return &l.held
}

// change replaces the fields of the record by a changed copy. Lines that are being encoded still have
// the old ones. edit may be called again if the fields change meanwhile.
func (r *record) change(edit func(f, old *contextFields)) {
	for {
		old := r.fields.Load()
		f := &contextFields{outer: old.outer, inv: old.inv, record: r, ofRecord: true, attrs: slices.Clone(old.attrs), correlationID: old.correlationID}
		edit(f, old)
		if r.fields.CompareAndSwap(old, f) {
			return
		}
	}
}

// append adds fields, and encodes them immediately for the Handlers in the invocation.
func (r *record) append(attrs []slog.Attr) {
	added := &contextFields{ofRecord: true}
	added.add(attrs)
	first, _ := firstScope(r.fields.Load().inv)
	r.change(func(f, old *contextFields) {
		if added.correlationID != nil {
			f.correlationID = added.correlationID
		}
		full := f.merge(added.attrs)
		for sc := first; sc != nil; sc = sc.next {
			c := sc.common
			if full {
				c.report.Once("append", fmt.Errorf("logging: Append: a record of a batch has more than %d fields; the rest is left out", maxNames))
				continue // f is encoded as a whole later
			}
			fields, left := c.merge(old.encoded(c).fields, added.encoded(c).fields)
			c.reportTooLong(left)
			f.encodings.Store(&encodedFields{c, f.outer.encoded(c), fields, f.encodings.Load()})
		}
	})
}

// merge adds attributes, which replace those of the same names. It reports whether some were too many.
func (f *contextFields) merge(attrs []slog.Attr) (full bool) {
	for _, a := range attrs {
		i := slices.IndexFunc(f.attrs, func(o slog.Attr) bool { return o.Key == a.Key })
		switch {
		case i >= 0:
			f.attrs[i] = a
		case len(f.attrs) < maxNames:
			f.attrs = append(f.attrs, a)
		default:
			full = true
		}
	}
	return full
}

// remove removes fields. A correlation id that was appended gives way to the record's own.
func (r *record) remove(keys []string) {
	r.change(func(f, _ *contextFields) {
		f.attrs = slices.DeleteFunc(f.attrs, func(a slog.Attr) bool { return slices.Contains(keys, a.Key) })
		if slices.Contains(keys, correlationKey) {
			f.correlationID = r.id
		}
	})
}
