package tracing

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/current"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// scope is what an invocation knows of its trace.
type scope struct {
	tracer  *Provider
	inv     *lambdakit.Invocation
	header  header.Header
	around  trace.SpanContext // where the invocation is within another: the span there
	on      bool              // spans are recorded
	capture io.Writer         // of a test harness; nil: the daemon
	handler trace.Span        // the span of the invocation
	plain   unrecorded        // that of the own provider, where nothing is recorded

	*openSpans // nil: nothing is recorded, or by another provider
}

// openSpans is the state of the recorded spans of an invocation.
type openSpans struct {
	budget   record.Budget // of the spans
	patience xray.Patience // of spans that end
	unsent   atomic.Int32  // spans that ended too fast
	early    atomic.Bool   // the handler span was shown when others came in a burst

	mu      sync.Mutex
	open    *span
	n       int32 // spans that are open
	leftOut int32 // spans beyond maxOpen
}

// lateWait is how long spans that are shown while they are open wait altogether: enough for
// maxOpen of usual size, and less than the time before the deadline that is left for it.
const lateWait = 25 * time.Millisecond

// maxOpen is how many spans of an invocation may be open at the same time.
const maxOpen = 1000

// scopeKey is what contexts of invocations answer with their scope.
var scopeKey = new(struct{ _ byte })

// scopeOf returns the scope of the invocation that ctx belongs to; nil where there is
// none.
func scopeOf(ctx context.Context) *scope {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(scopeKey).(*scope)
	return s
}

// currentScope is scopeOf, or the scope of the invocation that runs, while there is
// exactly one.
func currentScope(ctx context.Context) *scope { return current.Value[*scope](ctx, scopeKey) }

// reserve reports whether one more span may be open. If so, opened must follow.
func (s *scope) reserve() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == maxOpen {
		s.leftOut++
		return false
	}
	s.n++
	return true
}

func (s *scope) opened(sp *span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp.next = s.open
	if s.open != nil {
		s.open.prev = sp
	}
	s.open = sp
}

func (s *scope) closed(sp *span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n--
	if sp.prev != nil {
		sp.prev.next = sp.next
	} else if s.open == sp {
		s.open = sp.next
	}
	if sp.next != nil {
		sp.next.prev = sp.prev
	}
	sp.prev, sp.next = nil, nil
}

// NearDeadline implements lambdakit.DeadlineNotifier.
func (s *scope) NearDeadline(context.Context, *lambdakit.Invocation) {
	if s.tracer.provider != nil {
		s.flush()
		return
	}
	s.showOpen()
}

// showOpen sends the spans that are still open as such, the outermost first.
func (s *scope) showOpen() {
	s.mu.Lock()
	var open []*span
	for sp := s.open; sp != nil; sp = sp.next {
		open = append(open, sp)
	}
	s.mu.Unlock()
	if len(open) == 0 {
		return
	}
	patience := &xray.Patience{Max: lateWait}
	for _, sp := range slices.Backward(open) {
		sp.show(patience)
	}
}

// sent is called after a document was sent. If documents come in a burst, it shows the handler
// span: without it the trace would fall apart, and it is sent last.
func (s *scope) sent(t xray.Trouble) {
	if t.Dropped {
		s.unsent.Add(1)
	}
	if !t.Burst || s.early.Swap(true) {
		return
	}
	if handler, ok := s.handler.(*span); ok {
		handler.showEarly()
	}
}

// reportDropped reports how many spans and values the invocation dropped.
func (s *scope) reportDropped() {
	s.mu.Lock()
	spans := s.leftOut
	s.mu.Unlock()
	if spans > 0 {
		s.tracer.problem("open spans", "an invocation left out %d spans: it may have %d open at the same time", spans, maxOpen)
	}
	if n := s.unsent.Load(); n > 0 {
		s.tracer.problem("burst", "an invocation %s", xray.DroppedText(int(n)))
	}
	if n := s.budget.Dropped(); n > 0 {
		s.tracer.problem("held", "an invocation dropped %d values of spans: open spans hold %d MB together", n, record.MaxHeld>>20)
	}
}

// function describes the function, for segments.
func (s *scope) function() *xray.Function {
	arn := s.inv.FunctionARN()
	f := &xray.Function{ARN: arn, RequestID: s.inv.RequestID(), Region: os.Getenv("AWS_REGION")}
	// arn:aws:lambda:REGION:ACCOUNT:function:NAME
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		f.Region, f.AccountID = parts[3], parts[4]
	}
	return f
}

// resource returns the attributes of the function. (OpenTelemetry, Semantic conventions
// for FaaS resources)
func resource(inv *lambdakit.Invocation) []attribute.KeyValue {
	r := []attribute.KeyValue{attribute.String("cloud.provider", "aws"), attribute.String("cloud.platform", "aws_lambda")}
	add := func(key attribute.Key, value string) {
		if value != "" {
			r = append(r, key.String(value))
		}
	}
	add("cloud.region", os.Getenv("AWS_REGION"))
	add("faas.name", inv.FunctionName())
	add("faas.version", inv.FunctionVersion())
	add("faas.instance", os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME"))
	if mb := inv.MemoryMB(); mb > 0 {
		r = append(r, attribute.Int64("faas.max_memory", int64(mb)<<20))
	}
	return r
}
