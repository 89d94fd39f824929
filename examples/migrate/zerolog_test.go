package migrate_test

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/rs/zerolog"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// guide: zerolog-before
func zerologLogger(w io.Writer) zerolog.Logger {
	return zerolog.New(w).With().Timestamp().Str("service", "orders").Logger()
}

func zerologTake(log zerolog.Logger) func(context.Context, Order) (Receipt, error) {
	return func(ctx context.Context, o Order) (Receipt, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		log := log.With().Str("request_id", lc.AwsRequestID).Str("order_id", o.ID).Logger()
		receipt, err := charge(log.WithContext(ctx), o)
		if err != nil {
			log.Error().Err(err).Msg("charge failed")
			return Receipt{}, err
		}
		log.Info().Float64("total", o.Total).Msg("order accepted")
		return receipt, nil
	}
}

// end

func Example_zerologBefore() {
	take := zerologTake(zerologLogger(stdout{}))
	lambdatest.Run(t, take, good)
	lambdatest.Run(t, take, bad)
	// Output:
	// {"level":"info","service":"orders","request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "order_id":"o-1001","total":29.95,"time":"2026-11-22T10:15:30Z","message":"order accepted"}
	// {"level":"error","service":"orders","request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "order_id":"o-1002","error":"card declined","time":"2026-11-22T10:15:30Z",
	//  "message":"charge failed"}
}

// guide: zerolog-after
func take(ctx context.Context, o Order) (Receipt, error) {
	logging.Append(ctx, "order_id", o.ID) // on every later line of this invocation
	receipt, err := charge(ctx, o)
	if err != nil {
		return Receipt{}, err // the middleware writes it
	}
	slog.InfoContext(ctx, "order accepted", "total", o.Total)
	return receipt, nil
}

// end

func Example_zerologMain() {
	// guide: zerolog-main
	logs := logging.New(&logging.Options{Service: "orders"})
	slog.SetDefault(slog.New(logs))
	lambda.Start(lambdakit.Wrap(take, logs.Middleware))
	// end
}

func Example_zerologAfter() {
	logs := logging.New(&logging.Options{Service: "orders"})
	slog.SetDefault(slog.New(logs))
	h := lambdatest.New(t, lambdakit.Wrap(take, logs.Middleware), &lambdatest.Options{FunctionName: "orders"})
	show(h.Invoke(good))
	show(h.Invoke(bad))
	// Output:
	// {"level":"INFO","message":"order accepted","timestamp":"2026-11-22T10:15:30.123Z",
	//  "service":"orders","cold_start":true,
	//  "function_arn":"arn:aws:lambda:us-east-1:123456789012:function:orders","function_memory_size":128,
	//  "function_name":"orders","function_version":"$LATEST",
	//  "function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793","order_id":"o-1001","total":29.95}
	// {"level":"ERROR","message":"invocation failed","timestamp":"2026-11-22T10:15:30.123Z",
	//  "service":"orders","cold_start":false,
	//  "function_arn":"arn:aws:lambda:us-east-1:123456789012:function:orders","function_memory_size":128,
	//  "function_name":"orders","function_version":"$LATEST",
	//  "function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
	//  "xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793","order_id":"o-1002",
	//  "error":{"message":"card declined","type":"*errors.errorString"}}
}

func Example_zerologBoth() {
	// guide: zerolog-both
	zerolog.TimestampFieldName = "timestamp" // Lambda's filter reads this name
	zerolog.TimeFieldFormat = time.RFC3339Nano
	// end
}
