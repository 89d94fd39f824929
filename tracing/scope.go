package tracing

import (
	"context"
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
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// scope is the tracing state of an invocation.
type scope struct {
	provider    *Provider
	inv         *lambdakit.Invocation
	header      header.Header
	environment *execenv.Environment // Traces, if not nil, gets the documents instead of the daemon
	recording   bool                 // this package records the spans
	handler     trace.Span           // the handler span
	notRecorded unrecorded           // the handler span if nothing is recorded

	*openSpans // nil if this package records no spans
}

// openSpans holds the open spans of an invocation and the limits that they share.
type openSpans struct {
	budget          record.Budget   // bytes that open spans may hold
	waits           xray.WaitBudget // time that ending spans may wait
	droppedInBursts atomic.Int32    // spans that were dropped in a burst
	handlerShown    atomic.Bool     // the handler span was sent early in a burst

	mu             sync.Mutex
	open           *span
	openCount      int32 // open spans
	droppedOverMax int32 // spans that were dropped because of maxOpenSpans
}

// maxLateWait limits how long spans that are sent as in progress may wait together. It is enough
// for maxOpenSpans spans of usual size, and shorter than the time that remains before the deadline.
const maxLateWait = 25 * time.Millisecond

// maxOpenSpans limits the spans of an invocation that are open at the same time.
const maxOpenSpans = 1000

// scopeKey is the context key of the scope.
var scopeKey = new(ctxKey)

type ctxKey struct{ _ byte }

// scopeOf returns the scope of the invocation that ctx belongs to. It returns nil outside an
// invocation.
func scopeOf(ctx context.Context) *scope {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(scopeKey).(*scope)
	return s
}

// currentScope returns the scope of ctx. If ctx has none and exactly one invocation is running, it
// returns the scope of that invocation.
func currentScope(ctx context.Context) *scope { return current.Value[*scope](ctx, scopeKey) }

// reserve reports whether one more span may be open. If it returns true, the caller must call
// opened.
func (s *scope) reserve() bool {
	s.mu.Lock()
	room := s.openCount < maxOpenSpans
	if room {
		s.openCount++
	} else {
		s.droppedOverMax++
	}
	s.mu.Unlock()
	return room
}

func (s *scope) opened(sp *span) {
	s.mu.Lock()
	sp.next = s.open
	if s.open != nil {
		s.open.prev = sp
	}
	s.open = sp
	s.mu.Unlock()
}

func (s *scope) closed(sp *span) {
	s.mu.Lock()
	s.openCount--
	if sp.prev != nil {
		sp.prev.next = sp.next
	} else if s.open == sp {
		s.open = sp.next
	}
	if sp.next != nil {
		sp.next.prev = sp.prev
	}
	sp.prev, sp.next = nil, nil
	s.mu.Unlock()
}

// NearDeadline implements lambdakit.DeadlineNotifier.
func (s *scope) NearDeadline(ctx context.Context, inv *lambdakit.Invocation) {
	switch {
	case s.provider.foreign != nil:
		s.flush(context.WithoutCancel(ctx))
	case s.exported():
		for _, sp := range slices.Backward(s.openSpansNow()) {
			s.provider.pipeline.Interrupt(&sp.Span, inv.ShuttingDown())
			sp.End()
		}
		s.flush(context.WithoutCancel(ctx))
	default:
		s.showOpen()
	}
}

// exported reports whether the spans go to Options.Exporter. In a test harness, no spans do.
func (s *scope) exported() bool { return s.provider.pipeline != nil && s.environment.Traces == nil }

// openSpansNow returns the open spans, the outermost one last.
func (s *scope) openSpansNow() (open []*span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sp := s.open; sp != nil; sp = sp.next {
		open = append(open, sp)
	}
	return open
}

// showOpen sends the open spans as in progress, the outermost first.
func (s *scope) showOpen() {
	open := s.openSpansNow()
	if len(open) == 0 {
		return
	}
	waits := &xray.WaitBudget{Max: maxLateWait}
	for _, sp := range slices.Backward(open) {
		sp.show(waits)
	}
}

// sent is called after a document was sent. In a burst it sends the handler span early as in
// progress: the handler span ends last, and without it the other spans have no parent.
func (s *scope) sent(r xray.SendResult) {
	if r.Dropped {
		s.droppedInBursts.Add(1)
	}
	if !r.Burst || s.handlerShown.Swap(true) {
		return
	}
	if handler, ok := s.handler.(*span); ok {
		handler.showEarly()
	}
}

// reportDropped reports how many spans and values the invocation dropped.
func (s *scope) reportDropped() {
	s.mu.Lock()
	spans := s.droppedOverMax
	s.mu.Unlock()
	if spans > 0 {
		s.provider.problem("open spans", "an invocation dropped %d spans: at most %d can be open at the same time", spans, maxOpenSpans)
	}
	if n := s.droppedInBursts.Load(); n > 0 {
		s.provider.problem("burst", "an invocation %s", xray.DroppedText(int(n)))
	}
	if n := s.budget.Dropped(); n > 0 {
		s.provider.problem("held", "an invocation dropped %d values of spans: open spans can hold %d MB together", n, record.MaxHeld>>20)
	}
}

// function describes the function in segments.
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
func resource(inv *lambdakit.Invocation) texts {
	r := make(texts, 0, 16)
	r.add("cloud.provider", "aws")
	r.add("cloud.platform", "aws_lambda")
	r.add("cloud.region", os.Getenv("AWS_REGION"))
	r.add("faas.name", inv.FunctionName())
	r.add("faas.version", inv.FunctionVersion())
	r.add("faas.instance", os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME"))
	if mb := inv.MemoryMB(); mb > 0 {
		r = append(r, attribute.Int64("faas.max_memory", int64(mb)<<20))
	}
	return r
}

// texts is a list of attributes.
type texts []attribute.KeyValue

// add adds a text that is not empty. It is not inlined: inlining would make programs larger.
//
//go:noinline
func (l *texts) add(key attribute.Key, value string) {
	if value != "" {
		*l = append(*l, key.String(value))
	}
}
