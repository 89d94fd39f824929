package cloudwatch

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSearch is the length of a search expression in characters.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
const maxSearch = 1024

// search returns a search expression that finds all series of the group, also those that the run did not
// show. It returns false if an expression cannot name the metric.
func (g *group) search(stat string) (string, bool) {
	var schema []string
	for _, name := range append([]string{g.namespace}, g.dimensions...) {
		// In the schema nothing is escaped.
		if strings.ContainsAny(name, `"\'{}`) {
			return "", false
		}
		schema = append(schema, `"`+name+`"`)
	}
	name, ok := searchName(g.name)
	if !ok {
		return "", false
	}
	expression := fmt.Sprintf("SEARCH('{%s} MetricName=%s', '%s', %d)", strings.Join(schema, ","), name, stat, graphPeriod)
	return expression, utf8.RuneCountInString(expression) <= maxSearch
}

// searchName returns a name for an exact match. The single quote ends a search, and has no escape.
func searchName(name string) (string, bool) {
	escaped := strings.NewReplacer(`"`, `\"`, `\`, `\\`, `(`, `\(`, `)`, `\)`).Replace(name)
	return `"` + escaped + `"`, !strings.Contains(name, "'")
}

// isShorthand reports whether a part of the metric has a special meaning in the body of a dashboard:
// a dot repeats a part of the line before, and three dots the rest.
func isShorthand(m Metric) bool {
	dots := func(s string) bool { return s == "." || s == "..." }
	return dots(m.Namespace) || dots(m.Name) || slices.ContainsFunc(m.Dimensions, func(d Dimension) bool { return dots(d.Name) || dots(d.Value) })
}
