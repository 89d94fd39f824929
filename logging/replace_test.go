package logging_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func TestReplaceAttr_MayChangeOrRemoveTheTimestamp(t *testing.T) {
	t.Parallel()
	for want, a := range map[any]slog.Attr{"never": slog.String("timestamp", "never"), nil: {}} {
		l, b := logger(t, logging.Options{ReplaceAttr: func(_ []string, old slog.Attr) slog.Attr {
			if old.Key == "timestamp" {
				return a
			}
			return old
		}})
		l.Error("m")
		if got := lines(t, b.Bytes())[0]["timestamp"]; got != want {
			t.Errorf("got the timestamp %v, want %v", got, want)
		}
	}
}

func TestReplaceAttr_MayReturnAGroup(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Service: "orders", ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "service" || a.Key == "message" {
			a.Value = slog.GroupValue(slog.String("name", a.Value.String()), slog.Int("n", 1))
		}
		return a
	}})
	l.Info("m")
	if m := lines(t, b.Bytes())[0]; fmt.Sprint(m["service"], m["message"]) != "map[n:1 name:orders] map[n:1 name:m]" {
		t.Errorf("got %s, want service and message as objects", b)
	}
}

// A middleware that answers nothing answers null.
func TestLogResponse_NoResponseIsNull(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{LogResponse: true})
	silent := func(lambdakit.Handler) lambdakit.Handler {
		return func(context.Context, *lambdakit.Invocation) error { return nil }
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(func() {}, logs.Middleware, silent), `{}`)
	l := res.Log("Lambda invocation response")
	if v, ok := l["response"]; v != nil || !ok {
		t.Errorf("got %v, want the response null", l)
	}
}
