package lambdatest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// writing runs a handler that writes text as the lines, and traces as the segment documents.
func writing(t *testing.T, text, traces string) *lambdatest.Result {
	t.Helper()
	return lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		s := execenv.FromContext(ctx)
		fmt.Fprint(s.Stdout, text)
		fmt.Fprint(s.Traces, traces)
	}), nil)
}

func TestMetrics_EverythingOfADocument(t *testing.T) {
	t.Parallel()
	res := writing(t, `{"_aws":{"Timestamp":1000,"CloudWatchMetrics":[
`+`{"Namespace":"Shop"}]}}`+"\n"+
		`{"_aws":{"Timestamp":1000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"],[]],"Metrics":[`+
		`{"Name":"a","Unit":"Count","StorageResolution":1},{"Name":"b"},{"Name":"none"}]}]},"service":"orders","a":[1,2.5],"b":3}`+"\n", "")
	if len(res.Metrics) != 3 {
		t.Fatalf("got %d metrics, want 3", len(res.Metrics))
	}
	a, b, none := res.Metrics[0], res.Metrics[1], res.Metrics[2]
	if a.Namespace != "Shop" || a.Name != "a" || a.Unit != "Count" || !a.HighResolution || !reflect.DeepEqual(a.Values, []float64{1, 2.5}) ||
		!a.Timestamp.Equal(time.UnixMilli(1000)) || a.Value != 3.5 ||
		!maps.Equal(a.Dimensions, map[string]string{"service": "orders"}) || !reflect.DeepEqual(a.DimensionSets, [][]string{{"service"}, nil}) || a.Document["service"] != "orders" {
		t.Errorf("got %+v, want the metric a of the document", a)
	}
	if b.Unit != "" || b.HighResolution || !reflect.DeepEqual(b.Values, []float64{3}) {
		t.Errorf("got %+v, want the value 3 at standard resolution", b)
	}
	if none.Values != nil {
		t.Errorf("got the values %v, want none", none.Values)
	}
}

func TestMetrics_OddDocumentsAreNoMetrics(t *testing.T) {
	t.Parallel()
	for _, line := range []string{`{"_aws":1}`, `{"_aws":{"CloudWatchMetrics":1}}`, `{"_aws":{"Timestamp":"x"}}`, `{"_aws":null}`} {
		if res := writing(t, line+"\n", ""); len(res.Metrics)+len(res.Logs) != 0 {
			t.Errorf("%s: got %+v and %+v, want nothing", line, res.Metrics, res.Logs)
		}
	}
}

func TestLogs_OnlyObjects(t *testing.T) {
	t.Parallel()
	res := writing(t, "plain\n[1]\nnull\n1\n{\"level\":\"WARN\",\"message\":\"m\"}\n{\"level\":1}\n", "")
	if len(res.Logs) != 2 || res.Logs[0].Level() != "WARN" || res.Logs[0].Message() != "m" || res.Logs[1].Level() != "" {
		t.Errorf("got %v, want two lines", res.Logs)
	}
}

func TestSegments_EverythingOfADocument(t *testing.T) {
	t.Parallel()
	doc := `{"id":"a","parent_id":"p","trace_id":"1-x","name":"n","namespace":"aws","type":"subsegment","start_time":1.5,"end_time":2.000001,` +
		`"error":true,"fault":true,"throttle":true,"annotations":{"k":"v"},"metadata":{"default":{"m":[1]}},"http":{"request":{"method":"GET"}}}`
	res := writing(t, "", "not a document\n"+doc+"\n{\"id\":1}\n{\"id\":\"b\"}\n")
	if len(res.Segments) != 2 {
		t.Fatalf("got %d segments, want 2", len(res.Segments))
	}
	if s := res.Segments[1]; s.ID != "b" || s.Subsegment || s.Error || s.Fault || s.Throttle || !s.Start.IsZero() || !s.End.IsZero() {
		t.Errorf("got %+v, want a segment b without anything else", s)
	}
	s := res.Segments[0]
	if s.ID != "a" || s.ParentID != "p" || s.TraceID != "1-x" || s.Name != "n" || s.Namespace != "aws" || !s.Subsegment ||
		!s.Error || !s.Fault || !s.Throttle || s.Annotations["k"] != "v" || string(s.JSON) != doc || s.Document["http"] == nil {
		t.Errorf("got %+v, want the segment of the document", s)
	}
	if want := time.Unix(1, 5e8); !s.Start.Equal(want) {
		t.Errorf("got the start %v, want %v", s.Start, want)
	}
	if want := time.UnixMicro(2000001); !s.End.Equal(want) {
		t.Errorf("got the end %v, want %v", s.End, want)
	}
	if !reflect.DeepEqual(s.Metadata["default"]["m"], []any{1.0}) {
		t.Errorf("got the metadata %v, want m [1]", s.Metadata)
	}
}

func TestSpans_EverythingOfASpan(t *testing.T) {
	t.Parallel()
	start := time.Unix(1, 0)
	attributes := map[string]any{"k": "v"}
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		execenv.FromContext(ctx).Spans(&execenv.Span{
			TraceID: "t", ID: "a", ParentID: "p", Name: "n", Kind: "client", Start: start, End: start.Add(time.Second), Attributes: attributes,
			Events: []execenv.SpanEvent{{Name: "exception", Time: start, Attributes: attributes}},
			Links:  []execenv.SpanLink{{TraceID: "lt", SpanID: "ls", Attributes: attributes}},
			Status: "Error", Description: "boom",
		})
	}), nil)
	want := []lambdatest.Span{{
		TraceID: "t", ID: "a", ParentID: "p", Name: "n", Kind: "client", Start: start, End: start.Add(time.Second), Attributes: attributes,
		Events: []lambdatest.SpanEvent{{Name: "exception", Time: start, Attributes: attributes}},
		Links:  []lambdatest.SpanLink{{TraceID: "lt", SpanID: "ls", Attributes: attributes}},
		Status: "Error", StatusMessage: "boom",
	}}
	if !reflect.DeepEqual(res.Spans, want) {
		t.Errorf("got %+v, want %+v", res.Spans, want)
	}
}

func TestAfterResponse_Work(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		lambdakit.AfterResponse(ctx, "works", func(context.Context) error { return nil })
		lambdakit.AfterResponse(ctx, "fails", func(context.Context) error { return boom })
	}), nil)
	if w := res.AfterResponse; len(w) != 2 || w[0].Name != "works" || w[0].Err != nil || w[0].Duration <= 0 || w[1].Name != "fails" || w[1].Err != boom {
		t.Errorf("got %+v, want work that ran and work that failed", w)
	}
}
