package guide_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/tracing"
)

func Example_afterStart() {
	logs, tracer := logging.New(nil), tracing.New(nil)
	// guide: after-start
	lambda.Start(lambdakit.Wrap(takeAndWarm, lambdakit.RespondFirst, tracer.Middleware, logs.Middleware))
	// end
}

func warm(context.Context, string) error { return errors.New("the cache is down") }

// guide: after-handler
func takeAndWarm(ctx context.Context, o Order) (Receipt, error) {
	lambdakit.AfterResponse(ctx, "warm cache", func(ctx context.Context) error {
		return warm(ctx, o.ID)
	})
	return charge(ctx, o)
}

// end

func Example_afterHandler() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	brief(lambdatest.Run(t, lambdakit.Wrap(takeAndWarm, logs.Middleware), good))
	// Output:
	// {"level":"ERROR","message":"work after the response failed","work":"warm cache","error":{"message":"the cache is down","type":"*errors.errorString"}}
}

// guide: after-test
func TestTakeAndWarm_WarmsTheCache(t *testing.T) {
	res := lambdatest.Run(t, lambdakit.Wrap(takeAndWarm), good)

	if w := res.AfterResponse; len(w) != 1 || w[0].Name != "warm cache" || w[0].Err == nil {
		t.Errorf("got %v, want the work on the cache, which fails", w)
	}
}

// end
