package logging

import (
	"log/slog"

	"github.com/lambdakit/lambdakit"
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
	sc.common.environment(sc.inv).each(sc.common, field)
	sc.eachID(field)
	textTo(field)(correlationKey, correlationID)
	sc.eachRate(field)
}

// eachID calls field with the ids that Lambda gave the invocation.
func (sc *scope) eachID(field func(slog.Attr)) {
	text, inv := textTo(field), sc.inv
	text("function_request_id", inv.RequestID())
	text("xray_trace_id", traceheader.Root(inv.TraceHeader()))
	text("tenant_id", inv.TenantID())
}

func (sc *scope) eachRate(field func(slog.Attr)) {
	if rate := sc.common.sampleRate; rate > 0 {
		field(slog.Float64("sampling_rate", rate))
	}
}

func textTo(field func(slog.Attr)) func(key, value string) {
	return func(key, value string) {
		if value != "" {
			field(slog.String(key, value))
		}
	}
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
	sc.prefix.text = sc.prefixBuf[:0]
	p := sc.render(&sc.prefix)
	sc.rendered.Store(p)
	return p
}

// render encodes the fields into r. sc.mu is held.
func (sc *scope) render(r *rendered) *rendered {
	b := append(r.text, sc.common.environment(sc.inv).text...)
	field := func(a slog.Attr) { b = sc.common.appendField(b, a) }
	sc.eachID(field)
	r.idStart = len(b)
	if sc.correlationID != "" {
		field(slog.String(correlationKey, sc.correlationID))
	}
	r.idEnd = len(b)
	sc.eachRate(field)
	r.text = b
	return r
}

// appendField appends a field of the toolkit. Its name needs no escapes.
func (c *common) appendField(b []byte, a slog.Attr) []byte {
	if c.redact.match(a.Key) {
		a.Value = slog.StringValue(redacted)
	}
	b = append(b, ',', '"')
	b = append(b, a.Key...)
	b = append(b, '"', ':')
	b, _ = appendScalar(b, a.Value)
	return b
}
