package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

const (
	traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	traceParent = "00-5759e988bd862e3fe1be46a994272793-557abcec3ee5a047-01"
)

// propagator is a middleware that knows what messages take along.
type propagator struct{ observer }

func (propagator) Propagate(_ context.Context, p *lambdakit.Propagation) {
	p.CorrelationID, p.TraceParent = "known", traceParent
}

func (p *propagator) middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		inv.OnMessage(p)
		return next(ctx, inv)
	}
}

// inInvocation runs f in an invocation with a trace header and a propagator.
func inInvocation(t *testing.T, f func(ctx context.Context)) {
	t.Helper()
	ctx := traceheader.NewContext(t.Context(), traceHeader)
	if _, err := lambdakit.WrapFunc(f, new(propagator).middleware).Invoke(ctx, nil); err != nil {
		t.Fatal(err)
	}
}

func TestPublish_TakesAlongTheIdsOfTheInvocation(t *testing.T) {
	t.Parallel()
	e := orderConfirmed.New("o-1", confirmed{"o-1", 850})
	own := orderConfirmed.New("o-2", confirmed{"o-2", 850})
	own.CorrelationID, own.TraceParent, own.CausationID = "own", "own-parent", "own-cause"
	var m events.Memory
	inInvocation(t, func(ctx context.Context) {
		if err := events.New(&m, nil).Publish(ctx, e, own); err != nil {
			t.Error(err)
		}
		text, err := events.Marshal(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		if stored, err := events.Unmarshal(text); err != nil || stored.CorrelationID != "known" || stored.TraceParent != traceParent {
			t.Errorf("Marshal: got %s, %v, want the correlation id known and the traceparent", text, err)
		}
	})
	if err := events.New(&m, nil).Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ correlation, parent, cause, header string }{
		{"known", traceParent, "", traceHeader},
		{"own", "own-parent", "own-cause", traceHeader},
		{e.ID, "", "", ""}, // outside the invocation
	} {
		got := m.Entries()[i]
		if got.CorrelationID != want.correlation || got.TraceParent != want.parent || got.CausationID != want.cause || got.TraceHeader != want.header {
			t.Errorf("event %d: got %+v, want %+v", i, got, want)
		}
	}
	if e.CorrelationID != "" || !e.Time.IsZero() {
		t.Errorf("got %+v after it was published, want the event of the caller unchanged", e.Metadata)
	}
}

// The event whose handler runs decides about the chain, and the trace is that of the invocation.
func TestPublish_InAHandlerContinuesTheChain(t *testing.T) {
	t.Parallel()
	var m events.Memory
	cause := orderConfirmed.New("o-1", confirmed{"o-1", 850})
	cause.CorrelationID, cause.TraceParent = "chain", "another-parent"
	mux := events.NewMux(nil, events.On(orderConfirmed, func(ctx context.Context, e *events.Event[confirmed]) error {
		return events.New(&m, nil).Publish(ctx, orderShipped.New(e.Data.Order, shipped{e.Data.Order}))
	}))
	event := json.RawMessage(eventBridge("shop.orders", "OrderConfirmed", body(t, events.MetadataAndData, cause)))
	inInvocation(t, func(ctx context.Context) {
		if _, err := mux.EventBridge(ctx, event); err != nil {
			t.Error(err)
		}
	})
	got := m.Entries()[0]
	if got.CorrelationID != "chain" || got.CausationID != cause.ID || got.TraceParent != traceParent || got.TraceHeader != traceHeader {
		t.Errorf("got %+v, want the chain of the cause and the trace of the invocation", got)
	}
}

// A request that was cut off may have arrived, so its events may be published again.
func TestPublish_ARequestThatEndsWithTheContextIsTransient(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]bool{"ends": true, "goes on": false} {
		ctx, cancel := context.WithCancel(t.Context())
		requests := 0
		err := events.New(senderFunc(func(entries []events.Entry) []error {
			requests++
			if ends {
				cancel()
			}
			return []error{errRefused}
		}), nil).Publish(ctx, orders("a")...)
		cancel()
		if !errors.Is(err, errRefused) || events.IsTransient(err) != ends || requests != 1 {
			t.Errorf("the context %s: got %v, transient: %v, after %d requests, want %v, %v, 1", name, err, events.IsTransient(err), requests, errRefused, ends)
		}
	}
}
