package logging_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/logging"
)

func TestFieldsOfAnInvocationInOrder(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	h := logging.New(&logging.Options{
		Writer: &b, Service: "orders", SampleRate: new(1.0), CorrelationID: logging.APIGatewayHTTP,
		Attrs:       []slog.Attr{slog.String("option", "o")},
		FromContext: func(_ context.Context, dst []slog.Attr) []slog.Attr { return append(dst, slog.String("span_id", "s")) },
	})
	ctx := execenv.NewContext(t.Context(), &execenv.Environment{FunctionName: "fn", FunctionVersion: "7", MemoryMB: 256, OnDemand: true})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "r-1", InvokedFunctionArn: "arn:x", TenantID: "acme"})
	ctx = traceheader.NewContext(ctx, "Sampled=1;Root=1-2-3;Parent=4")
	fn := lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, slog.String("appended", "a"))
		slog.New(h).With("with", "w").WithGroup("g").InfoContext(ctx, "m", "call", "c")
	}, h.Middleware)
	if _, err := fn.Invoke(ctx, []byte(`{"requestContext":{"requestId":"corr"}}`)); err != nil {
		t.Fatal(err)
	}
	const want = `{"service":"orders","cold_start":true,"function_arn":"arn:x","function_memory_size":256,"function_name":"fn",` +
		`"function_version":"7","function_request_id":"r-1","xray_trace_id":"1-2-3","tenant_id":"acme","correlation_id":"corr","sampling_rate":1,` +
		`"option":"o","appended":"a","span_id":"s","with":"w","g":{"call":"c"}}`
	if got := body(t, &b); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The fields of one invocation are not taken for those of the next.
func TestFields_OfEachInvocationAreItsOwn(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	fn := lambdakit.WrapFunc(func(ctx context.Context) { slog.New(logs).InfoContext(ctx, "m") }, logs.Middleware)
	var want [][]any
	now := execenv.Environment{FunctionName: "fn", FunctionVersion: "1", MemoryMB: 128}
	for _, c := range []struct { // each differs from the one before in one field
		change func(*execenv.Environment)
		arn    string
	}{
		{arn: "arn:function:live"}, {arn: "arn:function:test"}, {arn: "arn:function"}, // of two aliases and none
		{arn: "arn:function", change: func(e *execenv.Environment) { e.MemoryMB = 256 }},
		{arn: "arn:function", change: func(e *execenv.Environment) { e.FunctionName = "other" }},
		{arn: "arn:function", change: func(e *execenv.Environment) { e.FunctionVersion = "2" }},
		{arn: "arn:function", change: func(e *execenv.Environment) { e.MemoryMB, e.FunctionName, e.FunctionVersion = 0, "", "" }},
	} {
		if c.change != nil {
			c.change(&now)
		}
		env := &execenv.Environment{FunctionName: now.FunctionName, FunctionVersion: now.FunctionVersion, MemoryMB: now.MemoryMB}
		ctx := lambdacontext.NewContext(execenv.NewContext(t.Context(), env), &lambdacontext.LambdaContext{InvokedFunctionArn: c.arn})
		if _, err := fn.Invoke(ctx, nil); err != nil {
			t.Fatal(err)
		}
		fields := []any{"function_arn", c.arn, "function_memory_size", env.MemoryMB, "function_name", env.FunctionName, "function_version", env.FunctionVersion}
		for i := 1; i < len(fields); i += 2 {
			if fields[i] == 0 || fields[i] == "" { // not known
				fields[i] = nil
			}
		}
		want = append(want, fields)
	}
	for i, m := range lines(t, b.Bytes()) {
		wantFields(t, m, want[i]...)
	}
}

func TestReservedNamesAreKept(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Service: "orders"})
	var args []any
	names := []string{"level", "message", "timestamp", "service", "cold_start", "function_arn", "function_memory_size", "function_name",
		"function_version", "function_request_id", "xray_trace_id", "tenant_id", "sampling_rate"}
	for _, n := range names {
		args = append(args, n, "mine")
	}
	l.Info("m", append(args, "source", "mine")...)
	m := lines(t, b.Bytes())[0]
	for _, n := range names {
		if m["attr_"+n] != "mine" {
			t.Errorf("attr_%s is missing: %s", n, b)
		}
	}
	if m["level"] != "INFO" || m["message"] != "m" || m["service"] != "orders" || m["source"] != "mine" {
		t.Errorf("%s", b)
	}
}
