package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

const (
	traceID = "1-5759e988-bd862e3fe1be46a994272793"
	parent  = "557abcec3ee5a047"
	sampled = "Root=" + traceID + ";Parent=" + parent + ";Sampled=1"
)

type body = func(ctx context.Context, in json.RawMessage) (any, error)

// invoke runs f in one traced invocation and validates the documents.
func invoke(t *testing.T, o *tracing.Options, header string, f body) *lambdatest.Result {
	t.Helper()
	h := lambdatest.New(t, lambdakit.Wrap(f, tracing.New(o).Middleware), &lambdatest.Options{TraceHeader: header})
	res := h.Invoke(`{}`)
	validate(t, res)
	if p, ok := res.Err.(*lambdatest.PanicError); ok {
		if err, ok := p.Value.(runtime.Error); ok {
			t.Errorf("got the panic %v, want none:\n%s", err, p.Stack)
		}
	}
	return res
}

func find(t *testing.T, res *lambdatest.Result, name string) lambdatest.Segment {
	t.Helper()
	for _, s := range res.Segments {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("got no segment %q among %d, want one", name, len(res.Segments))
	return lambdatest.Segment{}
}

func exceptions(s lambdatest.Segment) []map[string]any {
	cause, _ := s.Document["cause"].(map[string]any)
	list, _ := cause["exceptions"].([]any)
	var all []map[string]any
	for _, x := range list {
		all = append(all, x.(map[string]any))
	}
	return all
}

func TestHandlerSpan(t *testing.T) {
	t.Parallel()
	tracer := tracing.New(&tracing.Options{Service: "orders"})
	h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		sc := trace.SpanContextFromContext(ctx)
		if sc.TraceID().String() != "5759e988bd862e3fe1be46a994272793" || !sc.IsSampled() || sc.IsRemote() {
			t.Errorf("got %+v, want a sampled local span of the trace in the header", sc)
		}
		return "secret", nil
	}, tracer.Middleware), &lambdatest.Options{TraceHeader: sampled})
	first, second := h.Invoke(`{}`), h.Invoke(`{}`)
	for i, res := range []*lambdatest.Result{first, second} {
		validate(t, res)
		s := find(t, res, "## function")
		if s.TraceID != traceID || s.ParentID != parent || !s.Subsegment || s.Fault || s.Error || s.End.Before(s.Start) ||
			s.Annotations["ColdStart"] != (i == 0) || s.Annotations["Service"] != "orders" ||
			s.Metadata["default"]["faas.invocation_id"] != res.RequestID || len(res.Segments) != 1 {
			t.Errorf("got %+v, want one handler span with the id of the request", s)
		}
		if strings.Contains(fmt.Sprint(s.Document), "secret") {
			t.Errorf("got the response in %v, want none", s.Document)
		}
	}
	if first.Segments[0].ID == second.Segments[0].ID {
		t.Errorf("got the id %s twice, want different ids", first.Segments[0].ID)
	}
}

func TestNothingIsRecordedWithoutADecision(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Root=" + traceID, "Root=" + traceID + ";Sampled=1", "Root=" + traceID + ";Parent=" + parent,
		"Root=" + traceID + ";Parent=" + parent + ";Sampled=0", "Root=" + traceID + ";Parent=" + parent + ";Sampled=?",
		"garbage", "Root=1-xyz;Parent=" + parent + ";Sampled=1",
	} {
		res := invoke(t, nil, header, func(ctx context.Context, _ json.RawMessage) (any, error) {
			tracing.Annotate(ctx, "a", 1)
			tracing.AddMetadata(ctx, "m", func() {})
			err := tracing.Run(ctx, "x", func(ctx context.Context) error {
				_, sp := tracing.Start(ctx, "y")
				defer sp.End()
				if sp.IsRecording() || sp.SpanContext().IsSampled() {
					t.Errorf("%s: got a recorded span, want none", header)
				}
				return nil
			})
			return tracing.Header(ctx), err
		})
		var passed string
		res.Decode(&passed)
		if len(res.Segments) != 0 || passed != header {
			t.Errorf("%s: got %d segments and the header %q, want none and the same header", header, len(res.Segments), passed)
		}
	}
}

type notFound struct{ id string }

func (e *notFound) Error() string { return e.id + " not found" }

