package logging

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errstack"
	"github.com/lambdakit/lambdakit/internal/errtype"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/redact"
)

const (
	maxCauses = 16 // of an error, in depth and in number
	maxStack  = 16 << 10
)

// errorLimits bound the parts of an error.
type errorLimits struct {
	text, stack int // bytes
	causes      int // levels, and errors joined at each
}

// errorEfforts are tried in turn until an error takes at most half of a line. Its type, its causes
// and the beginning of its stack are more important than the end of a long message.
var errorEfforts = []errorLimits{
	{64 << 10, maxStack, maxCauses}, {16 << 10, 8 << 10, maxCauses}, {4 << 10, 4 << 10, 8}, {1 << 10, 2 << 10, 4}, {512, 1 << 10, 2}, {256, 256, 1}, {96, 96, 0},
}

// error encodes err as {"message", "type", "stack", "cause" or "causes"}.
func (e *encoder) error(err error) {
	at := len(e.buf)
	for _, l := range errorEfforts {
		e.buf = e.buf[:at]
		e.errorIn(err, l, 0, false)
		if len(e.buf)-at <= e.common.maxLineBytes/2 {
			return
		}
	}
}

// errorIn encodes err within the limits l, at a depth of causes. stacked says that an error around
// it has a stack.
func (e *encoder) errorIn(err error, l errorLimits, depth int, stacked bool) {
	err = errtype.Unmark(err)
	text := textOf(err)
	e.buf = append(e.buf, `{"message":`...)
	e.buf = jsonenc.AppendString(e.buf, cutText(e.common.cleanError(text), l.text))
	e.buf = append(e.buf, `,"type":`...)
	e.buf = jsonenc.AppendString(e.buf, cutText(errtype.Name(err), maxType))
	stack := errstack.Of(err)
	if stack == "" && !stacked {
		stack = formattedStack(err) // with the stacks of its causes
	}
	if stack != "" {
		stacked = true
		e.buf = append(e.buf, `,"stack":`...)
		e.buf = jsonenc.AppendString(e.buf, cutText(e.common.cleanError(stack), l.stack))
	}
	if depth < l.causes {
		e.causes(err, text, l, depth+1, stacked)
	}
	e.buf = append(e.buf, '}')
}

// textOf returns the text of an error. If its Error method panics because of an error that it wraps, the others
// are still written.
func textOf(err error) (text string) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		switch err.(type) {
		case interface{ Unwrap() error }, interface{ Unwrap() []error }:
			text = fmt.Sprintf("!PANIC: %v", p)
		default:
			panic(p)
		}
	}()
	return errtype.Text(err)
}

// maxType bounds the name of a type in bytes. The names of generic types can be long.
const maxType = 256

func (e *encoder) causes(err error, text string, l errorLimits, depth int, stacked bool) {
	switch x := err.(type) {
	case interface{ Unwrap() error }:
		if cause := withoutWrappers(x.Unwrap(), text); cause != nil {
			e.buf = append(e.buf, `,"cause":`...)
			e.cause(cause, l, depth, stacked)
		}
	case interface{ Unwrap() []error }:
		e.buf = append(e.buf, `,"causes":[`...)
		n := 0
		for _, cause := range x.Unwrap() {
			if cause == nil || n == l.causes {
				continue
			}
			if n++; n > 1 {
				e.buf = append(e.buf, ',')
			}
			// A tree that is deep and wide must stay small.
			e.cause(withoutWrappers(cause, text), l, max(depth, l.causes-2), stacked)
		}
		e.buf = append(e.buf, ']')
	}
}

// cause encodes an error that another one wraps. It uses the LogValue method if there is one: a
// *lambdakit.EventError leaves its cause out, because the cause repeats the event. If a method of the error
// panics, only this error is lost.
func (e *encoder) cause(err error, l errorLimits, depth int, stacked bool) {
	at := len(e.buf)
	defer func() {
		if p := recover(); p != nil {
			e.buf = e.buf[:at]
			e.failed("!PANIC", p)
		}
	}()
	if v, ok := err.(slog.LogValuer); ok {
		e.walk(v)
		return
	}
	e.errorIn(err, l, depth, stacked)
}

var wrapper = reflect.TypeOf(fmt.Errorf("%w", lambdakit.ErrGoexit))

// withoutWrappers returns the first error of the chain that adds something to text. Errors of
// fmt.Errorf only repeat a part of the text of the error around them.
func withoutWrappers(err error, text string) error {
	for range 100 { // a chain may be a cycle
		if err == nil || reflect.TypeOf(err) != wrapper || !strings.Contains(text, err.Error()) {
			break
		}
		err = err.(interface{ Unwrap() error }).Unwrap()
	}
	return err
}

// cleanError returns the text of an error without credentials, and without the secrets that
// Options.Redact names.
func (c *common) cleanError(text string) string { return c.redact.text(redact.Text(text)) }

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
	return strings.TrimPrefix(text, "\n")
}

// cutText returns s in at most n bytes and cutMark.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + cutMark
}

// failure is the field error for a panic, and for an error known only as text.
type failure struct{ message, kind, stack string }

func (f failure) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("message", f.message), slog.String("type", f.kind)}
	if f.stack != "" {
		attrs = append(attrs, slog.String("stack", f.stack))
	}
	return slog.GroupValue(attrs...)
}

// failure describes a panic, or an error known only as text, in at most half of a line.
func (c *common) failure(message, kind, stack string) failure {
	quarter := c.maxLineBytes / 4
	return failure{cutText(c.cleanError(message), quarter), cutText(kind, maxType), cutText(c.cleanError(stack), min(maxStack, quarter))}
}
