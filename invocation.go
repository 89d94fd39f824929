package lambdakit

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/internal/execenv"
)

// Invocation is one call of the function. It begins when the event arrives. It ends when the
// handler returns, or at the end of the response stream. The context of the invocation carries it.
//
// The methods are safe for concurrent use, and for use after the end, unless their comment says
// otherwise.
type Invocation struct {
	ctx            invocationContext
	payload        []byte
	env            *execenv.Environment
	lambdaContext  *lambdacontext.LambdaContext // nil outside Lambda
	traceHeader    string
	coldStart      bool
	fromWrapStream bool // the response may be streamed

	values     [4]value // the first nValues are set, each written once, so reading needs no lock
	nValues    atomic.Int32
	moreValues atomic.Pointer[[]value] // values that do not fit into the array

	mu           sync.Mutex // guards the fields below, the payload, and SetValue
	phase        phase
	responseKind responseKind
	unencoded    bool          // the user's function returned, but its response cannot be encoded
	phaseChanged chan struct{} // see phaseChange

	response []byte // of responseBytes
	err      error
	panicked *Panic

	enders      []Ender
	enderBuf    [4]Ender
	notifiers   []DeadlineNotifier
	notifierBuf [3]DeadlineNotifier

	observers   []MessageObserver
	observerBuf [2]MessageObserver

	margin   time.Duration // 0 is the default
	watchdog *watchdog

	shuttingDown atomic.Bool

	afterwards *afterwards // nil if nothing runs after the response

	uncommon *uncommon // nil in most invocations

	prev, next *Invocation // list of live invocations, guarded by live.mu
}

// uncommon holds what few invocations have. The others take a fifth less memory without it.
type uncommon struct {
	stream      io.Reader // of responseStream and responseStreaming
	contentType string    // of stream

	http           HTTPExchange
	failure        error     // the argument of Fail
	panicStack     []uintptr // of SetPanicStack
	batchObservers []BatchObserver
}

var noUncommon = new(uncommon) // never changed

// readUncommon returns inv.uncommon for reading. The caller holds inv.mu.
func (inv *Invocation) readUncommon() *uncommon {
	if inv.uncommon == nil {
		return noUncommon
	}
	return inv.uncommon
}

// writeUncommon returns inv.uncommon for writing. The caller holds inv.mu.
func (inv *Invocation) writeUncommon() *uncommon {
	if inv.uncommon == nil {
		inv.uncommon = new(uncommon)
	}
	return inv.uncommon
}

// Payload returns the undecoded event, or nil after the end of the invocation. The bytes belong
// to the Lambda runtime: do not change them, and do not use them after the end.
func (inv *Invocation) Payload() []byte {
	inv.mu.Lock()
	payload := inv.payload
	inv.mu.Unlock()
	return payload
}

// ColdStart reports whether this is the first invocation of an execution
// environment that Lambda started on demand.
func (inv *Invocation) ColdStart() bool { return inv.coldStart }

// RequestID returns the AWS request id of the invocation; empty if unknown.
func (inv *Invocation) RequestID() string {
	if inv.lambdaContext == nil {
		return ""
	}
	return inv.lambdaContext.AwsRequestID
}

// FunctionARN returns the ARN that the caller invoked; empty if unknown. It may end in a version
// or an alias.
func (inv *Invocation) FunctionARN() string {
	if inv.lambdaContext == nil {
		return ""
	}
	return inv.lambdaContext.InvokedFunctionArn
}

// TenantID returns the tenant id of the invocation; empty if the function does not use tenant
// isolation.
func (inv *Invocation) TenantID() string {
	if inv.lambdaContext == nil {
		return ""
	}
	return inv.lambdaContext.TenantID
}

// FunctionName returns the name of the function; empty if unknown.
func (inv *Invocation) FunctionName() string { return inv.env.FunctionName }

// FunctionVersion returns the version of the function, such as "$LATEST"; empty if unknown.
func (inv *Invocation) FunctionVersion() string { return inv.env.FunctionVersion }

// MemoryMB returns the configured memory of the function in MB; 0 if unknown.
func (inv *Invocation) MemoryMB() int { return inv.env.MemoryMB }

// TraceHeader returns the X-Amzn-Trace-Id header of the invocation, such as
// "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=...;Sampled=1"; empty if unknown.
func (inv *Invocation) TraceHeader() string { return inv.traceHeader }

// Deadline returns the time at which Lambda ends the invocation. It returns false if the context
// has no deadline, as in some tests.
func (inv *Invocation) Deadline() (time.Time, bool) { return inv.ctx.Deadline() }
