package export

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
)

// Parent is a tracing.Parent.
type Parent int

// The sources of a parent, as in package tracing.
const (
	ParentDefault Parent = iota
	ParentLambda
	ParentTraceContext
	ParentXRay
	ParentNone
)

// Parents are sources of the parent of a handler span, in their order. The first one that has a parent
// counts.
type Parents []Parent

// propagators are the names in OTEL_PROPAGATORS, by Parent.
var propagators = [...]string{ParentLambda: "xray-lambda", ParentTraceContext: "tracecontext", ParentXRay: "xray", ParentNone: "none"}

// ParentsOf returns the sources that an option or OTEL_PROPAGATORS names, or only otherwise.
func ParentsOf(option, otherwise Parent, r *report.Reporter) Parents {
	if option != ParentDefault {
		return Parents{option}
	}
	var all Parents
	for rest := os.Getenv("OTEL_PROPAGATORS"); rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, ",")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		known := ParentDefault
		for p, n := range propagators {
			if n == name {
				known = Parent(p)
			}
		}
		if known == ParentDefault {
			r.Once("propagator "+name, fmt.Errorf("tracing: OTEL_PROPAGATORS: %.20q is not supported and left out", name))
			continue
		}
		all = append(all, known)
	}
	if all == nil {
		return Parents{otherwise}
	}
	return all
}

// Remote returns the parent of a handler span, or an invalid SpanContext. It ignores a trace header
// without a sampling decision.
func (p Parents) Remote(lambda *header.Header, event []byte) (parent trace.SpanContext) {
	for _, from := range p {
		h := *lambda
		switch from {
		case ParentTraceContext:
			parent = EventParent(event)
		case ParentXRay:
			h = header.Parse(eventHeader(event, header.Name))
			fallthrough
		case ParentLambda:
			if h.Decided() {
				parent = h.SpanContext()
			}
		}
		if parent.IsValid() {
			break
		}
	}
	return parent
}

// EventParent returns the span that the headers traceparent and tracestate of an HTTP event name.
func EventParent(event []byte) trace.SpanContext {
	sc := header.ParseTraceParent(eventHeader(event, "traceparent"))
	if !sc.IsValid() {
		return sc
	}
	if state, err := trace.ParseTraceState(eventHeader(event, "tracestate")); err == nil { // or else it is dropped (W3C, Trace Context)
		sc = sc.WithTraceState(state)
	}
	return sc
}

var headersEnd = []byte(`eaders"`)

// eventHeader returns the value of a header of an HTTP event; empty if there is none.
func eventHeader(event []byte, wanted string) (text string) {
	if !bytes.Contains(event, headersEnd) {
		return ""
	}
	headers, ok := jsonscan.Find(event, []jsonscan.Step{{Name: "headers"}})
	multi := false
	if !ok || string(headers) == "null" {
		if headers, multi = jsonscan.Find(event, []jsonscan.Step{{Name: "multiValueHeaders"}}); !multi {
			return ""
		}
	}
	jsonscan.Members(headers, func(key []byte, start, end int) bool {
		name, _ := jsonscan.String(key)
		if !strings.EqualFold(name, wanted) {
			return true
		}
		value := headers[start:end]
		if multi {
			value, _ = jsonscan.Find(value, []jsonscan.Step{{IsIndex: true}})
		}
		text, _ = jsonscan.String(value)
		return false
	})
	return text
}
