package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/tracing"
)

var errUpstream = fmt.Errorf("orders: %w", &notFound{"o-1"})

// answerFailure returns a response and marks the invocation as failed.
func answerFailure(ctx context.Context, _ json.RawMessage) (any, error) {
	lambdakit.FromContext(ctx).Fail(errUpstream)
	return map[string]int{"statusCode": 500}, nil
}

// shape holds the members of a document that describe an error.
func shape(s lambdatest.Segment) string {
	text := fmt.Sprint(s.Document["error"], s.Document["throttle"], s.Document["fault"])
	for _, x := range exceptions(s) {
		text += fmt.Sprint("; ", x["type"], ": ", x["message"])
	}
	return text
}

func TestFail_MakesTheHandlerSpanAFault(t *testing.T) {
	t.Parallel()
	answered := invoke(t, nil, sampled, answerFailure)
	if len(answered.Response) == 0 || !errors.Is(answered.Err, errUpstream) {
		t.Fatalf("got the response %s and the error %v, want both", answered.Response, answered.Err)
	}
	returned := invoke(t, nil, sampled, func(context.Context, json.RawMessage) (any, error) { return nil, errUpstream })
	got, want := shape(answered.Segments[0]), shape(returned.Segments[0])
	if got != want || !answered.Segments[0].Fault {
		t.Errorf("got %s, want what a returned error has: %s", got, want)
	}
}

// An answered 500 is a failure wherever it shows: in the log, in the trace and in the result.
func TestFail_ShowsEverywhere(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	tracer := tracing.New(nil)
	for name, mw := range map[string][]lambdakit.Middleware{
		"logs outside":  {logs.Middleware, tracer.Middleware},
		"trace outside": {tracer.Middleware, logs.Middleware},
	} {
		res := lambdatest.Run(t, lambdakit.Wrap(answerFailure, mw...), `{}`)
		if len(res.Logs) != 1 || res.Logs[0].Level() != "ERROR" || !strings.Contains(string(res.Output), errUpstream.Error()) {
			t.Errorf("%s: got the lines %s, want one at ERROR with %v", name, res.Output, errUpstream)
		}
		if len(res.Segments) == 0 || !res.Segments[0].Fault {
			t.Errorf("%s: got the segments %v, want a fault", name, res.Segments)
		}
		if !errors.Is(res.Err, errUpstream) || string(res.Response) != `{"statusCode":500}` {
			t.Errorf("%s: got %s and %v, want the answer and %v", name, res.Response, res.Err, errUpstream)
		}
	}
}

func TestFail_SetsTheStatusOfAnotherProvidersSpan(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	invoke(t, &tracing.Options{TracerProvider: provider}, sampled, answerFailure)
	s := exporter.GetSpans()[0]
	if s.Status.Code != codes.Error || s.Status.Description != errUpstream.Error() || len(s.Events) != 1 {
		t.Errorf("got status %+v and %d events, want an error and one event", s.Status, len(s.Events))
	}
}

func TestFail_LeavesTheResponseToBeCaptured(t *testing.T) {
	t.Parallel()
	on := true
	o := &tracing.Options{CaptureResponse: &on, Name: "h"}
	byMiddleware := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.Fail(next(ctx, inv))
			inv.SetResponse([]byte(`{"statusCode":500}`))
			return nil
		}
	}
	failing := func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("x") }
	for name, h := range map[string]*lambdatest.Harness{
		"by the handler":   lambdatest.New(t, lambdakit.Wrap(answerFailure, tracing.New(o).Middleware), &lambdatest.Options{TraceHeader: sampled}),
		"by one around it": lambdatest.New(t, lambdakit.Wrap(failing, byMiddleware, tracing.New(o).Middleware), &lambdatest.Options{TraceHeader: sampled}),
		"by one inside it": lambdatest.New(t, lambdakit.Wrap(failing, tracing.New(o).Middleware, byMiddleware), &lambdatest.Options{TraceHeader: sampled}),
	} {
		s := h.Invoke(`{}`).Segments[0]
		if got := fmt.Sprint(s.Metadata["default"]["h response"]); !s.Fault || got != "map[statusCode:500]" {
			t.Errorf("%s: got fault %v and the response %s, want a fault and the response", name, s.Fault, got)
		}
	}
}
