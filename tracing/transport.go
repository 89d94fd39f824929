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

// Transport is an http.RoundTripper that records each request as a span and passes the trace on in
// the header X-Amzn-Trace-Id.
//
//	client := &http.Client{Transport: &tracing.Transport{}}
//
// The span is a child of the span in the request's context. If the context has no recorded span,
// Transport only adds the header.
//
//   - The name of the span is the host. The span has the URL without user and query.
//   - A status from 400 to 499 is an error, and 429 also a throttle. A status from 500 is a fault.
//   - The span ends when the headers of the response arrive. It does not include reading the body.
//   - The header contains the Lineage field, so that Lambda can detect recursive loops.
//   - Transport does not replace a header that the request already has.
type Transport struct {
	// Base sends the requests. Default: http.DefaultTransport.
	Base http.RoundTripper

	// TraceParent also passes the trace on in the W3C headers traceparent and tracestate. If the
	// spans of the invocation are not in X-Ray's trace, Transport always does so.
	TraceParent bool

	// Public is for requests to services that must not see trace ids: no header is added.
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
	p := providerOf(ctx)
	if p == nil || !traced(sp) || req.URL == nil {
		return base.RoundTrip(t.inject(ctx, req))
	}
	ctx, sp = p.Tracer(instrumentation).Start(ctx, req.URL.Hostname(),
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(requestAttributes(req)...),
	)
	defer sp.End()
	res, err := base.RoundTrip(t.inject(ctx, req.WithContext(ctx)))
	if err != nil {
		recordError(sp, err, "")
		return res, err
	}
	if res == nil { // a RoundTripper must not return this
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

// HeaderName is the name of X-Ray's trace header, X-Amzn-Trace-Id. [Header] returns its value.
const HeaderName = header.Name

// Header returns the value of the header X-Amzn-Trace-Id for a call with ctx. Use it for clients
// that [Transport] and package awssdk do not cover. The span in ctx is the parent. If the trace
// is not recorded, the value is the header of the invocation. Without a trace the value is empty.
func Header(ctx context.Context) string {
	sp := trace.SpanFromContext(ctx)
	if u, ok := sp.(*unrecorded); ok && u == &u.scope.notRecorded {
		return u.scope.header.Text()
	}
	h := incomingHeader(ctx)
	if !belowLambda(ctx) { // the trace is another one; X-Ray has decided about its own
		return h.Text()
	}
	if sc := sp.SpanContext(); sc.IsValid() {
		return string(header.Append(nil, sc, h.Extra))
	}
	return h.Text()
}

// belowLambda reports whether the invocation of ctx records spans in the trace of Lambda's header.
func belowLambda(ctx context.Context) bool {
	s := scopeOf(ctx)
	return s == nil || s.provider.belowLambda()
}

// incomingHeader returns the trace header of the invocation. Outside an invocation it returns the
// header that a propagator stored in ctx.
func incomingHeader(ctx context.Context) header.Header {
	if s := scopeOf(ctx); s != nil {
		return s.header
	}
	if inv := lambdakit.FromContext(ctx); inv != nil { // an invocation that is not traced
		return header.Parse(inv.TraceHeader())
	}
	return header.FromContext(ctx)
}

// inject returns req with the trace headers for a call with ctx. It does not change req.
func (t *Transport) inject(ctx context.Context, req *http.Request) *http.Request {
	if t.Public {
		return req
	}
	text, parent, state := "", "", ""
	if req.Header.Get(HeaderName) == "" {
		text = Header(ctx)
	}
	if sc := decided(ctx); (t.TraceParent || !belowLambda(ctx)) && sc.IsValid() && req.Header.Get("traceparent") == "" {
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

// decided returns the span in ctx. It returns an invalid span if the trace has no sampling
// decision yet, since traceparent cannot express this.
func decided(ctx context.Context) trace.SpanContext {
	sp := trace.SpanFromContext(ctx)
	if u, ok := sp.(*unrecorded); ok && u == &u.scope.notRecorded && u.scope.provider.belowLambda() && !u.scope.header.Decided() {
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
