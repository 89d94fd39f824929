package migrate_test

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/sirupsen/logrus"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// guide: logrus-before
func logrusLogger(w io.Writer) *logrus.Logger {
	log := logrus.New()
	log.SetOutput(w)
	log.SetFormatter(&logrus.JSONFormatter{})
	return log
}

func logrusTake(log *logrus.Logger) func(context.Context, Order) (Receipt, error) {
	return func(ctx context.Context, o Order) (Receipt, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		log := log.WithFields(logrus.Fields{"request_id": lc.AwsRequestID, "order_id": o.ID})
		receipt, err := charge(ctx, o)
		if err != nil {
			log.WithError(err).Error("charge failed")
			return Receipt{}, err
		}
		log.WithField("total", o.Total).Info("order accepted")
		return receipt, nil
	}
}

// end

func Example_logrusBefore() {
	take := logrusTake(logrusLogger(stdout{}))
	lambdatest.Run(t, take, good)
	lambdatest.Run(t, take, bad)
	// Output:
	// {"level":"info","msg":"order accepted","order_id":"o-1001",
	//  "request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","time":"2026-11-22T10:15:30Z","total":29.95}
	// {"error":"card declined","level":"error","msg":"charge failed","order_id":"o-1002",
	//  "request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","time":"2026-11-22T10:15:30Z"}
}

func Example_logrusAfter() {
	// guide: logrus-after
	logs := logging.New(&logging.Options{Service: "orders"})
	slog.SetDefault(slog.New(logs))

	handle := func(ctx context.Context, o Order) (Receipt, error) {
		logging.Append(ctx, "order_id", o.ID)
		receipt, err := charge(ctx, o)
		if err != nil {
			return Receipt{}, err // the middleware writes it
		}
		slog.InfoContext(ctx, "order accepted", "total", o.Total)
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

// guide: logrus-hook
// metricsHook passes records of WARN and above to another place, as a logrus.Hook does.
type metricsHook struct{ slog.Handler }

func (h metricsHook) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

func (h metricsHook) Handle(_ context.Context, r slog.Record) error {
	warnings.Add(1)
	return nil
}

func newLogs() *logging.Handler {
	return logging.New(&logging.Options{Tee: metricsHook{slog.DiscardHandler}})
}

// end

func Example_logrusHook() {
	slog.SetDefault(slog.New(newLogs()))
}