func TestErrorIsAFaultWithItsCauses(t *testing.T) {
	t.Parallel()
	failure := fmt.Errorf("load order: %w", &notFound{"o-1"})
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		return nil, tracing.Run(ctx, "load", func(context.Context) error { return failure })
	})
	if res.Err != failure {
		t.Errorf("got the error %v, want %v", res.Err, failure)
	}
	for _, name := range []string{"load", "## function"} {
		s := find(t, res, name)
		x := exceptions(s)
		if !s.Fault || len(x) != 2 || x[0]["message"] != "load order: o-1 not found" || x[0]["type"] != "*fmt.wrapError" ||
			x[1]["type"] != "*tracing_test.notFound" || x[0]["cause"] != x[1]["id"] {
			t.Errorf("got %v, want a fault with the error and its cause", s.Document)
		}
	}
	stack := exceptions(find(t, res, "load"))[0]["stack"].([]any)[0].(map[string]any)
	if label := stack["label"].(string); !strings.Contains(label, "tracing_test.TestErrorIsAFault") {
		t.Errorf("got a stack that begins at %s, want the function that called Run", label)
	}
}

func TestPanicIsAFaultWithItsStack(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		return tracing.Call(ctx, "inner", func(context.Context) (any, error) { panic("boom") })
	})
	var p *lambdatest.PanicError
	if !errors.As(res.Err, &p) || p.Value != "boom" {
		t.Errorf("got the error %v, want the panic boom", res.Err)
	}
	outer, inner := find(t, res, "## function"), find(t, res, "inner")
	x := exceptions(outer)
	if !outer.Fault || len(x) != 1 || x[0]["message"] != "boom" || x[0]["type"] != "string" || !strings.Contains(fmt.Sprint(x[0]["stack"]), "TestPanicIsAFault") {
		t.Errorf("got %v, want a fault with the panic and its stack", outer.Document)
	}
	if x := exceptions(inner); !inner.Fault || len(x) != 1 || !strings.Contains(fmt.Sprint(x[0]["stack"]), "TestPanicIsAFault") || inner.ParentID != outer.ID {
		t.Errorf("got %v, want a fault with a stack below the handler span", inner.Document)
	}
}

func TestGoexitEndsTheSpan(t *testing.T) {
	d := listen(t)
	h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		runtime.Goexit()
		return nil, nil
	}, tracing.New(&tracing.Options{Name: "handler"}).Middleware)
	go h.Invoke(lambdaContext(sampled), []byte(`{}`))
	doc := d.Next(t)
	if x, _ := doc.In("cause", "exceptions").([]any); doc.At("name") != "handler" || doc.At("fault") != true || len(x) != 1 || !strings.Contains(string(doc.JSON), lambdakit.ErrGoexit.Error()) {
		t.Errorf("got %s, want a fault with %q", doc.JSON, lambdakit.ErrGoexit)
	}
}

func TestAnnotationsAndMetadata(t *testing.T) {
	t.Parallel()
	type id string
	var reports []string
	res := invoke(t, &tracing.Options{Service: "shop", OnError: func(err error) { reports = append(reports, err.Error()) }, Annotations: []string{"indexed.key"}}, sampled,
		func(ctx context.Context, _ json.RawMessage) (any, error) {
			tracing.Annotate(ctx, "order-id", id("o-1"))
			tracing.Annotate(ctx, "order-id", id("o-2"))
			tracing.Annotate(ctx, "n", 5)
			tracing.Annotate(ctx, "f", 1.5)
			tracing.Annotate(ctx, "b", true)
			tracing.Annotate(ctx, "u", uint8(7))
			tracing.Annotate(ctx, "nan", math.NaN())
			tracing.Annotate(ctx, "", "x")
			tracing.AddMetadata(ctx, "k", 1)
			tracing.AddMetadata(ctx, "k", map[string]any{"a": []int{1}})
			tracing.AddMetadata(ctx, "bad", func() {})
			tracing.AddMetadata(ctx, "panics", panics{})
			tracing.AddMetadataIn(ctx, "other", "k", "v")
			trace.SpanFromContext(ctx).SetAttributes(attribute.String("indexed.key", "yes"), attribute.Int("plain", 3))
			return nil, nil
		})
	s := res.Segments[0]
	want := map[string]any{"ColdStart": true, "Service": "shop", "order_id": "o-2", "n": 5.0, "f": 1.5, "b": true, "u": 7.0, "indexed_key": "yes"}
	if fmt.Sprint(s.Annotations) != fmt.Sprint(want) {
		t.Errorf("got annotations %v, want %v", s.Annotations, want)
	}
	if fmt.Sprint(s.Metadata["shop"]) != "map[k:map[a:[1]]]" || s.Metadata["other"]["k"] != "v" || s.Metadata["default"]["plain"] != 3.0 {
		t.Errorf("got metadata %v, want values in the namespaces shop, other and default", s.Metadata)
	}
	if text := strings.Join(reports, "\n"); len(reports) != 4 || !strings.Contains(text, `"nan" is NaN`) || !strings.Contains(text, "without a key") || !strings.Contains(text, "func()") {
		t.Errorf("got reports %q, want four: of NaN, of an empty key, and of two values that cannot be encoded", reports)
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("x") }

func TestAnnotate_KeysThatBecomeTheSame(t *testing.T) {
	t.Parallel()
	var reports []string
	res := invoke(t, &tracing.Options{OnError: func(err error) { reports = append(reports, err.Error()) }}, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		tracing.Annotate(ctx, "order-id", 1)
		tracing.Annotate(ctx, "order.id", 2)
		return nil, nil
	})
	if got := find(t, res, "## function").Annotations["order_id"]; got != 2.0 || len(reports) != 0 {
		t.Errorf("got %v and the reports %q, want the later value and no report", got, reports)
	}
}

