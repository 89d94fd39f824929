// Package errstack returns the stacks that errors carry.
//
// Other modules import this package, so it changes only by addition.
package errstack

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// maxText is the size in bytes after which no further frame is added to a stack.
const maxText = 64 << 10

// Of returns the stack that err carries. It knows the methods of the common error packages for Go. It
// returns "" if err has no stack, or if its method panics.
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

// Text formats program counters like a stack of package runtime. Each frame has a line with the
// function, and a line with the file and the line number. The text does not end in a newline.
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

// frames is Text for the stack of a messages.InvokeResponse_Error.
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
