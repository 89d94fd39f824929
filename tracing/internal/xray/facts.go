package xray

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// facts is what the attributes of a span say, sorted by kind.
type facts struct {
	span  *Span
	at    [kinds]uint16 // index of the attribute plus one
	kinds []kind        // of each attribute
	used  [kinds]bool   // by a member of the document that is not metadata
	known bool          // some attribute has a meaning

	annotate []string // keys of attributes that the span itself wants as annotations
	aws      bool     // the span is a call of an AWS service
	service  string   // which one
	action   string   // and its operation
}

func (f *facts) gather(s *Span) {
	*f = facts{span: s, kinds: f.kinds[:0]}
	for i := range s.Attributes {
		k := kindOf(string(s.Attributes[i].Key))
		f.kinds = append(f.kinds, k)
		if k != other {
			f.at[k] = uint16(i + 1)
			f.known = true
		}
	}
	if !f.known {
		return
	}
	if v, ok := f.value(annotationKeys); ok && v.Type() == attribute.STRINGSLICE {
		f.annotate = v.AsStringSlice()
		f.used[annotationKeys] = true
	}
	f.findService()
}

// value returns the value of an attribute. It is not inlined, as raw is not.
//
//go:noinline
func (f *facts) value(k kind) (attribute.Value, bool) {
	if i := f.at[k]; i > 0 {
		return f.span.Attributes[i-1].Value, true
	}
	return attribute.Value{}, false
}

// peek returns the text of an attribute of type string; empty where there is none.
//
//go:noinline
func (f *facts) peek(k kind) string {
	if v, ok := f.value(k); ok && v.Type() == attribute.STRING {
		return v.AsString()
	}
	return ""
}

// text returns what peek does, for a member of the document.
//
//go:noinline
func (f *facts) text(k kind) string {
	s := f.peek(k)
	if s != "" {
		f.used[k] = true
	}
	return s
}

// first returns the text of the first attribute that has one.
func (f *facts) first(ks ...kind) string {
	for _, k := range ks {
		if s := f.text(k); s != "" {
			return s
		}
	}
	return ""
}

// number returns the whole number of an attribute, for a member of the document.
//
//go:noinline
func (f *facts) number(k kind) (int64, bool) {
	v, ok := f.value(k)
	if !ok || v.Type() != attribute.INT64 {
		return 0, false
	}
	f.used[k] = true
	return v.AsInt64(), true
}

// port returns the port of an attribute, which some libraries give as text.
func (f *facts) port(ks ...kind) string {
	for _, k := range ks {
		switch v, _ := f.value(k); v.Type() {
		case attribute.INT64:
			f.used[k] = true
			return strconv.FormatInt(v.AsInt64(), 10)
		case attribute.STRING:
			return f.text(k)
		}
	}
	return ""
}

// outgoing reports whether the span is a call of something else.
func (f *facts) outgoing() bool {
	switch f.span.Kind {
	case trace.SpanKindClient, trace.SpanKindProducer, trace.SpanKindConsumer:
		return true
	}
	return false
}

// findService looks for the AWS service that the span calls. rpc.method holds the
// operation in the older conventions, "Service/Operation" in the current ones.
func (f *facts) findService() {
	f.service = f.peek(awsService)
	f.aws = f.service != "" || f.peek(rpcSystem) == "aws-api"
	if !f.aws {
		return
	}
	f.used[rpcSystem] = f.peek(rpcSystem) == "aws-api"
	f.used[awsService] = f.service != ""
	method := f.peek(rpcMethod)
	service := f.peek(rpcService)
	if i := strings.LastIndexByte(method, '/'); i >= 0 {
		if service == "" {
			service = method[:i]
		}
		method = method[i+1:]
	}
	if f.service == "" {
		f.service = service
	}
	f.used[rpcService] = true
	f.action = f.text(awsOperation)
	if f.action == "" {
		f.action = method
	}
	f.used[rpcMethod] = true
}

// namespace returns "aws" or "remote" for calls of something else, which X-Ray shows as
// nodes of their own; empty for work of the function itself.
func (f *facts) namespace() string {
	switch {
	case f.aws:
		return "aws"
	case f.span.Kind == trace.SpanKindClient:
		return "remote"
	case f.outgoing() && f.peek(awsRemoteService) != "":
		return "remote"
	}
	return ""
}

// name returns the name of the node or of the piece of work that the span is.
func (f *facts) name() string {
	service := f.span.resource("service.name")
	if f.span.Segment && service != "" && f.span.Kind == trace.SpanKindServer && f.peek(awsLocalService) == "" {
		return service
	}
	if !f.known || f.span.Segment && f.span.Function != nil { // as Lambda's own segment
		return f.span.Name
	}
	if f.span.Kind == trace.SpanKindServer {
		if s := f.text(awsLocalService); s != "" {
			return s
		}
	}
	if f.outgoing() {
		if s := f.text(awsRemoteService); s != "" {
			if f.aws {
				s = strings.TrimPrefix(strings.TrimPrefix(s, "AWS.SDK."), "AWS::")
			}
			return s
		}
	}
	if s := f.text(peerService); s != "" {
		return s
	}
	if f.aws && f.service != "" {
		return f.service
	}
	if db := f.text(databaseName); db != "" {
		if host := hostOf(f.text(databaseConnection)); host != "" {
			return db + "@" + host
		}
		return db
	}
	if s := f.first(rpcService, httpFlavourHost, netPeerName); s != "" {
		return s
	}
	if f.span.Kind == trace.SpanKindClient {
		// Without the span's own name, which is only a method there, and with the
		// host, as AWS's own libraries name HTTP calls.
		if host := hostOf(f.peek(urlFull)); host != "" {
			return host
		}
	}
	return f.span.Name
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
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
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
