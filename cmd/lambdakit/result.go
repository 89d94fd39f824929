package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/httpevent"
)

const maxShown = 64 << 10 // bytes of a response

// extensionTime is more than an extension without work takes after the response.
const extensionTime = 500 * time.Microsecond

// result shows the outcome of an invocation.
func (s *screen) result(name string, r *emulator.Result, o *options, trace trace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.results++
	t := s.text()
	t.trace(trace)
	code, title := green, "response to "+name
	switch {
	case r.ErrorType != "":
		code, title = red, "failed on "+name+": "+r.ErrorType
	case r.Failure != nil:
		code, title = red, "failed on "+name+": "+r.Failure.Type+": "+r.Failure.Message+"; the function answered"
	}
	t.paint(code, oneLine(title))
	t.add(" ")
	t.paint(grey, oneLine(r.ContentType))
	t.add("\n" + s.payload(r) + "\n")
	switch {
	case r.TimedOutAfter:
		t.paint(red, "after the response: the work did not end before the timeout, and Lambda ends the process")
		t.add("\n")
	case r.After > extensionTime:
		t.addf("after the response: %s of work, billed; the caller did not wait for it\n", milliseconds(r.After))
	}
	t.paint(grey, oneLine(report(r, o.memory)))
	t.add("\n\n")
	delete(s.stacks, r.RequestID)
	s.show(t)
}

// report returns the line that Lambda logs after an invocation.
func report(r *emulator.Result, memory int) string {
	billed := r.Duration + r.After + r.InitDuration
	line := fmt.Sprintf("REPORT RequestId: %s  Duration: %s  Billed Duration: %d ms  Memory Size: %d MB",
		r.RequestID, milliseconds(r.Duration), (billed+time.Millisecond-1)/time.Millisecond, memory)
	if r.MaxRSS > 0 {
		line += fmt.Sprintf("  Max Memory Used: %d MB", (r.MaxRSS+1<<20-1)>>20)
	}
	if r.InitDuration > 0 {
		line += "  Init Duration: " + milliseconds(r.InitDuration)
	}
	if r.After > 0 {
		line += "  Post Runtime Extensions Duration: " + milliseconds(r.After)
	}
	return line
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// payload makes a response readable: JSON is indented, also if it is the body of an HTTP
// response, a stack has a frame a line, and the prelude of a stream stands before its body.
func (s *screen) payload(r *emulator.Result) string {
	payload := r.Payload
	if prelude, body, ok := bytes.Cut(payload, httpevent.Separator); ok && r.ContentType == httpevent.ContentType && len(prelude) <= httpevent.MaxPrelude {
		rest := *r
		rest.ContentType, rest.Payload, rest.Size = "", body, r.Size-int64(len(payload)-len(body))
		return "  " + indented(prelude, "  ") + "\n" + s.payload(&rest)
	}
	if len(payload) > maxShown {
		return fmt.Sprintf("  %s\n  (%d bytes more)", payload[:maxShown], r.Size-maxShown)
	}
	switch doc := parseDocument(payload); {
	case doc.raw("errorType") != nil && doc.raw("stackTrace") != nil:
		return "  " + indentMembers(doc, func(m member) string {
			frames := elements(m.value)
			if m.name != "stackTrace" || frames == nil {
				return ""
			}
			if s.stacks[r.RequestID] {
				return fmt.Sprintf("[%d frames, as above]", len(frames))
			}
			var b strings.Builder
			for i, f := range frames {
				fmt.Fprintf(&b, "%s\n      %s", comma(i), spaced(f))
			}
			return "[" + b.String() + "\n    ]"
		})
	case doc.raw("statusCode") != nil && doc.raw("body") != nil:
		return "  " + indentMembers(doc, func(m member) string {
			body, ok := stringOf(m.value)
			if body = strings.TrimSpace(body); m.name != "body" || !ok || body == "" || body[0] != '{' && body[0] != '[' || !json.Valid([]byte(body)) {
				return ""
			}
			return "(JSON in a string) " + indented([]byte(body), "    ")
		})
	case json.Valid(payload):
		return "  " + indented(payload, "  ")
	case !utf8.Valid(payload):
		return fmt.Sprintf("  (%d bytes)", len(payload))
	}
	return "  " + strings.ReplaceAll(strings.TrimRight(string(payload), "\n"), "\n", "\n  ")
}

// indentMembers indents an object. It shows a member as special says, unless that is empty.
func indentMembers(doc document, special func(member) string) string {
	var b strings.Builder
	b.WriteString("{")
	for i, m := range doc {
		value := special(m)
		if value == "" {
			value = indented(m.value, "    ")
		}
		name, _ := json.Marshal(m.name)
		fmt.Fprintf(&b, "%s\n    %s: %s", comma(i), name, value)
	}
	b.WriteString("\n  }")
	return b.String()
}

func comma(i int) string {
	if i > 0 {
		return ","
	}
	return ""
}

func indented(value []byte, prefix string) string {
	var b bytes.Buffer
	if json.Indent(&b, value, prefix, "  ") != nil {
		return string(value)
	}
	return b.String()
}

// spaced returns an object of few members in one line.
func spaced(value json.RawMessage) string {
	doc := parseDocument(value)
	if doc == nil {
		return string(value)
	}
	var parts []string
	for _, m := range doc {
		parts = append(parts, fmt.Sprintf("%q: %s", m.name, m.value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
