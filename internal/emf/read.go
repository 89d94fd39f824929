package emf

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Bounds of the work for a document: a name or a long value may be repeated in a short text.
const (
	MaxWork  = 16 << 20 // bytes of all values that are read
	ItemWork = 1 << 10  // counted for each directive, metric and dimension, in addition to its value
)

// object is a JSON object whose names are compared exactly, as CloudWatch compares them.
type object map[string]json.RawMessage

// reader reads a document.
type reader struct {
	root object
	doc  Document
	work int // so far
}

// Read reads a document. It skips parts that are malformed, and parts beyond [MaxWork]. The
// Document refers to the bytes of text.
func Read(text []byte) *Document {
	r := &reader{root: members(text)}
	r.document()
	r.doc.Cut = r.work > MaxWork
	return &r.doc
}

// members returns the members of an object. The first member of a name counts.
func members(text []byte) object {
	if !json.Valid(text) {
		return nil
	}
	all := make(object)
	jsonscan.Members(text, func(key []byte, start, end int) bool {
		name, _ := jsonscan.String(key)
		if _, ok := all[name]; !ok {
			all[name] = text[start:end]
		}
		return true
	})
	return all
}

// next reports whether another directive, metric or dimension with the value may be read.
func (r *reader) next(value json.RawMessage) bool {
	r.work += ItemWork + len(value)
	return r.work <= MaxWork
}

// decode decodes a part of the structure into v. It returns false if the part is missing or
// malformed.
func (r *reader) decode(part json.RawMessage, v any) bool {
	if part == nil || string(part) == "null" {
		return false
	}
	if json.Unmarshal(part, v) != nil {
		r.doc.Malformed = true
		return false
	}
	return true
}

func (r *reader) document() {
	bad := r.doc.Problems.add
	var aws object
	if !r.decode(r.root[Member], &aws) {
		bad("_aws is not an object")
		return
	}
	var ms int64
	if r.doc.dated = r.decode(aws["Timestamp"], &ms); !r.doc.dated {
		bad("_aws.Timestamp is not an integer of milliseconds")
	}
	r.doc.Timestamp = time.UnixMilli(ms)
	var list []json.RawMessage
	if !r.decode(aws["CloudWatchMetrics"], &list) {
		bad("_aws.CloudWatchMetrics is not an array")
	}
	for _, text := range list {
		var d object
		if !r.decode(text, &d) {
			bad("an element of CloudWatchMetrics is not an object")
			continue
		}
		if !r.next(nil) {
			return
		}
		r.doc.Directives = append(r.doc.Directives, r.directive(d))
	}
}

func (r *reader) directive(d object) Directive {
	out := Directive{Namespace: jsonscan.Text(d["Namespace"])}
	bad := out.Problems.add
	var ns string
	r.decode(d["Namespace"], &ns)
	if problem := namespaceProblem(ns); problem != "" {
		bad("%s", problem)
	}
	var sets []json.RawMessage
	if !r.decode(d["Dimensions"], &sets) || len(sets) == 0 {
		bad("Dimensions is not an array of at least one array")
	}
	for _, text := range sets {
		var names []json.RawMessage
		if !r.decode(text, &names) {
			bad("an element of Dimensions is not an array")
			continue
		}
		set, ok := r.dimensions(names, &out.Problems)
		if !ok {
			return out
		}
		out.Dimensions = append(out.Dimensions, set)
	}
	var metrics []json.RawMessage
	if !r.decode(d["Metrics"], &metrics) {
		bad("Metrics is not an array")
	}
	if len(metrics) > maxMetricDefinitions {
		bad("a directive has %d metrics, more than %d", len(metrics), maxMetricDefinitions)
	}
	for _, text := range metrics {
		var m object
		if !r.decode(text, &m) {
			bad("an element of Metrics is not an object")
			continue
		}
		metric, ok := r.metric(m)
		if !ok {
			break
		}
		out.Metrics = append(out.Metrics, metric)
	}
	return out
}

// dimensions returns a dimension set, and false if the work is too much.
func (r *reader) dimensions(names []json.RawMessage, problems *Problems) (set []Dimension, ok bool) {
	if len(names) > maxDimensions {
		problems.add("a dimension set has %d dimensions, more than %d", len(names), maxDimensions)
	}
	for _, text := range names {
		var name string
		if !r.decode(text, &name) {
			problems.add("a dimension name is not a text: %s", shortened(text))
			continue
		}
		value := r.root[name]
		if !r.next(value) {
			return nil, false
		}
		if problem := dimensionProblem(name, value); problem != "" {
			problems.add("dimension %q %s", shortened(name), problem)
		}
		set = append(set, Dimension{name, value})
	}
	return set, true
}

// metric returns a metric, and false if the work is too much.
func (r *reader) metric(m object) (out Metric, ok bool) {
	bad := out.Problems.add
	var name, unit string
	r.decode(m["Name"], &name)
	out.Name, out.Unit, out.Value = jsonscan.Text(m["Name"]), jsonscan.Text(m["Unit"]), r.root[name]
	if !r.next(out.Value) {
		return out, false
	}
	if problem := metricNameProblem(name); problem != "" {
		bad("%s", problem)
	}
	if isText := r.decode(m["Unit"], &unit); m["Unit"] != nil && (!isText || !isUnit(unit)) {
		bad("the unit %s does not exist", shortened(out.Unit))
	}
	if text := m["StorageResolution"]; text != nil {
		var seconds int
		r.decode(text, &seconds)
		out.HighResolution = seconds == 1
		if seconds != 1 && seconds != 60 {
			bad("the storage resolution is %s, neither 1 nor 60", shortened(text))
		}
	}
	if out.Value == nil {
		bad("the document has no value of this name")
		return out, true
	}
	var problem string
	if out.Values, problem = values(out.Value); problem != "" {
		bad("%s", problem)
	}
	return out, true
}

// values reads a number, an array of numbers, or a statistic set, for which it returns nothing. An
// element of the array that is not a number becomes 0.
func values(value json.RawMessage) (all []float64, problem string) {
	var list []json.RawMessage // CloudWatch refuses longer lists
	n := 1
	switch {
	case value[0] == '[':
		n = 0
		jsonscan.Elements(value, func(start, end int) bool {
			if n++; n <= maxMetricValues {
				list = append(list, value[start:end])
			}
			return true
		})
		if n == 0 {
			return nil, "the value is an empty array"
		}
	case value[0] == '{':
		if !isStatisticSet(value) {
			return nil, "the value is an object and not a statistic set"
		}
		return nil, ""
	case !isNumber(value):
		return nil, valueProblem(value, 0, nil)
	default:
		list = append(list, value)
	}
	for _, text := range list {
		var v float64
		err := json.Unmarshal(text, &v)
		if problem == "" {
			problem = valueProblem(text, v, err)
		}
		all = append(all, v)
	}
	if problem == "" && n > maxMetricValues {
		problem = fmt.Sprintf("there are %d values, more than %d", n, maxMetricValues)
	}
	return all, problem
}
