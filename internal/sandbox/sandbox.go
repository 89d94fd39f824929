// Package sandbox describes the execution environment that a process runs in:
// what Lambda tells it once, at start, and the one bit that changes, whether
// an invocation has begun yet.
package sandbox

import (
	"context"
	"io"
	"os"
	"strconv"
	"sync/atomic"
)

// Sandbox is one execution environment. The process has one; a test harness
// makes one for itself and puts it into the context of its invocations.
type Sandbox struct {
	FunctionName    string
	FunctionVersion string
	MemoryMB        int // 0 when unknown

	// OnDemand says that the first invocation counts as a cold start.
	OnDemand bool

	// Runtime says that a Lambda Runtime API drives this process: an
	// invocation that cannot be answered has to end the process, and timers
	// may be reused.
	Runtime bool

	// Stdout, when not nil, receives what utilities would write to os.Stdout.
	Stdout io.Writer

	// Traces, when not nil, receives the segment documents that would be sent to
	// the X-Ray daemon, each in one call of Write, as a line.
	Traces io.Writer

	// Failed, when not nil, receives the error of an invocation that Invocation.Fail marked
	// and whose function returned none. It is called before the response leaves.
	Failed func(error)

	warm atomic.Bool
}

// Process is the sandbox of this process, read from the environment at start.
var Process = fromEnvironment()

func fromEnvironment() *Sandbox {
	memory, _ := strconv.Atoi(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	init := os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE")
	return &Sandbox{
		FunctionName:    os.Getenv("AWS_LAMBDA_FUNCTION_NAME"),
		FunctionVersion: os.Getenv("AWS_LAMBDA_FUNCTION_VERSION"),
		MemoryMB:        max(memory, 0),
		OnDemand:        init == "" || init == "on-demand",
		Runtime:         os.Getenv("AWS_LAMBDA_RUNTIME_API") != "",
	}
}

// Local reports whether the process is a developer's: it runs in a test harness, or under
// lambdakit run. There, texts may repeat parts of an event.
func (s *Sandbox) Local() bool { return s != Process || local }

var local = os.Getenv("LAMBDAKIT_LOCAL") != ""

// ColdStart reports whether the invocation that now begins is the cold one.
// It is true at most once.
func (s *Sandbox) ColdStart() bool {
	return !s.warm.Load() && !s.warm.Swap(true) && s.OnDemand
}

type contextKey struct{ _ byte }

var key = new(contextKey) // a pointer: compared without looking at what it points to

// NewContext returns a context whose invocations run in s.
func NewContext(parent context.Context, s *Sandbox) context.Context {
	return context.WithValue(parent, key, s)
}

// FromContext returns the sandbox that ctx carries, else Process.
func FromContext(ctx context.Context) *Sandbox {
	if s, ok := ctx.Value(key).(*Sandbox); ok {
		return s
	}
	return Process
}
