package metrics

import (
	"fmt"
	"slices"
	"strings"
)

// Unit is the unit of a metric's values. CloudWatch knows 27 units (CloudWatch API Reference,
// MetricDatum).
type Unit string

// The units.
const (
	Seconds            Unit = "Seconds"
	Microseconds       Unit = "Microseconds"
	Milliseconds       Unit = "Milliseconds"
	Bytes              Unit = "Bytes"
	Kilobytes          Unit = "Kilobytes"
	Megabytes          Unit = "Megabytes"
	Gigabytes          Unit = "Gigabytes"
	Terabytes          Unit = "Terabytes"
	Bits               Unit = "Bits"
	Kilobits           Unit = "Kilobits"
	Megabits           Unit = "Megabits"
	Gigabits           Unit = "Gigabits"
	Terabits           Unit = "Terabits"
	Percent            Unit = "Percent"
	Count              Unit = "Count"
	BytesPerSecond     Unit = "Bytes/Second"
	KilobytesPerSecond Unit = "Kilobytes/Second"
	MegabytesPerSecond Unit = "Megabytes/Second"
	GigabytesPerSecond Unit = "Gigabytes/Second"
	TerabytesPerSecond Unit = "Terabytes/Second"
	BitsPerSecond      Unit = "Bits/Second"
	KilobitsPerSecond  Unit = "Kilobits/Second"
	MegabitsPerSecond  Unit = "Megabits/Second"
	GigabitsPerSecond  Unit = "Gigabits/Second"
	TerabitsPerSecond  Unit = "Terabits/Second"
	CountPerSecond     Unit = "Count/Second"
	None               Unit = "None"
)

var units = [...]Unit{
	Seconds, Microseconds, Milliseconds, Bytes, Kilobytes, Megabytes, Gigabytes, Terabytes, Bits, Kilobits, Megabits, Gigabits, Terabits,
	Percent, Count, BytesPerSecond, KilobytesPerSecond, MegabytesPerSecond, GigabytesPerSecond, TerabytesPerSecond, BitsPerSecond,
	KilobitsPerSecond, MegabitsPerSecond, GigabitsPerSecond, TerabitsPerSecond, CountPerSecond, None,
}

// ParseUnit returns the unit with a name, in upper or lower case, for example one from a
// configuration. The error lists all names.
func ParseUnit(name string) (Unit, error) {
	for _, u := range units {
		if strings.EqualFold(string(u), strings.TrimSpace(name)) {
			return u, nil
		}
	}
	return None, fmt.Errorf("metrics: unit %q is none of %s", name, unitNames())
}

func unitNames() string {
	var names []string
	for _, u := range units {
		names = append(names, string(u))
	}
	return strings.Join(names, ", ")
}

func (u Unit) valid() bool { return slices.Contains(units[:], u) }