func TestCaptureResponse(t *testing.T) {
	t.Parallel()
	on := true
	answer := func(v any) body { return func(context.Context, json.RawMessage) (any, error) { return v, nil } }
	capture := func(v any) any {
		res := invoke(t, &tracing.Options{Service: "s", Name: "## get order", CaptureResponse: &on, MaxResponseBytes: 20}, sampled, answer(v))
		return res.Segments[0].Metadata["s"]["get order response"]
	}
	if got := capture(map[string]int{"a": 1}); fmt.Sprint(got) != "map[a:1]" {
		t.Errorf("got %v, want the response", got)
	}
	if got := capture(strings.Repeat("x", 19)); got != "[21 bytes left out]" {
		t.Errorf("got %v, want the size of the response", got)
	}
	res := invoke(t, &tracing.Options{CaptureResponse: &on}, sampled, func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("x") })
	if strings.Contains(fmt.Sprint(res.Segments[0].Document), "response") {
		t.Errorf("got %v, want no response", res.Segments[0].Document)
	}
}

func TestCaptureResponse_ByTheEnvironment(t *testing.T) {
	off := false
	for _, c := range []struct {
		variable string
		option   *bool
		want     string
	}{{"true", nil, "map[function response:answer]"}, {"false", nil, "map[]"}, {"true", &off, "map[]"}} {
		t.Setenv("POWERTOOLS_TRACER_CAPTURE_RESPONSE", c.variable)
		o := &tracing.Options{Service: "s", CaptureResponse: c.option}
		res := invoke(t, o, sampled, func(context.Context, json.RawMessage) (any, error) { return "answer", nil })
		if got := fmt.Sprint(find(t, res, "## function").Metadata["s"]); got != c.want {
			t.Errorf("%s and %v: got the metadata %s, want %s", c.variable, c.option, got, c.want)
		}
	}
}

func TestPassThroughSendsASegment(t *testing.T) {
	t.Parallel()
	res := invoke(t, &tracing.Options{PassThrough: true}, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		return nil, tracing.Run(ctx, "child", func(context.Context) error { return nil })
	})
	s, child := find(t, res, "function"), find(t, res, "child")
	aws, _ := s.Document["aws"].(map[string]any)
	if s.Subsegment || s.ParentID != parent || s.Document["origin"] != "AWS::Lambda::Function" || aws["request_id"] != res.RequestID || aws["account_id"] != "123456789012" {
		t.Errorf("got %v, want a segment of the function", s.Document)
	}
	if !child.Subsegment || child.ParentID != s.ID {
		t.Errorf("got %v, want a subsegment of %s", child.Document, s.ID)
	}
}

func TestSpanEndsWithTheStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := lambdakit.WrapStream(func(context.Context, json.RawMessage) (io.Reader, error) { return slow{}, nil }, tracing.New(nil).Middleware)
		res := lambdatest.New(t, h, &lambdatest.Options{TraceHeader: sampled}).Invoke(`{}`)
		if res.Err == nil || len(res.Segments) != 1 {
			t.Fatalf("got the error %v and %d segments, want an error and one segment", res.Err, len(res.Segments))
		}
		s := res.Segments[0]
		if s.End.Sub(s.Start) != 3*time.Second || !s.Fault {
			t.Errorf("got %v, want a fault of three seconds", s.Document)
		}
	})
}

