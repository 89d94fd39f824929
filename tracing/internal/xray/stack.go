package xray

import (
	"runtime"
	"strconv"
	"strings"
)

const maxStack = 64 << 10

// StackOf returns the stack that err carries, in one of the forms that error packages
// for Go have; empty where it carries none.
func StackOf(err error) (stack string) {
	defer func() {
		if recover() != nil {
			stack = ""
		}
	}()
	switch x := err.(type) {
	case interface{ StackTrace() []uintptr }:
		return StackText(x.StackTrace())
	case interface{ Callers() []uintptr }:
		return StackText(x.Callers())
	case interface{ Stack() []byte }:
		return string(x.Stack())
	case interface{ Stack() string }:
		return x.Stack()
	}
	return ""
}

// StackText writes program counters as Go writes stacks.
func StackText(pcs []uintptr) string {
	if len(pcs) == 0 {
		return ""
	}
	var b strings.Builder
	for frames := runtime.CallersFrames(pcs); b.Len() < maxStack; {
		f, more := frames.Next()
		b.WriteString(f.Function)
		b.WriteString("\n\t")
		b.WriteString(f.File)
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(f.Line))
		b.WriteByte('\n')
		if !more {
			break
		}
	}
	return b.String()
}

// Stack returns the stack of its caller's caller, skip more frames up.
func Stack(skip int) string {
	var pcs [64]uintptr
	return StackText(pcs[:runtime.Callers(3+skip, pcs[:])])
}
