package tracing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

func invokeWith(t *testing.T, o *tracing.Options, event string) lambdatest.Segment {
	t.Helper()
	h := lambdakit.Wrap(func(context.Context, json.RawMessage) (any, error) { return nil, nil }, tracing.New(o).Middleware)
	res := lambdatest.New(t, h, &lambdatest.Options{TraceHeader: sampled}).Invoke(event)
	validate(t, res)
	return res.Segments[0]
}

func TestSendersOfABatchAreLinks(t *testing.T) {
	t.Parallel()
	record := func(id, header string) string {
		return fmt.Sprintf(`{"messageId":%q,"body":"{}","attributes":{"ApproximateReceiveCount":"1","AWSTraceHeader":%q},"eventSource":"aws:sqs"}`, id, header)
	}
	event := `{"Records":[` + strings.Join([]string{
		record("m1", "Root=1-11111111-111111111111111111111111;Parent=1111111111111111;Sampled=1"),
		record("m2", "Root=1-22222222-222222222222222222222222"),
		`{"messageId":"m3","attributes":{}}`,
		record("m4", "garbage"),
		record("m5", "Root=1-55555555-555555555555555555555555;Parent=5555555555555555"),
	}, ", ") + `]}`
	const want = `[{"attributes":{"messaging.message.id":"m1"},"%[1]s":"1111111111111111","trace_id":"1-11111111-111111111111111111111111"},` +
		`{"attributes":{"messaging.message.id":"m5"},"%[1]s":"5555555555555555","trace_id":"1-55555555-555555555555555555555555"}]`
	s := invokeWith(t, nil, event)
	if got, _ := json.Marshal(s.Metadata["default"]["otel.links"]); string(got) != fmt.Sprintf(want, "span_id") {
		t.Errorf("got %s, want %s", got, fmt.Sprintf(want, "span_id"))
	}
	s = invokeWith(t, &tracing.Options{SpanLinks: true}, event)
	if got, _ := json.Marshal(s.Document["links"]); string(got) != fmt.Sprintf(want, "id") || s.Metadata["default"]["otel.links"] != nil {
		t.Errorf("got %s, want %s and no metadata", got, fmt.Sprintf(want, "id"))
	}
	for _, hostile := range []string{`{"Records":"AWSTraceHeader"}`, `{"Records":["AWSTraceHeader",{}]}`, `{"Records":[{"attributes":{"AWSTraceHeader":7}}]}`,
		`"AWSTraceHeader"`, `{"Records":[[]], "AWSTraceHeader":1}`, `{"Records":[{"attributes":[{"AWSTraceHeader":"x"}]}]}`} {
		if s := invokeWith(t, nil, hostile); s.Metadata["default"]["otel.links"] != nil {
			t.Errorf("%s: got %v, want no links", hostile, s.Metadata)
		}
	}
	many := `{"Records":[` + strings.TrimSuffix(strings.Repeat(record("m", "Root=1-11111111-111111111111111111111111;Parent=1111111111111111;Sampled=1")+",", 1000), ",") + `]}`
	if n := len(invokeWith(t, nil, many).Metadata["default"]["otel.links"].([]any)); n != 128 {
		t.Errorf("got %d links, want 128", n)
	}
}

func TestTraceParentOfAnEvent(t *testing.T) {
	t.Parallel()
	const header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	on := &tracing.Options{TraceParent: true}
	for _, event := range []string{
		`{"headers":{"host":"x","TraceParent":"` + header + `"}}`,
		`{"headers":null,"multiValueHeaders":{"traceparent":["` + header + `"]}}`,
	} {
		if got := fmt.Sprint(invokeWith(t, on, event).Metadata["default"]["otel.links"]); !strings.Contains(got, "trace_id:1-0af76519-16cd43dd8448eb211c80319c") || !strings.Contains(got, "b7ad6b7169203331") {
			t.Errorf("%s: got %s, want a link to the traceparent", event, got)
		}
		if got := invokeWith(t, nil, event).Metadata["default"]["otel.links"]; got != nil {
			t.Errorf("got %v without Options.TraceParent, want no links", got)
		}
	}
	for _, event := range []string{`{}`, `{"headers":[]}`, `{"headers":{"traceparent":7}}`, `{"headers":{"traceparent":"00-x"}}`, `{"multiValueHeaders":{"traceparent":"x"}}`} {
		if got := invokeWith(t, on, event).Metadata["default"]["otel.links"]; got != nil {
			t.Errorf("%s: got %v, want no links", event, got)
		}
	}
}