// slow fails after three seconds.
type slow struct{}

func (slow) Read([]byte) (int, error) {
	time.Sleep(3 * time.Second)
	return 0, errors.New("disk gone")
}

func TestTimeoutShowsOpenSpans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			tracing.Annotate(ctx, "order", "o-1")
			return nil, tracing.Run(ctx, "stuck", func(context.Context) error {
				time.Sleep(9500 * time.Millisecond)
				return nil
			})
		}, tracing.New(nil).Middleware), &lambdatest.Options{TraceHeader: sampled, Timeout: 10 * time.Second})
		res := h.Invoke(`{}`)
		validate(t, res)
		var got []string
		ids := map[string]bool{}
		for _, s := range res.Segments {
			ids[s.ID] = true
			got = append(got, fmt.Sprint(s.Name, " ", s.Document["in_progress"], " ", s.Annotations["order"]))
		}
		want := "[## function true o-1 stuck true <nil> stuck <nil> <nil> ## function <nil> o-1]"
		if fmt.Sprint(got) != want || len(ids) != 2 {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestSpansThatOutliveTheInvocation(t *testing.T) {
	d := listen(t)
	release := make(chan struct{})
	h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		ctx, sp := tracing.Start(ctx, "background")
		go func() {
			<-release
			tracing.Run(ctx, "later", func(context.Context) error { return nil })
			sp.End()
			sp.SetName("changed") // after the end this and the next call have no effect
			sp.End()
			tracing.Run(ctx, "last", func(context.Context) error { return nil })
		}()
		return nil, nil
	}, tracing.New(&tracing.Options{Name: "handler"}).Middleware)
	h.Invoke(lambdaContext(sampled), []byte(`{}`))
	handler, open := d.Next(t), d.Next(t)
	close(release)
	later, done, last := d.Next(t), d.Next(t), d.Next(t)
	if handler.At("name") != "handler" || open.At("name") != "background" || open.At("in_progress") != true {
		t.Errorf("got %s and %s, want the handler and the open background span", handler.JSON, open.JSON)
	}
	if done.At("id") != open.At("id") || done.At("name") != "background" || done.At("end_time") == nil {
		t.Errorf("got %s, want the end of %s", done.JSON, open.JSON)
	}
	for _, doc := range []xraytest.Document{later, last} {
		if doc.At("parent_id") != open.At("id") || doc.At("trace_id") != traceID {
			t.Errorf("got %s, want a child of %v", doc.JSON, open.At("id"))
		}
	}
}

