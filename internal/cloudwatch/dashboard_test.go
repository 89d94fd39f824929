package cloudwatch_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
)

func TestDashboard_PlacesAreFree(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		taken := make(map[[2]int]int)
		widgets := deployCFN(t, f.CloudFormation()).dashboard.Widgets
		if len(widgets) < 6 || len(widgets) > 500 {
			t.Errorf("%s: got %d widgets, want 6 to 500", name, len(widgets))
		}
		for i, w := range widgets {
			if w.X < 0 || w.Y < 0 || w.Width < 1 || w.Height < 1 || w.X+w.Width > cloudwatch.Grid {
				t.Errorf("%s: got widget %d at %d, %d with %d by %d, want it within %d columns", name, i, w.X, w.Y, w.Width, w.Height, cloudwatch.Grid)
			}
			for x := w.X; x < w.X+w.Width; x++ {
				for y := w.Y; y < w.Y+w.Height; y++ {
					if other, ok := taken[[2]int{x, y}]; ok {
						t.Fatalf("%s: got the widgets %d and %d at the place %d, %d, want one", name, other, i, x, y)
					}
					taken[[2]int{x, y}] = i
				}
			}
		}
	}
}

var searchText = regexp.MustCompile(`^SEARCH\('(.+)', '(Sum|Average|p99)', 300\)$`)

func TestDashboard_MetricsExist(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		d := deployCFN(t, f.CloudFormation())
		for _, w := range d.dashboard.Widgets {
			where := name + ": " + w.Properties.Title
			if w.Type != "metric" {
				continue
			}
			if w.Properties.Period != 300 || w.Properties.Region != "eu-west-1" || len(w.Properties.Metrics) == 0 || len(w.Properties.Metrics) > 500 {
				t.Errorf("%s: got %+v, want a period of 300 s, the Region and metrics", where, w.Properties)
			}
			ids := make(map[string]bool)
			for _, m := range w.Properties.Metrics {
				draw, _ := m[len(m)-1].(map[string]any)
				if id, ok := draw["id"].(string); ok {
					ids[id] = true
				}
				if len(m) == 1 {
					expression := draw["expression"].(string)
					if strings.HasPrefix(expression, "SEARCH") {
						s := searchText.FindStringSubmatch(expression)
						if s == nil || strings.Contains(s[1], "'") || utf8.RuneCountInString(expression) > 1024 {
							t.Errorf("%s: got the search %s, want one in single quotes of at most 1,024 characters", where, expression)
						}
						continue
					}
					wantExpression(t, where, expression, ids)
					continue
				}
				var parts []string
				for _, part := range m[:len(m)-1] {
					s, ok := part.(string)
					if !ok || s == "." || s == "..." {
						t.Errorf("%s: got the part %v, want a name", where, part)
					}
					parts = append(parts, s)
				}
				wantMetric(t, where, f, parts[0], parts[1], parts[2:])
				if stat := draw["stat"]; stat == "" || stat == nil {
					t.Errorf("%s: got no statistic", where)
				}
			}
		}
	}
}

func TestDashboard_EveryMetricHasAWidget(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"recorded", "everything"} {
		f := fragments(t)[name]
		shown := make(map[string]bool)
		for _, w := range deployCFN(t, f.CloudFormation()).dashboard.Widgets {
			for _, m := range w.Properties.Metrics {
				if len(m) > 1 {
					var pairs []string
					for i := 2; i+1 < len(m); i += 2 {
						pairs = append(pairs, fmt.Sprintf("%v=%v", m[i], m[i+1]))
					}
					shown[fmt.Sprintf("%v %v {%s}", m[0], m[1], strings.Join(pairs, ", "))] = true
				}
			}
		}
		for _, series := range f.Series() {
			if !shown[series] {
				t.Errorf("%s: got no widget with %s", name, series)
			}
		}
	}
}

func TestDashboard_LogTablesParse(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		d := deployCFN(t, f.CloudFormation())
		tables := 0
		for _, w := range d.dashboard.Widgets {
			if w.Type != "log" {
				continue
			}
			tables++
			query, ok := strings.CutPrefix(w.Properties.Query, "SOURCE '"+d.logGroup+"' | ")
			if !ok || w.Properties.Region == "" {
				t.Errorf("%s: got the query %s, want the log group %s as its source", name, w.Properties.Query, d.logGroup)
			}
			wantQuery(t, name+": "+w.Properties.Title, query, f.OwnNames())
		}
		if tables != 2 {
			t.Errorf("%s: got %d tables of logs, want 2, since each refresh costs", name, tables)
		}
	}
}

func TestDashboard_ShowsItsAlarms(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		d := deployCFN(t, f.CloudFormation())
		for _, w := range d.dashboard.Widgets {
			if w.Type != "alarm" {
				continue
			}
			if len(w.Properties.Alarms) != len(d.alarms) {
				t.Errorf("%s: got %d alarms on the dashboard, want %d", name, len(w.Properties.Alarms), len(d.alarms))
			}
			for _, arn := range w.Properties.Alarms {
				if d.alarms[strings.TrimPrefix(arn, "arn:alarm:")] == nil {
					t.Errorf("%s: got the alarm %s, want one of the fragment", name, arn)
				}
			}
		}
	}
}

func TestDashboard_TimeoutIsALine(t *testing.T) {
	t.Parallel()
	for _, w := range deployCFN(t, fragments(t)["everything"].CloudFormation()).dashboard.Widgets {
		if w.Properties.Title == "Duration" {
			if lines := w.Properties.Annotations.Horizontal; len(lines) != 1 || lines[0].Value != 10_000 {
				t.Errorf("got the lines %v, want the timeout of 10,000 ms", lines)
			}
			return
		}
	}
	t.Error("got no widget of durations")
}
