package viewer

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
	"github.com/lambdakit/lambdakit/internal/logline"
	"github.com/lambdakit/lambdakit/internal/segment"
)

// Bounds of a Summary.
const (
	maxFields     = 50
	maxFieldBytes = 200
	maxMetrics    = 50
	maxValues     = 1000 // of a metric
)

// invocation is what a Store keeps of an invocation. The Store's lock guards it.
type invocation struct {
	id, title, source string
	number            int
	began             time.Time
	event             []byte
	lines             []line
	lineBytes         int
	spans             []segment.Node
	dropped           int // lines and spans
	result            *emulator.Result
	failure           string // it did not take place
	status            int    // of HTTP
	records, failed   int    // of a batch

	// Of the lines, for the summary.
	logs    int
	level   string
	fields  []string
	last    []string        // fields that come after the others
	known   map[string]bool // fields
	metrics []Metric

	bytes  int
	change int // the last one, of the Store
}

// line is a line of output. object is nil if it is no JSON object.
type line struct {
	text   []byte
	object logline.Object
	at     time.Time
	stderr bool
	before bool
}

// size is how many bytes the line takes: the members of its object are copies.
func (l *line) size() int { return 2 * len(l.text) }

func (l *line) isMetrics() bool { return l.object.Raw(emf.Member) != nil }

func newInvocation(id string, number int, title string, event []byte, now time.Time) *invocation {
	inv := &invocation{id: id, number: number, title: title, event: event, began: now, bytes: len(event), known: make(map[string]bool)}
	own, source := describe(event)
	inv.source = source
	if own != "" {
		inv.title = own
	}
	return inv
}

func (inv *invocation) running() bool { return inv.result == nil && inv.failure == "" }

// add adds a line. It returns by how many bytes the invocation grew.
func (inv *invocation) add(l line) int {
	if len(inv.lines) == maxLines || inv.lineBytes+len(l.text) > maxLineBytes {
		inv.dropped++
		return 0
	}
	inv.lines = append(inv.lines, l)
	inv.lineBytes += len(l.text)
	grown := l.size()
	inv.bytes += grown
	if l.isMetrics() {
		inv.metrics = append(inv.metrics, metricsOf(emf.Read(l.text))...)
		inv.metrics = inv.metrics[:min(len(inv.metrics), maxMetrics)]
		return grown
	}
	inv.logs++
	if level := l.object.Level(); rank(level) > rank(inv.level) {
		inv.level = level
	}
	for _, m := range l.object {
		inv.addField(m)
	}
	return grown
}

// addField keeps a field of a line for the filter.
func (inv *invocation) addField(m logline.Member) {
	if logline.Common(m.Name) || len(inv.known) == maxFields || len(m.Value) == 0 || m.Value[0] == '{' || m.Value[0] == '[' {
		return
	}
	text := m.Name + "=" + jsonscan.Text(m.Value)
	if len(text) > maxFieldBytes || inv.known[text] {
		return
	}
	inv.known[text] = true
	if m.Name == "correlation_id" { // the list shows the first fields, and others tell more
		inv.last = append(inv.last, text)
	} else {
		inv.fields = append(inv.fields, text)
	}
}

var ranks = map[string]int{"TRACE": 1, "DEBUG": 2, "INFO": 3, "WARN": 4, "WARNING": 4, "ERROR": 5, "CRITICAL": 6, "FATAL": 6}

func rank(level string) int { return ranks[level] }

// end completes the invocation.
func (inv *invocation) end(r *emulator.Result, spans []segment.Document, dropped int) {
	inv.result = r
	inv.began = r.Start
	inv.spans = segment.Tree(spans)
	if n := len(inv.spans) - maxSpans; n > 0 {
		inv.spans, dropped = inv.spans[:maxSpans], dropped+n
	}
	inv.dropped += dropped
	inv.bytes += len(r.Payload)
	if r.ErrorType == "" && isHTTP(inv.source) {
		inv.status = httpStatus(inv.source, r)
	}
	if isBatch(inv.source) {
		var list []Record
		list, inv.failed = records(inv.event, r.Payload)
		inv.records = len(list)
	}
	for i := range inv.spans {
		inv.bytes += sizeOf(&inv.spans[i].Document)
	}
}

