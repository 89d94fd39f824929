package lambdatest

import (
	"fmt"
	"slices"
	"strings"
)

// Log returns the first line with the message. It fails the test if there is none, and lists the
// messages that there are.
func (r *Result) Log(message string) Line {
	r.t.Helper()
	return find(r, "log line", message, r.Logs, Line.Message)
}

// Metric returns the first metric of the name. It fails the test if there is none, and lists the
// names that there are.
func (r *Result) Metric(name string) Metric {
	r.t.Helper()
	return find(r, "metric", name, r.Metrics, func(m Metric) string { return m.Name })
}

// Span returns the segment of the first span of the name: the complete one, unless the span has
// not ended. It fails the test if there is none, and lists the names that there are.
func (r *Result) Span(name string) Segment {
	r.t.Helper()
	first := find(r, "span", name, r.Segments, func(s Segment) string { return s.Name })
	for _, s := range r.Segments {
		if s.ID == first.ID && !s.End.IsZero() {
			return s
		}
	}
	return first
}

// find returns the first element of the name, or fails the test.
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
