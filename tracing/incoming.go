package tracing

import (
	"bytes"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
	"github.com/lambdakit/lambdakit/tracing/internal/export"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
)

// incoming returns links to the spans that sent the event or its messages. The span in Lambda's
// trace header is among them if X-Ray records it and it is not the parent of the handler span.
func (s *scope) incoming() []trace.Link {
	event := s.inv.Payload()
	links := messageLinks(event)
	from := export.Parents{export.ParentLambda}
	if s.provider.belowLambda() {
		from[0] = export.ParentTraceContext
		if !s.provider.traceParent {
			return links
		}
	} else if !s.header.Traced() {
		return links
	}
	if sc := from.Remote(&s.header, event); sc.IsValid() {
		links = append(links, trace.Link{SpanContext: sc})
	}
	return links
}

var (
	traceHeaderName = []byte(`"AWSTraceHeader"`)
	records         = []jsonscan.Step{{Name: "Records"}}
	recordTrace     = []jsonscan.Step{{Name: "attributes"}, {Name: "AWSTraceHeader"}}
	recordMessage   = []jsonscan.Step{{Name: "messageId"}}
)

// messageLinks returns a link to the sender of each message of an SQS batch. (SQS, Message
// system attributes)
func messageLinks(event []byte) []trace.Link {
	if !bytes.Contains(event, traceHeaderName) {
		return nil
	}
	list, ok := jsonscan.Find(event, records)
	if !ok || len(list) == 0 || list[0] != '[' {
		return nil
	}
	var links []trace.Link
	for i := 1; i < len(list) && len(links) < record.MaxLinks; {
		switch list[i] {
		case ' ', '\t', '\n', '\r', ',':
			i++
			continue
		case '{':
		default:
			return links
		}
		end, ok := jsonscan.Skip(list, i)
		if !ok {
			return links
		}
		if l, ok := messageLink(list[i:end]); ok {
			links = append(links, l)
		}
		i = end
	}
	return links
}

func messageLink(record []byte) (trace.Link, bool) {
	value, ok := jsonscan.Find(record, recordTrace)
	if !ok {
		return trace.Link{}, false
	}
	text, _ := jsonscan.String(value)
	h := header.Parse(text)
	l := trace.Link{SpanContext: h.SpanContext()}
	if !l.SpanContext.IsValid() {
		return l, false
	}
	if value, ok := jsonscan.Find(record, recordMessage); ok {
		if id, ok := jsonscan.String(value); ok {
			l.Attributes = []attribute.KeyValue{attribute.String("messaging.message.id", strings.Clone(id))}
		}
	}
	return l, true
}
