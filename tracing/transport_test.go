package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing"
)

// network answers requests without a network.
type network func(*http.Request) (*http.Response, error)

func (f network) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func answer(status int, header *http.Header) network {
	return func(req *http.Request) (*http.Response, error) {
		*header = req.Header.Clone()
		return &http.Response{StatusCode: status, ContentLength: 5, Body: io.NopCloser(strings.NewReader("hello"))}, nil
	}
}

func TestTransport(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{200: "", 302: "", 404: "error", 429: "error throttle", 500: "fault", 503: "fault"} {
		var sent http.Header
		res := invoke(t, nil, sampled+";Lineage=a:b", func(ctx context.Context, _ json.RawMessage) (any, error) {
			req, _ := http.NewRequestWithContext(ctx, "POST", "https://user:secret@api.example:8443/v1/x%2Fy?token=secret#f", nil)
			rt := &tracing.Transport{Base: answer(status, &sent), TraceParent: true}
			_, err := rt.RoundTrip(req)
			if len(req.Header) != 0 {
				t.Errorf("got the headers %v in the request, want an unchanged request", req.Header)
			}
			return nil, err
		})
		s := find(t, res, "api.example")
		var flags []string
		for _, f := range []string{"error", "throttle", "fault"} {
			if s.Document[f] == true {
				flags = append(flags, f)
			}
		}
		want = fmt.Sprintf("%q remote map[request:map[method:POST url:https://api.example:8443/v1/x%%2Fy] response:map[content_length:5 status:%d]] <nil> map[]", strings.Fields(want), status)
		if got := fmt.Sprintf("%q %s %v %v %v", flags, s.Namespace, s.Document["http"], s.Document["cause"], s.Metadata["default"]); got != want {
			t.Errorf("%d: got %s, want %s", status, got, want)
		}
		if got, want := sent.Get("X-Amzn-Trace-Id"), "Root="+traceID+";Parent="+s.ID+";Sampled=1;Lineage=a:b"; got != want {
			t.Errorf("got header %s, want %s", got, want)
		}
		if got, want := sent.Get("traceparent"), "00-5759e988bd862e3fe1be46a994272793-"+s.ID+"-01"; got != want {
			t.Errorf("got traceparent %s, want %s", got, want)
		}
	}
}

func TestTransport_LengthOfTheBody(t *testing.T) {
	t.Parallel()
	for length, want := range map[int64]string{-1: "map[status:200]", 0: "map[content_length:0 status:200]"} {
		res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
			req, _ := http.NewRequestWithContext(ctx, "GET", "https://api.example/", nil)
			base := network(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, ContentLength: length, Body: http.NoBody}, nil
			})
			_, err := (&tracing.Transport{Base: base}).RoundTrip(req)
			return nil, err
		})
		if got := fmt.Sprint(find(t, res, "api.example").Document["http"].(map[string]any)["response"]); got != want {
			t.Errorf("%d bytes: got %s, want %s", length, got, want)
		}
	}
}

func TestTransport_NoResponseAndNoError(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://api.example/", nil)
		rt := &tracing.Transport{Base: network(func(*http.Request) (*http.Response, error) { return nil, nil })}
		if res, err := rt.RoundTrip(req); res != nil || err != nil {
			t.Errorf("got %v and %v, want what the other RoundTripper returned", res, err)
		}
		return nil, nil
	})
	if res.Err != nil {
		t.Errorf("got %v, want no error", res.Err)
	}
}

// A RoundTripper must not return a response with an error, but then both are passed on.
func TestTransport_ResponseAndError(t *testing.T) {
	t.Parallel()
	failure := errors.New("half a response")
	invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://api.example/", nil)
		want := new(http.Response)
		rt := &tracing.Transport{Base: network(func(*http.Request) (*http.Response, error) { return want, failure })}
		if res, err := rt.RoundTrip(req); res != want || err != failure {
			t.Errorf("got %v and %v, want what the other RoundTripper returned", res, err)
		}
		return nil, nil
	})
}

