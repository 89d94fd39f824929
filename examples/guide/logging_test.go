package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func Example_loggingStart() {
	// guide: logging-start
	logs := logging.New(&logging.Options{Service: "orders"})
	slog.SetDefault(slog.New(logs))
	lambda.Start(lambdakit.Wrap(takeOrder, logs.Middleware))
	// end
}

// guide: logging-handler
func takeOrder(ctx context.Context, o Order) (Receipt, error) {
	slog.InfoContext(ctx, "order received", "total", o.Total)
	return charge(ctx, o)
}

// end

func Example_loggingHandler() {
	logs := logging.New(&logging.Options{Service: "orders"})
	slog.SetDefault(slog.New(logs))
	full(lambdatest.Run(t, lambdakit.Wrap(takeOrder, logs.Middleware), bad))
	// Output:
	// {"level":"INFO","message":"order received","timestamp":"2026-11-22T10:15:30.123Z",
	//  "service":"orders","cold_start":true,
	//  "function_arn":"arn:aws:lambda:us-east-1:123456789012:function:function",
	//  "function_memory_size":128,"function_name":"function","function_version":"$LATEST",
	//  "function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793","total":12.5}
	// {"level":"ERROR","message":"invocation failed","timestamp":"2026-11-22T10:15:30.123Z",
	//  "service":"orders","cold_start":true,
	//  "function_arn":"arn:aws:lambda:us-east-1:123456789012:function:function",
	//  "function_memory_size":128,"function_name":"function","function_version":"$LATEST",
	//  "function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793","error":{"message":"card declined",
	//  "type":"*errors.errorString"}}
}

func Example_loggingAppend() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		// guide: logging-append
		logging.Append(ctx, "order_id", o.ID) // on every later line of this invocation
		slog.InfoContext(ctx, "order accepted", "total", o.Total)
		slog.Info("cache refreshed") // a library without a context
		// end
		return charge(ctx, o)
	}
	brief(lambdatest.Run(t, lambdakit.Wrap(handle, logs.Middleware), good))
	// Output:
	// {"level":"INFO","message":"order accepted","order_id":"o-1001","total":29.95}
	// {"level":"INFO","message":"cache refreshed","order_id":"o-1001"}
}

func Example_loggingWith() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	reserve := func(ctx context.Context) { slog.InfoContext(ctx, "stock reserved") }
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		// guide: logging-with
		for _, warehouse := range []string{"north", "south"} {
			ctx := logging.With(ctx, "warehouse", warehouse) // on the lines with this context only
			reserve(ctx)
		}
		slog.InfoContext(ctx, "order accepted")
		// end
		return charge(ctx, o)
	}
	brief(lambdatest.Run(t, lambdakit.Wrap(handle, logs.Middleware), good))
	// Output:
	// {"level":"INFO","message":"stock reserved","warehouse":"north"}
	// {"level":"INFO","message":"stock reserved","warehouse":"south"}
	// {"level":"INFO","message":"order accepted"}
}

func Example_loggingBuffer() {
	// guide: logging-buffer
	logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}}) // holds DEBUG lines
	// end
	slog.SetDefault(slog.New(logs))
	// guide: logging-buffer-handler
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		slog.DebugContext(ctx, "charging", "total", o.Total)
		return charge(ctx, o)
	}
	// end
	h := lambdatest.New(t, lambdakit.Wrap(handle, logs.Middleware), nil)
	brief(h.Invoke(good)) // writes nothing
	brief(h.Invoke(bad))
	// Output:
	// {"level":"DEBUG","message":"charging","total":12.5}
	// {"level":"ERROR","message":"invocation failed","error":{"message":"card declined","type":"*errors.errorString"}}
}

func Example_loggingSample() {
	// guide: logging-sample
	logs := logging.New(&logging.Options{SampleRate: new(0.05)}) // DEBUG lines of 5 % of the invocations
	// end
	_ = logs
}

func Example_loggingCorrelation() {
	// guide: logging-correlation
	logs := logging.New(&logging.Options{
		CorrelationID: logging.CorrelationPath(`headers."x-request-id"`), // or logging.APIGatewayHTTP, EventBridge, ...
	})
	// end
	slog.SetDefault(slog.New(logs))
	handle := func(ctx context.Context) error {
		slog.InfoContext(ctx, "order accepted")
		return nil
	}
	brief(lambdatest.Run(t, lambdakit.WrapFunc(handle, logs.Middleware), `{"headers":{"x-request-id":"r-7"}}`))
	// Output:
	// {"level":"INFO","message":"order accepted","correlation_id":"r-7"}
}

