package logging_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

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

// ReplaceAttr may give the fields of the toolkit other values.
func TestReplaceAttr_ChangesFieldsOfTheToolkit(t *testing.T) {
	t.Parallel()
	other := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600))
	logged := logValue(func() slog.Value { return slog.StringValue("resolved") })
	for name, c := range map[string]struct {
		key  string
		with slog.Attr
		want string
	}{
		"another level":          {"level", slog.Any("level", slog.LevelError), `{"level":"ERROR","message":"m","timestamp":"2023-11-14T23:13:20.000+01:00","service":"orders"}`},
		"a level as a text":      {"level", slog.String("severity", "loud"), `{"severity":"loud","message":"m","timestamp":"2023-11-14T23:13:20.000+01:00","service":"orders"}`},
		"a level as a LogValuer": {"level", slog.Any("level", logged), `{"level":"resolved","message":"m","timestamp":"2023-11-14T23:13:20.000+01:00","service":"orders"}`},
		"no level":               {"level", slog.Attr{}, `{"message":"m","timestamp":"2023-11-14T23:13:20.000+01:00","service":"orders"}`},
		"no message":             {"message", slog.Attr{}, `{"level":"INFO","timestamp":"2023-11-14T23:13:20.000+01:00","service":"orders"}`},
		"another time":           {"timestamp", slog.Time("timestamp", other), `{"level":"INFO","message":"m","timestamp":"2026-01-02T03:04:05.006+01:00","service":"orders"}`},
		"the time as a number":   {"timestamp", slog.Int("ts", 7), `{"level":"INFO","message":"m","ts":7,"service":"orders"}`},
		"the time by a name":     {"timestamp", slog.Time("ts", time.Unix(1_700_000_000, 0)), `{"level":"INFO","message":"m","ts":"2023-11-14T23:13:20.000+01:00","service":"orders"}`},
		"the service":            {"service", slog.Any("app", logged), `{"level":"INFO","message":"m","timestamp":"2023-11-14T23:13:20.000+01:00","app":"resolved"}`},
		"no service":             {"service", slog.Attr{}, `{"level":"INFO","message":"m","timestamp":"2023-11-14T23:13:20.000+01:00"}`},
	} {
		var b bytes.Buffer
		h := logging.New(&logging.Options{Writer: &b, Service: "orders", Location: time.FixedZone("", 3600), ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == c.key {
				return c.with
			}
			return a
		}})
		h.Handle(t.Context(), slog.NewRecord(time.Unix(1_700_000_000, 0), slog.LevelInfo, "m", 0))
		if got := strings.TrimSpace(b.String()); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// It is asked for the names of groups, the fields of the toolkit have none.
func TestReplaceAttr_GetsTheGroupsOfEachAttribute(t *testing.T) {
	t.Parallel()
	var got []string
	l, _ := logger(t, logging.Options{Service: "orders", ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindGroup {
			t.Errorf("got the group %s, want its members alone", a.Key)
		}
		if a.Key != "timestamp" {
			got = append(got, strings.Join(append(slices.Clone(groups), a.Key), "."))
		}
		return a
	}})
	l.With("a", 1).WithGroup("g").With("b", 1, slog.Group("h", "c", 1)).WithGroup("i").Info("m", "d", 1, slog.Group("j", "e", 1, slog.Group("", "f", 1)), "k", 1)
	if got, want := strings.Join(got, " "), "a g.b g.h.c level message service g.i.d g.i.j.e g.i.j.f g.i.k"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
