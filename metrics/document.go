package metrics

import (
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// document builds the documents of one group after another. It is reused.
type document struct {
	m  *Meter
	id string // of the request

	// Of the group, and which one that is.
	of struct {
		m      *Meter
		bound  *bound
		labels labels
	}
	dims    []label // set after set
	ends    []int   // of the sets in dims
	done    []bool  // which of them are written
	left    int     // sets that are not
	passes  int
	size    int        // bytes that dims take in a document, at most
	chosen  []label    // those of the next documents, each name once
	names   []byte     // [["service","channel"],["service"]]
	members []byte     // "service":"orders","channel":"web",
	stamp   int64      // ms
	meta    []metadata // that fit
	metaLen int        // bytes that meta and the id take
	hasID   bool       // meta has a member with the id's name

	// Of the document.
	definitions []byte // {"Name":...},{...}
	values      []byte // "Name":1,...
	metrics     []string
	out         []byte
	clock       jsonenc.Clock
}

var documents = sync.Pool{New: func() any { return new(document) }}

// requestID names the member that says which invocation a document is of, as on the
// lines of package logging.
const requestID = "function_request_id"

const (
	maxPooled = 64 << 10
	overhead  = 200 // bytes of a document besides its parts
)

// write writes the documents of what is collected in the invocation with the id, which
// is empty where there is none.
func (m *Meter) write(capture io.Writer, id string, c *collector, md []metadata, now time.Time) {
	d := documents.Get().(*document)
	d.m, d.id = m, id
	for i := range c.groups[:c.n] {
		g := &c.groups[i]
		if g.lane == 1 {
			m.unitConflict(g)
		}
		for again := true; again; {
			again = d.begin(g, md, now)
			d.group(g, func() { m.out.Write(capture, d.finish(now)) })
		}
	}
	d.m = nil
	clear(d.metrics[:cap(d.metrics)])
	clear(d.meta[:cap(d.meta)])
	if cap(d.out)+cap(d.values) <= maxPooled {
		documents.Put(d)
	}
}

func (m *Meter) unitConflict(g *group) {
	for i := range g.series[:g.n] {
		name := g.series[i].metric.name
		m.problem("units "+name, "metric %q is recorded with several units or resolutions; each gets documents of its own, which CloudWatch adds up as one metric", name)
	}
}

// begin settles what the next documents of g have in common, and reports whether g needs
// further ones: sets of dimensions that differ in the value of a name cannot share a
// document, which has one value for each.
func (d *document) begin(g *group, md []metadata, now time.Time) (again bool) {
	d.metrics = d.metrics[:0]
	d.stamp = now.UnixMilli()
	if !g.bound.timestamp.IsZero() {
		d.stamp = g.bound.timestamp.UnixMilli()
	}
	// Often the dimensions are those of the last documents.
	if d.of.m != d.m || d.of.bound != g.bound || !d.of.labels.equal(&g.labels) || d.left > 0 {
		if d.left == 0 {
			d.collect(g)
		}
		d.encodeSets()
		d.of.m, d.of.bound, d.of.labels = d.m, g.bound, g.labels
		if again = d.left > 0; again || d.passes > 1 {
			d.of.m = nil // what is encoded is not all of it
		}
	}
	for i := range g.series[:g.n] {
		g.series[i].next = 0
	}
	d.fitMetadata(md)
	return again
}

// group encodes the series of g and calls emit whenever a document is full, and at the
// end.
func (d *document) group(g *group, emit func()) {
	d.definitions, d.values = d.definitions[:0], d.values[:0]
	for again := true; again; {
		again = false
		for i := range g.series[:g.n] {
			s := &g.series[i]
			if s.summed {
				s.summed = false
				if sum, ok := d.m.inRange(s.metric, s.sum); ok {
					s.values = append(s.values, sum)
				}
			}
			if s.next == len(s.values) || d.collides(s.metric.name) {
				continue
			}
			if len(d.metrics) == maxMetrics || !d.series(s) {
				emit()
				d.definitions, d.values, d.metrics = d.definitions[:0], d.values[:0], d.metrics[:0]
				d.series(s)
			}
			again = again || s.next < len(s.values)
		}
		if len(d.metrics) > 0 {
			emit()
			d.definitions, d.values, d.metrics = d.definitions[:0], d.values[:0], d.metrics[:0]
		}
	}
}

// collides reports whether a dimension, or a field of the toolkit's, has the name of a
// metric: all are members of one object.
func (d *document) collides(name string) bool {
	taken := d.m.level != "" && (name == "level" || name == "timestamp")
	for i := range d.chosen {
		taken = taken || d.chosen[i].name == name
	}
	if taken {
		d.m.problem("collision of metric "+name, "metric %q has the name of a dimension of the same document; it is left out", name)
	}
	return taken
}

// series adds values of s to the document, 100 at most, and as many as fit; it reports
// false where none did and the document has others.
func (d *document) series(s *series) bool {
	room := d.m.maxBytes - overhead - len(d.m.namespace) - len(d.names) - len(d.members) - d.metaLen - len(d.definitions) - len(s.metric.definition) - 1
	before := len(d.values)
	d.values = append(d.values, s.metric.member...)
	values := s.values[s.next:min(len(s.values), s.next+maxValues)]
	if len(values) > 1 {
		d.values = append(d.values, '[')
	}
	n := 0
	for _, v := range values {
		at := len(d.values)
		d.values = jsonenc.AppendFloat(d.values, v)
		d.values = append(d.values, ',')
		if len(d.values) > room && (n > 0 || before > 0) {
			d.values = d.values[:at]
			break
		}
		n++
	}
	if n == 0 || n < len(values) && before > 0 {
		d.values = d.values[:before]
		return false
	}
	if len(values) > 1 {
		d.values[len(d.values)-1] = ']' // the last comma
		d.values = append(d.values, ',')
	}
	s.next += n
	if len(d.metrics) > 0 {
		d.definitions = append(d.definitions, ',')
	}
	d.definitions = append(d.definitions, s.metric.definition...)
	d.metrics = append(d.metrics, s.metric.name)
	return true
}

// finish returns the document as a line. CloudWatch Logs Insights reads the first 200 fields
// of a line (CloudWatch Logs, Supported logs and discovered fields), and _aws alone has more if
// there are 100 metrics: it stands last, and first what identifies the document.
func (d *document) finish(now time.Time) []byte {
	b := append(d.out[:0], '{')
	if d.m.level != "" {
		b = append(b, `"level":"`...)
		b = append(b, d.m.level...)
		b = append(b, `","timestamp":"`...)
		b = d.clock.AppendMillis(b, now, nil)
		b = append(b, `",`...)
	}
	if d.id != "" && !d.hasID && !d.taken(requestID) {
		b = append(b, `"`+requestID+`":`...)
		b = jsonenc.AppendString(b, d.id)
		b = append(b, ',')
	}
	b = append(b, d.members...)
	b = d.appendMetadata(b)
	b = append(b, d.values...)
	b = append(b, `"_aws":{"Timestamp":`...)
	b = strconv.AppendInt(b, d.stamp, 10)
	b = append(b, `,"CloudWatchMetrics":[{"Namespace":`...)
	b = append(b, d.m.namespace...)
	b = append(b, `,"Dimensions":`...)
	b = append(b, d.names...)
	b = append(b, `,"Metrics":[`...)
	b = append(b, d.definitions...)
	b = append(b, "]}]}}\n"...)
	d.out = b
	return b
}

func (d *document) taken(name string) bool {
	if d.m.level != "" && (name == "level" || name == "timestamp") {
		return true
	}
	for _, n := range d.metrics {
		if n == name {
			return true
		}
	}
	for i := range d.chosen {
		if d.chosen[i].name == name {
			return true
		}
	}
	return false
}
