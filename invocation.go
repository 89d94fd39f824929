package lambdakit

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/internal/sandbox"
)

// ErrGoexit is the error of an invocation whose function called runtime.Goexit,
// as t.FailNow does. There is nobody left to return it to: it is what
// [Invocation.Err] says to those that wait for the end.
var ErrGoexit = errors.New("lambdakit: the function called runtime.Goexit")

// Invocation is one call of the function, from the moment its event arrives to
// the moment its response, or the last byte of its response stream, is handed
// over. The context of the invocation carries it. Its methods may be called from
// several goroutines, and after the end, unless they say who they are for.
type Invocation struct {
	ctx         invocationContext
	payload     []byte
	sandbox     *sandbox.Sandbox
	lc          *lambdacontext.LambdaContext // nil outside Lambda
	traceHeader string
	coldStart   bool
	streams     bool

	values [6]value // the first n of them; written once each, so that reading needs no lock
	n      atomic.Int32
	more   atomic.Pointer[[]value] // those beyond

	mu          sync.Mutex // guards what follows, the payload, and SetValue
	response    []byte
	responded   bool
	stream      io.Reader
	streaming   bool // a Stream reads it, and will close it
	unencoded   bool // the user's function returned, and its response does not encode
	contentType string
	err         error
	failure     error // given to Fail
	panicked    *Panic
	ended       bool
	ends        []Ender
	endsBuf     [4]Ender
	deadlines   []DeadlineNotifier
	deadlineBuf [4]DeadlineNotifier
	margin      time.Duration // 0: the default
	watchdog    *watchdog

	hooks        sync.Mutex // held while OnDeadline's or OnEnd's hooks run
	shuttingDown atomic.Bool

	prev, next *Invocation // live invocations, guarded by live.mu
}

// Panic is a panic of the user's function.
type Panic struct {
	Value any       // what panic was called with
	Stack []uintptr // program counters for runtime.CallersFrames, innermost first
}

// Ender is told that an invocation ended.
type Ender interface {
	// EndInvocation is called once, after the function returned, failed or
	// panicked, or after its response stream ended. Err and Panic say which.
	// A panic in it is reported on os.Stderr and goes no further.
	EndInvocation(ctx context.Context, inv *Invocation)
}

// DeadlineNotifier is told that an invocation is about to be ended by Lambda.
type DeadlineNotifier interface {
	// NearDeadline is called from another goroutine while the function
	// still runs, shortly before the deadline or, if
	// [Invocation.ShuttingDown] says so, before the execution environment is shut down.
	// The function may yet return in time, so nothing of this must be
	// written again at the end. A panic in it is reported on os.Stderr and
	// goes no further.
	//
	// The hooks run one after the other, and the function may wait for them
	// when it returns, so each must be quick.
	NearDeadline(ctx context.Context, inv *Invocation)
}

// LateDeadlineNotifier is a DeadlineNotifier with work that must not delay the other ones.
type LateDeadlineNotifier interface {
	DeadlineNotifier

	// NearDeadlineLate is called after the NearDeadline hooks of all middleware have
	// returned, unless the invocation has ended meanwhile. It must be quick, too.
	NearDeadlineLate(ctx context.Context, inv *Invocation)
}

// FromContext returns the invocation that ctx belongs to, nil where there is
// none.
func FromContext(ctx context.Context) *Invocation {
	if ctx == nil {
		return nil
	}
	inv, _ := ctx.Value(invocationKey).(*Invocation)
	return inv
}

// Context returns the context of the invocation.
func (inv *Invocation) Context() context.Context { return &inv.ctx }

// Payload returns the event as it came, nil once the invocation has ended. The
// bytes belong to the Lambda runtime: do not change them, and keep nothing of
// them after the end.
func (inv *Invocation) Payload() []byte {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.payload
}

// ColdStart reports whether this is the first invocation of an execution
// environment that Lambda started on demand.
func (inv *Invocation) ColdStart() bool { return inv.coldStart }

// RequestID returns the id that Lambda gave to the invocation, empty when
// unknown.
func (inv *Invocation) RequestID() string {
	if inv.lc == nil {
		return ""
	}
	return inv.lc.AwsRequestID
}

