package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/sandbox"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// instrumentation is the name of this package as a source of spans.
const instrumentation = "github.com/lambdakit/lambdakit/tracing"

// Middleware makes the handler span of each invocation, which the context carries, and
// ends it with the invocation or its response stream.
func (t *Tracer) Middleware(next lambdakit.Handler) lambdakit.Handler {
	if t.off {
		return next
	}
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		if s := scopeOf(ctx); s != nil && s.tracer == t { // the middleware is there twice
			return next(ctx, inv)
		}
		box := sandbox.FromContext(ctx)
		if t.provider == nil && t.outside && box.Traces == nil {
			return next(ctx, inv)
		}
		s := &scope{tracer: t, inv: inv, header: header.Parse(inv.TraceHeader()), capture: box.Traces}
		if t.provider != nil {
			ctx = s.beginForeign(ctx)
		} else {
			ctx = s.begin(ctx)
		}
		inv.SetValue(scopeKey, s)
		return next(ctx, inv)
	}
}

// begin starts the handler span of the own provider.
func (s *scope) begin(ctx context.Context) context.Context {
	t, sp := s.tracer, &s.root
	sp.scope, s.handler = s, sp
	ctx = trace.ContextWithSpan(ctx, sp)
	if !s.header.Traced() {
		sp.sc = trace.NewSpanContext(trace.SpanContextConfig{TraceID: s.header.TraceID, SpanID: s.header.Parent, Remote: true})
		return ctx
	}
	s.on = true
	sp.recording = true
	sp.init(s.header.TraceID, newSpanID(), s.header.Parent, trace.TraceState{}, t.handlerName(s.inv))
	sp.data.Kind = trace.SpanKindServer
	sp.data.Start = t.now()
	sp.data.Annotations = append(make([]attribute.KeyValue, 0, 4), attribute.Bool("ColdStart", s.inv.ColdStart()))
	if t.service != "" {
		sp.data.Annotations = append(sp.data.Annotations, attribute.String("Service", t.service))
	}
	if id := s.inv.RequestID(); id != "" {
		sp.data.Attributes = append(make([]attribute.KeyValue, 0, 2), attribute.String("faas.invocation_id", id))
		if arn := s.inv.FunctionARN(); arn != "" {
			sp.data.Attributes = append(sp.data.Attributes, attribute.String("cloud.resource_id", arn))
		}
	}
	if t.passThrough {
		sp.data.Segment = true
		sp.data.Function, sp.data.Resource = s.function(), resource(s.inv)
	}
	for _, l := range t.incoming(s.inv.Payload()) {
		sp.addLink(l)
	}
	s.opened(sp)
	s.inv.OnEnd(s)
	s.inv.OnDeadline(s)
	return ctx
}

// EndInvocation implements lambdakit.Ender.
func (s *scope) EndInvocation(_ context.Context, inv *lambdakit.Invocation) {
	if p := inv.Panic(); p != nil {
		recordPanic(s.handler, p)
	} else if err := inv.Err(); err != nil {
		recordError(s.handler, err)
	} else if s.tracer.capture {
		s.captureResponse(inv.Response())
	}
	s.handler.End()
	if s.tracer.provider != nil {
		s.flush()
		return
	}
	s.showOpen() // those of goroutines that outlive the invocation, or that nobody ends
}

func recordPanic(sp trace.Span, p *lambdakit.Panic) {
	message := panicText(p.Value)
	addException(sp, xray.Event{Attributes: exception(xray.TypeName(p.Value), message, xray.StackText(p.Stack))})
	sp.SetStatus(codes.Error, "panic: "+message)
}

func recordError(sp trace.Span, err error) {
	addException(sp, xray.Event{Attributes: exception(xray.TypeName(err), errorText(err), xray.StackOf(err)), Err: err})
	sp.SetStatus(codes.Error, errorText(err))
}

func (s *scope) captureResponse(response []byte) {
	if response == nil {
		return
	}
	if len(response) > s.tracer.maxResponse {
		response = strconv.AppendQuote(nil, fmt.Sprintf("[%d bytes left out]", len(response)))
	} else if !json.Valid(response) {
		response, _ = json.Marshal(string(response))
	}
	name := strings.TrimPrefix(s.tracer.handlerName(s.inv), "## ")
	putMetadata(s.handler, xray.Metadata{Namespace: s.tracer.namespace(), Key: name + " response", JSON: bytes.Clone(response)})
}
