package lambdakit_test

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/lambdakit/lambdakit"
)

// marshalsWithPanic panics when its response is encoded.
type marshalsWithPanic struct{}

func (marshalsWithPanic) MarshalJSON() ([]byte, error) { panic("in MarshalJSON") }

func TestInvocation_Unencoded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		out  any
		err  error
		want bool
	}{
		{name: "a response", out: "fine"},
		{name: "an error", err: errors.New("no")},
		{name: "a response without JSON", out: math.NaN(), want: true},
		{name: "a reader that fails", out: io.MultiReader(iotest.ErrReader(errors.New("no"))), want: true},
		{name: "a panic while encoding", out: marshalsWithPanic{}, want: true},
	} {
		var during, got bool
		fn := func(ctx context.Context, _ any) (any, error) {
			during = lambdakit.FromContext(ctx).Unencoded()
			return c.out, c.err
		}
		func() {
			defer func() { recover() }()
			lambdakit.Wrap(fn, onEnd(func(inv *lambdakit.Invocation) { got = inv.Unencoded() })).Invoke(t.Context(), []byte(`{}`))
		}()
		if during || got != c.want {
			t.Errorf("%s: got %v during the invocation and %v at its end, want false and %v", c.name, during, got, c.want)
		}
	}
}

// A panic that goes on from another goroutine keeps the stack of that goroutine. A later panic has its own.
func TestInvocation_SetPanicStack(t *testing.T) {
	t.Parallel()
	elsewhere := make([]uintptr, 8)
	elsewhere = elsewhere[:runtime.Callers(1, elsewhere)]
	var stacks []*lambdakit.Panic
	calls := 0
	h := lambdakit.WrapFunc(func(ctx context.Context) {
		if calls++; calls == 1 {
			lambdakit.FromContext(ctx).SetPanicStack(elsewhere)
		}
		panic(calls)
	}, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			for range 2 {
				func() {
					defer func() { recover(); stacks = append(stacks, inv.Panic()) }()
					next(ctx, inv)
				}()
			}
			return nil
		}
	})
	if _, err := h.Invoke(t.Context(), nil); err != nil || len(stacks) != 2 {
		t.Fatalf("got %v and %d panics, want 2 panics that were recovered", err, len(stacks))
	}
	if got := stacks[0]; got.Value != 1 || len(got.Stack) != len(elsewhere) || got.Stack[0] != elsewhere[0] {
		t.Errorf("first panic: got the value %v and the frames\n%s\nwant 1 and\n%s", got.Value, frames(got.Stack), frames(elsewhere))
	}
	if got := stacks[1]; got.Value != 2 || len(got.Stack) == 0 || got.Stack[0] == elsewhere[0] {
		t.Errorf("second panic: got the value %v and the frames\n%s\nwant 2 and its own frames", got.Value, frames(got.Stack))
	}
}

// A response without bytes is a response, too.
func TestSetResponse_Empty(t *testing.T) {
	t.Parallel()
	h := lambdakit.WrapFunc(func() {}, func(lambdakit.Handler) lambdakit.Handler {
		return func(_ context.Context, inv *lambdakit.Invocation) error {
			if got := inv.Response(); got != nil {
				t.Errorf("before SetResponse: got %q, want nil", got)
			}
			inv.SetResponse(nil)
			if got := inv.Response(); got == nil || len(got) != 0 {
				t.Errorf("after SetResponse(nil): got %#v, want an empty response", got)
			}
			return nil
		}
	})
	if got, err := h.Invoke(t.Context(), nil); got == nil || len(got) != 0 || err != nil {
		t.Errorf("got %#v and %v, want an empty response", got, err)
	}
}