// FunctionARN returns the ARN that was invoked, which may end in a version or an
// alias; empty when unknown.
func (inv *Invocation) FunctionARN() string {
	if inv.lc == nil {
		return ""
	}
	return inv.lc.InvokedFunctionArn
}

// TenantID returns the tenant that the invocation was made for; empty where the
// function has no tenant isolation.
func (inv *Invocation) TenantID() string {
	if inv.lc == nil {
		return ""
	}
	return inv.lc.TenantID
}

// FunctionName returns the name of the function, empty when unknown.
func (inv *Invocation) FunctionName() string { return inv.sandbox.FunctionName }

// FunctionVersion returns the version of the function, such as "$LATEST"; empty
// when unknown.
func (inv *Invocation) FunctionVersion() string { return inv.sandbox.FunctionVersion }

// MemoryMB returns the memory configured for the function in MB, 0 when unknown.
func (inv *Invocation) MemoryMB() int { return inv.sandbox.MemoryMB }

// TraceHeader returns the X-Amzn-Trace-Id header that came with the invocation,
// such as "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=...;Sampled=1"; empty
// when there is none.
func (inv *Invocation) TraceHeader() string { return inv.traceHeader }

// Deadline returns the time at which Lambda ends the invocation.
func (inv *Invocation) Deadline() (time.Time, bool) { return inv.ctx.Deadline() }

// Err returns the error of the handler or of its response stream, or ErrGoexit, else the error
// given to [Invocation.Fail]; nil before the end.
func (inv *Invocation) Err() error {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	switch {
	case !inv.ended:
		return nil
	case inv.err != nil:
		return inv.err
	}
	return inv.failure
}

// Fail marks the invocation as failed although Lambda gets its response: an HTTP response with
// a 5xx status, or a batch in which every record failed. Logs, traces, lambdakit run and
// lambdatest show it as they show an error that the handler returned. The first error counts.
// A nil error, and a call after the end, do nothing.
func (inv *Invocation) Fail(err error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.failure == nil && !inv.ended {
		inv.failure = err
	}
}

// Answered reports whether Lambda got a response: the handler returned, and its response
// stream ended, without an error and without a panic. If Err then returns an error, it was
// given to [Invocation.Fail]. Answered is false before the end.
func (inv *Invocation) Answered() bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.ended && inv.err == nil && inv.panicked == nil
}

// Panic returns the panic that unwinds, or has ended, the invocation; nil where there
// is none. A middleware that recovers finds it here; at the end of an invocation whose
// panic was recovered it is nil.
func (inv *Invocation) Panic() *Panic {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.panicked
}

// Response returns the response so far, which may be empty; nil where there is none yet,
// where it is a stream, and after the end. Do not change the bytes.
func (inv *Invocation) Response() []byte {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.response
}

// SetResponse answers with bytes, which must not be changed afterwards. It replaces an
// earlier answer. It is for a Handler, before it returns.
func (inv *Invocation) SetResponse(response []byte) {
	if response == nil {
		response = []byte{} // an answer, too
	}
	inv.set(response, nil, "")
}

// Stream returns the response stream; nil where the response is not one.
func (inv *Invocation) Stream() io.Reader {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.stream
}

// Streams reports whether the function was made by [WrapStream], so that its response may be
// a stream.
func (inv *Invocation) Streams() bool { return inv.streams }

// Unencoded reports whether the user's function has returned without an error, and what it
// returned could not be encoded, or read, as the response: what it was to do is done all the
// same. The error of the invocation then is that of encoding/json, or of the reader.
func (inv *Invocation) Unencoded() bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.unencoded
}

func (inv *Invocation) setUnencoded() {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.unencoded = true
}

// SetStream answers with what r yields; an r that is an io.Closer is closed
// afterwards. An empty contentType leaves it to the ContentType method of r, else it is
// application/octet-stream. It replaces an earlier answer, closing an earlier stream. It
// is for a Handler, before it returns; only functions made by WrapStream really stream,
// the others read r to its end.
func (inv *Invocation) SetStream(r io.Reader, contentType string) {
	inv.set(nil, r, contentType)
}

