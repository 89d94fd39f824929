package otlp

import (
	"bytes"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
)

// Describe implements export.Pipeline. (OpenTelemetry, Semantic conventions for AWS Lambda, for FaaS
// spans and for HTTP spans)
func (p *pipeline) Describe(sp *record.Span, inv *lambdakit.Invocation, named bool) {
	l := attributes(sp.Data.Attributes)
	l.set(attribute.Bool("faas.coldstart", inv.ColdStart()))
	arn := inv.FunctionARN()
	l.text("aws.lambda.invoked_arn", arn)
	// arn:aws:lambda:REGION:ACCOUNT:function:NAME
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		l.text("cloud.account.id", parts[4])
	}
	var e event
	e.read(inv.Payload())
	if e.method != "" {
		e.http(&l)
		if named && e.route != "" {
			sp.Data.Name = e.method + " " + e.route
		}
	}
	l.text("faas.trigger", e.trigger())
	sp.Data.Attributes = l
}

// unfinished is the attribute of a span that did not end in time. The value is deadline or shutdown.
const unfinished = attribute.Key("lambdakit.unfinished")

// Interrupt implements export.Pipeline. The invocation may still end the span in time, but nothing
// shows that beforehand, and a backend cannot replace a span.
func (p *pipeline) Interrupt(sp *record.Span, shutdown bool) {
	reason, text := "deadline", "the deadline of the invocation is near"
	if shutdown {
		reason, text = "shutdown", "the execution environment is shut down"
	}
	sp.SetStatus(codes.Error, text)
	sp.SetAttributes(unfinished.String(reason))
}

// event is the part of an event that describes its sender. Its texts are not part of the payload.
type event struct {
	method, route, path, client, agent string
	headers                            []byte // of the event itself
	source                             string // such as aws:sqs
	detail                             string // the type of an event of EventBridge
}

// read reads the members of an event in one pass.
func (e *event) read(payload []byte) {
	jsonscan.Members(payload, func(key []byte, start, end int) bool {
		value := payload[start:end]
		switch string(key) {
		case `"httpMethod"`:
			e.method = text(value)
		case `"resource"`:
			e.route = text(value)
		case `"routeKey"`:
			if _, route, ok := strings.Cut(text(value), " "); ok { // not $default
				e.route = route
			}
		case `"path"`, `"rawPath"`:
			e.path = text(value)
		case `"headers"`, `"multiValueHeaders"`:
			if len(value) > 0 && value[0] == '{' {
				e.headers = value
			}
		case `"requestContext"`:
			e.context(value)
		case `"Records"`:
			for _, name := range []string{"eventSource", "EventSource"} { // SNS has the second one
				if v, ok := jsonscan.Find(value, []jsonscan.Step{{IsIndex: true}, {Name: name}}); ok {
					e.source = text(v)
				}
			}
		case `"eventSource"`:
			e.source = text(value)
		case `"detail-type"`:
			e.detail = text(value)
		}
		return true
	})
}

// context reads the request context of API Gateway or of a function URL.
func (e *event) context(value []byte) {
	for _, c := range []struct {
		to    *string
		steps [2]string
	}{
		{&e.method, [2]string{"http", "method"}},
		{&e.client, [2]string{"http", "sourceIp"}},
		{&e.agent, [2]string{"http", "userAgent"}},
		{&e.client, [2]string{"identity", "sourceIp"}},
		{&e.agent, [2]string{"identity", "userAgent"}},
	} {
		if v, ok := jsonscan.Find(value, []jsonscan.Step{{Name: c.steps[0]}, {Name: c.steps[1]}}); ok && len(v) > 2 && v[0] == '"' {
			*c.to = text(v)
		}
	}
}

// http adds the attributes of an HTTP request. The query is not among them, since it may contain
// secrets.
func (e *event) http(l *attributes) {
	var host, scheme string
	jsonscan.Members(e.headers, func(key []byte, start, end int) bool {
		value := e.headers[start:end]
		if len(value) > 0 && value[0] == '[' {
			value, _ = jsonscan.Find(value, []jsonscan.Step{{IsIndex: true}})
		}
		switch {
		case bytes.EqualFold(key, []byte(`"host"`)):
			host = text(value)
		case bytes.EqualFold(key, []byte(`"x-forwarded-proto"`)):
			scheme = text(value)
		case bytes.EqualFold(key, []byte(`"x-forwarded-for"`)) && e.client == "":
			first, _, _ := strings.Cut(text(value), ",")
			e.client = strings.TrimSpace(first)
		case bytes.EqualFold(key, []byte(`"user-agent"`)) && e.agent == "":
			e.agent = text(value)
		}
		return true
	})
	l.text("http.request.method", e.method)
	l.text("http.route", e.route)
	l.text("url.path", e.path)
	l.text("url.scheme", scheme)
	l.text("server.address", host)
	l.text("user_agent.original", e.agent)
	l.text("client.address", e.client)
}

// trigger returns the kind of the sender.
func (e *event) trigger() string {
	switch e.source {
	case "aws:sqs", "aws:sns", "aws:kinesis", "aws:kafka", "SelfManagedKafka", "aws:mq", "aws:rmq":
		return "pubsub"
	case "aws:s3", "aws:dynamodb", "aws:docdb":
		return "datasource"
	}
	switch {
	case e.method != "":
		return "http"
	case e.detail == "Scheduled Event":
		return "timer"
	case e.detail != "":
		return "pubsub"
	}
	return "other"
}

// text returns a JSON string, or the digits of a number. It is empty for other values.
func text(value []byte) string {
	s, _ := jsonscan.String(value)
	return s
}