func TestSpanInterface(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		start := time.UnixMicro(1_700_000_000_123_456)
		_, sp := tracing.Start(ctx, "old name", trace.WithTimestamp(start), trace.WithSpanKind(trace.SpanKindConsumer),
			trace.WithAttributes(attribute.Int("n", 1)), trace.WithLinks(trace.LinkFromContext(ctx, attribute.Bool("l", true))))
		sp.SetName("new name")
		sp.SetAttributes(attribute.Int("n", 2), attribute.StringSlice("s", []string{"a", "b"}), attribute.KeyValue{})
		sp.AddEvent("cache miss", trace.WithTimestamp(start), trace.WithAttributes(attribute.String("key", "k")))
		sp.RecordError(errors.New("recorded"), trace.WithStackTrace(true))
		sp.RecordError(nil)
		sp.AddLink(trace.Link{})
		sp.SetStatus(codes.Error, "bad")
		sp.SetStatus(codes.Ok, "ignored")
		sp.SetStatus(codes.Error, "too late")
		if !sp.IsRecording() {
			t.Error("got a span that does not record, want a recording span")
		}
		sp.End(trace.WithTimestamp(start.Add(1500 * time.Millisecond)))
		if sp.IsRecording() || !sp.SpanContext().IsValid() {
			t.Errorf("got IsRecording %v and %+v after the end, want false and the same ids", sp.IsRecording(), sp.SpanContext())
		}
		sp.SetAttributes(attribute.Int("n", 3))
		_, sp = sp.TracerProvider().Tracer("lib").Start(ctx, "sibling")
		sp.End()
		return nil, nil
	})
	s := find(t, res, "new name")
	text := fmt.Sprint(s.Metadata["default"])
	if s.Fault || s.Start.UnixMicro() != 1_700_000_000_123_456 || s.End.Sub(s.Start) != 1500*time.Millisecond || s.Metadata["default"]["n"] != 2.0 ||
		!strings.Contains(text, "cache miss") || !strings.Contains(text, "s:[a b]") || !strings.Contains(text, "otel.dropped:1") || !strings.Contains(text, "otel.links:[map[attributes:map[l:true]") {
		t.Errorf("got %v, want everything that the span recorded", s.Document)
	}
	x := exceptions(s)
	if len(x) != 1 || x[0]["message"] != "recorded" || !strings.Contains(fmt.Sprint(x[0]["stack"]), "TestSpanInterface") {
		t.Errorf("got exceptions %v, want the recorded error and its stack", x)
	}
	if sibling := find(t, res, "sibling"); sibling.ParentID != s.ParentID {
		t.Errorf("got %v, want the parent %s", sibling.Document, s.ParentID)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	res := invoke(t, &tracing.Options{OnError: func(error) {}}, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		_, sp := tracing.Start(ctx, "much")
		for i := range 300 {
			sp.SetAttributes(attribute.Int(fmt.Sprint("a", i), i))
			sp.AddEvent(fmt.Sprint("e", i))
			sp.AddLink(trace.LinkFromContext(ctx))
			tracing.AddMetadata(ctx, fmt.Sprint("m", i), i)
			tracing.Annotate(ctx, fmt.Sprint("x", i), i)
		}
		sp.End()
		return nil, nil
	})
	m := find(t, res, "much").Metadata["default"]
	if m["otel.dropped"] != 3.0*(300-128) || len(m["otel.events"].([]any)) != 128 || len(m["otel.links"].([]any)) != 128 || m["a127"] != 127.0 || m["a128"] != nil ||
		m["otel.events"].([]any)[127].(map[string]any)["name"] != "e299" {
		t.Errorf("got %v, want 128 values of each kind", m)
	}
	s := find(t, res, "## function")
	if len(s.Annotations) != 50 || len(s.Metadata["default"]) != 128+3 {
		t.Errorf("got %d annotations and %d values of metadata, want 50 and %d", len(s.Annotations), len(s.Metadata["default"]), 128+3)
	}
}

func TestSpansOfOtherTraces(t *testing.T) {
	t.Parallel()
	remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, Remote: true})
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		provider := trace.SpanFromContext(ctx).TracerProvider()
		mctx, sp := provider.Tracer("").Start(trace.ContextWithRemoteSpanContext(ctx, remote), "message", trace.WithSpanKind(trace.SpanKindConsumer))
		tracing.Run(mctx, "work on it", func(context.Context) error { return nil })
		sp.End()
		_, sp = provider.Tracer("").Start(trace.ContextWithRemoteSpanContext(ctx, remote.WithTraceFlags(0)), "unsampled message")
		if sp.IsRecording() || sp.SpanContext().TraceID() != remote.TraceID() {
			t.Errorf("got %+v, want a span of the trace %s that does not record", sp.SpanContext(), remote.TraceID())
		}
		_, sp = tracing.Start(ctx, "root", trace.WithNewRoot())
		sp.End()
		_, sp = provider.Tracer("").Start(context.Background(), "nowhere")
		if sp.IsRecording() {
			t.Error("got a recorded span without a trace, want none")
		}
		return nil, nil
	})
	message, work, root := find(t, res, "message"), find(t, res, "work on it"), find(t, res, "root")
	if message.TraceID != "1-01000000-000000000000000000000000" || message.ParentID != "0200000000000000" || message.Subsegment {
		t.Errorf("got %v, want a segment in the trace of the message", message.Document)
	}
	if work.TraceID != message.TraceID || work.ParentID != message.ID || !work.Subsegment {
		t.Errorf("got %v, want a subsegment of %s", work.Document, message.ID)
	}
	var version, seconds int64
	var random string
	fmt.Sscanf(strings.ReplaceAll(root.TraceID, "-", " "), "%d %x %s", &version, &seconds, &random)
	if age := root.Start.Unix() - seconds; version != 1 || age < 0 || age > 1 || len(random) != 24 || random == strings.Repeat("0", 24) {
		t.Errorf("got the trace id %s of a root that began at %v, want the time and a random number", root.TraceID, root.Start)
	}
	if root.TraceID == traceID || root.ParentID != "" || root.Subsegment || len(res.Segments) != 4 {
		t.Errorf("got %v and %d segments, want the root of a new trace and 4", root.Document, len(res.Segments))
	}
}

