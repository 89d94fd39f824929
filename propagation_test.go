package lambdakit_test

import (
	"context"
	"testing"

	"github.com/lambdakit/lambdakit"
)

// stamp is an observer that is also a Propagator.
type stamp string

func (stamp) BeginMessage(ctx context.Context, _ *lambdakit.Message) context.Context { return ctx }
func (stamp) EndMessage(context.Context, *lambdakit.Message, error)                  {}
func (s stamp) Propagate(_ context.Context, p *lambdakit.Propagation)                { p.CorrelationID += string(s) }

func TestPropagation_AsksTheObservers(t *testing.T) {
	t.Parallel()
	var plain, inRecord lambdakit.Propagation
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
		plain = lambdakit.PropagationFromContext(ctx)
		ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m-1", CorrelationID: "c-1"})
		defer end(nil)
		inRecord = lambdakit.PropagationFromContext(ctx)
		return struct{}{}, nil
	}, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnMessage(stamp("+x"))
			return next(ctx, inv)
		}
	})
	//lint:ignore SA1029 the key that aws-lambda-go uses
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793")
	if _, err := h.Invoke(ctx, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if want := (lambdakit.Propagation{CorrelationID: "+x", TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793"}); plain != want {
		t.Errorf("in the invocation: got %+v, want %+v", plain, want)
	}
	if want := "c-1+x"; inRecord.CorrelationID != want {
		t.Errorf("in a record: got the correlation id %q, want %q", inRecord.CorrelationID, want)
	}
	if got := lambdakit.PropagationFromContext(t.Context()); got != (lambdakit.Propagation{}) {
		t.Errorf("outside: got %+v, want nothing", got)
	}
}
