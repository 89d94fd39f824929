package logging

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit/internal/errstack"
	"github.com/lambdakit/lambdakit/internal/errtype"
)

// aws-lambda-go prints the error of a failed invocation through the standard log
// package, as JSON without a level. After slog.SetDefault that text arrives here as the message
// of a record at INFO. If a Middleware has written the error already, the record is dropped.
// Otherwise it becomes a line at ERROR.

const runtimeErrorStart = `{"errorMessage":`

// isRuntimeError reports whether r is such a record, also with the prefixes of log.SetFlags and
// log.SetPrefix. A user may log the same text, such as the answer of another function, with slog.
func isRuntimeError(r *slog.Record) bool {
	n := len(r.Message)
	return n > len(runtimeErrorStart) && r.Message[n-1] == '}' && r.NumAttrs() == 0 &&
		strings.Contains(r.Message[:min(n, 256)], runtimeErrorStart) && isOfRuntime(r.PC)
}

// isOfRuntime reports whether a record with this PC may be of aws-lambda-go. Package slog sets the PC of a text
// from package log only if log.SetFlags asks for the file, and for its own calls always.
func isOfRuntime(pc uintptr) bool {
	if pc == 0 {
		return true
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return strings.Contains(frame.Function, "github.com/aws/aws-lambda-go/")
}

// runtimeError returns the record to write instead of r. If its message is empty, none is written.
func (c *common) runtimeError(r slog.Record) slog.Record {
	var doc messages.InvokeResponse_Error
	_, rest, _ := strings.Cut(r.Message, runtimeErrorStart)
	if json.Unmarshal([]byte(runtimeErrorStart+rest), &doc) != nil {
		return r
	}
	if c.awaitedErrors.take(doc.Type, doc.Message) {
		return slog.Record{}
	}
	out := slog.NewRecord(r.Time, slog.LevelError, "invocation failed", r.PC)
	out.AddAttrs(slog.Any("error", c.failure(doc.Message, doc.Type, errstack.Of(doc))))
	return out
}

// awaitedErrors remembers the errors that aws-lambda-go is about to print again.
type awaitedErrors struct {
	mu   sync.Mutex
	list []awaitedError
}

type awaitedError struct{ kind, message string }

const (
	maxAwaitedErrors = 1024 // outside Lambda they are not printed, so the oldest are forgotten
	maxAwaitedText   = 1024
)

func newAwaitedError(kind, message string) awaitedError {
	// As JSON decodes it: U+FFFD for each byte that is not UTF-8.
	text := string([]rune(message[:min(len(message), maxAwaitedText)]))
	return awaitedError{kind, text[:min(len(text), maxAwaitedText-utf8.UTFMax)]}
}

func (e *awaitedErrors) expect(err error) {
	defer func() { recover() }() // of the error's own Error method
	if doc, ok := err.(messages.InvokeResponse_Error); ok {
		e.add(doc.Type, doc.Message)
		return
	}
	e.add(errtype.Of(err), err.Error())
}

func (e *awaitedErrors) expectPanic(v any) {
	defer func() { recover() }() // of a method of v
	if doc, ok := v.(messages.InvokeResponse_Error); ok {
		e.add(doc.Type, doc.Message)
		return
	}
	e.add(errtype.OfPanic(v), fmt.Sprint(v))
}

// panicText returns the text of a panic's value for a line. A method of the value may panic, too.
func panicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = "!PANIC"
		}
	}()
	switch v := v.(type) {
	case messages.InvokeResponse_Error:
		return v.Message
	case *messages.InvokeResponse_Error:
		if v != nil {
			return v.Message
		}
	}
	return fmt.Sprintf("%v", v)
}

func (e *awaitedErrors) add(kind, message string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.list) == maxAwaitedErrors {
		e.list = append(e.list[:0], e.list[1:]...)
	}
	e.list = append(e.list, newAwaitedError(kind, message))
}

func (e *awaitedErrors) take(kind, message string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.list, newAwaitedError(kind, message))
	if i >= 0 {
		e.list = slices.Delete(e.list, i, i+1)
	}
	return i >= 0
}
