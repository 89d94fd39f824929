package guide_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

// guide: middleware-warmup
// warmUp answers pings without calling the function.
func warmUp(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		if string(inv.Payload()) == `{"ping":true}` {
			inv.SetResponse([]byte(`"pong"`))
			return nil
		}
		return next(ctx, inv)
	}
}

// end

func Example_middlewareWarmup() {
	h := lambdatest.New(t, lambdakit.Wrap(charge, warmUp), nil)
	fmt.Println(string(h.Invoke(`{"ping":true}`).Response))
	fmt.Println(string(h.Invoke(good).Response))
	// Output:
	// "pong"
	// {"order_id":"o-1001","payment":"p-o-1001"}
}

// guide: middleware-end
// audit records the outcome of each invocation.
type audit struct{ write func(string) }

func (a *audit) Middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		inv.OnEnd(a)
		return next(ctx, inv)
	}
}

// EndInvocation runs after a result, an error, a panic, and the end of a stream.
func (a *audit) EndInvocation(_ context.Context, inv *lambdakit.Invocation) {
	switch {
	case inv.Panic() != nil:
		a.write("panicked")
	case inv.Err() != nil:
		a.write("failed: " + inv.Err().Error())
	default:
		a.write("succeeded")
	}
}

// end

func Example_middlewareEnd() {
	a := &audit{write: func(text string) { fmt.Println(text) }}
	h := lambdatest.New(t, lambdakit.Wrap(charge, a.Middleware), nil)
	h.Invoke(good)
	h.Invoke(bad)
	// Output:
	// succeeded
	// failed: card declined
}

// guide: middleware-value
type tenantKey struct{}

// tenant adds the plan of the tenant to the context.
func tenant(plans map[string]string) lambdakit.Middleware {
	return func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			plan, ok := plans[inv.TenantID()]
			if !ok {
				return errors.New("unknown tenant")
			}
			inv.SetValue(tenantKey{}, plan)
			return next(ctx, inv)
		}
	}
}

// end

func Example_middlewareValue() {
	handle := func(ctx context.Context) (any, error) { return ctx.Value(tenantKey{}), nil }
	h := lambdakit.WrapFunc(handle, tenant(map[string]string{"acme": "gold"}))
	fmt.Println(string(lambdatest.New(t, h, &lambdatest.Options{TenantID: "acme"}).Invoke(nil).Response))
	fmt.Println(lambdatest.Run(t, h, nil).Err)
	// Output:
	// "gold"
	// unknown tenant
}

// guide: middleware-deadline
// progress saves its state shortly before the deadline, while the function still runs.
type progress struct{ save func() }

func (p *progress) NearDeadline(context.Context, *lambdakit.Invocation) { p.save() }

func (p *progress) Middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		inv.OnDeadline(p)
		return next(ctx, inv)
	}
}

// end

func Example_middlewareDeadline() {
	saved := make(chan struct{})
	p := &progress{save: func() { close(saved) }}
	handle := func(ctx context.Context) error { <-saved; return nil }
	h := lambdakit.WrapFunc(handle, p.Middleware)
	res := lambdatest.New(t, h, &lambdatest.Options{Timeout: 200 * time.Millisecond}).Invoke(nil)
	fmt.Println("saved", res.Err)
	// Output:
	// saved <nil>
}

func Example_middlewareOrder() {
	logs, meter, tracer := logging.New(nil), metrics.New(nil), tracing.New(nil)
	once, a := newOnce(&idempotency.Options{}), &audit{}
	// guide: middleware-order
	lambda.Start(lambdakit.Wrap(charge,
		lambdakit.RespondFirst,                               // outermost
		tracer.Middleware, logs.Middleware, meter.Middleware, // in any order
		a.Middleware,    // yours
		once.Middleware, // innermost: the others also see replays
	))
	// end
}

// guide: middleware-test
func TestWarmUp_DoesNotCharge(t *testing.T) {
	charges := 0
	h := lambdakit.Wrap(func(ctx context.Context, o Order) (Receipt, error) {
		charges++
		return charge(ctx, o)
	}, warmUp)

	res := lambdatest.Run(t, h, `{"ping":true}`)

	if charges != 0 || string(res.Response) != `"pong"` {
		t.Errorf("got %d charges and the answer %s, want none and pong", charges, res.Response)
	}
}

// end
