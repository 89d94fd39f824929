package logging

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errstack"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

const (
	maxCauses = 16 // of an error, in each direction
	maxStack  = 16 << 10
)

// error encodes err as {"message", "type", "stack", "cause" or "causes"}.
func (e *encoder) error(err error, depth int) {
	e.buf = append(e.buf, `{"message":`...)
	e.buf = jsonenc.AppendString(e.buf, err.Error())
	e.buf = append(e.buf, `,"type":`...)
	e.buf = jsonenc.AppendString(e.buf, typeName(err))
	stack := cutStack(errstack.Of(err))
	if stack == "" && depth == 0 {
		stack = formattedStack(err) // with those of its causes
	}
	if stack != "" {
		e.buf = append(e.buf, `,"stack":`...)
		e.buf = jsonenc.AppendString(e.buf, stack)
	}
	if depth < maxCauses {
		e.causes(err, depth)
	}
	e.buf = append(e.buf, '}')
}

func (e *encoder) causes(err error, depth int) {
	if _, ok := err.(*lambdakit.EventError); ok {
		return // the text of its cause repeats the event
	}
	switch x := err.(type) {
	case interface{ Unwrap() error }:
		if cause := x.Unwrap(); cause != nil {
			e.buf = append(e.buf, `,"cause":`...)
			e.error(cause, depth+1)
		}
	case interface{ Unwrap() []error }:
		e.buf = append(e.buf, `,"causes":[`...)
		n := 0
		for _, cause := range x.Unwrap() {
			if cause == nil || n == maxCauses {
				continue
			}
			if n++; n > 1 {
				e.buf = append(e.buf, ',')
			}
			// A tree as deep as it is wide must stay small.
			e.error(cause, max(depth+1, maxCauses-2))
		}
		e.buf = append(e.buf, ']')
	}
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }

// formattedStack asks the formatter of err for its stack: error packages whose
// StackTrace method returns a type of their own print it with %+v, behind the
// message. To call that method through reflection would add 57 KB to the binary.
func formattedStack(err error) string {
	if _, ok := err.(fmt.Formatter); !ok {
		return ""
	}
	text := strings.TrimPrefix(fmt.Sprintf("%+v", err), err.Error())
	if !strings.Contains(text, ".go:") {
		return ""
	}
	return cutStack(strings.TrimPrefix(text, "\n"))
}

func cutStack(s string) string {
	if len(s) > maxStack {
		return s[:maxStack] + cutMark
	}
	return s
}

// failure is how the end of an invocation describes a panic, or an error that came
// as text.
type failure struct{ message, kind, stack string }

func (f failure) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("message", f.message), slog.String("type", f.kind)}
	if f.stack != "" {
		attrs = append(attrs, slog.String("stack", f.stack))
	}
	return slog.GroupValue(attrs...)
}
