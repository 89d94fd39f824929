package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
	"github.com/lambdakit/lambdakit/internal/logline"
)

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

// maxStacks bounds the requests whose results are still to come.
const maxStacks = 1000

// logLine shows a log line as time, level, message and its attributes. The fields that every line of an
// invocation has are left out; -raw shows them.
func (s *screen) logLine(doc logline.Object) {
	level := doc.Level()
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
	id := doc.RequestID()
	if s.tagged {
		t.addf("%-8.8s ", oneLine(id))
	}
	at := doc.Timestamp()
	if when, err := time.Parse(time.RFC3339, at); err == nil {
		at = when.Format("15:04:05.000")
	}
	t.paint(grey, oneLine(at))
	t.add(" ")
	t.paint(code, fmt.Sprintf("%-5s", oneLine(level)))
	t.add(" " + nextLines(doc.Message()))
	var long []string
	for _, m := range doc {
		if logline.Common(m.Name) {
			continue
		}
		value := jsonscan.Text(m.Value)
		if fields := logline.Parse(m.Value); m.Name == "error" && fields.Raw("stack") != nil {
			long = append(long, shortStack(fields.Text("stack")))
			value = fields.Text("type") + ": " + fields.Text("message")
			if len(s.stacks) < maxStacks {
				s.stacks[id] = true
			}
		}
		switch {
		case strings.Contains(value, "\n"):
			long = append(long, oneLine(m.Name)+":\n"+value)
			continue
		case strings.ContainsAny(value, " =\"") && m.Value[0] == '"', value == "":
			value = fmt.Sprintf("%q", value)
		}
		t.add(" ")
		t.paint(grey, oneLine(m.Name)+"=")
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
