package otlp

import (
	"bytes"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/otlp"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// groupOf returns a group with spans whose names have these lengths.
func groupOf(name string, lengths ...int) group {
	s := &xray.Scope{Name: name}
	g := group{otlp.NewGroup(s), s}
	e := otlp.Encoder{Limits: otlp.NoLimits}
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})
	for _, n := range lengths {
		g.Spans = e.AppendSpan(g.Spans, sc, &xray.Span{Name: "s", Attributes: []attribute.KeyValue{attribute.String("a", string(bytes.Repeat([]byte{'x'}, n)))}})
	}
	return g
}

func TestIsXRay(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"xray.eu-west-1.amazonaws.com": true, "XRay.EU-west-1.AmazonAWS.com": true, "xray.cn-north-1.amazonaws.com.cn": true, "vpce-1.xray.eu-west-1.vpce.amazonaws.com": true,
		"xray.example.com": false, "logs.eu-west-1.amazonaws.com": false, "axray.eu-west-1.amazonaws.com": false, "xray.amazonaws.com.example": false, "": false, "localhost": false,
	} {
		if got := isXRay(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

// times returns n lengths.
func times(n, length int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = length
	}
	return all
}

// Requests have all spans once and in their order, and are as large as they may be.
func TestNext_Requests(t *testing.T) {
	t.Parallel()
	const kb = 1 << 10
	for name, c := range map[string]struct {
		groups []group
		want   string // spans of each request
	}{
		"none":                            {nil, "[]"},
		"groups without spans":            {[]group{groupOf("a"), groupOf("b")}, "[]"},
		"a small one":                     {[]group{groupOf("a", 1)}, "[1]"},
		"one after an empty group":        {[]group{groupOf("a"), groupOf("b", 1, 1)}, "[2]"},
		"groups share a request":          {[]group{groupOf("a", 1, 2), groupOf("b", 3)}, "[3]"},
		"most spans":                      {[]group{groupOf("a", times(10_000, 1)...)}, "[10000]"},
		"one span more":                   {[]group{groupOf("a", times(10_001, 1)...)}, "[10000 1]"},
		"one span more, of another group": {[]group{groupOf("a", times(10_000, 1)...), groupOf("b", 1)}, "[10000 1]"},
		"most spans in two groups":        {[]group{groupOf("a", times(9_999, 1)...), groupOf("b", 1, 1)}, "[10000 1]"},
		"large":                           {[]group{groupOf("a", times(3, 400*kb)...)}, "[2 1]"},
		"large, in two groups":            {[]group{groupOf("a", 400*kb, 400*kb), groupOf("b", 400*kb, 1)}, "[2 2]"},
		"larger than a request":           {[]group{groupOf("a", 1, 1200*kb, 1)}, "[1 1 1]"},
		"larger, of another group":        {[]group{groupOf("a", 1), groupOf("b", 1200*kb), groupOf("c", 1)}, "[1 1 1]"},
		"no room for another group":       {[]group{groupOf("a", 1024*kb-40), groupOf("b", 1)}, "[1 1]"},
	} {
		var spans []int
		var got, want []byte
		for rest := c.groups; len(rest) > 0; {
			request, after, n, bytes := next(rest)
			if n == 0 {
				break
			}
			size := 0
			for _, g := range request {
				if len(g.Spans) == 0 {
					t.Errorf("%s: got a group without spans in a request, want none", name)
				}
				size += len(g.Spans)
				got = append(got, g.Spans...)
			}
			if size != bytes || size > maxRequest && n > 1 {
				t.Errorf("%s: got a request of %d bytes that is counted as %d, want the same, at most %d", name, size, bytes, maxRequest)
			}
			if whole := len(otlp.Request(nil, "", request)); whole > maxRequest+40 && n > 1 {
				t.Errorf("%s: got a request of %d bytes, want at most %d", name, whole, maxRequest)
			}
			spans, rest = append(spans, n), after
		}
		for _, g := range c.groups {
			want = append(want, g.Spans...)
		}
		if fmt.Sprint(spans) != c.want || !bytes.Equal(got, want) {
			t.Errorf("%s: got requests of %v spans, all of them in their order: %v, want %s", name, spans, bytes.Equal(got, want), c.want)
		}
	}
}