func TestTransport_SpansOfAnotherProvider(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, url string
		status      int
		want        map[attribute.Key]string
		code        codes.Code
	}{
		{"", "http://user:secret@api.example/v1?token=secret#f", 200, map[attribute.Key]string{
			"http.request.method": "GET", "url.full": "http://api.example/v1", "server.address": "api.example",
			"http.response.status_code": "200", "http.response.body.size": "5"}, codes.Unset},
		{"PUT", "https://api.example:8443/", 399, map[attribute.Key]string{
			"http.request.method": "PUT", "url.full": "https://api.example:8443/", "server.address": "api.example", "server.port": "8443",
			"http.response.status_code": "399", "http.response.body.size": "5"}, codes.Unset},
		{"GET", "https://api.example/", 400, map[attribute.Key]string{
			"http.request.method": "GET", "url.full": "https://api.example/", "server.address": "api.example",
			"http.response.status_code": "400", "http.response.body.size": "5", "error.type": "400"}, codes.Error},
	} {
		provider, exporter := sdk(t)
		var sent http.Header
		invoke(t, &tracing.Options{TracerProvider: provider}, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
			req, _ := http.NewRequestWithContext(ctx, "GET", c.url, nil)
			req.Method, req.Header = c.method, nil
			_, err := (&tracing.Transport{Base: answer(c.status, &sent)}).RoundTrip(req)
			return nil, err
		})
		s := exporter.GetSpans()[0]
		if got := attributes(s); !maps.Equal(got, c.want) || s.Status.Code != c.code || s.Name != "api.example" || s.SpanKind != trace.SpanKindClient {
			t.Errorf("%s: got %s of the kind %v with the status %v and %v, want api.example, client, %v and %v", c.url, s.Name, s.SpanKind, s.Status.Code, got, c.code, c.want)
		}
		if got, want := sent.Get("traceparent"), "00-"+s.SpanContext.TraceID().String()+"-"+s.SpanContext.SpanID().String()+"-01"; got != want {
			t.Errorf("%s: got the traceparent %s, want %s", c.url, got, want)
		}
	}
}

func TestTransportError(t *testing.T) {
	t.Parallel()
	failure := errors.New("connection refused")
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		client := http.Client{Transport: &tracing.Transport{Base: network(func(*http.Request) (*http.Response, error) { return nil, failure })}}
		req, _ := http.NewRequestWithContext(ctx, "GET", "http://down.example", nil)
		_, err := client.Do(req)
		if !errors.Is(err, failure) {
			t.Errorf("got the error %v, want %v", err, failure)
		}
		return nil, nil
	})
	s := find(t, res, "down.example")
	if x := exceptions(s); !s.Fault || len(x) != 1 || x[0]["message"] != "connection refused" || x[0]["remote"] != true {
		t.Errorf("got %v, want a fault with a remote exception", s.Document)
	}
}

func TestTransportPassesHeadersOn(t *testing.T) {
	t.Parallel()
	const lineage = ";Lineage=25:a87bd80c:0"
	unsampled := strings.Replace(sampled, "Sampled=1", "Sampled=0", 1)
	for name, c := range map[string]struct {
		header, own string
		transport   tracing.Transport
		want        string
	}{
		"unsampled":        {header: unsampled + lineage, want: unsampled + lineage},
		"only root":        {header: "Root=" + traceID + lineage, want: "Root=" + traceID + lineage},
		"self":             {header: unsampled + ";Self=1-x-y", want: unsampled},
		"one that is set":  {header: sampled, own: "Root=mine", want: "Root=mine"},
		"traceparent too":  {header: sampled, own: "Root=mine", transport: tracing.Transport{TraceParent: true}, want: "Root=mine"},
		"to the public":    {header: sampled, transport: tracing.Transport{Public: true}, want: ""},
		"public unsampled": {header: unsampled, transport: tracing.Transport{Public: true}, want: ""},
	} {
		var sent http.Header
		invoke(t, nil, c.header, func(ctx context.Context, _ json.RawMessage) (any, error) {
			req, _ := http.NewRequestWithContext(ctx, "GET", "http://x.example", nil)
			if c.own != "" {
				req.Header.Set("X-Amzn-Trace-Id", c.own)
			}
			rt := c.transport
			rt.Base = answer(200, &sent)
			return rt.RoundTrip(req)
		})
		if got := sent.Get("X-Amzn-Trace-Id"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if got := sent.Get("traceparent"); (got != "") != c.transport.TraceParent {
			t.Errorf("%s: got the traceparent %q, want one: %v", name, got, c.transport.TraceParent)
		}
	}
	var sent http.Header
	req, _ := http.NewRequest("GET", "http://x.example", nil)
	rt := tracing.Transport{Base: answer(200, &sent), TraceParent: true}
	if _, err := rt.RoundTrip(req); err != nil || len(sent) != 0 {
		t.Errorf("got headers %v and the error %v outside an invocation, want none", sent, err)
	}
}
