package logging

import (
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/report"
)

// A Handler joins an invocation: at its Middleware, or at its first line with the invocation's
// context if it has no Middleware there. The scopes of an invocation form a list, the newest
// first. The list only grows.

// maxHandlers bounds the list of an invocation. Lines of further Handlers carry the fields, but
// nothing of these Handlers is remembered from one line to the next.
const maxHandlers = 16

// joining is locked while a scope is put in front of a list, and locked for reading while fields of
// existing scopes change. So a Handler that joins misses no field. No function of the user's runs
// while it is locked.
var joining sync.RWMutex

// fieldKeeper is in the list of an invocation that has fields, but no Handler yet. It writes
// nothing.
var fieldKeeper = &common{level: levelSilent, verbatim: true, maxLineBytes: defaultMaxLine, report: report.New(func(error) {})}

// firstScope returns the first scope of inv, nil if no Handler has joined it, and the fields
// that With gave the context in which inv started.
func firstScope(inv *lambdakit.Invocation) (*scope, *contextFields) {
	switch v := inv.Context().Value(scopeKey).(type) {
	case *scope:
		if v.inv != inv { // inv runs inside another invocation
			return nil, v.with
		}
		return v, v.with
	case *contextFields:
		return nil, v
	case *record: // inv runs inside the handler of a record
		return nil, v.fields.Load()
	}
	return nil, nil
}

// join returns the scope of c in inv, a new one if c has not joined yet.
func (c *common) join(inv *lambdakit.Invocation) *scope {
	sc := &scope{common: c, inv: inv, sampled: c.sample(), capture: execenv.FromContext(inv.Context()).Stdout}
	for {
		joining.Lock()
		first, with := firstScope(inv)
		if first == nil { // as in most invocations
			sc.next, sc.with = nil, with
			inv.SetValue(scopeKey, sc)
			joining.Unlock()
			break
		}
		joining.Unlock()
		n := 0
		for s := first; s != nil; s = s.next {
			if s.common == c {
				return s
			}
			n++
		}
		sc.next, sc.with = first, with
		appended, id := first.appended.Load(), first.givenID.Load()
		sc.copyFields(first.common, appended, id)
		if n >= maxHandlers {
			sc.own.phase.Store(phaseOver) // nothing can be held back
			return sc
		}
		joining.Lock()
		now, _ := firstScope(inv)
		current := now == first && first.appended.Load() == appended && first.givenID.Load() == id
		if current {
			inv.SetValue(scopeKey, sc)
		}
		joining.Unlock()
		if current {
			break
		}
	}
	if c != fieldKeeper {
		inv.OnEnd(sc) // tells sc immediately if inv has ended
		inv.OnDeadline(sc)
	}
	if c.correlationID != nil && sc.own.phase.Load() != phaseOver {
		sc.setEventID(c.correlate(inv.Payload()))
	}
	return sc
}

// copyFields copies the fields of Append and SetCorrelationID from before the Handler joined the
// invocation. appended was encoded by from.
func (sc *scope) copyFields(from *common, appended *members, id *string) {
	c := sc.common
	sc.givenID.Store(id)
	if sc.correlationID = ""; id != nil {
		sc.correlationID = *id
	}
	if appended == nil || c.verbatim && from.verbatim && c.addSource == from.addSource {
		sc.appended.Store(appended)
		return
	}
	var attrs []slog.Attr
	for i := 0; i < len(appended.buf); {
		value, end := memberAt(appended.buf, i)
		var key, text string
		json.Unmarshal(appended.buf[i+1:value-1], &key)
		if appended.buf[value] == '"' && json.Unmarshal(appended.buf[value:end], &text) == nil {
			attrs = append(attrs, slog.String(key, text))
		} else {
			attrs = append(attrs, slog.Any(key, json.RawMessage(appended.buf[value:end])))
		}
		i = end
	}
	fields := c.bind(members{}, nil, attrs, nil)
	sc.appended.Store(&fields)
}

// setEventID sets the correlation id of the event, unless SetCorrelationID has set one.
func (sc *scope) setEventID(id string) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.givenID.Load() != nil {
		return
	}
	sc.correlationID = id
	if sc.rendered.Load() != nil {
		sc.rendered.Store(sc.render(new(rendered)))
	}
}

// enter notes that the Handler has its Middleware in the invocation. It returns false if that was
// known already. The first such Handler writes the lines about failures and deadlines.
func (sc *scope) enter() bool {
	joining.Lock()
	defer joining.Unlock()
	if sc.entered.Load() {
		return false
	}
	sc.entered.Store(true)
	sc.inv.OnMessage(sc)
	first, _ := firstScope(sc.inv)
	for s := first; s != nil; s = s.next {
		if s.writesFailures.Load() {
			return true
		}
	}
	sc.writesFailures.Store(true)
	return true
}
