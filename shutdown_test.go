package lambdakit_test

import (
	"context"
	"os"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/processtest"
)

// idleAtShutdown ends while it waits for an event.
func idleAtShutdown() {
	lambdakit.OnShutdown(func(ctx context.Context) {
		if _, ok := ctx.Deadline(); ok {
			os.Stdout.WriteString("flushed\n")
		}
	})
	lambdakit.OnShutdown(func(context.Context) { panic("boom") })
	h := lambdakit.WrapFunc(func() { os.Stdout.WriteString("ran\n") })
	lambda.StartWithOptions(h, lambda.WithEnableSIGTERM(lambdakit.Shutdown, func() { os.Exit(0) }))
}

func TestOnShutdown_RunsWhileNoInvocationDoes(t *testing.T) {
	t.Parallel()
	e, out := processtest.Start(t, "idle at shutdown", emulator.Config{})
	processtest.Invoke(t, e, `{}`)
	e.Close()
	if got := out.String(); got != "ran\nflushed\n" {
		t.Errorf("got the output %q, want ran and flushed", got)
	}
}
