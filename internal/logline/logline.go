// Package logline reads the lines that a function writes: JSON log lines of this toolkit, of log/slog and
// of other libraries.
package logline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Object is a JSON object, its members in order.
type Object []Member

// Member is a member of an Object.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Parse returns the members of a line. It returns nil if the line is no JSON object.
func Parse(line []byte) Object {
	if !json.Valid(line) {
		return nil
	}
	var o Object
	jsonscan.Members(line, func(key []byte, start, end int) bool {
		name, _ := jsonscan.String(key)
		o = append(o, Member{name, bytes.Clone(line[start:end])})
		return true
	})
	return o
}

// Raw returns the value of a member, nil if there is none.
func (o Object) Raw(name string) json.RawMessage {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Text returns a string as it is and any other value as JSON.
func (o Object) Text(name string) string { return jsonscan.Text(o.Raw(name)) }

// Level returns the level in capitals.
func (o Object) Level() string { return strings.ToUpper(o.Text("level")) }

// Message returns the message.
func (o Object) Message() string { return cmp.Or(o.Text("message"), o.Text("msg")) }

// RequestID returns the id of the invocation that the line belongs to, empty if it does not say.
func (o Object) RequestID() string { return cmp.Or(o.Text("function_request_id"), o.Text("requestId")) }

// Timestamp returns the text of the time.
func (o Object) Timestamp() string { return cmp.Or(o.Text("timestamp"), o.Text("time")) }

// Time returns the time of the line, the zero time if it has none.
func (o Object) Time() time.Time {
	t, _ := time.Parse(time.RFC3339, o.Timestamp())
	return t
}

// common are the members that nearly every line has.
var common = []string{
	"level", "message", "msg", "timestamp", "time", "service", "cold_start", "function_arn", "function_memory_size", "function_name",
	"function_version", "function_request_id", "requestId", "xray_trace_id", "trace_id", "span_id", "sampling_rate",
}

// Common reports whether a member says nothing of its own: every line of an invocation has it.
func Common(name string) bool { return slices.Contains(common, name) }
