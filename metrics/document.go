package metrics

import (
	"slices"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// document encodes one document after another.
type document struct {
	meter     *Meter
	requestID string // of the invocation; may be empty
	timestamp int64  // ms since 1970
	sets      dimensionSets
	metadata  fittingMetadata

	// The metrics of the document.
	definitions []byte // {"Name":...},{...}
	values      []byte // "Name":1,...
	metrics     []string

	out   []byte
	clock jsonenc.Clock
}

// requestIDMember is the name of the member with the id of the invocation. The lines of package
// logging have the same name for it.
const requestIDMember = "function_request_id"

// fixedBytes is the size of a document without namespace, dimensions, metadata and metrics,
// at most.
const fixedBytes = 200

// reset removes the metrics of the document.
func (d *document) reset() {
	d.definitions, d.values, d.metrics = d.definitions[:0], d.values[:0], d.metrics[:0]
}

// add adds values of s, at most 100, and as many as fit. It adds at least one value to an
// empty document. It reports false if no value fits, or if a document with other metrics
// has no room for all of them.
func (d *document) add(s *series) bool {
	available := d.meter.maxBytes - fixedBytes - len(d.meter.namespace) - len(d.sets.names) - len(d.sets.members) - d.metadata.size - len(d.definitions) - len(s.metric.definition) - 1
	before := len(d.values)
	d.values = append(d.values, s.metric.member...)
	values := s.values[s.written:min(len(s.values), s.written+maxValues)]
	if len(values) > 1 {
		d.values = append(d.values, '[')
	}
	n := 0
	for _, v := range values {
		at := len(d.values)
		d.values = jsonenc.AppendFloat(d.values, v)
		d.values = append(d.values, ',')
		if len(d.values) > available && (n > 0 || before > 0) {
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
	s.written += n
	if len(d.metrics) > 0 {
		d.definitions = append(d.definitions, ',')
	}
	d.definitions = append(d.definitions, s.metric.definition...)
	d.metrics = append(d.metrics, s.metric.name)
	return true
}

// encode returns the document as a line. CloudWatch Logs Insights reads the first 200 fields
// of a line (CloudWatch Logs, Supported logs and discovered fields). With 100 metrics _aws
// has more fields than that, so it comes last, and the members that identify the document
// come first.
func (d *document) encode(now time.Time) []byte {
	b := append(d.out[:0], '{')
	if d.meter.level != "" {
		b = append(b, `"level":"`...)
		b = append(b, d.meter.level...)
		b = append(b, `","timestamp":"`...)
		b = d.clock.AppendMillis(b, now, nil)
		b = append(b, `",`...)
	}
	if d.requestID != "" && !d.metadata.hasID && !d.has(requestIDMember) {
		b = append(b, `"`+requestIDMember+`":`...)
		b = jsonenc.AppendString(b, d.requestID)
		b = append(b, ',')
	}
	b = append(b, d.sets.members...)
	b = d.appendMetadata(b)
	b = append(b, d.values...)
	b = append(b, `"_aws":{"Timestamp":`...)
	b = jsonenc.AppendInt(b, d.timestamp)
	b = append(b, `,"CloudWatchMetrics":[{"Namespace":`...)
	b = append(b, d.meter.namespace...)
	b = append(b, `,"Dimensions":`...)
	b = append(b, d.sets.names...)
	b = append(b, `,"Metrics":[`...)
	b = append(b, d.definitions...)
	b = append(b, "]}]}}\n"...)
	d.out = b
	return b
}

// appendMetadata appends the metadata, without members that have the name of another member.
func (d *document) appendMetadata(dst []byte) []byte {
	for _, x := range d.metadata.members {
		if d.has(x.name) {
			d.meter.problem("collision of metadata "+shortened(x.name), "metadata %.60q have the name of a metric or dimension of the same document; they are left out", x.name)
			continue
		}
		dst = append(dst, x.member...)
	}
	return dst
}

// has reports whether a dimension, a metric or a member for the log filter has the name.
func (d *document) has(name string) bool {
	return d.meter.isLevelMember(name) || slices.Contains(d.metrics, name) || d.sets.has(name)
}

// isLevelMember reports whether documents have a member with the name for Lambda's log filter.
func (m *Meter) isLevelMember(name string) bool {
	return m.level != "" && (name == "level" || name == "timestamp")
}
