package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	barWidth = 30  // characters for the duration of the trace
	maxLabel = 44  // characters of a name with its branches
	maxCause = 120 // characters of an exception's message
)

// bar is a line of the waterfall.
type bar struct {
	label string
	segment
}

// trace shows segments as a waterfall: a tree, with when each of them was.
func (s *screen) trace(segments []segment) {
	bars := tree(segments)
	if len(bars) == 0 {
		return
	}
	width := 0
	start, end := bars[0].StartTime, bars[0].StartTime
	for i := range bars {
		b := &bars[i]
		width = max(width, min(utf8.RuneCountInString(b.label), maxLabel))
		start, end = min(start, b.StartTime), max(end, b.StartTime, b.EndTime)
	}
	for _, b := range bars {
		fmt.Fprintf(s.w, "trace  %-*s  %s  %s\n", width, cut(plainText(b.label), maxLabel), b.draw(start, end), s.describe(b.segment))
	}
}

// tree puts segments in order, each below its parent.
func tree(segments []segment) []bar {
	byID := make(map[string]int)
	var all []segment
	var add func(list []segment, parent string)
	add = func(list []segment, parent string) {
		for _, sg := range list {
			sg.ParentID = cmp.Or(sg.ParentID, parent)
			sub := sg.Subsegments
			if i, ok := byID[sg.ID]; ok { // the complete one follows the one in progress
				all[i] = sg
			} else {
				byID[sg.ID] = len(all)
				all = append(all, sg)
			}
			add(sub, sg.ID)
		}
	}
	add(segments, "")
	children := make(map[string][]segment)
	for _, sg := range all {
		parent := sg.ParentID
		if _, ok := byID[parent]; !ok || parent == sg.ID {
			parent = ""
		}
		children[parent] = append(children[parent], sg)
	}
	var bars []bar
	var show func(parent, prefix string)
	show = func(parent, prefix string) {
		list := children[parent]
		delete(children, parent) // also ends circles
		slices.SortStableFunc(list, func(a, b segment) int { return cmp.Compare(a.StartTime, b.StartTime) })
		for i, sg := range list {
			branch, below := "├─ ", "│  "
			if i == len(list)-1 {
				branch, below = "└─ ", "   "
			}
			bars = append(bars, bar{prefix + branch + sg.Name, sg})
			show(sg.ID, prefix+below)
		}
	}
	show("", "")
	for parent := range children { // circles
		show(parent, "")
	}
	return bars
}

// draw returns the bar of a segment in a trace that takes from start to end.
func (b *bar) draw(start, end float64) string {
	scale := barWidth / max(end-start, 1e-9)
	at := func(t float64) int { return min(max(int(math.Round((t-start)*scale)), 0), barWidth) }
	fill, to := "█", at(b.EndTime)
	if b.InProgress {
		fill, to = "░", barWidth
	}
	from := min(at(b.StartTime), barWidth-1)
	n := max(to-from, 1)
	return strings.Repeat("·", from) + strings.Repeat(fill, n) + strings.Repeat("·", barWidth-from-n)
}

func (s *screen) describe(sg segment) string {
	parts := []string{fmt.Sprintf("%10s", milliseconds(time.Duration((sg.EndTime-sg.StartTime)*float64(time.Second))))}
	if sg.InProgress {
		parts[0] = s.paint(yellow, "in progress")
	}
	say := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	bad := func(text string) { say(s.paint(red, plainText(text))) }
	say(plainText(sg.Namespace))
	say(plainText(sg.AWS.Operation))
	say(plainText(sg.AWS.TableName))
	say(plainText(sg.HTTP.Request.Method))
	if sg.HTTP.Response.Status > 0 {
		say(strconv.Itoa(sg.HTTP.Response.Status))
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"fault", sg.Fault}, {"error", sg.Error}, {"throttle", sg.Throttle}} {
		if flag.set {
			bad(flag.name)
		}
	}
	if len(sg.Cause.Exceptions) > 0 {
		x := sg.Cause.Exceptions[0]
		bad(x.Type + ": " + cut(x.Message, maxCause))
	}
	if sg.Annotations != nil {
		if text, err := json.Marshal(sg.Annotations); err == nil {
			say(s.paint(grey, plainText(string(text))))
		}
	}
	return strings.Join(parts, "  ")
}

// cut cuts s to n characters, with a mark.
func cut(s string, n int) string {
	if text := []rune(s); len(text) > n {
		return string(text[:n-1]) + "…"
	}
	return s
}

// plainText keeps what a function sends from steering the terminal.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
