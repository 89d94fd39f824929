package metrics

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/current"
	"github.com/lambdakit/lambdakit/internal/sandbox"
)

// scope is what a Metrics knows of one invocation. Goroutines that outlive it find it
// ended, and what they record is written at once.
type scope struct {
	m       *Meter
	next    *scope // of another Metrics in the same invocation
	inv     *lambdakit.Invocation
	capture io.Writer
	id      string // of the request

	mu       sync.Mutex
	ended    bool
	bound    *bound
	bounds   []*bound   // earlier ones, to be used again where they are equal
	c        *collector // nil: nothing is recorded
	metadata []metadata
	metaSize int // bytes of metadata
}

var scopeKey = new(struct{ _ byte })

// none is bound to an invocation that adds nothing.
var none = new(bound)

func scopes(ctx context.Context) *scope { return current.Value[*scope](ctx, scopeKey) }

func (m *Meter) scope(ctx context.Context) *scope {
	sc := scopes(ctx)
	for sc != nil && sc.m != m {
		sc = sc.next
	}
	return sc
}

// Middleware collects the metrics of an invocation and writes them at its end, however
// it ends, and shortly before its deadline.
func (m *Meter) Middleware(next lambdakit.Handler) lambdakit.Handler {
	if m.disabled {
		return next
	}
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		others, _ := ctx.Value(scopeKey).(*scope)
		if others != nil && others.inv != inv {
			others = nil // of an invocation around this one
		}
		for sc := others; sc != nil; sc = sc.next {
			if sc.m == m {
				return next(ctx, inv) // called again, by a middleware that retries
			}
		}
		sc := &scope{m: m, next: others, inv: inv, bound: none, capture: sandbox.FromContext(ctx).Stdout, id: inv.RequestID()}
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

// record adds a value to what is collected; after the end of the invocation it is
// written at once, with everything that the invocation adds.
func (sc *scope) record(i *instrument, value float64, sum bool) {
	sc.mu.Lock()
	if sc.ended {
		b, md := sc.bound, slices.Clip(sc.metadata)
		sc.mu.Unlock()
		sc.m.writeOne(sc, b, &i.labels, i.metric, value, md)
		return
	}
	if sc.c == nil {
		sc.c = collectors.Get().(*collector)
	}
	if !sc.c.record(sc.bound, &i.labels, i.metric, value, sum) {
		sc.mu.Unlock()
		return
	}
	c, md := sc.take()
	if c.series < maxSeries {
		sc.c = c.carry()
	}
	sc.mu.Unlock()
	sc.write(c, md)
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
		added := sc.m.checked(pairs)
		full := sc.rebind(func(b *bound) (full bool) {
			b.labels = slices.Clone(b.labels)
			for _, l := range added {
				i := slices.IndexFunc(b.labels, func(o label) bool { return o.name == l.name })
				switch {
				case i >= 0:
					b.labels[i] = l
				case len(b.labels) < maxDimensions:
					b.labels = append(b.labels, l)
				default:
					full = true
				}
			}
			return full
		})
		if full {
			sc.m.problem("dimensions", "AddDimensions: a set has at most %d dimensions (EMF specification); the rest is left out", maxDimensions)
		}
	}
}

// maxSets bounds the sets of dimensions: CloudWatch makes a metric for each.
const maxSets = 10

// AddDimensionSet adds a set of dimensions to all metrics that are recorded from now on: the
// given pairs of name and value, with the defaults. The first set takes
// the place of the defaults alone; it is added to the set of AddDimensions and With if there
// is one. Without pairs the set is the defaults alone, which is the metric over all values of
// the other dimensions. CloudWatch makes (and charges) a metric for each set; ten sets at most
// are taken. It finds its invocation as AddDimensions does.
func AddDimensionSet(ctx context.Context, pairs ...string) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		set := sc.m.checked(pairs)
		if len(set) == 0 && len(pairs) > 0 {
			continue // all of them are bad, and reported
		}
		full := sc.rebind(func(b *bound) bool {
			if slices.ContainsFunc(b.sets, func(o []label) bool { return sameSet(o, set) }) {
				return false
			}
			if len(b.sets) == maxSets {
				return true
			}
			b.sets = append(slices.Clip(b.sets), set)
			return false
		})
		if full {
			sc.m.problem("sets", "AddDimensionSet: an invocation has more than %d sets of dimensions; the rest is left out", maxSets)
		}
	}
}

// checked returns pairs as dimensions, each name once, without those that CloudWatch
// would refuse, which are reported.
func (m *Meter) checked(pairs []string) []label {
	d := document{m: m}
	d.add(m.appendPairs(nil, pairs), 0)
	return d.dims
}

// SetTimestamp makes t the time of what is recorded from now on, instead of the time of
// writing. CloudWatch takes times from two weeks ago to two hours ahead; others are
// reported and not used. It finds its invocation as AddDimensions does.
func SetTimestamp(ctx context.Context, t time.Time) {
	age := time.Since(t).Hours()
	bad := age > maxPast || age < -maxFuture
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		if bad {
			sc.m.problem("timestamp", "timestamp %v is more than two weeks ago or two hours ahead (PutMetricData); the time of writing is used", t.UTC())
		}
		sc.rebind(func(b *bound) bool {
			b.timestamp = t
			if bad {
				b.timestamp = time.Time{}
			}
			return false
		})
	}
}

// maxBounds is how many earlier ones are looked at.
const maxBounds = 64

// rebind replaces what is bound by a changed copy, or by an earlier one that is equal, so
// that what is recorded under both shares its documents. No report is made here: the
// lock is held.
func (sc *scope) rebind(change func(*bound) bool) bool {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	b := *sc.bound
	result := change(&b)
	if b.equal(sc.bound) {
		return result
	}
	if i := slices.IndexFunc(sc.bounds, b.equal); i >= 0 {
		sc.bound = sc.bounds[i]
		return result
	}
	if len(sc.bounds) == maxBounds {
		sc.bounds = sc.bounds[:0]
	}
	sc.bound = &b
	sc.bounds = append(sc.bounds, &b)
	return result
}
