package lambdatest

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/segment"
)

// Line is a log line as decoded JSON: numbers are float64, objects are map[string]any.
type Line map[string]any

// Level returns the level, such as "INFO".
func (l Line) Level() string { return l.text("level") }

// Message returns the message.
func (l Line) Message() string { return l.text("message") }

func (l Line) text(key string) string {
	s, _ := l[key].(string)
	return s
}

// Metric is one metric of a document in Embedded Metric Format.
type Metric struct {
	Namespace      string
	Name           string
	Unit           string
	Value          float64 // the sum of Values: what a counter has counted
	Values         []float64
	Dimensions     map[string]string // of all dimension sets
	DimensionSets  [][]string        // the names of each set
	HighResolution bool
	Timestamp      time.Time
	Document       map[string]any // the whole document, with its metadata
}

// Segment is a segment document for X-Ray. It describes a span. A span that is sent in progress has a
// second document with the same ID when it ends.
type Segment struct {
	ID          string
	ParentID    string
	TraceID     string // in X-Ray's form
	Name        string
	Namespace   string // "aws", "remote", or empty
	Subsegment  bool
	Start       time.Time
	End         time.Time // zero if in progress
	Error       bool
	Fault       bool
	Throttle    bool
	Annotations map[string]any
	Metadata    map[string]map[string]any // by namespace and key
	Document    map[string]any            // the whole document
	JSON        []byte                    // the bytes that were sent
}

func parseSegments(lines []byte) []Segment {
	var all []Segment
	for text := range bytes.Lines(lines) {
		d, err := segment.Read(text)
		metadata, metadataErr := d.Metadata()
		var whole map[string]any
		if err != nil || metadataErr != nil || json.Unmarshal(text, &whole) != nil {
			continue
		}
		all = append(all, Segment{
			ID: d.ID, ParentID: d.ParentID, TraceID: d.TraceID, Name: d.Name, Namespace: d.Namespace,
			Subsegment: d.Type == "subsegment", Start: segment.Time(d.StartTime), End: segment.Time(d.EndTime),
			Error: d.Error, Fault: d.Fault, Throttle: d.Throttle,
			Annotations: d.Annotations, Metadata: metadata, Document: whole, JSON: bytes.TrimSpace(text),
		})
	}
	return all
}

// parse sorts the output into log lines and metrics. It skips lines that are not JSON objects.
func (r *Result) parse() {
	for text := range bytes.Lines(r.Output) {
		var l Line
		if json.Unmarshal(text, &l) != nil || l == nil {
			continue
		}
		if _, ok := l[emf.Member]; ok {
			r.Metrics = append(r.Metrics, parseMetrics(text, l)...)
		} else {
			r.Logs = append(r.Logs, l)
		}
	}
}

func parseMetrics(text []byte, root map[string]any) []Metric {
	doc := emf.Read(text)
	if doc.Malformed {
		return nil
	}
	var all []Metric
	for _, d := range doc.Directives {
		values, sets := make(map[string]string), make([][]string, len(d.Dimensions))
		for i, set := range d.Dimensions {
			for _, dimension := range set {
				values[dimension.Name], _ = root[dimension.Name].(string)
				sets[i] = append(sets[i], dimension.Name)
			}
		}
		for _, m := range d.Metrics {
			all = append(all, Metric{
				Namespace: d.Namespace, Name: m.Name, Unit: m.Unit, Value: sum(m.Values), Values: m.Values,
				Dimensions: values, DimensionSets: sets,
				HighResolution: m.HighResolution, Timestamp: doc.Timestamp, Document: root,
			})
		}
	}
	return all
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}
