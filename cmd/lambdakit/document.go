package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// document is a line of output that is a JSON object, its members in order.
type document []member

type member struct {
	name  string
	value json.RawMessage
}

// parseDocument returns nil if line is not a JSON object.
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
func (d document) text(name string) string { return jsonscan.Text(d.raw(name)) }

// stringOf returns the text of a string, and false for another value.
func stringOf(value json.RawMessage) (string, bool) {
	var s *string
	if json.Unmarshal(value, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// elements returns the elements of an array, nil for another value.
func elements(value json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	json.Unmarshal(value, &list)
	return list
}

// A log line is shown as time, level, message and its attributes. The fields that
// every line of an invocation has are left out; -raw shows them.
var commonFields = []string{
	"level", "message", "msg", "timestamp", "time", "service", "cold_start", "function_arn", "function_memory_size", "function_name",
	"function_version", "function_request_id", "requestId", "xray_trace_id", "sampling_rate",
}

// maxStacks bounds the requests whose results are still to come.
const maxStacks = 1000

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
	t := s.text()
	id := cmp.Or(doc.text("function_request_id"), doc.text("requestId"))
	if s.tagged {
		t.addf("%-8.8s ", oneLine(id))
	}
	at := cmp.Or(doc.text("timestamp"), doc.text("time"))
	if when, err := time.Parse(time.RFC3339, at); err == nil {
		at = when.Format("15:04:05.000")
	}
	t.paint(grey, oneLine(at))
	t.add(" ")
	t.paint(code, fmt.Sprintf("%-5s", oneLine(level)))
	t.add(" " + nextLines(withoutStack(cmp.Or(doc.text("message"), doc.text("msg")))))
	var long []string
	for _, m := range doc {
		if slices.Contains(commonFields, m.name) {
			continue
		}
		value := jsonscan.Text(m.value)
		if fields := parseDocument(m.value); m.name == "error" && fields.raw("stack") != nil {
			long = append(long, strings.ReplaceAll(fields.text("stack"), "\n\t", "  ")) // a frame a line
			value = fields.text("type") + ": " + fields.text("message")
			if len(s.stacks) < maxStacks {
				s.stacks[id] = true
			}
		}
		switch {
		case strings.Contains(value, "\n"):
			long = append(long, oneLine(m.name)+":\n"+value)
			continue
		case strings.ContainsAny(value, " =\"") && m.value[0] == '"', value == "":
			value = fmt.Sprintf("%q", value)
		}
		t.add(" ")
		t.paint(grey, oneLine(m.name)+"=")
		t.add(oneLine(value))
	}
	t.add("\n")
	for _, block := range long {
		t.add("    " + nextLines(block) + "\n")
	}
	s.show(t)
}

// nextLines indents all lines but the first, so that they do not look like lines of others.
func nextLines(s string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}
