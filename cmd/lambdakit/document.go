package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// document is a line of output that is a JSON object, its members in order.
type document []member

type member struct {
	name  string
	value json.RawMessage
}

func parseDocument(line []byte) document {
	if !json.Valid(line) {
		return nil
	}
	var doc document
	jsonscan.Members(line, func(key []byte, start, end int) bool {
		name, _ := jsonscan.String(key)
		doc = append(doc, member{name, bytes.Clone(line[start:end])})
		return true
	})
	return doc
}

func (d document) raw(name string) json.RawMessage {
	for _, m := range d {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// text returns a string as it is and anything else as JSON.
func (d document) text(name string) string { return plain(d.raw(name)) }

func plain(value json.RawMessage) string {
	if s, ok := jsonscan.String(value); ok {
		return s
	}
	return string(value)
}

// A log line is shown as time, level, message and its attributes. The fields that
// every line of an invocation has are left out; -raw shows them.
var commonFields = []string{
	"level", "message", "msg", "timestamp", "time", "service", "cold_start", "function_arn", "function_memory_size", "function_name",
	"function_version", "function_request_id", "requestId", "xray_trace_id", "sampling_rate",
}

func (s *screen) logLine(doc document) {
	level := strings.ToUpper(doc.text("level"))
	code := blue
	switch level {
	case "ERROR", "FATAL", "CRITICAL":
		code = red
	case "WARN", "WARNING":
		code = yellow
	case "DEBUG", "TRACE":
		code = grey
	}
	var b strings.Builder
	if s.tagged {
		id := cmp.Or(doc.text("function_request_id"), doc.text("requestId"))
		fmt.Fprintf(&b, "%-8.8s ", id)
	}
	at := cmp.Or(doc.text("timestamp"), doc.text("time"))
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		at = t.Format("15:04:05.000")
	}
	fmt.Fprintf(&b, "%s %s %s", s.paint(grey, at), s.paint(code, fmt.Sprintf("%-5s", level)), cmp.Or(doc.text("message"), doc.text("msg")))
	var long []string
	for _, m := range doc {
		if slices.Contains(commonFields, m.name) {
			continue
		}
		text := plain(m.value)
		if fields := parseDocument(m.value); m.name == "error" && fields.raw("stack") != nil {
			long = append(long, fields.text("stack"))
			text = fields.text("type") + ": " + fields.text("message")
		}
		switch {
		case strings.Contains(text, "\n"):
			long = append(long, m.name+":\n"+text)
			continue
		case strings.ContainsAny(text, " =\"") && m.value[0] == '"', text == "":
			text = fmt.Sprintf("%q", text)
		}
		fmt.Fprintf(&b, " %s%s", s.paint(grey, m.name+"="), text)
	}
	fmt.Fprintln(s.w, b.String())
	for _, text := range long {
		fmt.Fprintln(s.w, "    "+strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    "))
	}
}

// values reads the value of a metric: a number or a list of numbers.
func values(text json.RawMessage) []float64 {
	var list []float64
	if json.Unmarshal(text, &list) == nil {
		return list
	}
	var one float64
	if json.Unmarshal(text, &one) == nil {
		return []float64{one}
	}
	return nil
}

func (d document) isEMF() bool { return d.raw("_aws") != nil }

// metrics shows a document in Embedded Metric Format as a table.
func (s *screen) metrics(doc document) {
	var aws struct {
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct {
				Name, Unit        string
				StorageResolution int
			}
		}
	}
	if err := json.Unmarshal(doc.raw("_aws"), &aws); err != nil {
		fmt.Fprintf(s.w, "metrics that CloudWatch will not understand: %v\n", err)
		return
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, d := range aws.CloudWatchMetrics {
		var sets []string
		for _, names := range d.Dimensions {
			var set []string
			for _, n := range names {
				set = append(set, n+"="+doc.text(n))
			}
			sets = append(sets, "{"+strings.Join(set, ", ")+"}")
		}
		for _, m := range d.Metrics {
			value := "missing"
			if v := doc.raw(m.Name); v != nil {
				value = string(v)
				s.summary.add(d.Namespace, m.Name, m.Unit, strings.Join(sets, " "), values(v))
			}
			resolution := ""
			if m.StorageResolution == 1 {
				resolution = "1 s"
			}
			fmt.Fprintf(table, "metric\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Namespace, m.Name, value, m.Unit, strings.Join(sets, " "), resolution)
		}
	}
	table.Flush()
	for line := range strings.Lines(b.String()) {
		fmt.Fprintln(s.w, s.paint(bold, strings.TrimRight(line, " \n")))
	}
}
