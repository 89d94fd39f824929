package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing/internal/export"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// instrumentation is the name of the tracer of this package's spans.
const instrumentation = export.Instrumentation

// Middleware starts the handler span of each invocation and adds it to the context. The span ends
// with the invocation, or with its response stream. It records an error or panic of the handler.
func (p *Provider) Middleware(next lambdakit.Handler) lambdakit.Handler {
	if p.disabled {
		return next
	}
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		outer := scopeOf(ctx)
		if s := outer; s != nil && s.provider == p && s.inv == inv { // the middleware is in the chain twice, or is called again
			if !trace.SpanContextFromContext(ctx).IsValid() {
				ctx = trace.ContextWithSpan(ctx, s.handler)
			}
			return next(ctx, inv)
		}
		environment := execenv.FromContext(ctx)
		if p.foreign == nil && p.outsideLambda && environment.Traces == nil {
			return next(ctx, inv)
		}
		s := &scope{provider: p, inv: inv, header: header.Parse(inv.TraceHeader()), environment: environment}
		var around trace.SpanContext
		if outer != nil && outer.inv != inv {
			around = trace.SpanContextFromContext(ctx)
		}
		switch {
		case p.foreign == nil:
			ctx = s.begin(ctx, around)
		case !s.beginForeign(&ctx, around):
			return next(ctx, inv)
		}
		inv.SetValue(scopeKey, s)
		inv.OnMessage(s)
		return next(ctx, inv)
	}
}

// begin starts the handler span of this package. around is the span of the outer invocation, if this one
// is nested.
func (s *scope) begin(ctx context.Context, around trace.SpanContext) context.Context {
	p := s.provider
	id, parent, recorded, within := s.header.TraceID, s.header.SpanContext(), s.header.Traced(), false
	if p.sampled {
		parent, recorded = p.pipeline.Origin(&s.header, s.inv.Payload(), around)
		id = parent.TraceID()
	} else if within = recorded && around.TraceID() == parent.TraceID(); within {
		parent = around
	}
	if !recorded {
		s.notRecorded.scope, s.notRecorded.Context = s, parent.WithTraceFlags(0)
		s.handler = &s.notRecorded
		return trace.ContextWithSpan(ctx, &s.notRecorded)
	}
	s.recording = true
	root := new(struct { // one allocation for all
		span        span
		annotations [4]attribute.KeyValue
		attributes  [2]attribute.KeyValue
		open        openSpans
	})
	sp := &root.span
	s.openSpans = &root.open
	sp.scope, s.handler = s, sp
	sp.Budget = &s.budget
	s.reserve() // the first span always fits
	s.waits = xray.WaitBudget{Max: xray.MaxWait, Free: xray.FreeBytes}
	sp.Init(id, traceheader.NewSpanID(), parent, p.handlerName(s.inv), trace.SpanKindServer, p.now())
	if !p.sampled {
		sp.Data.Annotations = append(root.annotations[:0], attribute.Bool("ColdStart", s.inv.ColdStart()))
		if p.service != "" {
			sp.Data.Annotations = append(sp.Data.Annotations, attribute.String("Service", p.service))
		}
	}
	if id := s.inv.RequestID(); id != "" {
		sp.Data.Attributes = append(root.attributes[:0], attribute.String("faas.invocation_id", id))
		if arn := resourceID(s.inv); arn != "" {
			sp.Data.Attributes = append(sp.Data.Attributes, attribute.String("cloud.resource_id", arn))
		}
	}
	if p.passThrough && !within && !p.sampled {
		sp.Data.Segment = true
		sp.Data.Function, sp.Data.Resource = s.function(), resource(s.inv)
	}
	for _, l := range s.incoming() {
		sp.Link(l)
	}
	if p.pipeline != nil {
		p.pipeline.Describe(&sp.Span, s.inv, p.nameOption == "")
	}
	s.opened(sp)
	s.inv.OnEnd(s)
	s.inv.OnDeadline(s)
	if s.exported() && p.flushTimeout >= 0 {
		s.inv.AfterResponse(s)
	}
	return trace.ContextWithSpan(ctx, sp)
}

// EndInvocation implements lambdakit.Ender.
func (s *scope) EndInvocation(_ context.Context, inv *lambdakit.Invocation) {
	defer func() {
		s.handler.End()
		if s.provider.foreign != nil {
			return
		}
		if !s.exported() {
			s.showOpen() // a goroutine may outlive the invocation, and End may be missing
		}
		s.reportDropped()
	}()
	if x, ok := inv.HTTP(); ok { // (OpenTelemetry, Semantic conventions for HTTP spans)
		s.handler.SetAttributes(
			attribute.String("http.request.method", x.Method),
			attribute.String("http.route", x.Route),
			attribute.Int("http.response.status_code", x.Status),
		)
		if p := s.provider; p.pipeline != nil && p.nameOption == "" && x.Route != "" {
			s.handler.SetName(x.Method + " " + x.Route)
		}
	}
	if p := inv.Panic(); p != nil {
		recordPanic(s.handler, p)
		return
	}
	if err := inv.Err(); err != nil {
		recordError(s.handler, err, "")
	}
	if s.provider.capture { // an invocation that was marked as failed also has a response
		s.captureResponse(inv.Response())
	}
}

func (s *scope) captureResponse(response []byte) {
	if response == nil {
		return
	}
	if len(response) > s.provider.maxResponseBytes {
		response = strconv.AppendQuote(nil, fmt.Sprintf("[%d bytes left out]", len(response)))
	} else if !json.Valid(response) {
		response, _ = json.Marshal(string(response))
	}
	name := strings.TrimPrefix(s.provider.handlerName(s.inv), spanPrefix)
	putMetadata(s.handler, xray.Metadata{Namespace: s.provider.namespace(), Key: name + " response", JSON: bytes.Clone(response)})
}
