package logging_test

import (
	"context"
	"io"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
)

func TestPropagate_TheIDThatALineWouldHave(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{Writer: io.Discard, CorrelationID: logging.CorrelationPath("id")})
	var got []string
	note := func(ctx context.Context) {
		got = append(got, lambdakit.PropagationFromContext(ctx).CorrelationID)
	}
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
		note(ctx)
		note(logging.With(ctx, "correlation_id", "with"))
		record, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m-1", CorrelationID: "record"})
		note(record)
		logging.SetCorrelationID(record, "set in the record")
		note(record)
		end(nil)
		logging.SetCorrelationID(ctx, "set")
		note(ctx)
		return struct{}{}, nil
	}, logs.Middleware)
	if _, err := h.Invoke(t.Context(), []byte(`{"id":"event"}`)); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"event", "with", "record", "set in the record", "set"} {
		if i >= len(got) || got[i] != want {
			t.Errorf("got %q, want %q at %d", got, want, i)
		}
	}
}

// A Handler without an id leaves the one of another Handler.
func TestPropagate_WithoutAnIDTheOtherStays(t *testing.T) {
	t.Parallel()
	with := logging.New(&logging.Options{Writer: io.Discard, CorrelationID: logging.EventBridge})
	without := logging.New(&logging.Options{Writer: io.Discard})
	for name, m := range map[string][]lambdakit.Middleware{"first": {with.Middleware, without.Middleware}, "last": {without.Middleware, with.Middleware}} {
		var got, removed string
		h := lambdakit.WrapFunc(func(ctx context.Context) {
			got = lambdakit.PropagationFromContext(ctx).CorrelationID
			removed = lambdakit.PropagationFromContext(logging.With(ctx, "correlation_id", "")).CorrelationID
		}, m...)
		if _, err := h.Invoke(t.Context(), []byte(`{"id":"event"}`)); err != nil {
			t.Fatal(err)
		}
		if got != "event" || removed != "" {
			t.Errorf("the Handler with an id is the %s: got %q and %q, want the id of the event and none", name, got, removed)
		}
	}
}
