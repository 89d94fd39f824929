package metrics

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Limits of CloudWatch, each with its source. If the schema of the Embedded Metric Format and
// the API differ, the smaller limit counts, since both apply.
const (
	maxMetrics        = 100  // of a document (EMF specification)
	maxValues         = 100  // of a metric in a document (EMF specification)
	maxDimensions     = 30   // of a set (EMF specification)
	maxNamespace      = 255  // (PutMetricData)
	maxMetricName     = 255  // (PutMetricData)
	maxDimensionName  = 250  // (schema of EMF)
	maxDimensionValue = 1024 // (PutMetricData, Dimension)

	maxPast   = 14 * 24 // hours (PutMetricData, Timestamp)
	maxFuture = 2       // hours
)

// The range of values other than 0 (PutMetricData, MetricDatum).
const (
	maxMagnitude = 1 << 360
	minMagnitude = 1.0 / maxMagnitude
)

func checkNamespace(ns string) error {
	if ns == "" || len(ns) > maxNamespace {
		return fmt.Errorf("is not 1 to %d characters long (PutMetricData)", maxNamespace)
	}
	if strings.HasPrefix(ns, "AWS/") {
		return errors.New(`begins with "AWS/", which is reserved for AWS (PutMetricData)`)
	}
	if ns[0] == ':' {
		return errors.New(`begins with ":" (PutMetricData)`)
	}
	if strings.Trim(ns, " ") == "" {
		return errors.New("is blank")
	}
	for _, c := range []byte(ns) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune(".-_/#: ", rune(c)) {
			return errors.New(`has characters other than letters, digits, space and . - _ / # : (PutMetricData)`)
		}
	}
	return nil
}

func checkMetricName(name string) error {
	switch {
	case name == "" || len(name) > maxMetricName:
		return fmt.Errorf("is not 1 to %d characters long (PutMetricData)", maxMetricName)
	case name == "_aws":
		return errors.New("is a name that EMF uses itself")
	case strings.TrimSpace(name) == "":
		return errors.New("is blank")
	case !utf8.ValidString(name):
		return errors.New("is not valid UTF-8")
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f {
			return errors.New("has control characters")
		}
	}
	return nil
}

func checkDimension(name, value string) error {
	switch {
	case name == "" || len(name) > maxDimensionName:
		return fmt.Errorf("its name is not 1 to %d characters long (EMF schema)", maxDimensionName)
	case name[0] == ':':
		return errors.New(`its name begins with ":" (PutMetricData)`)
	case name == "_aws":
		return errors.New("its name is one that EMF uses itself")
	case !printable(name):
		return errors.New("its name is blank or has characters other than printable ASCII (PutMetricData)")
	case value == "" || len(value) > maxDimensionValue:
		return fmt.Errorf("its value is not 1 to %d characters long (PutMetricData)", maxDimensionValue)
	case !printable(value):
		return errors.New("its value is blank or has characters other than printable ASCII (PutMetricData)")
	}
	return nil
}

// printable reports whether s is ASCII without control characters and not blank.
func printable(s string) bool {
	blank := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
		blank = blank && s[i] == ' '
	}
	return !blank
}

func checkValue(v float64) error {
	switch {
	case math.IsNaN(v):
		return errors.New("is not a number")
	case math.IsInf(v, 0):
		return errors.New("is infinite")
	case math.Abs(v) > maxMagnitude:
		return errors.New("is beyond 2^360 (PutMetricData)")
	}
	return nil
}
