// Package errstack finds the stacks that errors carry.
package errstack

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// maxText bounds a stack in bytes, to a frame.
const maxText = 64 << 10

// Of returns the stack that err carries, in one of the forms that error packages for Go
// have; empty where it carries none, or where its method panics.
func Of(err error) (stack string) {
	defer func() {
		if recover() != nil {
			stack = ""
		}
	}()
	switch x := err.(type) {
	case messages.InvokeResponse_Error:
		return frames(x.StackTrace)
	case *messages.InvokeResponse_Error:
		return frames(x.StackTrace)
	case interface{ StackTrace() []uintptr }:
		return Text(x.StackTrace())
	case interface{ Callers() []uintptr }:
		return Text(x.Callers())
	case interface{ Stack() []byte }:
		return string(x.Stack())
	case interface{ Stack() string }:
		return x.Stack()
	}
	return ""
}

// Text writes program counters as Go writes stacks: a line with the function and one with
// file and line for each frame, with no newline at the end.
func Text(pcs []uintptr) string {
	if len(pcs) == 0 {
		return ""
	}
	var b strings.Builder
	for frames := runtime.CallersFrames(pcs); b.Len() < maxText; {
		f, more := frames.Next()
		frame(&b, f.Function, f.File, f.Line)
		if !more {
			break
		}
	}
	return b.String()
}

// frames is Text for the stack that an error of aws-lambda-go carries.
func frames(stack []*messages.InvokeResponse_Error_StackFrame) string {
	var b strings.Builder
	for _, f := range stack {
		if f != nil && b.Len() < maxText {
			frame(&b, f.Label, f.Path, int(f.Line))
		}
	}
	return b.String()
}

func frame(b *strings.Builder, function, file string, line int) {
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(function)
	b.WriteString("\n\t")
	b.WriteString(file)
	b.WriteByte(':')
	b.WriteString(strconv.Itoa(line))
}
