package logging_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
)

func TestReportWork_WritesAnErrorLine(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
		logging.Append(ctx, "order_id", "o-1")
		lambdakit.AfterResponse(logging.With(ctx, "cache", "prices"), "warm cache", func(context.Context) error { return errors.New("no connection") })
		lambdakit.AfterResponse(ctx, "boom", func(context.Context) error { panic("oops") })
		return struct{}{}, nil
	}, logs.Middleware).Invoke(t.Context(), []byte("{}"))
	all := lines(t, b.Bytes())
	if len(all) != 2 {
		t.Fatalf("got %s, want two lines", b.Bytes())
	}
	first := all[0]
	if first["level"] != "ERROR" || first["work"] != "warm cache" || first["order_id"] != "o-1" || first["cache"] != "prices" || first["error"].(map[string]any)["message"] != "no connection" {
		t.Errorf("got %v, want an ERROR with the work, the fields of the invocation and of its context, and the error", first)
	}
	second, ok := all[1]["error"].(map[string]any)
	if !ok || second["message"] != "panic: oops" || second["stack"] == nil {
		t.Errorf("got %v, want the panic with its stack", all[1])
	}
}