func (inv *Invocation) set(response []byte, r io.Reader, contentType string) {
	inv.mu.Lock()
	old := inv.stream
	inv.response, inv.stream, inv.contentType, inv.responded = response, r, contentType, true
	inv.mu.Unlock()
	closeStream(old)
}

// takeStream returns the response stream to a caller that will close it.
func (inv *Invocation) takeStream() (r io.Reader, contentType string) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	r, contentType = inv.stream, inv.contentType
	inv.stream = nil
	return r, contentType
}

func (inv *Invocation) setErr(err error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.err = err
}

// SetValue makes the context of the invocation, and every context derived from
// it, answer Value(key) with v. It costs less than context.WithValue. It is for a
// Middleware, before it calls next; a key should be a pointer to be compared fast.
func (inv *Invocation) SetValue(key, v any) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if n := inv.n.Load(); int(n) < len(inv.values) {
		inv.values[n] = value{key, v}
		inv.n.Store(n + 1)
		return
	}
	var more []value
	if p := inv.more.Load(); p != nil {
		more = slices.Clone(*p)
	}
	more = append(more, value{key, v})
	inv.more.Store(&more)
}

// value returns what SetValue last said about key.
func (inv *Invocation) value(key any) (any, bool) {
	if p := inv.more.Load(); p != nil {
		for i := len(*p) - 1; i >= 0; i-- {
			if (*p)[i].key == key {
				return (*p)[i].v, true
			}
		}
	}
	for i := inv.n.Load() - 1; i >= 0; i-- {
		if inv.values[i].key == key {
			return inv.values[i].v, true
		}
	}
	return nil, false
}

// OnEnd registers e to be told when the invocation ends; the last one registered
// is told first. Where the invocation has ended already, e is told at once.
func (inv *Invocation) OnEnd(e Ender) {
	inv.mu.Lock()
	if !inv.ended {
		inv.ends = append(inv.ends, e)
		inv.mu.Unlock()
		return
	}
	inv.mu.Unlock()
	inv.end(e)
}

// OnDeadline registers n to be told when the deadline, or the end of the sandbox,
// is near. In an invocation without a deadline, or with too little time left, n
// is told only of a shutdown.
func (inv *Invocation) OnDeadline(n DeadlineNotifier) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.ended {
		return
	}
	inv.deadlines = append(inv.deadlines, n)
	if inv.watchdog == nil {
		inv.arm()
	}
}

// ShuttingDown reports whether the sandbox is being shut down while the
// invocation still runs.
func (inv *Invocation) ShuttingDown() bool { return inv.shuttingDown.Load() }

// recordPanic keeps a panic and where it came from. Its caller is called by the
// panicking runtime.
func (inv *Invocation) recordPanic(v any) { inv.setPanic(newPanic(v, 1)) }

// newPanic describes a panic; skip counts the callers up to the deferred function.
func newPanic(v any, skip int) *Panic {
	pcs := make([]uintptr, 64)
	const own = 4 // runtime.Callers, newPanic, the deferred function, panic
	n := runtime.Callers(own+skip, pcs)
	return &Panic{Value: v, Stack: pcs[:n]}
}

func (inv *Invocation) setPanic(p *Panic) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.panicked = p
}

// invocationKey is what contexts answer with the invocation.
var invocationKey = new(struct{ _ byte })

type value struct{ key, v any }

// invocationContext is the context of an invocation: the one that Lambda's
// runtime made, the invocation, and the values of its middleware.
type invocationContext struct {
	context.Context
	inv *Invocation
}

func (c *invocationContext) Value(key any) any {
	if key == invocationKey {
		return c.inv
	}
	if v, ok := c.inv.value(key); ok {
		return v
	}
	return c.Context.Value(key)
}

// traceHeader looks for the header where aws-lambda-go puts it. The environment
// variable is shared by all invocations of a process, so it says nothing where
// several run at once.
func traceHeader(ctx context.Context) string {
	if h, ok := ctx.Value("x-amzn-trace-id").(string); ok {
		return h
	}
	if lambdacontext.MaxConcurrency() == 1 {
		return os.Getenv("_X_AMZN_TRACE_ID")
	}
	return ""
}
