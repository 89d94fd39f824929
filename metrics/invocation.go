package metrics

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/current"
	"github.com/lambdakit/lambdakit/internal/execenv"
)

// scope holds the metrics that a Meter collects in one invocation. Goroutines may outlive
// the invocation; their values are then written immediately.
type scope struct {
	meter     *Meter
	next      *scope // of another Meter in the same invocation
	inv       *lambdakit.Invocation
	capture   io.Writer // the output of a test; nil outside tests
	requestID string    // of the invocation

	mu            sync.Mutex
	ended         bool
	settings      *settings
	earlier       []*settings // for reuse, if settings become equal to earlier ones again
	collected     *collector  // nil if nothing is recorded
	metadata      []metadata
	metadataBytes int
}

var scopeKey = new(ctxKey)

type ctxKey struct{ _ byte }

// scopes returns the first scope of the invocation that ctx belongs to.
func scopes(ctx context.Context) *scope { return current.Value[*scope](ctx, scopeKey) }

func (m *Meter) scope(ctx context.Context) *scope {
	sc := scopes(ctx)
	for sc != nil && sc.meter != m {
		sc = sc.next
	}
	return sc
}

// Middleware collects the metrics of each invocation. It writes them at the end of the
// invocation, also if the function fails or panics, and shortly before its deadline.
func (m *Meter) Middleware(next lambdakit.Handler) lambdakit.Handler {
	if m.disabled {
		return next
	}
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		others, _ := ctx.Value(scopeKey).(*scope)
		if others != nil && others.inv != inv {
			others = nil // of an outer invocation
		}
		for sc := others; sc != nil; sc = sc.next {
			if sc.meter == m {
				return next(ctx, inv) // a second call, by a middleware that retries
			}
		}
		sc := &scope{meter: m, next: others, inv: inv, settings: noSettings, capture: execenv.FromContext(ctx).Stdout, requestID: inv.RequestID()}
		inv.SetValue(scopeKey, sc)
		inv.OnEnd(sc)
		inv.OnDeadline(sc)
		if m.batches {
			inv.OnBatch(sc)
		}
		if m.coldStart && inv.ColdStart() {
			sc.writeColdStart(inv)
		}
		return next(ctx, inv)
	}
}

// writeColdStart writes the metric ColdStart before the function runs, since it may fail.
func (sc *scope) writeColdStart(inv *lambdakit.Invocation) {
	name := sc.meter.function
	if name == "" {
		name = inv.FunctionName()
	}
	c := collectors.Get().(*collector)
	var b bindings
	if name != "" {
		b.add("function_name", name)
	}
	c.record(noSettings, &b, sc.meter.metric("ColdStart", Count, false), 1, false)
	sc.write(c, nil)
}

// record collects a value. After the end of the invocation it writes the value immediately,
// with the dimensions and metadata of the invocation.
func (sc *scope) record(i *instrument, value float64, sum bool) {
	sc.mu.Lock()
	if sc.ended {
		set, md := sc.settings, slices.Clip(sc.metadata)
		sc.mu.Unlock()
		sc.meter.writeOne(sc, set, &i.bindings, i.metric, value, md)
		return
	}
	if sc.collected == nil {
		sc.collected = collectors.Get().(*collector)
	}
	if !sc.collected.record(sc.settings, &i.bindings, i.metric, value, sum) {
		sc.mu.Unlock()
		return
	}
	c, md := sc.removeCollected()
	if c.seriesCount < maxSeries {
		sc.collected = c.moveSums()
	}
	sc.mu.Unlock()
	sc.write(c, md)
}

// removeCollected returns the collector and the metadata for writing. The caller holds sc.mu.
func (sc *scope) removeCollected() (*collector, []metadata) {
	c := sc.collected
	sc.collected = nil
	return c, slices.Clip(sc.metadata)
}

func (sc *scope) write(c *collector, md []metadata) {
	if c == nil {
		return
	}
	sc.meter.write(sc.capture, sc.requestID, c, md, time.Now())
	c.release()
}

// EndInvocation implements lambdakit.Ender.
func (sc *scope) EndInvocation(context.Context, *lambdakit.Invocation) {
	sc.mu.Lock()
	sc.ended = true
	c, md := sc.removeCollected()
	sc.mu.Unlock()
	sc.write(c, md)
}

// NearDeadline implements lambdakit.DeadlineNotifier.
func (sc *scope) NearDeadline(context.Context, *lambdakit.Invocation) {
	sc.mu.Lock()
	c, md := sc.removeCollected()
	sc.mu.Unlock()
	sc.write(c, md)
}

// writeOne writes a document with one value; sc may be nil.
func (m *Meter) writeOne(sc *scope, set *settings, b *bindings, x *metric, value float64, md []metadata) {
	c := collectors.Get().(*collector)
	c.record(set, b, x, value, false)
	if sc != nil {
		sc.write(c, md)
		return
	}
	m.write(nil, "", c, nil, time.Now())
	c.release()
}