func TestMiddlewareTwiceMakesOneSpan(t *testing.T) {
	t.Parallel()
	tracer := tracing.New(nil)
	res := lambdatest.Run(t, lambdakit.Wrap(func(context.Context, json.RawMessage) (any, error) { return nil, nil }, tracer.Middleware, tracer.Middleware), `{}`)
	if len(res.Segments) != 1 {
		t.Errorf("got %d segments, want 1", len(res.Segments))
	}
}

// A middleware may start a span between two uses of the same Provider. The span stays the parent.
func TestMiddlewareTwice_KeepsTheSpanBetween(t *testing.T) {
	t.Parallel()
	tracer := tracing.New(nil)
	between := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			return tracing.Run(ctx, "between", func(ctx context.Context) error { return next(ctx, inv) })
		}
	}
	without := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			return next(trace.ContextWithSpan(ctx, nil), inv)
		}
	}
	for want, mw := range map[string]lambdakit.Middleware{"between": between, "## function": without} {
		res := lambdatest.Run(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			return nil, tracing.Run(ctx, "work", func(context.Context) error { return nil })
		}, tracer.Middleware, mw, tracer.Middleware), `{}`)
		if work := find(t, res, "work"); work.ParentID != find(t, res, want).ID {
			t.Errorf("got the parent %s of %v, want %s", work.ParentID, work.Document, want)
		}
	}
}

func TestInvocationWithinAnother(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for _, passThrough := range []bool{false, true} {
		tracer := tracing.New(&tracing.Options{PassThrough: passThrough})
		inner := lambdakit.Wrap(func(context.Context, json.RawMessage) (any, error) { return nil, boom }, tracer.Middleware)
		res := lambdatest.Run(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			return nil, tracing.Run(ctx, "route", func(ctx context.Context) error {
				inner.Invoke(ctx, []byte(`{}`))
				return nil
			})
		}, tracer.Middleware), `{}`)
		validate(t, res)
		if len(res.Segments) != 3 {
			t.Fatalf("got %d segments, want 3", len(res.Segments))
		}
		in, route, out := res.Segments[0], res.Segments[1], res.Segments[2]
		if in.ParentID != route.ID || route.ParentID != out.ID || !in.Fault || out.Fault || !in.Subsegment || out.Subsegment == passThrough {
			t.Errorf("got %s, %s and %s, want each below the next", in.JSON, route.JSON, out.JSON)
		}
	}
}

// TestConcurrentInvocationsNeverMix runs invocations with different traces at the same time. Each
// span names its invocation and must be in the trace of that invocation.
func TestConcurrentInvocationsNeverMix(t *testing.T) {
	t.Parallel()
	spans := 100_000
	if testing.Short() {
		spans = 10_000
	}
	const workers, each = 8, 25 // each: spans of an invocation, including the handler span
	h := lambdakit.Wrap(func(ctx context.Context, root string) (any, error) {
		tracing.Annotate(ctx, "root", root)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 3 {
					tracing.Run(ctx, "outer", func(ctx context.Context) error {
						tracing.Annotate(ctx, "root", root)
						return tracing.Run(ctx, "inner", func(ctx context.Context) error {
							tracing.Annotate(ctx, "root", root)
							return nil
						})
					})
				}
			})
		}
		wg.Wait()
		return nil, nil
	}, tracing.New(nil).Middleware)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range spans / workers / each {
				root := fmt.Sprintf("1-%08x-%024x", w+1, i+1)
				res := lambdatest.New(t, h, &lambdatest.Options{TraceHeader: "Root=" + root + ";Parent=" + parent + ";Sampled=1"}).Invoke(`"` + root + `"`)
				if len(res.Segments) != each {
					t.Errorf("got %d segments, want %d", len(res.Segments), each)
				}
				ids := map[string]string{parent: ""}
				for _, s := range res.Segments {
					ids[s.ID] = s.Name
				}
				for _, s := range res.Segments {
					if _, ok := ids[s.ParentID]; !ok || s.TraceID != root || s.Annotations["root"] != root {
						t.Errorf("got %v, want a span of the trace %s", s.Document, root)
					}
				}
			}
		})
	}
	wg.Wait()
}
