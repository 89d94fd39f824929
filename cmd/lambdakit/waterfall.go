package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/segment"
)

const (
	minBar   = 20 // characters for the duration of the trace
	usualBar = 30 // the same, if the width of the terminal is unknown
	maxBar   = 80
	textRoom = 60  // columns of a line that are not for label and bar
	maxLabel = 44  // characters of a name with its branches
	maxText  = 120 // characters of an exception's message, of a name beside the bar, of the annotations
	maxBars  = 500 // of a trace
	maxDepth = 40  // branches before a name
)

// bar is a line of the waterfall.
type bar struct {
	label string
	segment.Document
}

// trace adds a waterfall: a tree of segments, with a bar for the time of each.
func (t *text) trace(tr trace) {
	bars := tree(tr.segments)
	dropped := tr.dropped + max(0, len(bars)-maxBars)
	bars = bars[:min(len(bars), maxBars)]
	width := 0
	var start, end float64
	for i := range bars {
		b := &bars[i]
		b.label = cut(oneLine(b.label), maxLabel)
		width = max(width, utf8.RuneCountInString(b.label))
		if i == 0 {
			start, end = b.StartTime, b.StartTime
		}
		start, end = min(start, b.StartTime), max(end, b.StartTime, b.EndTime)
	}
	columns := usualBar
	if t.width > 0 {
		columns = min(max(t.width-width-textRoom, minBar), maxBar)
	}
	for _, b := range bars {
		t.addf("trace  %-*s  %s  ", width, b.label, b.draw(start, end, columns))
		t.describe(b.Document)
		t.add("\n")
	}
	if dropped > 0 {
		t.paint(yellow, fmt.Sprintf("trace  (%d segments more)", dropped))
		t.add("\n")
	}
}

// tree puts segments in order, each below its parent.
func tree(segments []segment.Document) []bar {
	var bars []bar
	prefixes := []string{""} // of each depth
	for _, n := range segment.Tree(segments) {
		branch, below := "├─ ", "│  "
		if n.Last {
			branch, below = "└─ ", "   "
		}
		prefix := prefixes[n.Depth]
		bars = append(bars, bar{prefix + branch + cut(n.Name, maxLabel), n.Document})
		if n.Depth >= maxDepth {
			below = ""
		}
		prefixes = append(prefixes[:n.Depth+1], prefix+below)
	}
	return bars
}

// draw returns the bar of a segment, in a trace that takes from start to end and has width columns.
func (b *bar) draw(start, end float64, width int) string {
	scale := float64(width) / max(end-start, 1e-9)
	at := func(t float64) int { return min(max(int(math.Round((t-start)*scale)), 0), width) }
	fill, to := "█", at(b.EndTime)
	if b.InProgress {
		fill, to = "░", width
	}
	from := min(at(b.StartTime), width-1)
	n := max(to-from, 1)
	return strings.Repeat("·", from) + strings.Repeat(fill, n) + strings.Repeat("·", width-from-n)
}

// describe adds the duration of a segment, its flags and its texts.
func (t *text) describe(sg segment.Document) {
	if sg.InProgress {
		t.paint(yellow, "in progress")
	} else {
		t.addf("%10s", milliseconds(time.Duration((sg.EndTime-sg.StartTime)*float64(time.Second))))
	}
	say := func(code, s string) {
		if s != "" {
			t.add("  ")
			t.paint(code, oneLine(cut(s, maxText)))
		}
	}
	say("", sg.Namespace)
	say("", sg.AWS.Operation)
	say("", sg.AWS.TableName)
	say("", sg.HTTP.Request.Method)
	if sg.HTTP.Response.Status > 0 {
		say("", strconv.Itoa(sg.HTTP.Response.Status))
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"fault", sg.Fault}, {"error", sg.Error}, {"throttle", sg.Throttle}} {
		if flag.set {
			say(red, flag.name)
		}
	}
	if len(sg.Cause.Exceptions) > 0 {
		x := sg.Cause.Exceptions[0]
		say(red, cut(x.Type, maxText)+": "+x.Message)
	}
	if sg.Annotations != nil {
		if annotations, err := json.Marshal(sg.Annotations); err == nil {
			say(grey, string(annotations))
		}
	}
}

// cut cuts s to n characters, with a mark.
func cut(s string, n int) string {
	if text := []rune(s); len(text) > n {
		return string(text[:n-1]) + "…"
	}
	return s
}
