// Package xrayexporter exports spans of the OpenTelemetry SDK to the X-Ray daemon. Use it if a
// program needs the SDK's samplers and processors, or runs outside Lambda with an X-Ray daemon.
// Other programs need only package tracing, which writes the same documents.
//
//	exporter := xrayexporter.New(nil)
//	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
//	tracer := tracing.New(&tracing.Options{TracerProvider: provider, Parent: tracing.ParentLambda})
//
// ParentLambda makes the handler span a child of the segment that Lambda sends.
//
// Each span is one document of at most 64 kB in one UDP datagram. The exporter does not wait for an
// answer. So a syncer (WithSyncer) costs little more than a batcher (WithBatcher), and loses no
// ended span if the process is killed.
//
// The daemon accepts 100 spans in a burst and then about 50 in a millisecond. The exporter spreads
// the spans of one export over at most 50 ms and drops the others. It never drops a root span,
// which has no parent or a parent in another process. With a syncer, the first 32 KB before each
// root span, about 25 spans, never wait.
//
// The environment variable AWS_XRAY_DAEMON_ADDRESS is the address of the daemon, unless
// Options.DaemonAddress is set. [New] and exports never return an error: Options.OnError gets the
// errors.
package xrayexporter

import (
	"cmp"
	"context"
	"errors"
	"os"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Options configures an [Exporter]. A nil *Options, and every zero field, means the
// default.
type Options struct {
	// Annotations lists the keys of attributes that become annotations, which X-Ray indexes.
	// Keys in a span's attribute aws.xray.annotations need not be listed.
	Annotations []string

	// SpanLinks writes the links of spans to the member "links" of the segment document.
	// X-Ray understands this member but does not document it. Default: links are metadata.
	SpanLinks bool

	// Segments also sends spans of kind server and spans with a remote parent as segments.
	// Set it outside Lambda, since nothing else sends a segment for the program. By default
	// only a span without a parent is a segment.
	Segments bool

	// DaemonAddress is the address of the X-Ray daemon, "host:port" or "tcp:host:port
	// udp:host:port". Default: AWS_XRAY_DAEMON_ADDRESS, or 127.0.0.1:2000 if unset.
	DaemonAddress string

	// OnError gets an error if the configuration is wrong, or spans are lost or cut, once for
	// each kind of problem. Default: each error is one line of JSON on os.Stderr, at most ten
	// a minute.
	OnError func(error)
}

// Exporter is a SpanExporter of the OpenTelemetry SDK. Create it with [New]. It is safe for
// concurrent use.
type Exporter struct {
	daemon   *xray.Daemon
	report   *report.Reporter
	segments bool
	shut     atomic.Bool
	free     atomic.Int64 // xray.WaitBudget.Free, until a span that must arrive ends the work
}

var _ sdktrace.SpanExporter = (*Exporter)(nil)

// New returns an Exporter. It never fails: it reports a wrong option or environment variable to
// o.OnError, together with the value that it uses instead. A nil o means the defaults.
func New(o *Options) *Exporter {
	if o == nil {
		o = new(Options)
	}
	cfg := xray.Config{Indexed: o.Annotations, Links: o.SpanLinks}
	address := cmp.Or(o.DaemonAddress, os.Getenv("AWS_XRAY_DAEMON_ADDRESS"))
	r := report.New(o.OnError)
	e := &Exporter{daemon: xray.NewDaemon(address, cfg, r), report: r, segments: o.Segments}
	e.free.Store(xray.FreeBytes)
	return e
}

// ExportSpans implements sdktrace.SpanExporter. It ignores spans that are not sampled. It waits for
// at most 50 ms, and only if spans come in bursts of more than 100. It always returns nil:
// Options.OnError gets the errors.
func (e *Exporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	if e.shut.Load() {
		return nil
	}
	dropped := 0
	budget := &xray.WaitBudget{Max: maxWait}
	syncer := len(spans) == 1 // or a batch of one
	if syncer {
		budget.Free = int(e.free.Load())
	}
	for _, s := range spans {
		if !s.SpanContext().IsSampled() {
			continue
		}
		parent := s.Parent()
		must := !parent.IsValid() || parent.IsRemote()
		result := e.daemon.Send(e.convert(s), xray.SendOptions{Budget: budget, Must: must})
		e.daemon.Report(s.Name(), result)
		if result.Dropped {
			dropped++
		}
		if syncer && must {
			budget.Free = xray.FreeBytes
		}
	}
	if syncer {
		e.free.Store(int64(budget.Free))
	}
	if dropped > 0 {
		e.report.Once("burst", errors.New("tracing: an export "+xray.DroppedText(dropped)))
	}
	return nil
}

// maxWait limits how long all spans of one call of ExportSpans may wait for the daemon.
const maxWait = 50 * time.Millisecond

// Shutdown implements sdktrace.SpanExporter. Later exports drop their spans.
func (e *Exporter) Shutdown(context.Context) error {
	e.shut.Store(true)
	return nil
}

// maxAttributes limits the attributes of a span, since the limit of the SDK can be switched off.
const maxAttributes = 1024

func (e *Exporter) convert(s sdktrace.ReadOnlySpan) *xray.Span {
	sc, parent, status := s.SpanContext(), s.Parent(), s.Status()
	x := &xray.Span{
		TraceID: sc.TraceID(), ID: sc.SpanID(), Parent: parent.SpanID(),
		Name: s.Name(), Kind: s.SpanKind(), Start: s.StartTime(), End: s.EndTime(),
		Attributes: s.Attributes(), Status: status.Code, Description: status.Description,
		Dropped: s.DroppedAttributes() + s.DroppedEvents() + s.DroppedLinks(),
	}
	if n := len(x.Attributes) - maxAttributes; n > 0 {
		x.Attributes = x.Attributes[:maxAttributes]
		x.Dropped += n
	}
	for _, ev := range s.Events() {
		x.Events = append(x.Events, xray.Event{Name: ev.Name, Time: ev.Time, Attributes: ev.Attributes})
	}
	for _, l := range s.Links() {
		x.Links = append(x.Links, trace.Link{SpanContext: l.SpanContext, Attributes: l.Attributes})
	}
	x.Segment = !parent.IsValid() || e.segments && (parent.IsRemote() || s.SpanKind() == trace.SpanKindServer)
	if x.Segment {
		x.Resource = s.Resource().Attributes()
	}
	return x
}
