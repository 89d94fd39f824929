package logging

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/current"
)

// maxEncodings bounds how many Handlers keep the fields of one context encoded.
const maxEncodings = 8

// With returns a context with fields. Every line that is logged with it, or with a context
// derived from it, carries them at the top level, for example the lines of a goroutine. Other
// contexts are not affected. The arguments follow the rules of slog: keys with
// values, or slog.Attr.
//
//	ctx = logging.With(ctx, "shard", shard, "correlation_id", order.ID)
//
// A field of an inner context replaces a field of an outer context or of [Append] with the same
// name. An attribute of Options.FromContext, Logger.With or the log call replaces a field of the
// context. The field correlation_id, as text, takes the place of the invocation's correlation
// id on these lines; the empty text removes it. Names of other fields of the toolkit get the
// prefix attr_.
//
// With works outside an invocation, too: lines logged with the context carry the fields, and
// so do all lines of an invocation that starts with the context.
//
// With encodes the values immediately for the Handlers whose Middleware runs in the
// invocation, so lines stay cheap. Any other Handler encodes them at its first line with the
// context: do not change maps, slices and other shared values afterwards.
func With(ctx context.Context, args ...any) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if len(args) == 0 {
		return ctx
	}
	sc, outer := lookup(ctx)
	f := &contextFields{outer: outer, inv: lambdakit.FromContext(ctx)}
	if outer != nil {
		if f.record = outer.record; outer.ofRecord {
			f.outer = nil // it changes
		}
	}
	f.add(argsToAttrs(args))
	for ; sc != nil; sc = sc.next {
		f.encoded(sc.common)
	}
	return context.WithValue(ctx, scopeKey, f)
}

// argsToAttrs returns the attributes that slog makes of the arguments of a log call.
func argsToAttrs(args []any) []slog.Attr { return slog.Group("", args...).Value.Group() }

// contextFields are the fields that With gave a context. The context carries them under
// scopeKey, in front of the invocation's *scope: a line needs one lookup for both.
type contextFields struct {
	outer         *contextFields        // nil directly inside a record
	inv           *lambdakit.Invocation // of the context, nil outside
	record        *record               // of a batch that the context belongs to, nil outside
	ofRecord      bool                  // these are the record's own fields
	attrs         []slog.Attr           // without correlation_id
	correlationID *string               // nil: that of the fields around, or the invocation's, stays
	encodings     atomic.Pointer[encodedFields]
}

// around returns the fields of the context around. Those of a record may change.
func (f *contextFields) around() *contextFields {
	if f.outer == nil && f.record != nil && !f.ofRecord {
		return f.record.fields.Load()
	}
	return f.outer
}

// givenID returns the correlation id of the context; nil if the invocation's stays.
func (f *contextFields) givenID() *string {
	for ; f != nil; f = f.around() {
		if f.correlationID != nil {
			return f.correlationID
		}
	}
	return nil
}

// encodedFields holds the fields of a context and of those around it as one Handler writes them.
type encodedFields struct {
	common *common
	around *encodedFields // of the fields around: those of a record may change
	fields members
	next   *encodedFields
}

func (f *contextFields) add(attrs []slog.Attr) {
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		switch {
		case a.Key == correlationKey && a.Value.Kind() != slog.KindGroup:
			id := a.Value.String()
			f.correlationID = &id
		case a.Key == "" && a.Value.Kind() == slog.KindGroup:
			f.add(a.Value.Group())
		default:
			f.attrs = append(f.attrs, a)
		}
	}
}

// encoded returns the fields as c writes them. It returns nil if f is nil.
func (f *contextFields) encoded(c *common) *encodedFields {
	if f == nil {
		return nil
	}
	around := f.around().encoded(c)
	for p := f.encodings.Load(); p != nil; p = p.next {
		if p.common == c && p.around == around {
			return p
		}
	}
	var outer members
	if around != nil {
		outer = around.fields
	}
	fields, left := c.merge(outer, c.bind(members{}, nil, f.attrs, nil))
	if f.ofRecord {
		c.reportTooLong(left)
	} else if left != "" {
		c.report.Once("with", fmt.Errorf("logging: With: the fields of a context are longer than a line may be (%d bytes); %s is left out", c.maxLineBytes, left))
	}
	e := &encodedFields{common: c, around: around, fields: fields}
	for {
		head := f.encodings.Load()
		n, stale := 0, false
		for p := head; p != nil; p = p.next {
			n++
			stale = stale || p.common == c
		}
		if e.next = head; stale { // the fields around have changed, for all Handlers
			e.next, n = nil, 0
		}
		if n >= maxEncodings || f.encodings.CompareAndSwap(head, e) {
			return e
		}
	}
}

// lookup returns the first scope of the invocation that ctx belongs to, or else of the running
// one while there is exactly one, and the fields that With gave ctx.
func lookup(ctx context.Context) (*scope, *contextFields) {
	if ctx != nil {
		if sc, ok := ctx.Value(scopeKey).(*scope); ok {
			return sc, sc.with
		}
	}
	var f *contextFields
	switch v := current.Value[any](ctx, scopeKey).(type) {
	case *scope:
		return v, v.with
	case *contextFields:
		f = v
	case *record:
		f = v.fields.Load()
	default:
		return nil, nil
	}
	inner := context.Background()
	if f.inv != nil {
		inner = f.inv.Context()
	}
	return current.Value[*scope](inner, scopeKey), f
}
