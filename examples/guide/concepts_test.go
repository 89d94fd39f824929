package guide_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

func Example_conceptsWrap() {
	logs, meter, tracer := logging.New(nil), metrics.New(nil), tracing.New(nil)
	// guide: concepts-wrap
	lambda.Start(lambdakit.Wrap(charge, tracer.Middleware, logs.Middleware, meter.Middleware))
	// end
}

func Example_conceptsContext() {
	handle := func(ctx context.Context) error {
		// guide: concepts-context
		inv := lambdakit.FromContext(ctx) // nil outside an invocation
		if inv != nil && inv.ColdStart() {
			slog.InfoContext(ctx, "first invocation", "memory", inv.MemoryMB())
		}
		// end
		return nil
	}
	lambdatest.Run(t, lambdakit.WrapFunc(handle), nil)
}

func Example_conceptsSIGTERM() {
	logs := logging.New(nil)
	handler := lambdakit.Wrap(charge, logs.Middleware)
	// guide: concepts-sigterm
	lambda.StartWithOptions(handler, lambda.WithEnableSIGTERM(lambdakit.Shutdown))
	// end
}

// The table "outside an invocation" of docs/concepts.md.
func TestOutsideAnInvocation(t *testing.T) {
	ctx := context.Background()
	if got := lambdakit.FromContext(ctx); got != nil {
		t.Errorf("got the invocation %v, want nil", got)
	}
	ran := 0
	lambdakit.AfterResponse(ctx, "work", func(context.Context) error { ran++; return nil })
	tracing.Run(ctx, "span", func(context.Context) error { ran++; return nil })
	if ran != 2 {
		t.Errorf("got %d calls, want 2", ran)
	}
	tracing.Annotate(ctx, "key", "value")
	if got := fmt.Sprint(tracing.Header(ctx), tracing.TraceParent(ctx), lambdakit.PropagationFromContext(ctx)); got != "{  }" {
		t.Errorf("got %q, want nothing", got)
	}
}
