package logginggolden

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ownFields are the fields of the toolkit, in their order.
var ownFields = []string{"level", "message", "timestamp", "service", "cold_start", "function_arn", "function_memory_size",
	"function_name", "function_version", "function_request_id", "xray_trace_id", "tenant_id", "correlation_id", "sampling_rate"}

// line is one line of a log.
type line struct {
	keys       []string // in their order
	fields     map[string]any
	indented   bool
	plain      string // the text where it is no JSON
	stream     string // of a wanted line
	step       string // that wrote a line of ours
	invocation int    // its number in the recorded context; 0: written outside that
}

func (l line) text(name string) string { s, _ := l.fields[name].(string); return s }

func (l line) set(name string, v any) bool {
	same := same(l.fields[name], v)
	l.fields[name] = v
	return !same
}

func (l line) drop(name string) bool {
	n := len(l.fields)
	delete(l.fields, name)
	return len(l.fields) < n
}

// parseLines takes text apart that holds objects, or else lines that are none.
func parseLines(text []byte) (lines []line) {
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var raw json.RawMessage
		d := json.NewDecoder(bytes.NewReader(rest))
		if d.Decode(&raw) != nil {
			plain, after, _ := bytes.Cut(rest, []byte("\n"))
			lines, rest = append(lines, line{plain: string(plain)}), after
			continue
		}
		rest = rest[d.InputOffset():]
		l := line{fields: map[string]any{}, indented: bytes.Contains(raw, []byte("\n    \""))}
		d = json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		for d.Token(); d.More(); {
			name, _ := d.Token()
			var v any
			d.Decode(&v)
			l.keys = append(l.keys, name.(string))
			l.fields[name.(string)] = v
		}
		lines = append(lines, l)
	}
	return lines
}

// messageText is the message that stands for v where v is not a string.
func messageText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// same compares values of JSON.
func same(want, got any) bool {
	if m, ok := want.(map[string]any); ok && len(m) == 1 && m["$any"] != nil || want == "$any" {
		return true
	}
	switch w := want.(type) {
	case json.Number:
		g, ok := got.(json.Number)
		x, _ := new(big.Rat).SetString(w.String())
		y, _ := new(big.Rat).SetString(g.String())
		return ok && (w == g || x != nil && y != nil && x.Cmp(y) == 0)
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(w, g, same)
	case map[string]any:
		g, ok := got.(map[string]any)
		return ok && maps.EqualFunc(w, g, same)
	}
	switch got.(type) {
	case []any, map[string]any:
		return false
	}
	return want == got
}

// thrown is an error of a recorded program.
type thrown struct {
	message, stack string
	cause          error
}

func (e *thrown) Error() string { return e.message }
func (e *thrown) Stack() string { return e.stack }
func (e *thrown) Unwrap() error { return e.cause }

// tagOf takes a value that JSON cannot hold apart.
func tagOf(v any) (tag string, content any) {
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		for k, c := range m {
			if strings.HasPrefix(k, "$") {
				return k, c
			}
		}
	}
	return "", nil
}

func thrownOf(v any) *thrown {
	m, _ := v.(map[string]any)
	text := func(k string) string { s, _ := m[k].(string); return s }
	e := &thrown{message: text("message"), stack: text("stack")}
	if e.stack == "" {
		e.stack = text("name") + ": " + e.message + "\n    at handler (/var/task/index.js:10:15)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"
	}
	if tag, cause := tagOf(m["cause"]); tag == "$error" {
		e.cause = thrownOf(cause)
	}
	return e
}

// absent is a value that a program in Go has no counterpart for.
type absent struct{}

// goValue is what a program in Go logs for v.
func (c *testCase) goValue(v any, inList bool) any {
	tag, content := tagOf(v)
	text, _ := content.(string)
	switch tag {
	case "":
	case "$undefined", "$function", "$symbol":
		return absent{}
	case "$bigint":
		n, _ := new(big.Int).SetString(text, 10)
		return n
	case "$date":
		at, _ := time.Parse(time.RFC3339, text)
		return at
	case "$bytes":
		b, _ := base64.StdEncoding.DecodeString(text)
		return b
	case "$set":
		return c.goValue(content, true)
	case "$map":
		m := map[string]any{}
		for _, pair := range content.([]any) {
			m[messageText(pair.([]any)[0])] = c.goValue(pair.([]any)[1], true)
		}
		return m
	case "$circular":
		m := maps.Clone(content.(map[string]any))
		m["self"] = m
		return m
	case "$number", "$error":
		if tag == "$error" {
			return thrownOf(content)
		}
		f, _ := strconv.ParseFloat(text, 64)
		return f
	default:
		c.stop("unknown", tag)
	}
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		list := make([]any, len(v))
		for i := range v {
			if x := c.goValue(v[i], true); x != (absent{}) {
				list[i] = x
			}
		}
		return list
	case map[string]any:
		if len(v) > 0 && !inList {
			return slog.GroupValue(c.members(v)...) // in which errors are errors
		}
		m := map[string]any{}
		for k := range v {
			if x := c.goValue(v[k], inList); x != (absent{}) {
				m[k] = x
			}
		}
		return m
	}
	return v
}

func (c *testCase) members(m map[string]any) (attrs []slog.Attr) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if x := c.goValue(m[k], false); x != (absent{}) {
			attrs = append(attrs, slog.Any(k, x))
		}
	}
	return attrs
}

// attrs is what a program in Go logs for the members of v.
func (c *testCase) attrs(v any) []slog.Attr {
	m, _ := v.(map[string]any)
	for k, x := range m {
		c.values[k] = append(c.values[k], x)
	}
	return c.members(m)
}

// counterpart returns what is expected for given where upstream wrote want.
func (c *testCase) counterpart(given, want, got any) any {
	tag, content := tagOf(given)
	switch tag {
	case "":
		g, isMap := given.(map[string]any)
		w, wantMap := want.(map[string]any)
		if !isMap || !wantMap {
			return want
		}
		out := maps.Clone(w)
		gotMap, _ := got.(map[string]any)
		for k := range g {
			if _, ok := w[k]; ok {
				out[k] = c.counterpart(g[k], w[k], gotMap[k])
			}
		}
		return out
	case "$undefined", "$function", "$symbol":
		return want
	case "$number":
		f, _ := c.goValue(given, false).(float64)
		return map[bool]any{true: want, false: fmt.Sprint(f)}[f == 0] // NaN and infinities are null upstream
	case "$circular":
		if s, _ := got.(string); strings.HasPrefix(s, "!ERROR") {
			return got
		}
		return want
	case "$error":
		w, _ := want.(map[string]any)
		e := thrownOf(content)
		if w == nil || w["message"] != e.message {
			return want // of another error
		}
		stack := w["stack"]
		if lines, ok := stack.([]any); ok { // upstream splits it for developers
			var b strings.Builder
			for _, l := range lines {
				b.WriteString("\n" + messageText(l))
			}
			stack = strings.TrimPrefix(b.String(), "\n")
		}
		out := map[string]any{"message": e.message, "type": fmt.Sprintf("%T", e), "stack": stack}
		if e.cause != nil {
			out["cause"] = c.counterpart(content.(map[string]any)["cause"], w["cause"], nil)
		}
		return out
	}
	text, _ := json.Marshal(c.goValue(given, false))
	return parseLines([]byte(`{"v":` + string(text) + `}`))[0].fields["v"]
}
