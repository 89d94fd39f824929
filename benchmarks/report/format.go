package main

import (
	"fmt"
	"math"
	"strings"
)

// format prints v, a value in the unit u, with about three digits.
func (u unit) format(v float64) string {
	if u == sizeInBytes {
		return fmt.Sprintf("%.2f MB", v/mb)
	}
	switch size := math.Abs(v); {
	case size < 10:
		return fmt.Sprintf("%.1f ns", v)
	case size < 1*us:
		return fmt.Sprintf("%.0f ns", v)
	case size < 100*us:
		return fmt.Sprintf("%.2f us", v/us)
	case size < 1*ms:
		return fmt.Sprintf("%.0f us", v/us)
	case size < 1000*ms:
		return fmt.Sprintf("%.2f ms", v/ms)
	default:
		return fmt.Sprintf("%.2f s", v/(1000*ms))
	}
}

// formatFigure prints a figure in the form that the kind of the goal needs.
func (c claim) formatFigure(v float64) string {
	switch c.goal.kind {
	case ratio:
		return fmt.Sprintf("%.2f x", v)
	case difference:
		sign := ""
		if v >= 0 {
			sign = "+ "
		}
		return sign + c.unit.format(v)
	default:
		return c.unit.format(v)
	}
}

// formatGoal prints the goal and, if the limit differs on this machine, that limit.
func (r row) formatGoal() string {
	text := r.claim.formatGoal()
	if r.limit != r.goal.limit {
		text += fmt.Sprintf(" (here %s)", r.unit.format(r.limit))
	}
	return text
}

func (c claim) formatGoal() string {
	text := "at most " + c.unit.format(c.goal.limit)
	switch c.goal.kind {
	case ratio:
		text = fmt.Sprintf("at most %.2f x %s", c.goal.limit, variant(c.goal.than))
		if c.goal.limit == 1 {
			text = "no slower than " + variant(c.goal.than)
		}
	case difference:
		text = fmt.Sprintf("%s + %s", variant(c.goal.than), c.unit.format(c.goal.limit))
	}
	if c.goal.plus != "" {
		text += " + what a UDP write takes"
	}
	if c.allocs != nil {
		text += fmt.Sprintf(", %.0f allocations", c.allocs.limit)
		if c.allocs.than != "" {
			text += " over " + variant(c.allocs.than)
		}
	}
	return text
}

// variant returns the short name of a measurement: the sub-benchmark's name, or the function's
// name for a cold start or a backend.
func variant(name string) string {
	if rest, ok := strings.CutPrefix(name, backendPrefix); ok {
		return strings.Split(rest, "/")[1]
	}
	if rest, ok := strings.CutPrefix(name, coldstartPrefix); ok {
		function, _, _ := strings.Cut(rest, "/")
		return function
	}
	_, bench := split(name)
	_, sub, ok := strings.Cut(bench, "/")
	if !ok {
		return bench
	}
	return sub
}
