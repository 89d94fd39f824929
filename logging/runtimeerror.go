package logging

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

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
// log.SetPrefix.
func isRuntimeError(r *slog.Record) bool {
	n := len(r.Message)
	return n > len(runtimeErrorStart) && r.Message[n-1] == '}' && r.NumAttrs() == 0 &&
		strings.Contains(r.Message[:min(n, 256)], runtimeErrorStart)
}

// runtimeError returns the record to write instead of r. If its message is empty, none is written.
func (c *common) runtimeError(r slog.Record) slog.Record {
	var doc messages.InvokeResponse_Error
	_, rest, _ := strings.Cut(r.Message, runtimeErrorStart)
	if json.Unmarshal([]byte(runtimeErrorStart+rest), &doc) != nil {
		return r
	}
	if c.echoes.take(doc.Type, doc.Message) {
		return slog.Record{}
	}
	out := slog.NewRecord(r.Time, slog.LevelError, "invocation failed", r.PC)
	out.AddAttrs(slog.Any("error", c.failure(doc.Message, doc.Type, errstack.Of(doc))))
	return out
}

// echoes remembers the errors that aws-lambda-go is about to print again.
type echoes struct {
	mu       sync.Mutex
	expected []echo
}

type echo struct{ kind, message string }

const (
	maxEchoes = 1024 // outside Lambda they are not printed, so the oldest are forgotten
	maxEcho   = 1024
)

func newEcho(kind, message string) echo {
	// As JSON decodes it: U+FFFD for each byte that is not UTF-8.
	return echo{kind, string([]rune(message[:min(len(message), maxEcho)]))}
}

func (e *echoes) expect(err error) {
	defer func() { recover() }() // of the error's own Error method
	if doc, ok := err.(messages.InvokeResponse_Error); ok {
		e.add(doc.Type, doc.Message)
		return
	}
	e.add(errtype.Of(err), err.Error())
}

func (e *echoes) expectPanic(v any) {
	defer func() { recover() }() // of a method of v
	if doc, ok := v.(messages.InvokeResponse_Error); ok {
		e.add(doc.Type, doc.Message)
		return
	}
	e.add(errtype.OfPanic(v), panicText(v))
}

// panicText returns the text of a panic's value as aws-lambda-go reports it.
func panicText(v any) string {
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

func (e *echoes) add(kind, message string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.expected) == maxEchoes {
		e.expected = append(e.expected[:0], e.expected[1:]...)
	}
	e.expected = append(e.expected, newEcho(kind, message))
}

func (e *echoes) take(kind, message string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.expected, newEcho(kind, message))
	if i >= 0 {
		e.expected = slices.Delete(e.expected, i, i+1)
	}
	return i >= 0
}
