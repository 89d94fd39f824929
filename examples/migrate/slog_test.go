package migrate_test

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

var warnings atomic.Int64

// guide: slog-before
func slogLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func slogTake(ctx context.Context, o Order) (Receipt, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	log := slog.With("request_id", lc.AwsRequestID)
	receipt, err := charge(ctx, o)
	if err != nil {
		log.Error("charge failed", "error", err)
		return Receipt{}, err
	}
	log.Info("order accepted", "total", o.Total)
	return receipt, nil
}

// end

func Example_slogBefore() {
	slog.SetDefault(slogLogger(stdout{}))
	lambdatest.Run(t, slogTake, good)
	lambdatest.Run(t, slogTake, bad)
	// Output:
	// {"time":"2026-11-22T10:15:30.123Z","level":"INFO","msg":"order accepted",
	//  "request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","total":29.95}
	// {"time":"2026-11-22T10:15:30.123Z","level":"ERROR","msg":"charge failed",
	//  "request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","error":"card declined"}
}

func Example_slogMain() {
	// guide: slog-main
	logs := logging.New(&logging.Options{Level: slog.LevelDebug})
	slog.SetDefault(slog.New(logs))
	lambda.Start(lambdakit.Wrap(slogAfter, logs.Middleware))
	// end
}

// guide: slog-after
func slogAfter(ctx context.Context, o Order) (Receipt, error) {
	receipt, err := charge(ctx, o)
	if err != nil {
		return Receipt{}, err // the middleware writes it
	}
	slog.InfoContext(ctx, "order accepted", "total", o.Total)
	return receipt, nil
}

// end

func Example_slogAfter() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	h := lambdatest.New(t, lambdakit.Wrap(slogAfter, logs.Middleware), &lambdatest.Options{FunctionName: "orders"})
	show(h.Invoke(good))
	show(h.Invoke(bad))
	// Output:
	// {"level":"INFO","message":"order accepted","timestamp":"2026-11-22T10:15:30.123Z","cold_start":true,
	//  "function_arn":"arn:aws:lambda:us-east-1:123456789012:function:orders","function_memory_size":128,
	//  "function_name":"orders","function_version":"$LATEST",
	//  "function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793","total":29.95}
	// {"level":"ERROR","message":"invocation failed","timestamp":"2026-11-22T10:15:30.123Z",
	//  "cold_start":false,"function_arn":"arn:aws:lambda:us-east-1:123456789012:function:orders",
	//  "function_memory_size":128,"function_name":"orders","function_version":"$LATEST",
	//  "function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793","error":{"message":"card declined",
	//  "type":"*errors.errorString"}}
}

func Example_lambdacontextBefore() {
	// guide: lambdacontext-before
	slog.SetDefault(slog.New(lambdacontext.NewLogHandler(lambdacontext.WithFunctionARN(), lambdacontext.WithTenantID())))
	lambda.Start(slogAfter)
	// end
}

func Example_lambdacontextAfter() {
	// guide: lambdacontext-after
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	lambda.Start(lambdakit.Wrap(slogAfter, logs.Middleware))
	// end
}

func Example_lambdacontextNames() {
	// guide: lambdacontext-names
	names := map[string]string{"function_request_id": "requestId", "function_arn": "functionArn", "tenant_id": "tenantId"}
	logs := logging.New(&logging.Options{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if name, ok := names[a.Key]; ok && len(groups) == 0 {
				a.Key = name
			}
			return a
		},
	})
	// end
	slog.SetDefault(slog.New(logs))
	h := lambdatest.New(t, lambdakit.Wrap(slogAfter, logs.Middleware), &lambdatest.Options{FunctionName: "orders"})
	show(h.Invoke(good))
	// Output:
	// {"level":"INFO","message":"order accepted","timestamp":"2026-11-22T10:15:30.123Z","cold_start":true,
	//  "functionArn":"arn:aws:lambda:us-east-1:123456789012:function:orders","function_memory_size":128,
	//  "function_name":"orders","function_version":"$LATEST",
	//  "requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793","total":29.95}
}

func Example_lambdacontextBoth() {
	// guide: lambdacontext-both
	logs := logging.New(&logging.Options{Tee: lambdacontext.NewLogHandler()}) // each record twice, for a while
	// end
	_ = logs
}
