package lambdatest_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
)

// failing is a test that records its first Fatalf and does not end.
type failing struct {
	*testing.T
	text    string
	helpers []string // the functions that are helpers
}

func (f *failing) Helper() {
	pc, _, _, _ := runtime.Caller(1)
	f.helpers = append(f.helpers, runtime.FuncForPC(pc).Name())
}

func (f *failing) Fatalf(format string, args ...any) {
	if f.text == "" {
		f.text = fmt.Sprintf(format, args...)
	}
}

// shop logs, counts, and sends the segments that a tracer would send.
func shop() any {
	logs := logging.New(nil)
	meter := metrics.New(&metrics.Options{Namespace: "Shop"})
	orders := meter.Counter("OrdersAccepted")
	return lambdakit.Wrap(func(ctx context.Context, _ any) (string, error) {
		logger := slog.New(logs)
		logger.InfoContext(ctx, "order accepted", "id", "o-1")
		logger.InfoContext(ctx, "order accepted", "id", "o-2")
		logger.InfoContext(ctx, "done")
		orders.Add(ctx, 2)
		fmt.Fprintln(execenv.FromContext(ctx).Traces, `{"id":"a","name":"charge card","start_time":1,"in_progress":true}`)
		fmt.Fprintln(execenv.FromContext(ctx).Traces, `{"id":"b","name":"charge card","start_time":1,"end_time":3}`)
		fmt.Fprintln(execenv.FromContext(ctx).Traces, `{"id":"a","name":"charge card","start_time":1,"end_time":2}`)
		fmt.Fprintln(execenv.FromContext(ctx).Traces, `{"id":"c","name":"open","start_time":1,"in_progress":true}`)
		start := time.Unix(1, 0)
		for _, span := range []execenv.Span{
			{ID: "d", Name: "open", Start: start.Add(time.Second)},
			{ID: "a", Name: "charge card", Start: start, Status: "Unset"},
			{ID: "a", Name: "charge card", Start: start, End: start.Add(time.Second), Status: "Error"},
		} {
			execenv.FromContext(ctx).Spans(&span)
		}
		return "ok", nil
	}, logs.Middleware, meter.Middleware)
}

func TestLog_FirstLineOfTheMessage(t *testing.T) {
	t.Parallel()
	if got := lambdatest.Run(t, shop(), nil).Log("order accepted")["id"]; got != "o-1" {
		t.Errorf("got the line of %v, want o-1", got)
	}
}

func TestMetric_ByName(t *testing.T) {
	t.Parallel()
	m := lambdatest.Run(t, shop(), nil).Metric("OrdersAccepted")
	if m.Value != 2 || len(m.Values) != 1 || m.Namespace != "Shop" {
		t.Errorf("got %+v, want the value 2 in Shop", m)
	}
}

func TestSpan_ReplacedWhenItEnds(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, shop(), nil)
	if s := res.Span("charge card"); s.ID != "a" || s.Status != "Error" || s.End.Unix() != 2 {
		t.Errorf("got %+v, want the span a with its end and its status", s)
	}
	if s := res.Spans; len(s) != 2 || s[1].Name != "open" || !s[1].End.IsZero() {
		t.Errorf("got %+v, want two spans by their starts, the second in progress", s)
	}
}

func TestSegment_CompleteDocumentOfTheFirstSpan(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, shop(), nil)
	if s := res.Segment("charge card"); s.ID != "a" || s.End.Unix() != 2 {
		t.Errorf("got %+v, want the segment of a that ends at 2", s)
	}
	if s := res.Segment("open"); s.ID != "c" || !s.End.IsZero() {
		t.Errorf("got %+v, want the segment of c in progress", s)
	}
}

func TestFind_FailureListsTheNames(t *testing.T) {
	t.Parallel()
	f := &failing{T: t}
	res := lambdatest.Run(f, shop(), nil)
	for want, find := range map[string]func(){
		`lambdatest: no log line "x"; got "order accepted", "done"`: func() { res.Log("x") },
		`lambdatest: no metric "x"; got "OrdersAccepted"`:           func() { res.Metric("x") },
		`lambdatest: no span "x"; got "charge card", "open"`:        func() { res.Span("x") },
		`lambdatest: no segment "x"; got "charge card", "open"`:     func() { res.Segment("x") },
	} {
		f.text = ""
		if find(); f.text != want {
			t.Errorf("got %q, want %q", f.text, want)
		}
	}
}

// A failure names the line of the test, not a line of this package.
func TestFind_FailureIsInTheTest(t *testing.T) {
	t.Parallel()
	f := &failing{T: t}
	res := lambdatest.Run(f, shop(), nil)
	for name, call := range map[string]func(){
		".Run":                func() { lambdatest.Run(f, shop(), nil) },
		".Invoke":             func() { lambdatest.New(f, shop(), nil).Invoke(nil) },
		".(*Harness).Request": func() { lambdatest.New(f, shop(), nil).Request(httptest.NewRequest("GET", "/", nil), httpapi.RestAPI) },
		"lambdatest.Request":  func() { lambdatest.Request(f, shop(), httptest.NewRequest("GET", "/", nil), httpapi.RestAPI) },
		".Decode":             func() { res.Decode(new(string)) },
		".Log":                func() { res.Log("x") },
		".Metric":             func() { res.Metric("x") },
		".Span":               func() { res.Span("x") },
		".Segment":            func() { res.Segment("x") },
		"find[...]":           func() { res.Span("x") },
	} {
		f.helpers = nil
		call()
		if !slices.ContainsFunc(f.helpers, func(h string) bool { return strings.HasSuffix(h, name) }) {
			t.Errorf("got the helpers %q, want %s to be one", f.helpers, name)
		}
	}
}

func TestFind_FailureSaysThatThereAreNone(t *testing.T) {
	t.Parallel()
	f := &failing{T: t}
	lambdatest.Run(f, func() {}, nil).Span("x")
	if want := `no span "x"; there are none`; !strings.HasSuffix(f.text, want) {
		t.Errorf("got %q, want %q", f.text, want)
	}
}
