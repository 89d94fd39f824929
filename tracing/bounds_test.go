package tracing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// many is a number of spans above the limit of open spans.
const many = 1500

// startMany starts many spans in ctx and returns them with their contexts.
func startMany(ctx context.Context) (contexts []context.Context, spans []trace.Span) {
	for range many {
		ctx, sp := tracing.Start(ctx, "work")
		contexts, spans = append(contexts, ctx), append(spans, sp)
	}
	return contexts, spans
}

func TestOpenSpans_AreBounded(t *testing.T) {
	t.Parallel()
	var reports []string
	o := &tracing.Options{OnError: func(err error) { reports = append(reports, err.Error()) }}
	res := invoke(t, o, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		_, spans := startMany(ctx)
		for _, sp := range spans {
			sp.End()
		}
		return nil, nil
	})
	if got := len(res.Segments); got != 1000 {
		t.Errorf("got %d documents, want 1000", got)
	}
	if want := fmt.Sprintf("dropped %d spans", many-999); len(reports) != 1 || !strings.Contains(reports[0], want) {
		t.Errorf("got reports %q, want one with %q", reports, want)
	}
}

func TestOpenSpans_ThatEndMakeRoom(t *testing.T) {
	t.Parallel()
	var reports []string
	o := &tracing.Options{OnError: func(err error) { reports = append(reports, err.Error()) }}
	res := invoke(t, o, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		for range many {
			tracing.Run(ctx, "work", func(context.Context) error { return nil })
		}
		return nil, nil
	})
	if len(res.Segments) != many+1 || len(reports) != 0 {
		t.Errorf("got %d documents and reports %q, want %d and none", len(res.Segments), reports, many+1)
	}
}

// Near the deadline the spans that are open are sent, in whatever order others have ended.
func TestOpenSpans_EndInAnyOrder(t *testing.T) {
	t.Parallel()
	for order := range 120 {
		synctest.Test(t, func(t *testing.T) {
			h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
				names := []string{"a", "b", "c", "d", "e"}
				var spans []trace.Span
				for _, name := range names {
					_, sp := tracing.Start(ctx, name)
					spans = append(spans, sp)
				}
				for i, n := 0, order; i < 3; i++ { // three of five end
					at := n % len(spans)
					n /= len(spans)
					spans[at].End()
					spans = slices.Delete(spans, at, at+1)
				}
				deadline, _ := ctx.Deadline()
				time.Sleep(time.Until(deadline) - time.Millisecond)
				for _, sp := range spans {
					sp.End()
				}
				return nil, nil
			}, tracing.New(nil).Middleware), &lambdatest.Options{TraceHeader: sampled})
			ended := make(map[string]int)
			var open []string
			for _, s := range h.Invoke(`{}`).Segments {
				if s.Document["in_progress"] == true {
					open = append(open, s.Name)
				} else {
					ended[s.Name]++
				}
			}
			if len(open) != 3 || open[0] != "## function" || open[1] >= open[2] || len(ended) != 6 {
				t.Errorf("order %d: got %v in progress and %v ended, want the handler and two others in progress, the first of them first, and 6 ended", order, open, ended)
			}
		})
	}
}

// A dropped span records nothing and is not a parent: its children become children of its parent.
func TestOpenSpans_BelowOneThatIsLeftOut(t *testing.T) {
	t.Parallel()
	o := &tracing.Options{OnError: func(error) {}}
	var header string
	res := invoke(t, o, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		contexts, spans := startMany(ctx)
		last := contexts[many-1]
		tracing.Annotate(last, "lost", 1)
		if sp := trace.SpanFromContext(last); sp.IsRecording() || !sp.SpanContext().IsSampled() {
			t.Errorf("got recording %v, sampled %v, want a sampled span that records nothing", sp.IsRecording(), sp.SpanContext().IsSampled())
		}
		header = tracing.Header(last)
		for _, sp := range spans {
			sp.End()
		}
		tracing.Run(last, "by Run", func(context.Context) error { return nil })
		_, sp := tracing.Start(last, "by Start")
		sp.End()
		_, sp = spans[many-1].TracerProvider().Tracer("lib").Start(last, "by a library", trace.WithNewRoot())
		sp.End()
		return nil, nil
	})
	handler := find(t, res, "## function")
	for _, name := range []string{"by Run", "by Start"} {
		if got := find(t, res, name).ParentID; got != handler.ID {
			t.Errorf("%s: got the parent %s, want the handler span %s", name, got, handler.ID)
		}
	}
	if s := find(t, res, "by a library"); s.ParentID != "" || s.TraceID == traceID || s.Subsegment || s.Document["origin"] != "AWS::Lambda::Function" {
		t.Errorf("got %v, want the segment of the function in a new trace", s.Document)
	}
	if want := "Root=" + traceID + ";Parent=" + handler.ID + ";Sampled=1"; header != want {
		t.Errorf("got the header %s, want %s", header, want)
	}
	if _, ok := handler.Annotations["lost"]; ok {
		t.Error("the annotation of a span that is left out is the handler's")
	}
}

func TestMetadata_BytesOfOpenSpansAreBounded(t *testing.T) {
	t.Parallel()
	const values = 120 // 6 MB together
	value := strings.Repeat("x", 50_000)
	for name, contextOf := range map[string]func(ctx context.Context) context.Context{
		"of one span":   func(ctx context.Context) context.Context { return ctx },
		"of many spans": func(ctx context.Context) context.Context { ctx, _ = tracing.Start(ctx, "work"); return ctx },
	} {
		var reports []string
		o := &tracing.Options{OnError: func(err error) { reports = append(reports, err.Error()) }}
		invoke(t, o, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
			for i := range values {
				tracing.AddMetadata(contextOf(ctx), fmt.Sprint(i), value)
			}
			return nil, nil
		})
		var dropped int
		for _, r := range reports {
			fmt.Sscanf(r, "tracing: an invocation dropped %d values", &dropped)
		}
		if kept := (values - dropped) * len(value); kept > 5<<20 || kept < 3<<20 {
			t.Errorf("%s: got %d of %d values dropped, want all but those of 4 MB; reports %q", name, dropped, values, reports)
		}
	}
}