// sizeOf estimates how much memory a span takes.
func sizeOf(d *segment.Document) int {
	n := 500 + len(d.Name) + len(d.RawMetadata)
	for key, v := range d.Annotations {
		n += len(key) + 50
		if s, ok := v.(string); ok {
			n += len(s)
		}
	}
	for _, x := range d.Cause.Exceptions {
		n += len(x.Message) + len(x.Trace) + 200*len(x.Stack)
	}
	return n
}

// fail ends an invocation that did not take place.
func (inv *invocation) fail(err error, now time.Time) {
	inv.failure = err.Error()
	inv.result = &emulator.Result{RequestID: inv.id, Start: inv.began, Duration: now.Sub(inv.began), ErrorType: "NotRun", ErrorMessage: err.Error()}
}

func ms(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }

func millis(t time.Time) float64 { return float64(t.UnixMicro()) / 1e3 }

// summary returns the invocation for the list.
func (inv *invocation) summary() Summary {
	s := Summary{
		ID: inv.id, Number: inv.number, Title: inv.title, Source: inv.source, Start: millis(inv.began),
		Outcome: InvocationRunning, Lines: inv.logs, Level: inv.level, Fields: slices.Concat(inv.fields, inv.last), Metrics: inv.metrics, Spans: len(inv.spans),
	}
	r := inv.result
	if r == nil {
		return s
	}
	s.DurationMS, s.InitMS, s.AfterMS = ms(r.Duration), ms(r.InitDuration), ms(r.After)
	s.Cold = r.InitDuration > 0
	s.BilledMS = ms(r.Billed())
	s.MemoryMB = int((r.MaxRSS + 1<<20 - 1) >> 20)
	s.Error = r.ErrorType
	if r.Failure != nil && s.Error == "" {
		s.Error = r.Failure.Type
	}
	s.HTTPStatus, s.Records, s.Failed = inv.status, inv.records, inv.failed
	switch {
	case r.ErrorType == emulator.ErrorTimeout:
		s.Outcome = InvocationTimeout
	case r.Failed():
		s.Outcome = InvocationFailed
	case s.HTTPStatus >= 400 || s.Failed > 0:
		s.Outcome = InvocationRefused
	default:
		s.Outcome = InvocationOK
	}
	return s
}

func isBatch(source string) bool {
	switch source {
	case "SQS", "Kinesis", "DynamoDB", "Kafka", "Data Firehose", "SNS", "S3":
		return true
	}
	return false
}

func isHTTP(source string) bool {
	switch source {
	case "API Gateway HTTP API 2.0", "API Gateway HTTP API 1.0", "API Gateway REST API", "function URL", "Application Load Balancer", "VPC Lattice 1.0", "VPC Lattice 2.0":
		return true
	}
	return false
}

// httpStatus returns the status of an HTTP response, 0 if it is none.
func httpStatus(source string, r *emulator.Result) int {
	var a struct {
		StatusCode *float64 `json:"statusCode"`
	}
	prelude, _, _ := cutPrelude(r)
	if prelude == nil {
		prelude = r.Payload
	}
	json.Unmarshal(prelude, &a)
	switch {
	case a.StatusCode != nil:
		return int(*a.StatusCode)
	case source == "API Gateway HTTP API 2.0" || source == "function URL":
		return 200 // these infer the response
	}
	return 0
}

// metricsOf returns the metrics of a document that CloudWatch takes.
func metricsOf(d *emf.Document) []Metric {
	var list []Metric
	if len(d.Problems) > 0 {
		return nil
	}
	for _, dir := range d.Directives {
		if len(dir.Problems) > 0 {
			continue
		}
		for _, m := range dir.Metrics {
			if len(m.Problems) == 0 {
				list = append(list, metricOf(&dir, &m))
			}
		}
	}
	return list
}

func metricOf(dir *emf.Directive, m *emf.Metric) Metric {
	sets := []string{}
	for _, set := range dir.Dimensions {
		var pairs []string
		for _, d := range set {
			pairs = append(pairs, d.Name+"="+jsonscan.Text(d.Value))
		}
		sets = append(sets, strings.Join(pairs, ", "))
	}
	if len(sets) == 0 {
		sets = append(sets, "")
	}
	return Metric{Namespace: dir.Namespace, Name: m.Name, Unit: m.Unit, Dimensions: sets, Values: m.Values[:min(len(m.Values), maxValues)]}
}
