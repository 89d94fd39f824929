package metrics

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/current"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/sandbox"
)

// scope is what a Metrics knows of one invocation. Goroutines that outlive it find it
// ended, and what they record is written at once.
type scope struct {
	m       *Metrics
	next    *scope // of another Metrics in the same invocation
	capture io.Writer
	id      string // of the request

	mu       sync.Mutex
	ended    bool
	bound    *bound
	c        *collector // nil: nothing is recorded
	metadata []metadata
}

// metadata is a member of documents that is no metric and no dimension.
type metadata struct {
	name  string
	value []byte
}

var scopeKey = new(struct{ _ byte })

// none is bound to an invocation that adds nothing.
var none = new(bound)

func scopes(ctx context.Context) *scope { return current.Value[*scope](ctx, scopeKey) }

func (m *Metrics) scope(ctx context.Context) *scope {
	sc := scopes(ctx)
	for sc != nil && sc.m != m {
		sc = sc.next
	}
	return sc
}

// Middleware collects the metrics of an invocation and writes them at its end, however
// it ends, and shortly before its deadline.
func (m *Metrics) Middleware(next lambdakit.Handler) lambdakit.Handler {
	if m.disabled {
		return next
	}
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		sc := &scope{m: m, bound: none, capture: sandbox.FromContext(ctx).Stdout, id: inv.RequestID()}
		sc.next, _ = ctx.Value(scopeKey).(*scope)
		inv.SetValue(scopeKey, sc)
		inv.OnEnd(sc)
		inv.OnDeadline(sc)
		if m.coldStart && inv.ColdStart() {
			sc.coldStart(inv)
		}
		return next(ctx, inv)
	}
}

// coldStart writes the metric before the function can fail.
func (sc *scope) coldStart(inv *lambdakit.Invocation) {
	name := sc.m.function
	if name == "" {
		name = inv.FunctionName()
	}
	c := collectors.Get().(*collector)
	var l labels
	if name != "" {
		l.add("function_name", name)
	}
	c.record(none, &l, sc.m.metric("ColdStart", Count, false), 1, false)
	sc.write(c, nil)
}

// record reports false after the end of the invocation.
func (sc *scope) record(i *instrument, value float64, sum bool) bool {
	sc.mu.Lock()
	if sc.ended {
		sc.mu.Unlock()
		return false
	}
	if sc.c == nil {
		sc.c = collectors.Get().(*collector)
	}
	if !sc.c.record(sc.bound, &i.labels, i.metric, value, sum) {
		sc.mu.Unlock()
		return true
	}
	c, md := sc.take()
	sc.mu.Unlock()
	sc.write(c, md)
	return true
}

// take hands what is collected to the caller. sc.mu is held.
func (sc *scope) take() (*collector, []metadata) {
	c := sc.c
	sc.c = nil
	return c, slices.Clip(sc.metadata)
}

func (sc *scope) write(c *collector, md []metadata) {
	if c == nil {
		return
	}
	sc.m.write(sc.capture, sc.id, c, md, time.Now())
	c.release()
}

// EndInvocation implements lambdakit.Ender.
func (sc *scope) EndInvocation(context.Context, *lambdakit.Invocation) {
	sc.mu.Lock()
	sc.ended = true
	c, md := sc.take()
	sc.mu.Unlock()
	sc.write(c, md)
}

// NearDeadline implements lambdakit.DeadlineNotifier.
func (sc *scope) NearDeadline(context.Context, *lambdakit.Invocation) {
	sc.mu.Lock()
	c, md := sc.take()
	sc.mu.Unlock()
	sc.write(c, md)
}

// AddDimensions binds dimensions, pairs of name and value, to what is recorded from now
// on in the invocation that ctx belongs to; what was recorded before keeps its own.
// Without an invocation in ctx the running one is meant, while there is exactly one;
// without any, AddDimensions does nothing.
func AddDimensions(ctx context.Context, pairs ...string) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		sc.rebind(func(b *bound) {
			b.labels = sc.m.appendPairs(slices.Clip(b.labels), pairs)
		})
	}
}

// AddDimensionSet makes what is recorded from now on count under one more set of
// dimensions as well: the given pairs of name and value, with the defaults. CloudWatch
// makes (and charges) a metric for each set. It finds its invocation as AddDimensions
// does.
func AddDimensionSet(ctx context.Context, pairs ...string) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		sc.rebind(func(b *bound) {
			b.sets = append(slices.Clip(b.sets), sc.m.appendPairs(nil, pairs))
		})
	}
}

// SetTimestamp makes t the time of what is recorded from now on, instead of the time of
// writing. CloudWatch takes times from two weeks ago to two hours ahead; others are
// reported and not used. It finds its invocation as AddDimensions does.
func SetTimestamp(ctx context.Context, t time.Time) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		if age := time.Since(t).Hours(); age > maxPast || age < -maxFuture {
			sc.m.problem("timestamp", "timestamp %v is more than two weeks ago or two hours ahead (PutMetricData); the time of writing is used", t.UTC())
			t = time.Time{}
		}
		sc.rebind(func(b *bound) { b.timestamp = t })
	}
}

// rebind replaces what is bound by a changed copy.
func (sc *scope) rebind(change func(*bound)) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	b := *sc.bound
	change(&b)
	sc.bound = &b
}

// AddMetadata adds a member to the documents of the invocation that is no dimension: it
// can be searched in the log, and costs no metric. The value is encoded as JSON now; a
// later one of the same name replaces it. It finds its invocation as AddDimensions
// does.
func AddMetadata(ctx context.Context, name string, value any) {
	sc := scopes(ctx)
	if sc == nil {
		return
	}
	text, err := encodeMetadata(value)
	for ; sc != nil; sc = sc.next {
		if err != nil || name == "_aws" {
			sc.m.problem("metadata "+name, "metadata %q cannot be encoded as JSON, or has the name of EMF's own member; it is left out", name)
			continue
		}
		sc.addMetadata(metadata{name, text})
	}
}

// encodeMetadata spares the usual values encoding/json.
func encodeMetadata(value any) ([]byte, error) {
	switch v := value.(type) {
	case string:
		return jsonenc.AppendString(nil, v), nil
	case int:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	}
	return json.Marshal(value)
}

const maxMetadata = 1000 // members

func (sc *scope) addMetadata(md metadata) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	all := sc.metadata
	if slices.ContainsFunc(all, func(old metadata) bool { return old.name == md.name }) {
		// Documents may be reading the list.
		all = slices.DeleteFunc(slices.Clone(all), func(old metadata) bool { return old.name == md.name })
	}
	if len(all) >= maxMetadata {
		sc.m.problem("metadata count", "an invocation has more than %d members of metadata; %q is left out", maxMetadata, md.name)
		return
	}
	sc.metadata = append(all, md)
}
