package lambdakit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
)

// observer notes what it is told.
type observer struct {
	name   string
	notes  *[]string
	panics bool
}

type observerKey string

func (o observer) BeginMessage(ctx context.Context, m *lambdakit.Message) context.Context {
	*o.notes = append(*o.notes, fmt.Sprintf("%s begins %s", o.name, m.ID))
	if o.panics {
		panic("no")
	}
	return context.WithValue(ctx, observerKey(o.name), o.name)
}

func (o observer) EndMessage(ctx context.Context, m *lambdakit.Message, err error) {
	*o.notes = append(*o.notes, fmt.Sprintf("%s ends %s with %v and %v", o.name, m.ID, ctx.Value(observerKey(o.name)), err))
	if o.panics {
		panic("no")
	}
}

func (o observer) EndBatch(_ context.Context, r lambdakit.BatchResult) {
	*o.notes = append(*o.notes, fmt.Sprintf("%s: %d", o.name, r.Records))
	if o.panics {
		panic("no")
	}
}

func TestBeginMessage_TellsTheObservers(t *testing.T) {
	var notes []string
	register := func(o observer) lambdakit.Middleware {
		return func(next lambdakit.Handler) lambdakit.Handler {
			return func(ctx context.Context, inv *lambdakit.Invocation) error {
				inv.OnMessage(o)
				inv.OnBatch(o)
				return next(ctx, inv)
			}
		}
	}
	lambdakit.WrapFunc(func(ctx context.Context) {
		if lambdakit.MessageFromContext(ctx) != nil {
			t.Error("got a message outside of one, want none")
		}
		m := &lambdakit.Message{ID: "m1"}
		mctx, end := lambdakit.BeginMessage(ctx, m)
		if lambdakit.MessageFromContext(mctx) != m || lambdakit.FromContext(mctx) != lambdakit.FromContext(ctx) || mctx.Value(observerKey("b")) != "b" {
			t.Error("got a context without the message, the invocation or the values of observers")
		}
		end(errors.New("boom"))
		end(nil)
		lambdakit.EndBatch(ctx, lambdakit.BatchResult{Records: 3})
	}, register(observer{"a", &notes, true}), register(observer{"b", &notes, false})).Invoke(t.Context(), []byte(`{}`))
	want := "a begins m1; b begins m1; b ends m1 with b and boom; a ends m1 with <nil> and boom; a: 3; b: 3"
	if got := strings.Join(notes, "; "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBeginMessage_OutsideAnInvocation(t *testing.T) {
	t.Parallel()
	m := &lambdakit.Message{ID: "m1"}
	ctx, end := lambdakit.BeginMessage(t.Context(), m)
	end(nil)
	lambdakit.EndBatch(ctx, lambdakit.BatchResult{})
	if lambdakit.MessageFromContext(ctx) != m {
		t.Error("got no message in the context, want it")
	}
	//lint:ignore SA1012 on purpose
	if got := lambdakit.MessageFromContext(nil); got != nil {
		t.Errorf("got the message %v from no context, want none", got)
	}
}

// quiet is an observer that adds nothing to the context.
type quiet struct{ observer }

func (q quiet) BeginMessage(context.Context, *lambdakit.Message) context.Context { return nil }

func TestBeginMessage_ObserverWithoutAContext(t *testing.T) {
	t.Parallel()
	var notes []string
	m := &lambdakit.Message{ID: "m1"}
	lambdakit.WrapFunc(func(ctx context.Context) {
		mctx, end := lambdakit.BeginMessage(ctx, m)
		end(nil)
		if mctx == nil || lambdakit.MessageFromContext(mctx) != m {
			t.Errorf("got the context %v, want one with the message", mctx)
		}
	}, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnMessage(quiet{observer{name: "q", notes: &notes}})
			return next(ctx, inv)
		}
	}).Invoke(t.Context(), nil)
	if got, want := strings.Join(notes, "; "), "q ends m1 with <nil> and <nil>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
