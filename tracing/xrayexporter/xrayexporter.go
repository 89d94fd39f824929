// Package xrayexporter is a SpanExporter for the OpenTelemetry SDK that sends spans to
// the X-Ray daemon, as package tracing does with its own: for programs that need the SDK,
// with its samplers and processors, or run elsewhere beside a daemon.
//
//	exporter := xrayexporter.New(nil)
//	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
//	tracer := tracing.New(&tracing.Options{Provider: provider})
//
// Each span is one datagram, and a document of at most 64 kB. Sending does not wait for an
// answer, so a syncer costs little more than a batcher, and loses nothing if the process is
// killed. The daemon takes about 50 spans in a millisecond, after a burst of 100: the exporter
// spreads the spans of one export over 50 ms at most, and drops others. Spans without a parent
// in the process are never dropped.
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
	// Annotations lists the keys of attributes that X-Ray indexes. Those that a span
	// lists in its attribute aws.xray.annotations are indexed anyway.
	Annotations []string

	// SpanLinks writes links of spans as "links" of the document, which X-Ray
	// understands but does not document. Default: they are metadata.
	SpanLinks bool

	// Segments says that spans without a parent, of kind server, and those with a
	// remote parent are sent as segments: for programs that Lambda writes no segment
	// for. By default only spans without a parent are.
	Segments bool

	// DaemonAddress is the X-Ray daemon's, "host:port" or "tcp:host:port
	// udp:host:port". Default: AWS_XRAY_DAEMON_ADDRESS, else 127.0.0.1:2000.
	DaemonAddress string

	// OnError is told when spans are lost or cut, once for each kind of trouble.
	// Default: one line of JSON on os.Stderr each, at most ten a minute.
	OnError func(error)
}

// Exporter implements the SpanExporter of the OpenTelemetry SDK. Make one with [New].
type Exporter struct {
	daemon   *xray.Daemon
	report   *report.Reporter
	segments bool
	shut     atomic.Bool
}

var _ sdktrace.SpanExporter = (*Exporter)(nil)

// New returns an Exporter. It never fails: what is wrong with o or the environment is
// reported through o.OnError, with what is used instead.
func New(o *Options) *Exporter {
	if o == nil {
		o = new(Options)
	}
	cfg := xray.Config{Indexed: o.Annotations, Links: o.SpanLinks}
	address := cmp.Or(o.DaemonAddress, os.Getenv("AWS_XRAY_DAEMON_ADDRESS"))
	r := report.New(o.OnError)
	return &Exporter{daemon: xray.NewDaemon(address, cfg, r), report: r, segments: o.Segments}
}

// ExportSpans implements sdktrace.SpanExporter. It waits for 50 ms at most, and only if there
// are more than 100 spans. It returns no errors: OnError gets them.
func (e *Exporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	if e.shut.Load() {
		return nil
	}
	dropped := 0
	patience := &xray.Patience{Max: maxWait}
	for _, s := range spans {
		if !s.SpanContext().IsSampled() {
			continue
		}
		parent := s.Parent()
		trouble := e.daemon.Send(e.convert(s), xray.Way{Patience: patience, Must: !parent.IsValid() || parent.IsRemote()})
		e.daemon.Report(s.Name(), trouble)
		if trouble.Dropped {
			dropped++
		}
	}
	if dropped > 0 {
		e.report.Once("burst", errors.New("tracing: an export "+xray.DroppedText(dropped)))
	}
	return nil
}

// maxWait is how long the spans of one call of ExportSpans wait for the daemon altogether.
const maxWait = 50 * time.Millisecond

// Shutdown implements sdktrace.SpanExporter: what is exported afterwards is dropped.
func (e *Exporter) Shutdown(context.Context) error {
	e.shut.Store(true)
	return nil
}

// maxAttributes bounds those of spans that the SDK was told not to bound.
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
