package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of CloudWatch's Embedded Metric Format and of PutMetricData. If they differ, the
// smaller one counts.
const (
	maxMetricDefinitions = 100
	maxMetricValues      = 100
	maxDimensions        = 30
	maxDimensionName     = 250
	maxDimensionValue    = 1024
	maxMetricName        = 255
	maxNamespace         = 255
	maxAge               = 14 * 24 * time.Hour
	maxAhead             = 2 * time.Hour
)

// Bounds of the reading of a document: a name or a long value may be repeated in a short text.
const (
	maxEMFWork  = 16 << 20 // bytes of all values that are read
	emfItemWork = 1 << 10  // counted for each directive, metric and dimension, besides its value
	maxProblems = 10       // of a list
	maxSetsText = 8 << 10  // bytes of the dimension sets of a directive
)

var (
	maxMetricValue = math.Ldexp(1, 360)
	minMetricValue = math.Ldexp(1, -360) // of values other than 0
)

var metricUnits = strings.Fields(`Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes
	Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second
	Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second
	Terabits/Second Count/Second None`)

var namespaceText = regexp.MustCompile(`^[0-9A-Za-z./_# :-]+$`)

// emfDocument is a document in Embedded Metric Format with what CloudWatch refuses in it.
type emfDocument struct {
	problems   problemList // of the whole document
	directives []emfDirective
	cut        bool // more directives, metrics or dimensions than maxEMFWork allows are left out
}

type emfDirective struct {
	problems   problemList // of all its metrics
	namespace  string
	dimensions []string // a set each, such as "{service=orders}"
	metrics    []emfMetric
}

type emfMetric struct {
	problems   problemList
	name, unit string
	value      string // as written; empty: missing
	values     []float64
	perSecond  bool // resolution
}

// problemList holds the reasons why CloudWatch refuses something.
type problemList []string

