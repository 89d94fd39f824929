package cloudwatch

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of the widgets of own metrics. Metrics beyond them share a widget for each namespace.
const (
	maxLines      = 12 // of a widget; a search finds the metrics if there are more
	maxOwnWidgets = 40
	maxOwnBytes   = 100_000 // of the widgets' JSON, together
	maxOthers     = 5       // widgets for the rest of a namespace
)

// group is a metric with one set of dimension names. A widget shows it.
type group struct {
	namespace, name, unit string
	dimensions            []string
	series                []Metric
}

// groupsOf groups sorted metrics.
func groupsOf(metrics []Metric) []group {
	var list []group
	for i, m := range metrics {
		if i > 0 && m.Namespace == metrics[i-1].Namespace && m.Name == metrics[i-1].Name && m.set() == metrics[i-1].set() {
			g := &list[len(list)-1]
			g.series = append(g.series, m)
			g.unit = min(g.unit, m.Unit)
			continue
		}
		g := group{namespace: m.Namespace, name: m.Name, unit: m.Unit, series: []Metric{m}}
		for _, d := range m.Dimensions {
			g.dimensions = append(g.dimensions, d.Name)
		}
		list = append(list, g)
	}
	return list
}

// ownStats returns the statistics of a metric with a unit. The first one is the most important.
func ownStats(unit string) []string {
	switch {
	case unit == "Count":
		return []string{"Sum"}
	case isTime(unit):
		return []string{"p99", "p50"}
	}
	return []string{"Average", "Maximum"}
}

// toolkitLines returns the lines of metrics that package metrics adds, or nothing.
func (f *Fragment) toolkitLines(names ...string) (lines []any) {
	for _, name := range names {
		for _, m := range f.observation.Metrics {
			if m.Name != name || !isToolkitMetric(m) || len(lines) == maxLines {
				continue
			}
			lines = append(lines, line(alarmMetric{"", m.Namespace, m.Name, "Sum", f.dimensionRefs(m)}, object{"label": m.Name}))
		}
	}
	return lines
}

// ownWidgets returns the widgets of the function's own metrics.
func (f *Fragment) ownWidgets() []widget {
	var list []widget
	var rest []group
	size := 0
	for _, g := range groupsOf(f.observation.Metrics) {
		if isToolkitMetric(g.series[0]) {
			continue
		}
		if len(list) < maxOwnWidgets && size < maxOwnBytes {
			w, ok := f.ownWidget(&g)
			if n := sizeOf(w); ok && size+n <= maxOwnBytes {
				list = append(list, w)
				size += n
				continue
			}
		}
		rest = append(rest, g)
	}
	return append(list, f.others(rest)...)
}

// sizeOf returns about the number of bytes of a widget.
func sizeOf(w widget) (n int) {
	for _, part := range bodyText(w.properties) {
		if s, ok := part.(string); ok {
			n += len(s)
		}
	}
	return n
}

// ownWidget returns the widget of a group. It returns false if no widget can show it.
func (f *Fragment) ownWidget(g *group) (widget, bool) {
	stats := ownStats(g.unit)
	axis := object{"label": g.unit, "showUnits": false}
	if g.unit == "" || g.unit == "None" {
		axis = object{}
	}
	if len(g.series) > maxLines || slices.ContainsFunc(g.series, isShorthand) {
		search, ok := g.search(stats[0])
		if !ok {
			return widget{}, false
		}
		return graph(g.title()+", "+stats[0], axis, []any{object{"expression": search, "id": "search", "label": ""}}), true
	}
	if len(g.series) > 1 {
		stats = stats[:1]
	}
	title := g.title()
	if len(stats) == 1 {
		title += ", " + stats[0]
	}
	var lines []any
	for _, m := range g.series {
		for _, stat := range stats {
			label := stat
			if len(g.series) > 1 {
				label = g.label(m)
			}
			lines = append(lines, line(alarmMetric{"", m.Namespace, m.Name, stat, f.dimensionRefs(m)}, object{"label": label}))
		}
	}
	return graph(title, axis, lines...), true
}

// title names the metric and the dimensions that tell its series apart.
func (g *group) title() string {
	var names []string
	for _, name := range g.dimensions {
		if name != "service" && !isFunctionName(name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return g.name
	}
	return g.name + " by " + strings.Join(names, ", ")
}

// label names a series by the values of its dimensions that differ from another series.
func (g *group) label(m Metric) string {
	var values []string
	for i, d := range m.Dimensions {
		if slices.ContainsFunc(g.series, func(o Metric) bool { return o.Dimensions[i].Value != d.Value }) {
			values = append(values, d.Value)
		}
	}
	return strings.Join(values, ", ")
}

// others returns a widget for each namespace of the groups, and notes the groups.
func (f *Fragment) others(rest []group) []widget {
	var list []widget
	shown := 0
	for i, g := range rest {
		if i > 0 && g.namespace == rest[i-1].namespace {
			shown += shownBy(list, g)
			continue
		}
		schema, ok := searchName(g.namespace)
		if !ok || len(list) == maxOthers {
			continue
		}
		list = append(list, graph("Other metrics of "+g.namespace, object{}, []any{object{
			"expression": fmt.Sprintf("SEARCH('Namespace=%s', 'Average', %d)", schema, graphPeriod), "id": "search", "label": "",
		}}))
		shown++
	}
	if len(rest) > 0 {
		f.notes = append(f.notes, fmt.Sprintf("%s no widget; %s share a widget for each namespace, which shows up to 500 series, and %s nowhere",
			have(len(rest)), plural(shown, "metric"), are(len(rest)-shown, "metric")))
	}
	return list
}

func shownBy(list []widget, g group) int {
	if len(list) > 0 && list[len(list)-1].properties["title"] == "Other metrics of "+g.namespace {
		return 1
	}
	return 0
}

// have returns a number of metrics with the verb.
func have(n int) string {
	if n == 1 {
		return "1 metric has"
	}
	return plural(n, "metric") + " have"
}
