package metrics

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// document builds the documents of one group after another. It is reused.
type document struct {
	m  *Metrics
	id string // of the request

	// Of the group, and which one that is.
	of struct {
		m      *Metrics
		bound  *bound
		labels labels
	}
	dims    []label // set after set
	ends    []int   // of the sets in dims
	done    []bool  // which of them are written
	left    int     // sets that are not
	passes  int
	size    int     // bytes that dims take in a document, at most
	chosen  []label // those of the next documents, each name once
	names   []byte  // [["service","channel"],["service"]]
	members []byte  // ,"service":"orders","channel":"web"
	stamp   int64   // ms
	meta    []metadata
	metaLen int

	// Of the document.
	definitions []byte // {"Name":...},{...}
	values      []byte // ,"Name":1,...
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
func (m *Metrics) write(capture io.Writer, id string, c *collector, md []metadata, now time.Time) {
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
	d.m, d.meta = nil, nil
	clear(d.metrics[:cap(d.metrics)])
	if cap(d.out)+cap(d.values) <= maxPooled {
		documents.Put(d)
	}
}

func (m *Metrics) unitConflict(g *group) {
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
	d.meta, d.metaLen = md, len(d.id)*6
	for _, x := range md {
		d.metaLen += len(x.name)*6 + len(x.value) + len(`,"":`)
	}
	if len(md) > 0 && len(d.names)+len(d.members)+d.metaLen+overhead > d.m.maxBytes*3/4 {
		d.m.problem("metadata size", "the metadata of an invocation leave no room for metrics in a document of %d bytes; they are left out", d.m.maxBytes)
		d.meta, d.metaLen = nil, len(d.id)*6
	}
	return again
}

// collect lists the sets of dimensions of g.
func (d *document) collect(g *group) {
	d.dims, d.ends, d.size, d.passes = d.dims[:0], d.ends[:0], 0, 0
	if len(g.bound.labels)+g.labels.n > 0 || len(g.bound.sets) == 0 {
		d.add(d.m.defaults, 0)
		d.add(g.bound.labels, 0)
		for i := range g.labels.n {
			d.addOne(*g.labels.at(i), 0)
		}
		d.ends = append(d.ends, len(d.dims))
	}
	base := len(d.dims)
	for _, set := range g.bound.sets {
		first := len(d.dims)
		for _, l := range d.m.defaults {
			// What was set for the invocation wins over a default.
			if i := slices.IndexFunc(d.dims[:base], func(o label) bool { return o.name == l.name }); i >= 0 {
				l.value = d.dims[i].value
			}
			d.addOne(l, first)
		}
		d.add(set, first)
		d.ends = append(d.ends, len(d.dims))
	}
	d.left = len(d.ends)
	d.done = append(d.done[:0], make([]bool, len(d.ends))...)
}

// encodeSets encodes the first set that is left and those that agree with it.
func (d *document) encodeSets() {
	d.names, d.members, d.chosen = append(d.names[:0], '['), d.members[:0], d.chosen[:0]
	d.passes++
	first := 0
	for i, end := range d.ends {
		set := d.dims[first:end]
		first = end
		if d.done[i] || slices.ContainsFunc(set, d.contradicts) {
			continue
		}
		d.done[i] = true
		d.left--
		if d.listed(i, set) {
			continue
		}
		d.endSet(set)
		for _, l := range set {
			if !slices.Contains(d.chosen, l) {
				d.chosen = append(d.chosen, l)
				d.member(l)
			}
		}
	}
	d.names[len(d.names)-1] = ']' // the last comma
}

// contradicts reports whether a chosen dimension has the name of l and another value.
func (d *document) contradicts(l label) bool {
	return slices.ContainsFunc(d.chosen, func(o label) bool { return o.name == l.name && o.value != l.value })
}

// listed reports whether a set before the i-th is the same.
func (d *document) listed(i int, set []label) bool {
	first := 0
	for _, end := range d.ends[:i] {
		if sameSet(d.dims[first:end], set) {
			return true
		}
		first = end
	}
	return false
}

func (d *document) add(labels []label, first int) {
	for _, l := range labels {
		d.addOne(l, first)
	}
}

// addOne adds a dimension to the set that begins at first; a later value of a name
// replaces an earlier one.
func (d *document) addOne(l label, first int) {
	err := checkDimension(l.name, l.value)
	if err == nil && d.m.level != "" && (l.name == "level" || l.name == "timestamp") {
		err = errors.New("its name is that of a member for Lambda's log filter (see Options.NoLevel)")
	}
	if err != nil {
		d.m.problem("dimension "+l.name[:min(len(l.name), maxDimensionName)], "dimension %.60q: %v; it is left out", l.name, err)
		return
	}
	for i := first; i < len(d.dims); i++ {
		if d.dims[i].name == l.name {
			d.dims[i].value = l.value
			return
		}
	}
	if len(d.dims)-first == maxDimensions {
		d.m.problem("dimensions "+l.name, "dimension %q: a set has at most %d dimensions (EMF specification); it is left out", l.name, maxDimensions)
		return
	}
	// Names stand twice, and quotation marks become two characters.
	size := 4*len(l.name) + 2*len(l.value) + 10
	if d.size+size > d.m.maxBytes/2 {
		size = 2*(len(l.name)+strings.Count(l.name, `"`)+strings.Count(l.name, `\`)) + len(l.value) + strings.Count(l.value, `"`) + strings.Count(l.value, `\`) + 10
	}
	if d.size+size > d.m.maxBytes/2 {
		d.m.problem("dimension size "+l.name, "dimension %q: the dimensions fill half of a document of %d bytes; it is left out", l.name, d.m.maxBytes)
		return
	}
	d.size += size
	d.dims = append(d.dims, l)
}

func (d *document) endSet(set []label) {
	d.names = append(d.names, '[')
	for _, l := range set {
		d.names = jsonenc.AppendString(d.names, l.name)
		d.names = append(d.names, ',')
	}
	if len(set) > 0 {
		d.names = d.names[:len(d.names)-1]
	}
	d.names = append(d.names, ']', ',')
}

func (d *document) member(l label) {
	d.members = append(d.members, ',')
	d.members = jsonenc.AppendString(d.members, l.name)
	d.members = append(d.members, ':')
	d.members = jsonenc.AppendString(d.members, l.value)
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
				if s.sum >= -maxMagnitude && s.sum <= maxMagnitude {
					s.values = append(s.values, s.sum)
				} else {
					d.m.problem("value "+s.metric.name, "metric %q: the sum %v %v; it is left out", s.metric.name, s.sum, checkValue(s.sum))
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
	d.values = d.values[:len(d.values)-1] // the last comma
	if len(values) > 1 {
		d.values = append(d.values, ']')
	}
	s.next += n
	if len(d.metrics) > 0 {
		d.definitions = append(d.definitions, ',')
	}
	d.definitions = append(d.definitions, s.metric.definition...)
	d.metrics = append(d.metrics, s.metric.name)
	return true
}

// finish returns the document as a line.
func (d *document) finish(now time.Time) []byte {
	b := append(d.out[:0], `{"_aws":{"Timestamp":`...)
	b = strconv.AppendInt(b, d.stamp, 10)
	b = append(b, `,"CloudWatchMetrics":[{"Namespace":`...)
	b = append(b, d.m.namespace...)
	b = append(b, `,"Dimensions":`...)
	b = append(b, d.names...)
	b = append(b, `,"Metrics":[`...)
	b = append(b, d.definitions...)
	b = append(b, `]}]}`...)
	if d.m.level != "" {
		b = append(b, `,"level":"`...)
		b = append(b, d.m.level...)
		b = append(b, `","timestamp":"`...)
		b = d.clock.AppendMillis(b, now, nil)
		b = append(b, '"')
	}
	b = append(b, d.members...)
	own := d.id != "" && !d.taken(requestID)
	for _, x := range d.meta {
		if d.taken(x.name) {
			d.m.problem("collision of metadata "+x.name, "metadata %q have the name of a metric or dimension of the same document; they are left out", x.name)
			continue
		}
		b = append(b, ',')
		b = jsonenc.AppendString(b, x.name)
		b = append(b, ':')
		b = append(b, x.value...)
		own = own && x.name != requestID
	}
	if own {
		b = append(b, `,"`+requestID+`":`...)
		b = jsonenc.AppendString(b, d.id)
	}
	b = append(b, d.values...)
	b = append(b, '}', '\n')
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