// add adds a problem, unless there are maxProblems already.
func (p *problemList) add(format string, args ...any) {
	if len(*p) < maxProblems {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

// object is a JSON object whose names are compared exactly, as CloudWatch compares them.
type object map[string]json.RawMessage

// emfReader reads a document.
type emfReader struct {
	root object
	work int // so far
}

// next reports whether another directive, metric or dimension with the value may be read.
func (r *emfReader) next(value json.RawMessage) bool {
	r.work += emfItemWork + len(value)
	return r.work <= maxEMFWork
}

// readEMF reads a document and checks it at the time now.
func readEMF(root document, now time.Time) (doc emfDocument) {
	r := &emfReader{root: make(object, len(root))}
	for _, m := range slices.Backward(root) { // the first member of a name counts
		r.root[m.name] = m.value
	}
	defer func() { doc.cut = r.work > maxEMFWork }()
	var aws object
	if json.Unmarshal(r.root["_aws"], &aws) != nil || aws == nil {
		doc.problems.add("_aws is not an object")
		return doc
	}
	doc.problems = timestampProblems(aws["Timestamp"], now)
	var list []json.RawMessage
	if json.Unmarshal(aws["CloudWatchMetrics"], &list) != nil || list == nil {
		doc.problems.add("_aws.CloudWatchMetrics is not an array")
	}
	for _, text := range list {
		var d object
		if json.Unmarshal(text, &d) != nil || d == nil {
			doc.problems.add("an element of CloudWatchMetrics is not an object")
			continue
		}
		if !r.next(nil) {
			break
		}
		doc.directives = append(doc.directives, r.directive(d))
	}
	return doc
}

func timestampProblems(value json.RawMessage, now time.Time) problemList {
	var ms int64
	if value == nil || json.Unmarshal(value, &ms) != nil || string(value) == "null" {
		return problemList{"_aws.Timestamp is not an integer of milliseconds"}
	}
	inRange := func(t time.Time) bool { return !t.Before(now.Add(-maxAge)) && !t.After(now.Add(maxAhead)) }
	switch {
	case inRange(time.UnixMilli(ms)):
		return nil
	case inRange(time.Unix(ms, 0)):
		return problemList{fmt.Sprintf("Timestamp %d is in seconds, not in milliseconds", ms)}
	case inRange(time.UnixMicro(ms)), inRange(time.Unix(0, ms)):
		return problemList{fmt.Sprintf("Timestamp %d is not in milliseconds", ms)}
	case time.UnixMilli(ms).After(now):
		return problemList{fmt.Sprintf("Timestamp %d is more than 2 hours ahead", ms)}
	}
	return problemList{fmt.Sprintf("Timestamp %d is more than 14 days old", ms)}
}

func (r *emfReader) directive(d object) emfDirective {
	out := emfDirective{namespace: plain(d["Namespace"])}
	bad := out.problems.add
	switch ns, ok := stringOf(d["Namespace"]); {
	case !ok || strings.TrimSpace(ns) == "":
		bad("Namespace is not a text")
	case len(ns) > maxNamespace:
		bad("the namespace has more than %d characters", maxNamespace)
	case strings.HasPrefix(ns, "AWS/"):
		bad("namespaces that begin with AWS/ are reserved")
	case strings.HasPrefix(ns, ":") || !namespaceText.MatchString(ns):
		bad("the namespace has characters other than 0-9 A-Z a-z . - _ / # : and space")
	}
	var sets []json.RawMessage
	if json.Unmarshal(d["Dimensions"], &sets) != nil || len(sets) == 0 {
		bad("Dimensions is not an array of at least one array")
	}
	size, more := 0, false
	for _, set := range sets {
		var names []json.RawMessage
		if json.Unmarshal(set, &names) != nil || names == nil {
			bad("an element of Dimensions is not an array")
			continue
		}
		if len(names) > maxDimensions {
			bad("a dimension set has %d dimensions, more than %d", len(names), maxDimensions)
		}
		var pairs []string
		for _, n := range names {
			name, ok := stringOf(n)
			if !ok {
				bad("a dimension name is not a text: %s", shortened(string(n)))
				continue
			}
			value := r.root[name]
			if !r.next(value) {
				return out
			}
			if problem := dimensionProblem(name, value); problem != "" {
				bad("dimension %q %s", shortened(name), problem)
			}
			if text := plain(value); size < maxSetsText {
				pairs = append(pairs, cut(name, maxDimensionName)+"="+cut(text, maxDimensionValue))
				size += len(pairs[len(pairs)-1])
			}
		}
		switch size += len("{}"); {
		case size < maxSetsText || len(pairs) > 0:
			out.dimensions = append(out.dimensions, "{"+strings.Join(pairs, ", ")+"}")
		case !more:
			out.dimensions, more = append(out.dimensions, "…"), true
		}
	}
	var metrics []json.RawMessage
	if json.Unmarshal(d["Metrics"], &metrics) != nil || metrics == nil {
		bad("Metrics is not an array")
	}
	if len(metrics) > maxMetricDefinitions {
		bad("a directive has %d metrics, more than %d", len(metrics), maxMetricDefinitions)
	}
	for _, text := range metrics {
		var m object
		if json.Unmarshal(text, &m) != nil || m == nil {
			bad("an element of Metrics is not an object")
			continue
		}
		name, _ := stringOf(m["Name"])
		if !r.next(r.root[name]) {
			break
		}
		out.metrics = append(out.metrics, readMetric(m, name, r.root[name]))
	}
	return out
}

// dimensionProblem returns the reason why CloudWatch refuses a dimension, or an empty string.
func dimensionProblem(name string, value json.RawMessage) string {
	text, ok := stringOf(value)
	switch {
	case len(name) > maxDimensionName:
		return fmt.Sprintf("has a name of more than %d characters", maxDimensionName)
	case !printable(name) || strings.HasPrefix(name, ":"):
		return "has a name that is blank, begins with : or is not printable ASCII"
	case value == nil:
		return "is not defined in the document"
	case !ok:
		return "has a value that is not a text: " + shortened(string(value))
	case len(text) > maxDimensionValue:
		return fmt.Sprintf("has a value of more than %d characters", maxDimensionValue)
	case !printable(text):
		return "has a value that is blank or not printable ASCII"
	}
	return ""
}

// printable reports whether s is ASCII without control characters, and not blank.
func printable(s string) bool {
	return strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func readMetric(m object, name string, value json.RawMessage) emfMetric {
	out := emfMetric{name: plain(m["Name"]), unit: plain(m["Unit"])}
	bad := out.problems.add
	switch {
	case strings.TrimSpace(name) == "":
		bad("the name is not a text")
	case utf8.RuneCountInString(name) > maxMetricName:
		bad("the name has more than %d characters", maxMetricName)
	case !printable(name):
		bad("the name is not printable ASCII")
	}
	if unit, ok := stringOf(m["Unit"]); m["Unit"] != nil && (!ok || !slices.Contains(metricUnits, unit)) {
		bad("the unit %s does not exist", shortened(out.unit))
	}
	if resolution := m["StorageResolution"]; resolution != nil {
		out.perSecond = string(resolution) == "1"
		if !out.perSecond && string(resolution) != "60" {
			bad("the storage resolution is %s, neither 1 nor 60", shortened(string(resolution)))
		}
	}
	out.value = string(value)
	if value == nil {
		bad("the document has no value of this name")
		return out
	}
	values, problem := valuesOf(value)
	if problem != "" {
		bad("%s", problem)
	}
	out.values = values
	return out
}

// valuesOf reads a number, an array of numbers, or a statistic set, for which it returns nothing.
func valuesOf(value json.RawMessage) (values []float64, problem string) {
	list := []json.RawMessage{value}
	switch value[0] {
	case '[':
		list = elements(value)
		if len(list) == 0 {
			return nil, "the value is an empty array"
		}
	case '{': // CloudWatch takes {"Max":..,"Min":..,"Count":..,"Sum":..}, which its own agents write
		var set struct{ Max, Min, Count, Sum *float64 }
		if json.Unmarshal(value, &set) != nil || set.Max == nil || set.Min == nil || set.Count == nil || set.Sum == nil {
			return nil, "the value is an object and not a statistic set"
		}
		return nil, ""
	}
	if len(list) > maxMetricValues {
		problem = fmt.Sprintf("there are %d values, more than %d", len(list), maxMetricValues)
	}
	for _, text := range list {
		var v float64
		err := json.Unmarshal(text, &v)
		switch size := math.Abs(v); {
		case bytes.Equal(text, []byte("null")) || text[0] != '-' && (text[0] < '0' || text[0] > '9'):
			return nil, fmt.Sprintf("the value %s is not a number", shortened(string(text)))
		case err != nil || size > maxMetricValue:
			return nil, fmt.Sprintf("the value %s is beyond 2^360", shortened(string(text)))
		case v != 0 && size < minMetricValue:
			return nil, fmt.Sprintf("the value %s is closer to 0 than 2^-360", shortened(string(text)))
		}
		values = append(values, v)
	}
	return values, problem
}

// shortened cuts a value for a message.
func shortened(s string) string { return cut(s, 40) }
