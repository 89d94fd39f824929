// Package emulator stands in for Lambda on a developer's machine: it starts a
// function's program, serves the Runtime API and the Extensions API for internal
// extensions, and enforces timeouts and payload sizes as Lambda does.
//
// Everything listens on 127.0.0.1, on a free port, and refuses requests that a web page can
// make ([Protect]).
package emulator

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Config says what to run and as what. Only Command is required.
type Config struct {
	Command []string // program and arguments
	Dir     string   // working directory and LAMBDA_TASK_ROOT; default: this process's working directory
	Env     []string // "K=V", added last

	// AWSCredentials passes the AWS credentials in this process's environment to the function.
	// By default it gets dummies.
	AWSCredentials bool

	// Stdout and Stderr receive the function's output, from a goroutine each. Before Invoke
	// returns they have received everything that the function wrote until then.
	Stdin          io.Reader // default: empty
	Stdout, Stderr io.Writer // default: discarded

	FunctionName string        // default "function"
	Region       string        // default AWS_REGION or AWS_DEFAULT_REGION of this process, else "us-east-1"
	MemoryMB     int           // default 128
	Timeout      time.Duration // of an invocation; default 3 s, as Lambda's
	InitTimeout  time.Duration // until the first event is asked for; default 10 s
	Concurrency  int           // above 1: as on Lambda Managed Instances

	// Freeze stops the process between invocations, as Lambda does. Systems without SIGSTOP ignore it.
	Freeze bool

	// XRayAddress is the UDP address told to the function as its X-Ray daemon.
	XRayAddress string

	// Services, if not nil, serves the other paths of the Runtime API's address.
	Services http.Handler

	// Asked, if not nil, is called when the function asks for an event.
	Asked func()
}

// Event is one invocation to make.
type Event struct {
	Payload       []byte    // JSON; empty: {}, as in Lambda
	RequestID     string    // default: a new one
	TraceHeader   string    // default: a new, sampled one
	TenantID      string    // optional
	ClientContext string    // optional: a JSON object in one line
	Log           io.Writer // optional: receives the function's output during the invocation

	// Stream, if not nil, receives the response while it arrives, up to MaxStream bytes, as a
	// caller of InvokeWithResponseStream does.
	Stream io.Writer

	// Taken, if not nil, is called when the function takes the event, before it has it.
	Taken func()

	// Answered, if not nil, is called when the function has answered, or has failed. Its extensions may
	// still work. Stream gets nothing more.
	Answered func(*Result)

	// StreamType, if not empty, is the only content type of responses that Stream receives. Others
	// are not streamed.
	StreamType string
}

// Result is the outcome of an invocation.
type Result struct {
	RequestID    string
	TraceHeader  string // that the function got
	Payload      []byte // the response, or the error document; of a stream, its first MaxResponse bytes
	Size         int64  // of the whole response, in bytes
	ContentType  string
	ErrorType    string // empty: the invocation succeeded, as Lambda sees it
	ErrorMessage string
	Failure      *Failure      // that the function reported although it answered; nil: none
	Start        time.Time     // when the function took the event
	Duration     time.Duration // from then to its answer
	After        time.Duration // from the answer until the extension asked for its next event; 0 without one
	InitDuration time.Duration // from starting the program to its first request; 0 for a warm start
	MaxRSS       int64         // bytes, 0 if the system does not tell

	// Extension says that the function has an extension that gets events, so it may work after its
	// answer.
	Extension bool

	// TimedOutAfter says that an extension worked until the timeout after the function had answered.
	// The process was ended.
	TimedOutAfter bool
}

// Failure is the error that a function gave to Invocation.Fail.
type Failure struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Failed reports whether the invocation failed, or the function said so although it answered.
func (r *Result) Failed() bool { return r.ErrorType != "" || r.Failure != nil }

// Error types of failures that the function did not report itself.
const (
	ErrorTimeout  = "Sandbox.Timedout"
	ErrorExit     = "Runtime.ExitError"
	ErrorTooLarge = "Function.ResponseSizeTooLarge"
)

