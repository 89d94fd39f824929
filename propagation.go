package lambdakit

import "context"

// Propagation is what a message takes along from the work that sends it, so that the receiver's logs
// and traces can be found together with those of the sender. Empty fields are unknown.
type Propagation struct {
	CorrelationID string
	TraceParent   string // W3C traceparent
	TraceHeader   string // X-Amzn-Trace-Id
}

// Propagator is a [MessageObserver] that also knows what messages take along. Invocations ask the
// observers that are Propagators.
type Propagator interface {
	// Propagate sets the fields of p that it knows for work with ctx.
	Propagate(ctx context.Context, p *Propagation)
}

// PropagationFromContext returns what a message that is sent with ctx takes along. The trace header is
// that of the invocation, and the correlation id that of the record, unless the Middleware of packages
// tracing and logging know better ones. Outside an invocation the result is empty.
func PropagationFromContext(ctx context.Context) Propagation {
	inv := FromContext(ctx)
	if inv == nil {
		return Propagation{}
	}
	p := Propagation{TraceHeader: inv.TraceHeader()}
	if m := MessageFromContext(ctx); m != nil {
		p.CorrelationID = m.CorrelationID
	}
	observers, _ := inv.allObservers()
	for _, o := range observers {
		if o, ok := o.(Propagator); ok {
			propagate(ctx, o, &p)
		}
	}
	return p
}

func propagate(ctx context.Context, o Propagator, p *Propagation) {
	defer recoverHook("Propagate hook of a middleware")
	o.Propagate(ctx, p)
}
