package otlp_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// Each limit has its own variables, and the first one that is a number counts.
func TestSettings_EachLimit(t *testing.T) {
	const spanCount, count, spanLength, length = "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"
	for _, c := range []struct {
		variables []string
		want      string // numbers of attributes, events and links, and the length of a value
		reports   string
	}{
		{nil, "3 3 3 5", ""},
		{[]string{spanCount, "1", count, "2"}, "1 3 3 5", ""},
		{[]string{spanCount, "", count, "2"}, "2 3 3 5", ""},
		{[]string{spanCount, "x", count, " 2 "}, "2 3 3 5", spanCount + " is not a number"},
		{[]string{spanCount, "128"}, "3 3 3 5", ""},
		{[]string{spanCount, "129"}, "3 3 3 5", spanCount + " is more than 128; using 128"},
		{[]string{count, "0"}, "0 3 3 ", ""},
		{[]string{"OTEL_SPAN_EVENT_COUNT_LIMIT", "1"}, "3 1 3 5", ""},
		{[]string{"OTEL_SPAN_LINK_COUNT_LIMIT", "2"}, "3 3 2 5", ""},
		{[]string{spanLength, "2", length, "3"}, "3 3 3 2", ""},
		{[]string{length, "3"}, "3 3 3 3", ""},
		{[]string{length, "1000000"}, "3 3 3 5", ""},
	} {
		t.Run(fmt.Sprint(c.variables), func(t *testing.T) {
			set(t, c.variables...)
			b, r := otlptest.Listen(t), new(reports)
			invoke(t.Context(), provider(b, nil, r), header+"1", `{}`, func(ctx context.Context) {
				link := trace.Link{SpanContext: trace.SpanContextFromContext(ctx)}
				_, sp := tracing.Start(ctx, "step", trace.WithAttributes(attribute.String("a", "12345"), attribute.Int("b", 1), attribute.Int("c", 1)), trace.WithLinks(link, link, link))
				for range 3 {
					sp.AddEvent("e")
				}
				sp.End()
			})
			s := b.Span("step")
			if got := fmt.Sprint(len(s.Attributes), len(s.Events), len(s.Links), " ", lengthOf(s.Attributes["a"])); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !strings.Contains(r.String(), c.reports) || (r.len() == 0) != (c.reports == "") {
				t.Errorf("got the reports %s, want %q", r, c.reports)
			}
		})
	}
}

// lengthOf returns the length of a value as text, empty for none.
func lengthOf(value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprint(len(value))
}

func TestSettings_TimeoutOfEachSource(t *testing.T) {
	for _, c := range []struct {
		option      time.Duration
		traces, all string
		want        time.Duration
		report      string
	}{
		{0, "", "", 10 * time.Second, ""},
		{time.Second, "300", "400", time.Second, ""},
		{0, "300", "400", 300 * time.Millisecond, ""},
		{0, "", " 400 ", 400 * time.Millisecond, ""},
		{-1, "", "400", 400 * time.Millisecond, "Options.Timeout is negative"},
		{0, "0", "400", 10 * time.Second, "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is not a positive number of milliseconds; using 10s"},
		{0, "", "-1", 10 * time.Second, "OTEL_EXPORTER_OTLP_TIMEOUT is not a positive number"},
		{0, "", "2147483648", 10 * time.Second, "OTEL_EXPORTER_OTLP_TIMEOUT is not a positive number"},
	} {
		t.Run(fmt.Sprint(c.option, c.traces, c.all), func(t *testing.T) {
			set(t, "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", c.traces, "OTEL_EXPORTER_OTLP_TIMEOUT", c.all)
			synctest.Test(t, func(t *testing.T) {
				r := new(reports)
				client := &struct{ http.RoundTripper }{hanging{}}
				o := &otlp.Options{Endpoint: "http://a.example", Timeout: c.option, Client: &http.Client{Transport: client}}
				p := tracing.New(&tracing.Options{Exporter: otlp.New(o), OnError: r.add, FlushTimeout: time.Hour})
				reported := r.String()
				if d := took(t, p); d != 2*c.want {
					t.Errorf("got an invocation of %v, want two requests of %v", d, c.want)
				}
				if !strings.Contains(reported, c.report) || (reported == "") != (c.report == "") {
					t.Errorf("got the reports %q, want %q", reported, c.report)
				}
				if !strings.Contains(r.String(), "no answer within Options.Timeout") {
					t.Errorf("got the reports %s, want one of the timeout", r)
				}
				client.RoundTripper = otlptest.New(t) // spans that wait would leave the bubble
				if err := p.ForceFlush(t.Context()); err != nil {
					t.Errorf("got %v, want no error of a backend that answers", err)
				}
			})
		})
	}
}

