package emf

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of the format and of PutMetricData. If they differ, the smaller one counts.
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

var (
	maxMetricValue = math.Ldexp(1, 360)
	minMetricValue = math.Ldexp(1, -360) // of values other than 0
)

var metricUnits = strings.Fields(`Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes
	Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second
	Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second
	Terabits/Second Count/Second None`)

var namespaceText = regexp.MustCompile(`^[0-9A-Za-z./_# :-]+$`)

// TimestampProblem returns the reason why CloudWatch refuses the document's timestamp at the time
// now, or an empty string.
func (d *Document) TimestampProblem(now time.Time) string {
	if !d.dated {
		return "" // one of Problems
	}
	inRange := func(t time.Time) bool { return !t.Before(now.Add(-maxAge)) && !t.After(now.Add(maxAhead)) }
	switch ms := d.Timestamp.UnixMilli(); {
	case inRange(d.Timestamp):
		return ""
	case inRange(time.Unix(ms, 0)):
		return fmt.Sprintf("Timestamp %d is in seconds, not in milliseconds", ms)
	case inRange(time.UnixMicro(ms)), inRange(time.Unix(0, ms)):
		return fmt.Sprintf("Timestamp %d is not in milliseconds", ms)
	case d.Timestamp.After(now):
		return fmt.Sprintf("Timestamp %d is more than 2 hours ahead", ms)
	default:
		return fmt.Sprintf("Timestamp %d is more than 14 days old", ms)
	}
}

// namespaceProblem returns the reason why CloudWatch refuses a namespace, or an empty string.
func namespaceProblem(ns string) string {
	switch {
	case strings.TrimSpace(ns) == "":
		return "Namespace is not a text"
	case len(ns) > maxNamespace:
		return fmt.Sprintf("the namespace has more than %d characters", maxNamespace)
	case strings.HasPrefix(ns, "AWS/"):
		return "namespaces that begin with AWS/ are reserved"
	case strings.HasPrefix(ns, ":"):
		return "the namespace begins with :"
	case !namespaceText.MatchString(ns):
		return "the namespace has characters other than 0-9 A-Z a-z . - _ / # : and space"
	}
	return ""
}

// dimensionProblem returns the reason why CloudWatch refuses a dimension, or an empty string.
func dimensionProblem(name string, value json.RawMessage) string {
	var text *string
	isText := json.Unmarshal(value, &text) == nil && text != nil
	switch {
	case len(name) > maxDimensionName:
		return fmt.Sprintf("has a name of more than %d characters", maxDimensionName)
	case !printable(name) || strings.HasPrefix(name, ":"):
		return "has a name that is blank, begins with : or is not printable ASCII"
	case value == nil:
		return "is not defined in the document"
	case !isText:
		return "has a value that is not a text: " + shortened(value)
	case len(*text) > maxDimensionValue:
		return fmt.Sprintf("has a value of more than %d characters", maxDimensionValue)
	case !printable(*text):
		return "has a value that is blank or not printable ASCII"
	}
	return ""
}

// metricNameProblem returns the reason why CloudWatch refuses the name of a metric, or an empty
// string.
func metricNameProblem(name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "the name is not a text"
	case utf8.RuneCountInString(name) > maxMetricName:
		return fmt.Sprintf("the name has more than %d characters", maxMetricName)
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "the name has control characters"
	}
	return ""
}

// valueProblem returns the reason why CloudWatch refuses a number, or an empty string. err is the
// error of parsing text as v.
func valueProblem(text json.RawMessage, v float64, err error) string {
	switch size := math.Abs(v); {
	case !isNumber(text):
		return fmt.Sprintf("the value %s is not a number", shortened(text))
	case err != nil || size > maxMetricValue:
		return fmt.Sprintf("the value %s is beyond 2^360", shortened(text))
	case v != 0 && size < minMetricValue:
		return fmt.Sprintf("the value %s is closer to 0 than 2^-360", shortened(text))
	}
	return ""
}

func isUnit(name string) bool { return slices.Contains(metricUnits, name) }

func isNumber(value json.RawMessage) bool {
	return value[0] == '-' || value[0] >= '0' && value[0] <= '9'
}

// isStatisticSet reports whether a value is {"Max":..,"Min":..,"Count":..,"Sum":..}, which
// CloudWatch's own agents write.
func isStatisticSet(value json.RawMessage) bool {
	var set struct{ Max, Min, Count, Sum *float64 }
	return json.Unmarshal(value, &set) == nil && set.Max != nil && set.Min != nil && set.Count != nil && set.Sum != nil
}

// printable reports whether s is ASCII without control characters, and not blank.
func printable(s string) bool {
	return strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// shortened returns a name or a value for a problem.
func shortened[T string | json.RawMessage](s T) string {
	const most = 40
	if text := []rune(string(s)); len(text) > most {
		return string(text[:most-1]) + "…"
	}
	return string(s)
}
