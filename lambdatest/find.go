package lambdatest

import (
	"fmt"
	"slices"
	"strings"
)

// Log returns the first line with the message. If there is none, it fails the test with a list of the
// messages.
func (r *Result) Log(message string) Line {
	r.t.Helper()
	return find(r, "log line", message, r.Logs, Line.Message)
}

// Metric returns the first metric with the name. If there is none, it fails the test with a list of
// the names.
func (r *Result) Metric(name string) Metric {
	r.t.Helper()
	return find(r, "metric", name, r.Metrics, func(m Metric) string { return m.Name })
}

// Span returns the first span with the name. If there is none, it fails the test with a list of the
// names.
func (r *Result) Span(name string) Span {
	r.t.Helper()
	return find(r, "span", name, r.Spans, func(s Span) string { return s.Name })
}

// Segment returns the segment document of the first span with the name. X-Ray names calls of services by
// the service or the host. If the span has ended, the document is the complete one. If there is none,
// Segment fails the test with a list of the names.
func (r *Result) Segment(name string) Segment {
	r.t.Helper()
	first := find(r, "segment", name, r.Segments, func(s Segment) string { return s.Name })
	for _, s := range r.Segments {
		if s.ID == first.ID && !s.End.IsZero() {
			return s
		}
	}
	return first
}

// find returns the first element with the name, or fails the test. kind names the elements.
func find[T any](r *Result, kind, name string, list []T, nameOf func(T) string) T {
	r.t.Helper()
	if i := slices.IndexFunc(list, func(x T) bool { return nameOf(x) == name }); i >= 0 {
		return list[i]
	}
	var names []string
	for _, x := range list {
		if n := fmt.Sprintf("%q", nameOf(x)); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	have := "there are none"
	if len(names) > 0 {
		have = "got " + strings.Join(names, ", ")
	}
	r.t.Fatalf("lambdatest: no %s %q; %s", kind, name, have)
	var zero T
	return zero
}
