package xray

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/redact"
)

// exceptionID appends the id of exception n. It is computed from the span's id, so that the
// document of a span in progress and its final document have the same ids.
func (e *encoder) exceptionID(n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], binary.BigEndian.Uint64(e.span.ID[:])^0x9e3779b97f4a7c15+uint64(n))
	e.raw(`"`)
	e.hex(b[:])
	e.raw(`"`)
}

var workingDirectory = sync.OnceValue(func() string {
	dir, _ := os.Getwd()
	return dir
})

// cause appends the recorded exceptions. If the span has none but its status is an error, cause
// appends one exception made from the status and the attribute error.type.
func (e *encoder) cause() {
	s, attrs := e.span, &e.attrs
	c := causes{e: e, remote: s.Kind == trace.SpanKindClient || s.Kind == trace.SpanKindProducer}
	for i := range s.Events {
		ev := &s.Events[i]
		if ev.Name != ExceptionEvent {
			continue
		}
		if len(ev.Exceptions) == 0 {
			kind, message, stack := exceptionOf(ev)
			c.add(kind, message, stack, false)
		}
		for i, x := range ev.Exceptions {
			c.add(x.Type, x.Message, x.Stack, x.Caused && i+1 < len(ev.Exceptions))
		}
	}
	kind := attrs.peek(errorType)
	if status, ok := attrs.number(httpStatus); ok && kind != "" && kind == strconv.FormatInt(status, 10) {
		kind = "" // the member http has it
		attrs.used[errorType] = true
	}
	if c.n == 0 && s.Status == codes.Error && (s.Description != "" || kind != "") {
		c.add(kind, s.Description, "", false)
		attrs.used[errorType] = true
	}
	c.close()
}

func exceptionOf(ev *Event) (kind, message, stack string) {
	for _, a := range ev.Attributes {
		if a.Value.Type() != attribute.STRING {
			continue
		}
		switch a.Key {
		case ExceptionType:
			kind = a.Value.AsString()
		case ExceptionMessage:
			message = a.Value.AsString()
		case ExceptionStacktrace:
			stack = a.Value.AsString()
		}
	}
	return kind, message, stack
}

// causes writes a list of exceptions. An exception may be the cause of the previous one.
type causes struct {
	e      *encoder
	remote bool
	n      int
}

// add appends an exception. If caused is true, the next exception is its cause.
func (c *causes) add(kind, message, stack string, caused bool) {
	e := c.e
	if c.n == e.limits.exceptions {
		if c.n == maxCauses {
			e.lost.hit(limitExceptions)
		}
		return
	}
	if c.n == 0 {
		e.raw(`,"cause":{`)
		if dir := workingDirectory(); dir != "" {
			e.member(`"working_directory":`, dir, e.limits.member)
			e.raw(`,`)
		}
		e.raw(`"exceptions":[`)
	} else {
		e.raw(`,`)
	}
	e.raw(`{"id":`)
	e.exceptionID(c.n)
	e.member(`,"message":`, redact.Text(message), e.limits.text)
	if kind != "" {
		e.member(`,"type":`, kind, e.limits.member)
	}
	if c.remote {
		e.raw(`,"remote":true`)
	}
	if caused && c.n+1 < e.limits.exceptions {
		e.raw(`,"cause":`)
		e.exceptionID(c.n + 1)
	}
	e.stack(stack)
	e.raw(`}`)
	c.n++
}

func (c *causes) close() {
	if c.n > 0 {
		c.e.raw(`]}`)
	}
}

// stack appends the frames of a stack in Go's format: each frame has a line with the function,
// then an indented line with file and line number.
func (e *encoder) stack(text string) {
	n, skipped := 0, 0
	var function string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "\t") {
			function = functionOf(line)
			continue
		}
		if function == "" {
			continue
		}
		if n == e.limits.frames {
			skipped++
			function = ""
			continue
		}
		path, number := position(line[1:])
		if n++; n == 1 {
			e.raw(`,"stack":[`)
		} else {
			e.raw(`,`)
		}
		e.member(`{"path":`, path, e.limits.member)
		e.raw(`,"line":`)
		e.buf = jsonenc.AppendInt(e.buf, int64(number))
		e.raw(`,"label":`)
		e.text(function, e.limits.member)
		e.raw(`}`)
		function = ""
	}
	if n > 0 {
		e.raw(`]`)
	}
	if skipped > 0 {
		e.raw(`,"truncated":`)
		e.buf = jsonenc.AppendInt(e.buf, int64(skipped))
	}
}

// functionOf returns the function of a line such as "main.handle({0x1, 0x2})" or
// "created by main.run in goroutine 1", or "" if the line has none.
func functionOf(line string) string {
	if strings.HasPrefix(line, "goroutine ") || strings.HasPrefix(line, "[") {
		return ""
	}
	line = strings.TrimPrefix(line, "created by ")
	line, _, _ = strings.Cut(line, " in goroutine ")
	if i := strings.LastIndexByte(line, '('); i > 0 && strings.HasSuffix(line, ")") && !strings.HasSuffix(line[:i], ".") {
		line = line[:i]
	}
	return line
}

// position returns path and line number of a text such as "/var/task/main.go:10 +0x1d".
func position(s string) (path string, line int) {
	s, _, _ = strings.Cut(s, " +0x")
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	line, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 0
	}
	return s[:i], line
}
