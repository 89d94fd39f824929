package main

import (
	"fmt"
	"strings"

	"github.com/lambdakit/lambdakit/benchmarks/internal/backend"
	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
	"github.com/lambdakit/lambdakit/benchmarks/internal/stats"
)

// table prints all rows in Markdown.
func table(rows []row, m measurements) string {
	cells := [][]string{{
		"what", "lambdakit", "best peer", "floor", "ours / peer", "goal", "found [quartiles]", "holds",
		"allocations", "bytes", "system calls", "instructions",
	}}
	for _, r := range rows {
		share, floor := "", ""
		if r.peer != "" {
			share = fmt.Sprintf("%.2f x", r.value/r.peerValue)
		}
		if r.floor != "" {
			floor = r.unit.format(r.floorValue)
		}
		cells = append(cells, []string{
			r.what, r.unit.format(r.value), r.best(), floor, share, r.formatGoal(), r.found(), r.verdict.String(),
			r.counted(m, allocations), r.counted(m, allocatedBytes), r.counted(m, systemCalls), r.counted(m, instructions),
		})
	}
	return markdown(cells)
}

// best prints the best peer.
func (r row) best() string {
	if r.peer == "" {
		return ""
	}
	return r.unit.format(r.peerValue) + " " + variant(r.peer)
}

// shortTable prints the rows and columns for the README.
func shortTable(rows []row) string {
	cells := [][]string{{"what", "lambdakit", "best peer", "goal", "found", "holds"}}
	for _, r := range rows {
		if r.short {
			cells = append(cells, []string{r.what, r.ours(), r.best(), r.formatGoal(), r.formatFigure(r.figure), r.verdict.String()})
		}
	}
	return markdown(cells)
}

// ours prints our value, with the allocations in brackets.
func (r row) ours() string {
	text := r.unit.format(r.value)
	if r.allocated >= 0 {
		text += fmt.Sprintf(" (%.0f)", r.allocated)
	}
	return text
}

func (r row) found() string {
	text := r.formatFigure(r.figure)
	if r.unit != sizeInBytes { // a size is the same in all rounds
		text += fmt.Sprintf(" [%s, %s]", r.formatFigure(r.q1), r.formatFigure(r.q3))
	}
	return text
}

// backendsTable prints the functions with OTLP backends.
func backendsTable(all []backend.Measurement) string {
	cells := [][]string{{"OTLP backend", "function", "first response", "whole first invocation", "response", "whole invocation"}}
	for _, m := range all {
		figure := func(values []float64) string {
			if m.TimedOut && len(values) > 0 {
				return "timeout after " + median(values)
			}
			return median(values)
		}
		kind := m.Kind.What
		if m.Name == coldstart.Bare {
			kind = "none"
		}
		cells = append(cells, []string{kind, m.What, figure(m.FirstResponse), figure(m.FirstWhole), figure(m.Response), figure(m.Whole)})
	}
	return markdown(cells)
}

// median prints the median of times, or a dash without any.
func median(ns []float64) string {
	if len(ns) == 0 {
		return "-"
	}
	return nanoseconds.format(stats.Median(ns))
}

// functionsTable prints the functions of the cold starts.
func functionsTable(all []coldstart.Measurement) string {
	var bare int64
	for _, m := range all {
		if m.Name == coldstart.Bare {
			bare = m.Bytes
		}
	}
	cells := [][]string{{"function", "bytes", "over bare", "packages", "modules", "start", "first invocation", "warm", "whole", "memory"}}
	for _, m := range all {
		cells = append(cells, []string{
			m.What, fmt.Sprint(m.Bytes), fmt.Sprintf("%+.2f MB", float64(m.Bytes-bare)/mb), fmt.Sprint(m.Packages), fmt.Sprint(m.Modules),
			median(m.Init), median(m.First), median(m.Warm), median(m.Whole),
			fmt.Sprintf("%.1f MB", stats.Median(m.Memory)/mb),
		})
	}
	return markdown(cells)
}

// mediansTable prints the medians of all benchmarks, one row for each benchmark function.
func mediansTable(order []string, m measurements) string {
	cells := [][]string{{"benchmark", "medians (allocations)"}}
	for _, name := range order {
		pkg, bench := split(name)
		top, sub, _ := strings.Cut(bench, "/")
		row := pkg + " " + top
		if last := cells[len(cells)-1]; last[0] != row {
			cells = append(cells, []string{row, ""})
		}
		text := fmt.Sprintf("%s %s (%.0f)", sub, nanoseconds.format(m.median(name)), stats.Median(m[name].allocs))
		last := cells[len(cells)-1]
		last[1] = strings.TrimSpace(strings.TrimPrefix(last[1]+", "+strings.TrimSpace(text), ", "))
	}
	return markdown(cells)
}

// markdown prints a table. Its first row is the head.
func markdown(cells [][]string) string {
	var b strings.Builder
	for i, row := range cells {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}
