// Package execenv describes the execution environment of a Lambda function: the values that Lambda
// sets at its start, and whether an invocation has begun in it.
//
// Other modules import this package, so it changes only by addition.
package execenv

import (
	"context"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// Environment is one execution environment. A process has one, [Process]. A test harness makes its
// own and puts it into the context of its invocations.
type Environment struct {
	FunctionName    string
	FunctionVersion string
	MemoryMB        int // 0 if unknown

	// OnDemand is true if the first invocation is a cold start.
	OnDemand bool

	// Runtime is true if a Lambda Runtime API drives this process. Timers may then be reused, and
	// the process must exit if an invocation cannot be answered.
	Runtime bool

	// Stdout, if not nil, receives the output of utilities whose writer is os.Stdout.
	Stdout io.Writer

	// Traces, if not nil, receives the segment documents instead of the X-Ray daemon. Each call
	// of Write gets one document, as a line.
	Traces io.Writer

	// Spans, if not nil, receives the spans whose documents Traces receives. It keeps its argument.
	Spans func(*Span)

	// Worked, if not nil, is called after each function of AfterResponse, with its name, its error
	// and how long it ran.
	Worked func(name string, err error, duration time.Duration)

	// Failed, if not nil, is called with the error of Invocation.Fail, unless the invocation also
	// failed otherwise. It is called before the response is sent.
	Failed func(error)

	warm atomic.Bool
}

// Process is the execution environment of this process. It is read from the environment variables
// at the start.
var Process = fromVariables()

func fromVariables() *Environment {
	memory, _ := strconv.Atoi(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	init := os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE")
	return &Environment{
		FunctionName:    FunctionName(),
		FunctionVersion: os.Getenv("AWS_LAMBDA_FUNCTION_VERSION"),
		MemoryMB:        max(memory, 0),
		OnDemand:        init == "" || init == "on-demand",
		Runtime:         RuntimeAPI() != "",
	}
}

// Local reports whether e belongs to a developer: a test harness, or lambdakit run. Error texts may
// then repeat parts of an event.
func (e *Environment) Local() bool { return e != Process || local }

var local = InLocalRun()

// ColdStart reports whether the invocation that begins now is a cold start. It returns true at most
// once.
func (e *Environment) ColdStart() bool {
	return !e.warm.Load() && !e.warm.Swap(true) && e.OnDemand
}

type contextKey struct{ _ byte }

// Key is the context key of the Environment.
var Key = new(contextKey)

// NewContext returns a context whose invocations run in e.
func NewContext(parent context.Context, e *Environment) context.Context {
	return context.WithValue(parent, Key, e)
}

// FromContext returns the Environment that ctx carries, or [Process].
func FromContext(ctx context.Context) *Environment {
	if e, ok := ctx.Value(Key).(*Environment); ok {
		return e
	}
	return Process
}
