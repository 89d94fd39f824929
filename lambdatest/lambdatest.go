package lambdatest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// Options describes the execution environment. A nil *Options and zero fields select the defaults.
type Options struct {
	FunctionName string        // default "function"
	MemoryMB     int           // default 128
	Timeout      time.Duration // from the start of an invocation to its deadline; default 30 s
	TraceHeader  string        // X-Amzn-Trace-Id; default a new, sampled header for each invocation
	TenantID     string        // default none
	Warm         bool          // no invocation is a cold start

	// MultiValueHeaders is the attribute lambda.multi_value_headers.enabled of the target group of the
	// load balancer that sends requests.
	MultiValueHeaders bool

	// Claims are those of the token that an authorizer of API Gateway accepted, such as sub. Each request
	// of [Harness.Request] has them: of Cognito behind a REST API, of a JWT behind an HTTP API. Other
	// front ends pass no claims, and Request fails the test.
	Claims map[string]string
}

// Harness runs one handler in one execution environment. It is safe for concurrent use.
type Harness struct {
	t       testing.TB
	handler lambda.Handler
	o       Options
	warm    atomic.Bool
}

// Run invokes handler once, in a new execution environment with default [Options]. See
// [Harness.Invoke] for event.
func Run(t testing.TB, handler, event any) *Result {
	t.Helper()
	return New(t, handler, nil).Invoke(event)
}

// New returns a Harness for handler, a lambda.Handler or a function that
// lambda.Start accepts. It panics if handler is neither.
func New(t testing.TB, handler any, o *Options) *Harness {
	if o == nil {
		o = new(Options)
	}
	h := &Harness{t: t, o: *o}
	h.o.FunctionName = cmp.Or(o.FunctionName, "function")
	h.o.MemoryMB = cmp.Or(o.MemoryMB, 128)
	h.o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	h.warm.Store(o.Warm)
	switch f := handler.(type) {
	case lambda.Handler:
		h.handler = f
	case func(context.Context, json.RawMessage) (*lambdakit.Stream, error):
		h.handler = streamHandler(f)
	case nil:
		panic("lambdatest: the handler is nil")
	default:
		if f := reflect.TypeOf(handler); f.Kind() == reflect.Func && f.NumOut() == 2 && f.Out(0).Implements(reflect.TypeFor[io.Reader]()) {
			h.handler = lambda.NewHandler(handler) // reads the stream to its end
		} else {
			h.handler = lambdakit.WrapFunc(handler)
		}
	}
	return h
}

// Invoke makes one invocation and returns its outcome. A []byte, json.RawMessage or string is the
// JSON text of the event. Other values are encoded as JSON. If a value cannot be encoded, the test
// fails.
func (h *Harness) Invoke(event any) *Result {
	h.t.Helper()
	payload, err := payloadOf(event)
	if err != nil {
		h.t.Fatalf("lambdatest: encode the event: %v", err)
	}
	out, traces, rec := new(output), new(output), new(recorder)
	base := h.t.Context()
	if base == nil { // of a testing.T without a running test, as in an example
		base = context.Background()
	}
	base = context.WithoutCancel(base) // it is canceled before functions of t.Cleanup run
	ctx, cancel := context.WithTimeout(base, h.o.Timeout)
	defer cancel()
	ctx = execenv.NewContext(ctx, &execenv.Environment{
		FunctionName:    h.o.FunctionName,
		FunctionVersion: "$LATEST",
		MemoryMB:        h.o.MemoryMB,
		OnDemand:        !h.warm.Swap(true),
		Stdout:          out,
		Traces:          traces,
		Spans:           rec.add,
		Failed:          rec.fail,
		Worked:          rec.worked,
	})
	id := execenv.NewRequestID()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       id,
		InvokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:" + h.o.FunctionName,
		TenantID:           h.o.TenantID,
	})
	ctx = traceheader.NewContext(ctx, cmp.Or(h.o.TraceHeader, traceheader.New(time.Now())))

	res := &Result{RequestID: id, t: h.t}
	res.Response, res.Err = h.call(ctx, payload)
	if res.answered = res.Err == nil; res.answered {
		res.Err = rec.failure()
	}
	res.Output = out.bytes()
	res.parse()
	res.Segments = parseSegments(traces.bytes())
	res.Spans, res.AfterResponse = rec.rest()
	return res
}

func (h *Harness) call(ctx context.Context, payload []byte) (response []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			response, err = nil, &PanicError{v, debug.Stack()}
		}
	}()
	return h.handler.Invoke(ctx, payload)
}

// PanicError is the error of a Result whose handler panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("the handler panicked: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Result is the outcome of an invocation.
type Result struct {
	RequestID string
	Response  []byte // the response as Lambda gets it; all bytes of a stream

	// Err is the error that the handler returned, or a *PanicError if it panicked. If the
	// handler answered and called Invocation.Fail, Err is the error given to Fail, and Response
	// is set as well.
	Err error

	Logs     []Line    // the JSON lines logged before the handler returned
	Metrics  []Metric  // from the EMF documents written before the handler returned
	Spans    []Span    // of package tracing, by their starts
	Segments []Segment // the same spans as the X-Ray documents that were sent
	Output   []byte    // all lines and metric documents, unchanged

	// AfterResponse is the work of lambdakit.AfterResponse that has run, in its order. It runs after the
	// handler has returned and before Invoke returns, with and without lambdakit.RespondFirst.
	AfterResponse []Work

	t        testing.TB
	answered bool // the handler returned no error, and a front end understands the answer
}

// Decode decodes the response into the pointer v. It fails the test if the handler returned an error
// or panicked, or if the response does not fit v. It does not fail the test if the handler only
// called Invocation.Fail.
func (r *Result) Decode(v any) {
	r.t.Helper()
	if !r.answered {
		r.t.Fatalf("lambdatest: the handler failed: %v", r.Err)
	}
	if err := json.Unmarshal(r.Response, v); err != nil {
		r.t.Fatalf("lambdatest: decode the response %s: %v", r.Response, err)
	}
}

func payloadOf(event any) ([]byte, error) {
	switch e := event.(type) {
	case []byte:
		return e, nil
	case json.RawMessage:
		return e, nil
	case string:
		return []byte(e), nil
	}
	return json.Marshal(event)
}

// streamHandler is a lambda.Handler that reads the stream to its end.
type streamHandler func(context.Context, json.RawMessage) (*lambdakit.Stream, error)

func (f streamHandler) Invoke(ctx context.Context, payload []byte) (response []byte, err error) {
	s, err := f(ctx, payload)
	if err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil { // a panic of Read or Close, after the bytes were sent
			err = &PanicError{v, debug.Stack()}
		}
	}()
	defer s.Close()
	return io.ReadAll(s)
}

// recorder collects what the packages of the toolkit tell about an invocation. Goroutines may still do so
// after its end.
type recorder struct {
	mu    sync.Mutex
	err   error // given to Invocation.Fail
	spans []Span
	works []Work
}

func (r *recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *recorder) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// rest returns the spans in the order of their starts, and the work after the response.
func (r *recorder) rest() ([]Span, []Work) {
	r.mu.Lock()
	defer r.mu.Unlock()
	spans := slices.Clone(r.spans)
	slices.SortStableFunc(spans, func(a, b Span) int { return a.Start.Compare(b.Start) })
	return spans, slices.Clone(r.works)
}

// output collects lines. Goroutines may still write after the end of the invocation.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) bytes() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.b.Bytes())
}
