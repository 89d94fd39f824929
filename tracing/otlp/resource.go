package otlp

import (
	"cmp"
	"net/url"
	"os"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/env"
	"github.com/lambdakit/lambdakit/internal/execenv"
)

// resource returns the attributes of the resource. A later source replaces the keys of an earlier
// one. (OpenTelemetry, Semantic conventions for FaaS and cloud resources)
func (s *settings) resource(service string, option []attribute.KeyValue) []attribute.KeyValue {
	var all attributes
	p := execenv.Process
	function := cmp.Or(execenv.FunctionName(), p.FunctionName)
	for _, a := range [...]struct{ key, value string }{
		{"service.name", cmp.Or(function, "unknown_service:go")},
		{"cloud.provider", "aws"},
		{"cloud.platform", "aws_lambda"},
		{"cloud.region", os.Getenv("AWS_REGION")},
		{"faas.name", function},
		{"faas.version", os.Getenv("AWS_LAMBDA_FUNCTION_VERSION")},
		{"faas.instance", os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME")},
	} {
		all.text(a.key, a.value)
	}
	if p.MemoryMB > 0 {
		all.set(attribute.Int64("faas.max_memory", int64(p.MemoryMB)<<20))
	}
	if group := os.Getenv("AWS_LAMBDA_LOG_GROUP_NAME"); group != "" {
		all.set(attribute.StringSlice("aws.log.group.names", []string{group}))
	}
	for _, a := range s.resourceAttributes() {
		all.set(a)
	}
	all.text("service.name", env.Text("POWERTOOLS_SERVICE_NAME"))
	all.text("service.name", env.Text("OTEL_SERVICE_NAME"))
	for _, a := range option {
		if a.Valid() {
			all.set(a)
		}
	}
	all.text("service.name", service)
	all.text("telemetry.sdk.name", "lambdakit")
	all.text("telemetry.sdk.language", "go")
	all.text("telemetry.sdk.version", version)
	return all
}

// attributes is a list with unique keys.
type attributes []attribute.KeyValue

// set adds an attribute, or replaces the one with its key. It is not inlined: inlining would make
// programs larger.
//
//go:noinline
func (l *attributes) set(a attribute.KeyValue) {
	for i := range *l {
		if (*l)[i].Key == a.Key {
			(*l)[i] = a
			return
		}
	}
	*l = append(*l, a)
}

// text sets a text that is not empty.
//
//go:noinline
func (l *attributes) text(key, value string) {
	if value != "" {
		l.set(attribute.String(key, value))
	}
}

// resourceAttributes reads OTEL_RESOURCE_ATTRIBUTES. As in the specification, one wrong entry
// makes all of them invalid.
func (s *settings) resourceAttributes() []attribute.KeyValue {
	const name = "OTEL_RESOURCE_ATTRIBUTES"
	var all []attribute.KeyValue
	for entry := range strings.SplitSeq(os.Getenv(name), ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		key, value, ok := strings.Cut(entry, "=")
		text, err := url.PathUnescape(strings.TrimSpace(value))
		if key = strings.TrimSpace(key); !ok || key == "" || err != nil {
			s.problem(name, "%s is not a list of key=value; it is ignored", name)
			return nil
		}
		all = append(all, attribute.String(key, text))
	}
	return all
}