// A message of the backend is bounded in reports.
func TestReports_AreBounded(t *testing.T) {
	t.Parallel()
	for length, cut := range map[int]bool{512: false, 513: true} {
		r := new(reports)
		o := &otlp.Options{Endpoint: "https://collector.example", Client: &http.Client{Transport: failure{strings.Repeat("x", length)}}}
		took(t, provider(nil, o, r))
		if got := strings.Contains(r.String(), strings.Repeat("x", 512)+"...[cut]"); got != cut || strings.Contains(r.String(), strings.Repeat("x", 513)) {
			t.Errorf("%d bytes: got the reports %s, want 512 bytes, cut: %v", length, r, cut)
		}
	}
}

func TestSettings_NamesAndValuesOfHeaders(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"x-a": true, "X!#$%&'*+-.^_`|~9": true, "": false, "a b": false, "a\x7f": false, "a\x00": false, "é": false,
		"a(": false, "a)": false, "a,": false, "a/": false, "a:": false, "a;": false, "a<": false, "a=": false, "a>": false, "a?": false, "a@": false, "a[": false, `a\`: false, "a]": false, "a{": false, "a}": false, `a"`: false} {
		wantHeader(t, name, "value", ok)
	}
	for value, ok := range map[string]bool{"": true, "a\tb": true, " ~": true, "é": true, "a\x7f": false, "a\n": false, "a\x1f": false, "\x00": false} {
		wantHeader(t, "X-A", value, ok)
	}
}

func wantHeader(t *testing.T, name, value string, ok bool) {
	t.Helper()
	q, _, r := send(t, otlp.Options{Headers: map[string]string{name: value}})
	values, has := q.Header[http.CanonicalHeaderKey(name)]
	if has != ok || ok && values[0] != value || (r.len() == 0) != ok || !ok && !strings.Contains(r.String(), "Options.Headers contains a name or value that HTTP does not allow") {
		t.Errorf("%q: %q: got %q and the reports %s, want the header: %v", name, value, values, r, ok)
	}
}

func TestSettings_ResourceAttributes(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " a = b , c=d,": "b d", "a=b=c,c=%20": "b=c  ", "a,c=d": "report", "=b,c=d": "report", "a=%zz,c=d": "report", "a=,c=": " ",
	} {
		t.Run(text, func(t *testing.T) {
			t.Setenv("OTEL_RESOURCE_ATTRIBUTES", text)
			q, _, r := send(t, otlp.Options{Resource: []attribute.KeyValue{{}, attribute.String("own", "x")}})
			got := otlptest.Decode(t, q.Body)[0].Resource
			values := got["a"] + " " + got["c"]
			if want == "report" {
				if values != " " || r.len() != 1 || !strings.Contains(r.String(), "OTEL_RESOURCE_ATTRIBUTES is not a list of key=value") {
					t.Errorf("got %q and the reports %s, want no value and a report", values, r)
				}
				return
			}
			if want == "" {
				want = " "
			}
			if values != want || r.len() > 0 || got["own"] != "x" {
				t.Errorf("got %q in %v and the reports %s, want %q", values, got, r, want)
			}
		})
	}
}
