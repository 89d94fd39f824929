package logging_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/logging"
)

// BenchmarkHandle measures this package's part of a line of sixteen fields, without
// the front end of slog. The module benchmarks has whole lines beside those of others.
func BenchmarkHandle(b *testing.B) {
	logs := logging.New(&logging.Options{Service: "orders", Writer: io.Discard})
	ctx := execenv.NewContext(b.Context(), &execenv.Environment{FunctionName: "orders", FunctionVersion: "$LATEST", MemoryMB: 128})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       "c6af9ac6-7b61-11e6-9a41-93e812345678",
		InvokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:orders",
	})
	ctx = traceheader.NewContext(ctx, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
	lambdakit.WrapFunc(func(ctx context.Context) {
		r := slog.NewRecord(time.Now(), slog.LevelInfo, "order accepted", 0)
		r.AddAttrs(slog.String("order_id", "ord-2048-7731"), slog.Int("items", 3), slog.Float64("total", 129.95),
			slog.Bool("gift", true), slog.Duration("elapsed", 1834250))
		b.ReportAllocs()
		for b.Loop() {
			logs.Handle(ctx, r)
		}
	}, logs.Middleware).Invoke(ctx, nil)
}
