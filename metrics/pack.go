package metrics

import (
	"io"
	"sync"
	"time"
)

// packer divides the metrics of an invocation into documents and writes them. It is reused.
type packer struct {
	doc     document
	capture io.Writer // the output of a test; nil outside tests
	now     time.Time
}

var packers = sync.Pool{New: func() any { return new(packer) }}

// maxPooled is the capacity in bytes up to which the buffers of a packer are reused.
const maxPooled = 64 << 10

// write writes the documents of the metrics in c. The id of the invocation may be empty.
func (m *Meter) write(capture io.Writer, id string, c *collector, md []metadata, now time.Time) {
	p := packers.Get().(*packer)
	p.capture, p.now = capture, now
	p.doc.meter, p.doc.requestID = m, id
	for i := range c.groups[:c.used] {
		g := &c.groups[i]
		if g.variant == 1 {
			m.reportUnits(g)
		}
		for more := true; more; {
			more = p.begin(g, md)
			p.writeSeries(g)
		}
	}
	p.release()
}

func (p *packer) release() {
	d := &p.doc
	p.capture, d.meter = nil, nil
	clear(d.metrics[:cap(d.metrics)])
	clear(d.metadata.members[:cap(d.metadata.members)])
	if cap(d.out)+cap(d.values) <= maxPooled {
		packers.Put(p)
	}
}

func (m *Meter) reportUnits(g *group) {
	for i := range g.series[:g.used] {
		name := g.series[i].metric.name
		m.problem("units "+name, "metric %q is recorded with several units or resolutions; each gets documents of its own, which CloudWatch adds up as one metric", name)
	}
}

// begin encodes the members that the next documents of g share. It reports whether g needs
// more documents after them, with other sets of dimensions.
func (p *packer) begin(g *group, md []metadata) (more bool) {
	d := &p.doc
	d.timestamp = p.now.UnixMilli()
	if !g.settings.timestamp.IsZero() {
		d.timestamp = g.settings.timestamp.UnixMilli()
	}
	more = d.sets.next(d.meter, g)
	d.metadata.fit(d.meter, md, d.requestID, len(d.sets.names)+len(d.sets.members))
	for i := range g.series[:g.used] {
		g.series[i].written = 0
	}
	return more
}

// writeSeries writes the series of g in as many documents as they need.
func (p *packer) writeSeries(g *group) {
	d := &p.doc
	d.reset()
	for more := true; more; {
		more = false
		for i := range g.series[:g.used] {
			s := &g.series[i]
			s.closeSum(d.meter)
			if s.written == len(s.values) || d.collides(s.metric.name) {
				continue
			}
			if len(d.metrics) == maxMetrics || !d.add(s) {
				p.emit()
				d.add(s)
			}
			more = more || s.written < len(s.values)
		}
		if len(d.metrics) > 0 {
			p.emit()
		}
	}
}

// emit writes the document and begins another one.
func (p *packer) emit() {
	p.doc.meter.out.Write(p.capture, p.doc.encode(p.now))
	p.doc.reset()
}

// collides reports whether a dimension or a member for the log filter has the name of a metric:
// all are members of one object.
func (d *document) collides(name string) bool {
	if !d.meter.isLevelMember(name) && !d.sets.has(name) {
		return false
	}
	d.meter.problem("collision of metric "+name, "metric %q has the name of a dimension of the same document; it is left out", name)
	return true
}
