package migrate_test

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// guide: zap-before
func zapLogger(w io.Writer) *zap.Logger {
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	core := zapcore.NewCore(encoder, zapcore.AddSync(w), zap.NewAtomicLevelAt(zap.InfoLevel))
	return zap.New(core).With(zap.String("service", "orders"))
}

func zapTake(log *zap.Logger) func(context.Context, Order) (Receipt, error) {
	return func(ctx context.Context, o Order) (Receipt, error) {
		defer log.Sync()
		lc, _ := lambdacontext.FromContext(ctx)
		log := log.With(zap.String("request_id", lc.AwsRequestID), zap.String("order_id", o.ID))
		receipt, err := charge(ctx, o)
		if err != nil {
			log.Error("charge failed", zap.Error(err))
			return Receipt{}, err
		}
		log.Info("order accepted", zap.Float64("total", o.Total))
		return receipt, nil
	}
}

// end

func Example_zapBefore() {
	take := zapTake(zapLogger(stdout{}))
	lambdatest.Run(t, take, good)
	lambdatest.Run(t, take, bad)
	// Output:
	// {"level":"info","ts":1795342530.123,"msg":"order accepted","service":"orders",
	//  "request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","order_id":"o-1001","total":29.95}
	// {"level":"error","ts":1795342530.123,"msg":"charge failed","service":"orders",
	//  "request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","order_id":"o-1002","error":"card declined"}
}

func Example_zapAfter() {
	// guide: zap-after
	level := new(slog.LevelVar) // as zap.AtomicLevel; INFO
	logs := logging.New(&logging.Options{Service: "orders", Level: level})
	slog.SetDefault(slog.New(logs))

	handle := func(ctx context.Context, o Order) (Receipt, error) {
		logging.Append(ctx, "order_id", o.ID)
		receipt, err := charge(ctx, o)
		if err != nil {
			return Receipt{}, err // the middleware writes it
		}
		slog.InfoContext(ctx, "order accepted", slog.Float64("total", o.Total))
		return receipt, nil
	}
	handler := lambdakit.Wrap(handle, logs.Middleware) // for lambda.Start
	// end
	h := lambdatest.New(t, handler, &lambdatest.Options{FunctionName: "orders"})
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

var errStock = errors.New("out of stock")

func Example_zapFatal() {
	logs := logging.New(nil)
	err := errStock
	// guide: zap-fatal
	if err != nil {
		logs.Fatal("load the configuration", "error", err) // instead of zap.L().Fatal
	}
	// end
	lambda.Start(lambdakit.Wrap(charge, logs.Middleware))
}
