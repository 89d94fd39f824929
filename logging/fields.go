package logging

import (
	"log/slog"

	"github.com/lambdakit/lambdakit"
)

// environment is what the fields of an invocation share with those of most others in its
// execution environment, encoded.
type environment struct {
	coldStart          bool
	memoryMB           int
	name, version, arn string

	text []byte
}

func (env *environment) is(inv *lambdakit.Invocation) bool {
	return env.coldStart == inv.ColdStart() && env.memoryMB == inv.MemoryMB() &&
		env.name == inv.FunctionName() && env.version == inv.FunctionVersion() && env.arn == inv.FunctionARN()
}

// environment returns that of inv: the one of the invocation before, where it is the same.
func (c *core) environment(inv *lambdakit.Invocation) *environment {
	if env := c.lastEnvironment.Load(); env != nil && env.is(inv) {
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
func (env *environment) each(c *core, field func(slog.Attr)) {
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
	sc.core.environment(sc.inv).each(sc.core, field)
	sc.eachOwn(correlationID, field)
}

// eachOwn calls field with the fields that change from one invocation to the next.
func (sc *scope) eachOwn(correlationID string, field func(slog.Attr)) {
	text, inv := textTo(field), sc.inv
	text("function_request_id", inv.RequestID())
	text("xray_trace_id", traceRoot(inv.TraceHeader()))
	text("tenant_id", inv.TenantID())
	text(correlationKey, correlationID)
	if rate := sc.core.sampleRate; rate > 0 {
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
	sc.prefix = rendered{sc.renderFields(sc.prefixBuf[:0]), sc.correlationID != ""}
	sc.rendered.Store(&sc.prefix)
	return &sc.prefix
}

// renderFields appends the fields to b. sc.mu is held.
func (sc *scope) renderFields(b []byte) []byte {
	b = append(b, sc.core.environment(sc.inv).text...)
	sc.eachOwn(sc.correlationID, func(a slog.Attr) { b = sc.core.appendField(b, a) })
	return b
}

// appendField appends a field of the toolkit's, whose name needs no escapes.
func (c *core) appendField(b []byte, a slog.Attr) []byte {
	if c.redact.match(a.Key) {
		a.Value = slog.StringValue(redacted)
	}
	b = append(b, ',', '"')
	b = append(b, a.Key...)
	b = append(b, '"', ':')
	b, _ = appendScalar(b, a.Value)
	return b
}
