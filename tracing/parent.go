package tracing

import "github.com/lambdakit/lambdakit/tracing/internal/export"

// Parent is a source of the parent of the handler span. Lambda passes a trace header to every
// invocation, even if X-Ray is switched off. The parent in this header is a span that only X-Ray
// has, so traces in another backend would lack it.
type Parent int

const (
	// ParentDefault is the parent that OTEL_PROPAGATORS or the destination implies.
	ParentDefault = Parent(export.ParentDefault)

	// ParentLambda is the parent in Lambda's trace header. In OTEL_PROPAGATORS: xray-lambda.
	ParentLambda = Parent(export.ParentLambda)

	// ParentTraceContext is the parent in the W3C headers traceparent and tracestate of HTTP
	// events. In OTEL_PROPAGATORS: tracecontext.
	ParentTraceContext = Parent(export.ParentTraceContext)

	// ParentXRay is the parent in the header X-Amzn-Trace-Id of HTTP events. In OTEL_PROPAGATORS:
	// xray.
	ParentXRay = Parent(export.ParentXRay)

	// ParentNone makes each handler span a root. In OTEL_PROPAGATORS: none.
	ParentNone = Parent(export.ParentNone)
)

// belowLambda reports whether handler spans are in the trace of Lambda's header. Calls then pass
// this trace on in X-Amzn-Trace-Id. Otherwise they pass Lambda's header on as it is.
func (p *Provider) belowLambda() bool { return p.parents == nil || p.parents[0] == export.ParentLambda }
