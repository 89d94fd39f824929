package cloudwatch

import (
	"fmt"
	"slices"
	"strings"
)

// maxExpected is the number of alarms that Options.Expect may make.
const maxExpected = 20

// expected returns an alarm for each metric that must not stay away: it compares the metric with a band
// that CloudWatch learns from two weeks.
func (f *Fragment) expected() ([]alarm, error) {
	if len(f.options.Expect) > maxExpected {
		return nil, fmt.Errorf("%d metrics are expected; the most is %d", len(f.options.Expect), maxExpected)
	}
	var list []alarm
	ids := make(idSet)
	for _, spec := range f.options.Expect {
		m, err := f.findMetric(spec)
		if err != nil {
			return nil, err
		}
		name := "Expect" + m.Name
		if i := strings.IndexByte(spec, '{'); i >= 0 {
			name += spec[i:]
		}
		list = append(list, alarm{
			id:          ids.id("Expect", strings.TrimPrefix(name, "Expect")),
			description: textOf("The metric " + m.Name + " is lower than usual, or missing."),
			metrics:     []alarmMetric{{"m1", m.Namespace, m.Name, ownStats(m.Unit)[0], f.dimensionRefs(m)}},
			expression:  "ANOMALY_DETECTION_BAND(m1, 3)", label: "expected", band: true,
			comparison: belowBand, breaching: 3, periods: 3, period: 5 * minute, missing: "breaching",
		})
	}
	return list, nil
}

// findMetric returns the only metric of a name, NAME, or of a name and some dimensions,
// NAME{dimension=value,...}.
func (f *Fragment) findMetric(spec string) (Metric, error) {
	name, rest, _ := strings.Cut(spec, "{")
	var want []string
	if rest != "" {
		var ok bool
		if rest, ok = strings.CutSuffix(rest, "}"); !ok {
			return Metric{}, fmt.Errorf("%q is not of the form NAME or NAME{dimension=value,...}", spec)
		}
		want = strings.Split(rest, ",")
	}
	var found []Metric
	var seen []string
	for _, m := range f.observation.Metrics {
		if m.Name != name {
			continue
		}
		if len(seen) < maxExpected {
			seen = append(seen, m.series())
		}
		if !slices.ContainsFunc(want, func(pair string) bool {
			return !slices.ContainsFunc(m.Dimensions, func(d Dimension) bool { return d.Name+"="+d.Value == strings.TrimSpace(pair) })
		}) {
			found = append(found, m)
		}
	}
	switch {
	case len(seen) == 0:
		return Metric{}, fmt.Errorf("the run shows no metric %q", name)
	case len(found) != 1:
		return Metric{}, fmt.Errorf("%q fits %s; want 1; the run shows %s", spec, plural(len(found), "metric"), strings.Join(seen, "; "))
	}
	return found[0], nil
}

// dimensionRefs returns the dimensions of a metric. The name of the function is a reference.
func (f *Fragment) dimensionRefs(m Metric) []dimensionRef {
	var list []dimensionRef
	for _, d := range m.Dimensions {
		var value any = d.Value
		if isFunctionName(d.Name) && d.Value == f.observation.Function {
			value = functionName
		}
		list = append(list, dimensionRef{d.Name, value})
	}
	return list
}

// isFunctionName reports whether a dimension holds the name of the function.
func isFunctionName(dimension string) bool {
	return strings.EqualFold(strings.ReplaceAll(dimension, "_", ""), "functionname")
}
