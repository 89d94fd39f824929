package tracing

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
)

// Transport is an http.RoundTripper that makes a span of each request, below the span
// that the request's context carries, and passes the trace on in the header
// X-Amzn-Trace-Id, with what Lambda counts recursion by. The span is named after the host
// and has the URL without query and user; a status from 400 is an error, 429 a throttle
// as well, from 500 a fault.
//
//	client := &http.Client{Transport: &tracing.Transport{}}
//
// The span ends when the response's header is there: reading the body is not part of it.
// Where the context carries no span that is recorded, the header alone is passed on; a
// header that the request has already is left alone.
type Transport struct {
	// Base makes the requests. Default: http.DefaultTransport.
	Base http.RoundTripper

	// TraceParent also passes the trace on in the W3C header traceparent.
	TraceParent bool

	// Public says that the requests leave the circle of services that may know about
	// traces: no header is passed on.
	Public bool
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	ctx := req.Context()
	sp := trace.SpanFromContext(ctx)
	if !traced(sp) || req.URL == nil {
		return base.RoundTrip(t.inject(ctx, req))
	}
	ctx, sp = providerOf(ctx, sp).Tracer(instrumentation).Start(ctx, req.URL.Hostname(),
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(requestAttributes(req)...),
	)
	defer sp.End()
	res, err := base.RoundTrip(t.inject(ctx, req.WithContext(ctx)))
	if err != nil {
		recordError(sp, err, "")
		return res, err
	}
	if res == nil { // which a RoundTripper must not do
		return nil, nil
	}
	sp.SetAttributes(attribute.Int("http.response.status_code", res.StatusCode))
	if res.ContentLength >= 0 {
		sp.SetAttributes(attribute.Int64("http.response.body.size", res.ContentLength))
	}
	if res.StatusCode >= 400 {
		sp.SetAttributes(attribute.String("error.type", strconv.Itoa(res.StatusCode)))
		sp.SetStatus(codes.Error, "")
	}
	return res, nil
}

// HeaderName is the name of the header that Header is the value of.
const HeaderName = header.Name

// Header returns the header X-Amzn-Trace-Id of a call that is made with ctx, for clients
// that neither [Transport] nor package awssdk makes calls for: with the span that ctx
// carries as the parent or, where the trace is not recorded, as it came with the
// invocation. It is empty where there is no trace.
func Header(ctx context.Context) string {
	sp := trace.SpanFromContext(ctx)
	if plain, ok := sp.(*unrecorded); ok && plain == &plain.scope.plain {
		return plain.scope.header.Text()
	}
	h := incomingHeader(ctx)
	if sc := sp.SpanContext(); sc.IsValid() {
		return string(header.Append(nil, sc, h.Extra))
	}
	return h.Text()
}

// incomingHeader returns the header of the invocation or, outside one, that which a
// propagator found.
func incomingHeader(ctx context.Context) header.Header {
	if s := scopeOf(ctx); s != nil {
		return s.header
	}
	if inv := lambdakit.FromContext(ctx); inv != nil { // one that is not traced
		return header.Parse(inv.TraceHeader())
	}
	return header.FromContext(ctx)
}

// inject returns req with the headers of a call made with ctx.
func (t *Transport) inject(ctx context.Context, req *http.Request) *http.Request {
	if t.Public {
		return req
	}
	text, parent, state := "", "", ""
	if req.Header.Get(HeaderName) == "" {
		text = Header(ctx)
	}
	if sc := decided(ctx); t.TraceParent && sc.IsValid() && req.Header.Get("traceparent") == "" {
		parent, state = string(header.AppendTraceParent(nil, sc)), sc.TraceState().String()
	}
	if text == "" && parent == "" {
		return req
	}
	req = req.Clone(req.Context()) // a RoundTripper must not change the request
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	set := func(name, value string) {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	set(HeaderName, text)
	set("traceparent", parent)
	set("tracestate", state)
	return req
}

// decided returns the span that ctx carries, unless nobody has decided whether its trace is
// recorded: traceparent cannot say that.
func decided(ctx context.Context) trace.SpanContext {
	sp := trace.SpanFromContext(ctx)
	if plain, ok := sp.(*unrecorded); ok && plain == &plain.scope.plain && !plain.scope.header.Decided() {
		return trace.SpanContext{}
	}
	return sp.SpanContext()
}

func requestAttributes(req *http.Request) []attribute.KeyValue {
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	u := url.URL{Scheme: req.URL.Scheme, Opaque: req.URL.Opaque, Host: req.URL.Host, Path: req.URL.Path, RawPath: req.URL.RawPath}
	attrs := append(make([]attribute.KeyValue, 0, 4),
		attribute.String("http.request.method", method),
		attribute.String("url.full", u.String()),
		attribute.String("server.address", req.URL.Hostname()),
	)
	if port, err := strconv.Atoi(req.URL.Port()); err == nil {
		attrs = append(attrs, attribute.Int("server.port", port))
	}
	return attrs
}
