package xray

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// spanAttributes gives access to the attributes of a span by kind.
type spanAttributes struct {
	span  *Span
	at    [kinds]uint16 // index of the attribute, plus 1
	kinds []kind        // of each attribute
	used  [kinds]bool   // a member of the document has the value, so metadata omits it
	known bool          // an attribute has a kind except other

	annotate []string // keys of attributes that the span marks as annotations
	aws      bool     // the span is a call to an AWS service
	service  string   // name of that service
	action   string   // operation of that service
}

func (a *spanAttributes) gather(s *Span) {
	*a = spanAttributes{span: s, kinds: a.kinds[:0]}
	for i := range s.Attributes {
		k := kindOf(string(s.Attributes[i].Key))
		a.kinds = append(a.kinds, k)
		if k != other {
			a.at[k] = uint16(i + 1)
			a.known = true
		}
	}
	if !a.known {
		return
	}
	if v, ok := a.value(annotationKeys); ok && v.Type() == attribute.STRINGSLICE {
		a.annotate = v.AsStringSlice()
		a.used[annotationKeys] = true
	}
	a.findService()
}

// value returns the value of an attribute. It is not inlined: inlining would make this package
// larger.
//
//go:noinline
func (a *spanAttributes) value(k kind) (attribute.Value, bool) {
	if i := a.at[k]; i > 0 {
		return a.span.Attributes[i-1].Value, true
	}
	return attribute.Value{}, false
}

// peek returns the text of an attribute of type string, or "".
//
//go:noinline
func (a *spanAttributes) peek(k kind) string {
	if v, ok := a.value(k); ok && v.Type() == attribute.STRING {
		return v.AsString()
	}
	return ""
}

// text returns the same as peek, and marks the attribute as used by a member of the document.
//
//go:noinline
func (a *spanAttributes) text(k kind) string {
	s := a.peek(k)
	if s != "" {
		a.used[k] = true
	}
	return s
}

// first returns the text of the first attribute that has a text, as text does.
func (a *spanAttributes) first(ks ...kind) string {
	for _, k := range ks {
		if s := a.text(k); s != "" {
			return s
		}
	}
	return ""
}

// number returns the integer of an attribute, and marks the attribute as used by a member of the
// document.
//
//go:noinline
func (a *spanAttributes) number(k kind) (int64, bool) {
	v, ok := a.value(k)
	if !ok || v.Type() != attribute.INT64 {
		return 0, false
	}
	a.used[k] = true
	return v.AsInt64(), true
}

// port returns the port of the first attribute that has one. Some libraries set it as text.
func (a *spanAttributes) port(ks ...kind) string {
	for _, k := range ks {
		switch v, _ := a.value(k); v.Type() {
		case attribute.INT64:
			a.used[k] = true
			return strconv.FormatInt(v.AsInt64(), 10)
		case attribute.STRING:
			return a.text(k)
		}
	}
	return ""
}

// outgoing reports whether the span's kind is client, producer or consumer.
func (a *spanAttributes) outgoing() bool {
	switch a.span.Kind {
	case trace.SpanKindClient, trace.SpanKindProducer, trace.SpanKindConsumer:
		return true
	}
	return false
}

// findService finds the AWS service and the operation that the span calls. rpc.method holds the
// operation in older semantic conventions, and "Service/Operation" in the current ones.
func (a *spanAttributes) findService() {
	a.service = a.peek(awsService)
	a.aws = a.service != "" || a.peek(rpcSystem) == "aws-api"
	if !a.aws {
		return
	}
	a.used[rpcSystem] = a.peek(rpcSystem) == "aws-api"
	a.used[awsService] = a.service != ""
	method := a.peek(rpcMethod)
	service := a.peek(rpcService)
	if i := strings.LastIndexByte(method, '/'); i >= 0 {
		if service == "" {
			service = method[:i]
		}
		method = method[i+1:]
	}
	if a.service == "" {
		a.service = service
	}
	a.used[rpcService] = true
	a.action = a.text(awsOperation)
	if a.action == "" {
		a.action = method
	}
	a.used[rpcMethod] = true
}

// namespace returns "aws" or "remote" for calls to other services, and "" for work inside the
// function. X-Ray's map shows a node for each service with a namespace.
func (a *spanAttributes) namespace() string {
	switch {
	case a.aws:
		return "aws"
	case a.span.Kind == trace.SpanKindClient:
		return "remote"
	case a.outgoing() && a.peek(awsRemoteService) != "":
		return "remote"
	}
	return ""
}

// name returns the name of the document. X-Ray shows it as the node or the piece of work.
func (a *spanAttributes) name() string {
	service := a.span.resource("service.name")
	if a.span.Segment && service != "" && a.span.Kind == trace.SpanKindServer && a.peek(awsLocalService) == "" {
		return service
	}
	if !a.known || a.span.Segment && a.span.Function != nil { // as Lambda's own segment
		return a.span.Name
	}
	if a.span.Kind == trace.SpanKindServer {
		if s := a.text(awsLocalService); s != "" {
			return s
		}
	}
	if a.outgoing() {
		if s := a.text(awsRemoteService); s != "" {
			if a.aws {
				s = strings.TrimPrefix(strings.TrimPrefix(s, "AWS.SDK."), "AWS::")
			}
			return s
		}
	}
	if s := a.text(peerService); s != "" {
		return s
	}
	if a.aws && a.service != "" {
		return a.service
	}
	if db := a.text(databaseName); db != "" {
		if host := hostOf(a.text(databaseConnection)); host != "" {
			return db + "@" + host
		}
		return db
	}
	if s := a.first(rpcService, httpFlavourHost, netPeerName); s != "" {
		return s
	}
	if a.span.Kind == trace.SpanKindClient {
		// AWS's libraries name HTTP calls by host too. The span's name is only the method.
		if host := hostOf(a.peek(urlFull)); host != "" {
			return host
		}
	}
	return a.span.Name
}

// resource returns the text of an attribute of the span's resource.
func (s *Span) resource(key attribute.Key) string {
	for _, a := range s.Resource {
		if a.Key == key && a.Value.Type() == attribute.STRING {
			return a.Value.AsString()
		}
	}
	return ""
}

// hostOf returns the host of a URL, without its port.
func hostOf(url string) string {
	url = strings.TrimPrefix(url, "jdbc:")
	_, rest, _ := strings.Cut(url, "://")
	if i := strings.IndexAny(rest, "/?#;"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	if strings.HasPrefix(rest, "[") { // IPv6
		if i := strings.IndexByte(rest, ']'); i >= 0 {
			return rest[1:i]
		}
	}
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		rest = rest[:i]
	}
	return rest
}