// InitError says that a function ended, or did nothing, before it asked for its
// first event.
type InitError struct {
	Reason string // "function exited before asking for its first event: exit status 1"
	Stderr string // the end of its standard error
}

func (e *InitError) Error() string {
	if e.Stderr == "" {
		return "emulator: " + e.Reason
	}
	return "emulator: " + e.Reason + "; it wrote:\n" + strings.TrimRight(e.Stderr, "\n")
}

// Emulator runs one function: one environment at a time, a new one after a crash
// or a timeout.
type Emulator struct {
	cfg Config

	mu      sync.Mutex
	env     *environment // nil until needed, and after its end
	closed  bool
	closing chan struct{}  // closed with Close
	ending  sync.WaitGroup // environments that were replaced
}

// Start returns an emulator whose function is up and waits for its first event.
// The error is an *InitError if the function did not get there.
func Start(ctx context.Context, cfg Config) (*Emulator, error) {
	if len(cfg.Command) == 0 {
		return nil, fmt.Errorf("emulator: no command")
	}
	e, err := newEmulator(cfg)
	if err != nil {
		return nil, err
	}
	if _, err := e.environment(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// newEmulator returns an emulator without an environment.
func newEmulator(cfg Config) (*Emulator, error) {
	cfg.FunctionName = cmp.Or(cfg.FunctionName, "function")
	cfg.Region = cmp.Or(cfg.Region, DefaultRegion())
	cfg.MemoryMB = cmp.Or(cfg.MemoryMB, 128)
	cfg.Timeout = cmp.Or(cfg.Timeout, 3*time.Second)
	cfg.InitTimeout = cmp.Or(cfg.InitTimeout, 10*time.Second)
	cfg.Concurrency = max(cfg.Concurrency, 1)
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	cfg.Dir = dir
	if cfg.Stdout == nil {
		cfg.Stdout = io.Discard
	}
	if cfg.Stderr == nil {
		cfg.Stderr = io.Discard
	}
	return &Emulator{cfg: cfg, closing: make(chan struct{})}, nil
}

// DefaultRegion returns the region of functions whose Config names none.
func DefaultRegion() string {
	return cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), "us-east-1")
}

// environment returns the one that is up, or starts one.
func (e *Emulator) environment(ctx context.Context) (*environment, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, fmt.Errorf("emulator: closed")
	}
	if e.env != nil && !e.env.over() {
		return e.env, nil
	}
	e.env = nil
	cfg := e.cfg // Replace may change it
	env, err := startEnvironment(ctx, &cfg)
	if err != nil {
		return nil, err
	}
	e.env = env
	return env, nil
}

// Invoke makes one invocation and waits until it is complete: the function has answered, and
// has asked for the next event or exited. A failure of the function is a Result. The error says
// that no invocation took place: Lambda would refuse the event (*RequestError), ctx was done,
// or a new environment did not start.
func (e *Emulator) Invoke(ctx context.Context, ev Event) (*Result, error) {
	if err := CheckEvent(ev.Payload); err != nil {
		return nil, err
	}
	if len(ev.Payload) == 0 {
		ev.Payload = []byte("{}")
	}
	for {
		env, err := e.environment(ctx)
		if err != nil {
			return nil, err
		}
		result, err := env.invoke(ctx, ev)
		if err != errEnvironmentOver {
			return result, err
		}
	}
}

// ARN returns the function's made-up ARN.
func (e *Emulator) ARN() string { return e.cfg.arn() }

// Close ends the function and waits until it is gone: with SIGTERM first if it
// asked for that.
func (e *Emulator) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		close(e.closing) // invocations in environments that were replaced are not waited for
	}
	if e.env != nil {
		e.env.shutdown()
		e.env = nil
	}
	e.ending.Wait()
}

func (c *Config) arn() string {
	return "arn:aws:lambda:" + c.Region + ":123456789012:function:" + c.FunctionName
}
