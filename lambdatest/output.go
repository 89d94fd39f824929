package lambdatest

import (
	"bytes"
	"encoding/json"
	"math"
	"time"

	"github.com/lambdakit/lambdakit/internal/emf"
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
	Values         []float64
	Dimensions     []map[string]string // one map for each dimension set
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
		var doc struct {
			ID, Name, Namespace, Type string
			ParentID                  string  `json:"parent_id"`
			TraceID                   string  `json:"trace_id"`
			Start                     float64 `json:"start_time"`
			End                       float64 `json:"end_time"`
			Error, Fault, Throttle    bool
			Annotations               map[string]any
			Metadata                  map[string]map[string]any
		}
		var whole map[string]any
		if json.Unmarshal(text, &doc) != nil || json.Unmarshal(text, &whole) != nil {
			continue
		}
		all = append(all, Segment{
			ID: doc.ID, ParentID: doc.ParentID, TraceID: doc.TraceID, Name: doc.Name, Namespace: doc.Namespace,
			Subsegment: doc.Type == "subsegment", Start: seconds(doc.Start), End: seconds(doc.End),
			Error: doc.Error, Fault: doc.Fault, Throttle: doc.Throttle,
			Annotations: doc.Annotations, Metadata: doc.Metadata, Document: whole, JSON: bytes.TrimSpace(text),
		})
	}
	return all
}

func seconds(s float64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(math.Round(s * 1e6)))
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
		var sets []map[string]string
		for _, dimensions := range d.Dimensions {
			set := make(map[string]string, len(dimensions))
			for _, dimension := range dimensions {
				set[dimension.Name], _ = root[dimension.Name].(string)
			}
			sets = append(sets, set)
		}
		for _, m := range d.Metrics {
			all = append(all, Metric{
				Namespace: d.Namespace, Name: m.Name, Unit: m.Unit, Values: m.Values, Dimensions: sets,
				HighResolution: m.HighResolution, Timestamp: doc.Timestamp, Document: root,
			})
		}
	}
	return all
}
