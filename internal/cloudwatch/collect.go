package cloudwatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Bounds of a Collector.
const (
	maxLine      = 1 << 20 // bytes: a log event of CloudWatch is not longer
	maxSeries    = 10_000  // metrics with their dimensions
	maxFields    = 1_000   // own fields
	maxFieldName = 200     // bytes
	maxDepth     = 3       // of the members of nested objects
)

// dynamicReference begins a text that CloudFormation replaces by a parameter or a secret, anywhere in a
// template. It has no escape.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
const dynamicReference = "{{resolve:"

// Collector reads the output of a function. Its methods are safe for concurrent use.
type Collector struct {
	mu       sync.Mutex
	metrics  map[string]*Metric
	fields   map[string]bool
	odd      map[string]bool
	toolkit  map[string]bool
	messages map[string]bool
	totals   Observation // its function and its numbers
}

// NewCollector returns an empty Collector.
func NewCollector() *Collector {
	return &Collector{
		metrics:  make(map[string]*Metric),
		fields:   make(map[string]bool),
		odd:      make(map[string]bool),
		toolkit:  make(map[string]bool),
		messages: make(map[string]bool),
	}
}

// Output returns a writer for one output of the function, such as its standard output. Flush reads a last
// line without an end.
func (c *Collector) Output() *Output { return &Output{c: c} }

// Output cuts an output into lines.
type Output struct {
	c    *Collector
	rest []byte
	long bool // the line is longer than maxLine, and its rest is skipped
}

// Write takes a part of the output. It has no error.
func (w *Output) Write(p []byte) (int, error) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			w.add(p)
			return n, nil
		}
		w.add(p[:i])
		w.end()
		p = p[i+1:]
	}
}

// Flush reads a line that has no end yet.
func (w *Output) Flush() {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	w.end()
}

func (w *Output) add(p []byte) {
	if w.long || len(w.rest)+len(p) > maxLine {
		w.long, w.rest = true, w.rest[:0]
		return
	}
	w.rest = append(w.rest, p...)
}

func (w *Output) end() {
	if w.long {
		w.c.totals.Skipped++
	} else {
		w.c.line(w.rest)
	}
	w.long, w.rest = false, w.rest[:0]
}

// Observation returns the result.
func (c *Collector) Observation() Observation {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.totals
	for _, m := range c.metrics {
		o.Metrics = append(o.Metrics, *m)
	}
	slices.SortFunc(o.Metrics, compareMetrics)
	o.Fields = slices.Sorted(maps.Keys(c.fields))
	o.Toolkit = slices.Sorted(maps.Keys(c.toolkit))
	o.Messages = slices.Sorted(maps.Keys(c.messages))
	o.Odd = len(c.odd)
	return o
}

// line reads a line that is a JSON object.
func (c *Collector) line(line []byte) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] != '{' || !json.Valid(line) {
		return
	}
	if _, ok := jsonscan.Find(line, []jsonscan.Step{{Name: emf.Member}}); ok {
		c.document(emf.Read(line))
		return
	}
	c.totals.Lines++
	level, _ := jsonscan.Find(line, []jsonscan.Step{{Name: "level"}})
	switch strings.ToUpper(jsonscan.Text(level)) {
	case "TRACE", "DEBUG":
		return // whether they are written may be chance: see SampleRate of package logging
	case "ERROR", "FATAL":
		c.totals.Failures++
	}
	message, _ := jsonscan.Find(line, []jsonscan.Step{{Name: "message"}})
	text := jsonscan.Text(message)
	fixed := isFixed(text)
	if fixed {
		c.messages[text] = true
	}
	jsonscan.Members(line, func(key []byte, start, end int) bool {
		name, _ := jsonscan.String(key)
		value := line[start:end]
		if name == "function_name" && c.totals.Function == "" {
			c.totals.Function = jsonscan.Text(value)
		}
		switch kindOf(name, fixed) {
		case toolkitField:
			c.toolkit[name] = true
		case ownField:
			c.field(name, value, 1)
		}
		return true
	})
}

// field notes an own field of a log line, or the members of an object.
func (c *Collector) field(name string, value []byte, depth int) {
	if strings.Contains(name, dynamicReference) {
		c.totals.Unsafe++
		return
	}
	switch value[0] {
	case '{':
		if depth == maxDepth {
			return
		}
		jsonscan.Members(value, func(key []byte, start, end int) bool {
			member, _ := jsonscan.String(key)
			c.field(name+"."+member, value[start:end], depth+1)
			return true
		})
		return
	case '[', 'n': // null says nothing, and the members of a list have numbers as names
		return
	}
	set := c.fields
	if !queryable(name) {
		set = c.odd
	}
	if !set[name] && len(set) == maxFields {
		c.totals.Dropped++
		return
	}
	set[name] = true
}

// queryable reports whether a saved query can name a field. CloudFormation could take "${" for a reference.
func queryable(name string) bool {
	return len(name) <= maxFieldName && utf8.ValidString(name) && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".") &&
		!strings.Contains(name, "..") && !strings.Contains(name, "${") && !strings.ContainsFunc(name, func(r rune) bool { return r == '`' || r == '\\' || unicode.IsControl(r) || !unicode.IsPrint(r) })
}

// document notes the metrics of a document that CloudWatch accepts. It does not check the timestamp, since
// a recorded run may be old.
func (c *Collector) document(doc *emf.Document) {
	for _, d := range doc.Directives {
		for _, m := range d.Metrics {
			if len(doc.Problems)+len(d.Problems)+len(m.Problems) > 0 {
				c.totals.Refused++
				continue
			}
			for _, set := range d.Dimensions {
				c.metric(d.Namespace, m, set)
			}
		}
	}
	if doc.Cut {
		c.totals.Dropped++
	}
	if len(doc.Directives) == 0 && len(doc.Problems) > 0 {
		c.totals.Refused++
	}
}

func (c *Collector) metric(namespace string, m emf.Metric, set []emf.Dimension) {
	x := Metric{Namespace: namespace, Name: m.Name, Unit: m.Unit, Lists: len(m.Values) != 1}
	for _, d := range set {
		x.Dimensions = append(x.Dimensions, Dimension{d.Name, jsonscan.Text(d.Value)})
		if c.totals.Function == "" && d.Name == "function_name" {
			c.totals.Function = jsonscan.Text(d.Value)
		}
	}
	slices.SortFunc(x.Dimensions, func(a, b Dimension) int { return strings.Compare(a.Name, b.Name) })
	key := fmt.Sprintf("%q", []any{x.Namespace, x.Name, x.Dimensions})
	if strings.Contains(x.series(), dynamicReference) {
		c.totals.Unsafe++
		return
	}
	known := c.metrics[key]
	if known == nil {
		if len(c.metrics) == maxSeries {
			c.totals.Dropped++
			return
		}
		c.metrics[key] = &x
		return
	}
	known.Lists = known.Lists || x.Lists
	known.Unit = min(known.Unit, x.Unit) // the same for each order of the documents
}