func Example_loggingSecrets() {
	// guide: logging-secrets
	type config struct {
		URL string
		Key lambdakit.Secret // prints as [redacted] everywhere
	}
	logs := logging.New(&logging.Options{Redact: []string{"card"}}) // a field of this name, at any depth
	// end
	slog.SetDefault(slog.New(logs))
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		// guide: logging-secrets-lines
		slog.InfoContext(ctx, "configured", "config", config{"https://pay.example", lambdakit.NewSecret("live-key")})
		slog.InfoContext(ctx, "order received", "order", o)
		slog.InfoContext(ctx, "request sent", "body", `{"id":"o-1001","card":"tok_visa"}`)
		// end
		return charge(ctx, o)
	}
	brief(lambdatest.Run(t, lambdakit.Wrap(handle, logs.Middleware), good))
	// Output:
	// {"level":"INFO","message":"configured","config":{"URL":"https://pay.example","Key":"[redacted]"}}
	// {"level":"INFO","message":"order received","order":{"id":"o-1001","channel":"web","total":29.95,"card":"[redacted]"}}
	// {"level":"INFO","message":"request sent","body":"{\"id\":\"o-1001\",\"card\":\"[redacted]\"}"}
}

func Example_loggingErrors() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		receipt, err := charge(ctx, o)
		if err != nil {
			// guide: logging-errors
			err = fmt.Errorf("order %s: %w", o.ID, errors.Join(err, http.ErrHandlerTimeout))
			slog.WarnContext(ctx, "charge failed", "error", err)
			// end
			return receipt, nil
		}
		return receipt, nil
	}
	brief(lambdatest.Run(t, lambdakit.Wrap(handle, logs.Middleware), bad))
	// Output:
	// {"level":"WARN","message":"charge failed","error":{"message":"order o-1002: card declined\nhttp: Handler timeout","type":"*fmt.wrapError","cause":{"message":"card declined\nhttp: Handler timeout","type":"*errors.joinError","causes":[{"message":"card declined","type":"*errors.errorString"},{"message":"http: Handler timeout","type":"*errors.errorString"}]}}}
}

func Example_loggingFatal() {
	logs := logging.New(nil)
	loadConfig := func() (string, error) { return os.Getenv("TABLE"), nil }
	// guide: logging-fatal
	table, err := loadConfig()
	if err != nil {
		logs.Fatal("load the configuration", "error", err) // one line at FATAL, then os.Exit(1)
	}
	// end
	_ = table
}

func Example_loggingNames() {
	// guide: logging-names
	logs := logging.New(&logging.Options{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == "function_request_id" {
				a.Key = "requestId"
			}
			return a
		},
	})
	// end
	slog.SetDefault(slog.New(logs))
	handle := func(ctx context.Context) error {
		slog.InfoContext(ctx, "order accepted")
		return nil
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle, logs.Middleware), nil)
	fmt.Println(res.Log("order accepted")["requestId"] == res.RequestID)
	// Output:
	// true
}

func Example_loggingTee() {
	// guide: logging-tee
	logs := logging.New(&logging.Options{
		Tee: slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}),
	})
	// end
	_ = logs
}

func Example_loggingFlush() {
	logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}})
	slog.SetDefault(slog.New(logs))
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		slog.DebugContext(ctx, "charging", "total", o.Total)
		receipt, err := charge(ctx, o)
		// guide: logging-flush
		if errors.Is(err, errDeclined) {
			logging.Flush(ctx) // writes the lines that are held, although the invocation succeeds
			return Receipt{OrderID: o.ID}, nil
		}
		// end
		return receipt, err
	}
	brief(lambdatest.Run(t, lambdakit.Wrap(handle, logs.Middleware), bad))
	// Output:
	// {"level":"DEBUG","message":"charging","total":12.5}
}

// guide: logging-test
func TestTakeOrder_LogsTheTotal(t *testing.T) {
	logs := logging.New(&logging.Options{Service: "orders"})
	slog.SetDefault(slog.New(logs))
	h := lambdakit.Wrap(takeOrder, logs.Middleware)

	res := lambdatest.Run(t, h, Order{ID: "o-1", Total: 12.5})

	if got := res.Log("order received")["total"]; got != 12.5 {
		t.Errorf("got the total %v, want 12.5", got)
	}
}

// end
