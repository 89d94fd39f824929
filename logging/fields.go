package logging

import (
	"log/slog"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// environment holds the fields that most invocations in an execution environment share, encoded.
type environment struct {
	coldStart          bool
	memoryMB           int
	name, version, arn string

	text []byte
}

func (env *environment) matches(inv *lambdakit.Invocation) bool {
	return env.coldStart == inv.ColdStart() && env.memoryMB == inv.MemoryMB() &&
		env.name == inv.FunctionName() && env.version == inv.FunctionVersion() && env.arn == inv.FunctionARN()
}

// environment returns the environment of inv. It encodes nothing if the invocation before had the
// same one.
func (c *common) environment(inv *lambdakit.Invocation) *environment {
	if env := c.lastEnvironment.Load(); env != nil && env.matches(inv) {
		return env
	}
	env := &environment{
		coldStart: inv.ColdStart(), memoryMB: inv.MemoryMB(),
		name: inv.FunctionName(), version: inv.FunctionVersion(), arn: inv.FunctionARN(),
	}
	env.each(c, func(a slog.Attr) { env.text = c.appendField(env.text, a) })
	c.lastEnvironment.Store(env)
	return env
}

// each calls field with the fields that are known.
func (env *environment) each(c *common, field func(slog.Attr)) {
	text := textTo(field)
	text("service", c.serviceName)
	field(slog.Bool("cold_start", env.coldStart))
	text("function_arn", env.arn)
	if env.memoryMB > 0 {
		field(slog.Int("function_memory_size", env.memoryMB))
	}
	text("function_name", env.name)
	text("function_version", env.version)
}

// each calls field with the fields of the invocation that are known.
func (sc *scope) each(correlationID string, field func(slog.Attr)) {
	text := textTo(field)
	sc.common.environment(sc.inv).each(sc.common, field)
	for _, id := range sc.ids() {
		text(id.name, id.value)
	}
	text(correlationKey, correlationID)
	if rate := sc.common.sampleRate; rate > 0 {
		field(slog.Float64("sampling_rate", rate))
	}
}

type textField struct{ name, value string }

// ids returns the ids that Lambda gave the invocation. Those that are unknown are empty.
func (sc *scope) ids() [3]textField {
	return [...]textField{
		{"function_request_id", sc.inv.RequestID()},
		{"xray_trace_id", traceheader.Root(sc.inv.TraceHeader())},
		{"tenant_id", sc.inv.TenantID()},
	}
}

func textTo(field func(slog.Attr)) func(key, value string) {
	return func(key, value string) {
		if value != "" {
			field(slog.String(key, value))
		}
	}
}

// rendered holds the fields of an invocation, encoded.
type rendered struct {
	environment    []byte // the fields that most invocations share
	text           []byte // the other fields
	idStart, idEnd int    // text[idStart:idEnd] is correlation_id, empty if there is none
}

// fields returns the encoded fields of the invocation.
func (sc *scope) fields() *rendered {
	if p := sc.rendered.Load(); p != nil {
		return p
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if p := sc.rendered.Load(); p != nil {
		return p
	}
	sc.first.text = sc.firstText[:0]
	p := sc.render(&sc.first)
	sc.rendered.Store(p)
	return p
}

// render encodes the fields into r. sc.mu is held.
func (sc *scope) render(r *rendered) *rendered {
	c := sc.common
	r.environment = c.environment(sc.inv).text
	b := r.text
	for _, id := range sc.ids() {
		if id.value != "" {
			b = c.appendText(b, id.name, id.value)
		}
	}
	r.idStart = len(b)
	if sc.correlationID != "" {
		b = c.appendText(b, correlationKey, sc.correlationID)
	}
	r.idEnd = len(b)
	if c.sampleRate > 0 {
		b = c.appendField(b, slog.Float64("sampling_rate", c.sampleRate))
	}
	r.text = b
	return r
}

// appendField appends a field of the toolkit. Its name needs no escapes.
func (c *common) appendField(b []byte, a slog.Attr) []byte {
	if a.Value.Kind() == slog.KindString {
		return c.appendText(b, a.Key, a.Value.String())
	}
	if c.redact.match(a.Key) {
		return c.appendText(b, a.Key, redacted)
	}
	b = append(b, ',', '"')
	b = append(b, a.Key...)
	b = append(b, '"', ':')
	b, _ = appendScalar(b, a.Value)
	return b
}

// appendText appends a field of the toolkit with a text. Its name needs no escapes.
func (c *common) appendText(b []byte, name, value string) []byte {
	if c.redact.match(name) {
		value = redacted
	}
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, `":"`...)
	b = jsonenc.AppendEscaped(b, value)
	return append(b, '"')
}
