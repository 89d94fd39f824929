package logging_test

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
)

func Example() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))

	handle := func(ctx context.Context, order struct{ ID string }) (string, error) {
		logging.Append(ctx, "order_id", order.ID) // on every later line of this invocation
		slog.InfoContext(ctx, "order accepted", "total", 12.5)
		return "ok", nil
	}
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		lambda.Start(lambdakit.Wrap(handle, logs.Middleware))
	}
}

func ExampleNew() {
	logs := logging.New(&logging.Options{
		Service:       "orders",
		CorrelationID: logging.APIGatewayHTTP,
		Buffer:        &logging.Buffer{}, // DEBUG lines, only of invocations that fail
		Redact:        []string{"password", "authorization"},
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "timestamp" {
				return slog.Attr{} // for the example's sake
			}
			return a
		},
	})
	logger := slog.New(logs)
	logger.Info("signed in", "user", "ada", "password", "hunter2")
	logger.Error("charge failed", "error", errors.New("card declined"))
	// Output:
	// {"level":"INFO","message":"signed in","service":"orders","user":"ada","password":"[redacted]"}
	// {"level":"ERROR","message":"charge failed","service":"orders","error":{"message":"card declined","type":"*errors.errorString"}}
}
