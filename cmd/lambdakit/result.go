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
	"github.com/lambdakit/lambdakit/internal/logline"
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
	if kind := r.TellingType(); kind != "" {
		t.add(" ")
		t.paint(grey, oneLine(kind))
	}
	t.add("\n" + s.payload(r) + "\n")
	switch {
	case r.TimedOutAfter:
		t.paint(red, "after the response: the work did not end before the timeout, and Lambda ends the process")
		t.add("\n")
	case r.After > extensionTime:
		t.addf("after the response: %s of work, billed; the caller did not wait for it\n", milliseconds(r.After))
	}
	t.paint(grey, oneLine(r.Report(o.memory)))
	t.add("\n\n")
	delete(s.stacks, r.RequestID)
	s.show(t)
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
	switch doc := logline.Parse(payload); {
	case doc.Raw("errorType") != nil && doc.Raw("stackTrace") != nil:
		return "  " + indentMembers(doc, func(m logline.Member) string {
			frames := elements(m.Value)
			if m.Name != "stackTrace" || frames == nil {
				return ""
			}
			if s.stacks[r.RequestID] {
				return fmt.Sprintf("[%d frames, as above]", len(frames))
			}
			var b strings.Builder
			own, left := ownFrames(frames, pathOf)
			for i, f := range own {
				fmt.Fprintf(&b, "%s\n      %s", comma(i), spaced(f))
			}
			if left > 0 {
				b.WriteString("\n      " + leftOut(left))
			}
			return "[" + b.String() + "\n    ]"
		})
	case doc.Raw("statusCode") != nil && doc.Raw("body") != nil:
		return "  " + indentMembers(doc, func(m logline.Member) string {
			body, ok := stringOf(m.Value)
			if body = strings.TrimSpace(body); m.Name != "body" || !ok || body == "" || body[0] != '{' && body[0] != '[' || !json.Valid([]byte(body)) {
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
func indentMembers(doc logline.Object, special func(logline.Member) string) string {
	var b strings.Builder
	b.WriteString("{")
	for i, m := range doc {
		value := special(m)
		if value == "" {
			value = indented(m.Value, "    ")
		}
		name, _ := json.Marshal(m.Name)
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
	doc := logline.Parse(value)
	if doc == nil {
		return string(value)
	}
	var parts []string
	for _, m := range doc {
		parts = append(parts, fmt.Sprintf("%q: %s", m.Name, m.Value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
