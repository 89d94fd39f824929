package viewer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/httpevent"
	"github.com/lambdakit/lambdakit/internal/logline"
	"github.com/lambdakit/lambdakit/internal/segment"
)

// held is how long after its own time a line is written that was held back.
const held = 5 * time.Millisecond

// detail returns all that is known of the invocation.
func (inv *invocation) detail(state *State) Invocation {
	d := Invocation{Summary: inv.summary(), Event: body(inv.event), Log: []Line{}, Trace: []Span{}, Documents: []Document{}, Dropped: inv.dropped}
	for i := range inv.lines {
		if l := &inv.lines[i]; l.isMetrics() {
			d.Documents = append(d.Documents, inv.document(l))
		} else {
			d.Log = append(d.Log, inv.line(l))
		}
	}
	r := inv.result
	if r == nil {
		return d
	}
	d.TraceID = traceID(r.TraceHeader)
	d.ErrorMessage = r.ErrorMessage
	if r.Failure != nil && d.ErrorMessage == "" {
		d.ErrorMessage = r.Failure.Message
	}
	d.TimedOutAfter = r.TimedOutAfter
	d.Response = response(r)
	if isBatch(inv.source) {
		d.Batch, _ = records(inv.event, r.Payload)
	}
	end := d.DurationMS + d.AfterMS
	for i := range inv.spans {
		d.Trace = append(d.Trace, inv.span(&inv.spans[i], d.DurationMS, end))
	}
	d.Report = r.Report(state.MemoryMB)
	return d
}

func traceID(header string) string {
	for _, part := range strings.Split(header, ";") {
		if id, ok := strings.CutPrefix(part, "Root="); ok {
			return id
		}
	}
	return ""
}

// offset returns milliseconds since the start of the invocation.
func (inv *invocation) offset(t time.Time) float64 {
	return math.Round(float64(t.Sub(inv.began))/1e3) / 1e3
}

// line returns a line with its moment. The time in a line has milliseconds, so the moment is when the line
// came, as far as both agree.
func (inv *invocation) line(l *line) Line {
	out := Line{Stderr: l.stderr, Before: l.before, Raw: readable(l.text)}
	at := l.at
	if t := l.object.Time(); !t.IsZero() && !l.before {
		resolution := time.Millisecond
		if t.Nanosecond()%1e6 != 0 {
			resolution = 0
		}
		out.Late = at.Sub(t) > held
		if at.After(t.Add(resolution)) {
			at = t.Add(resolution)
		}
		if at.Before(t) {
			at = t
		}
		if start := inv.began; t.Before(start) && start.Sub(t) < time.Millisecond && at.Before(start) {
			at = start
		}
	}
	out.At = inv.offset(at)
	if l.object == nil {
		out.Message = out.Raw
		return out
	}
	out.Level, out.Message, out.Span = l.object.Level(), l.object.Message(), l.object.Text("span_id")
	for _, m := range l.object {
		switch {
		case m.Name == "level" || m.Name == "message" || m.Name == "msg":
		case logline.Common(m.Name):
			out.Common = append(out.Common, Field(m))
		default:
			if fields := logline.Parse(m.Value); m.Name == "error" && fields.Raw("stack") != nil {
				out.Stack = fields.Text("stack")
				m.Value = without(m.Value, "stack")
			}
			out.Fields = append(out.Fields, Field(m))
		}
	}
	if out.Message == "" && len(out.Fields) == 0 {
		out.Message = out.Raw
	}
	return out
}

// without returns an object without a member.
func without(object json.RawMessage, name string) json.RawMessage {
	var b bytes.Buffer
	for _, m := range logline.Parse(object) {
		if m.Name == name {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(m.Name)
		b.Write(key)
		b.WriteByte(':')
		b.Write(m.Value)
	}
	return json.RawMessage("{" + b.String() + "}")
}

func readable(text []byte) string { return strings.ToValidUTF8(string(text), "\uFFFD") }

// document returns a metrics document with what CloudWatch refuses.
func (inv *invocation) document(l *line) Document {
	doc := emf.Read(l.text)
	d := Document{At: inv.offset(l.at), Text: indent(l.text), Metrics: []Metric{}, Problems: doc.Problems}
	if p := doc.TimestampProblem(l.at); p != "" {
		d.Problems = append(d.Problems, p)
	}
	for _, dir := range doc.Directives {
		for _, p := range dir.Problems {
			d.Problems = append(d.Problems, dir.Namespace+": "+p)
		}
		for _, m := range dir.Metrics {
			for _, p := range m.Problems {
				d.Problems = append(d.Problems, m.Name+": "+p)
			}
			d.Metrics = append(d.Metrics, metricOf(&dir, &m))
		}
	}
	return d
}

// span returns a bar of the waterfall.
func (inv *invocation) span(n *segment.Node, answered, end float64) Span {
	s := Span{
		ID: n.ID, Parent: n.ParentID, Depth: n.Depth, Name: n.Name, Kind: n.Namespace,
		Start: inv.offset(precise(n.StartTime)), End: end, InProgress: n.InProgress || n.EndTime == 0,
		Fault: n.Fault, Error: n.Error, Throttle: n.Throttle, Attributes: n.Annotations, Metadata: n.RawMetadata,
	}
	if !s.InProgress {
		s.End = inv.offset(precise(n.EndTime))
	}
	s.After = s.Start >= answered && end > answered
	detail := []string{n.AWS.Operation, n.AWS.TableName, n.HTTP.Request.Method}
	if n.HTTP.Response.Status > 0 {
		detail = append(detail, strconv.Itoa(n.HTTP.Response.Status))
	}
	s.Detail = strings.Join(strings.Fields(strings.Join(detail, " ")), " ")
	for _, x := range n.Cause.Exceptions {
		s.Exceptions = append(s.Exceptions, Exception{Type: x.Type, Message: x.Message, Stack: x.StackText()})
	}
	return s
}

// precise returns the time of a document with the precision that a float64 has.
func precise(seconds float64) time.Time {
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9))
}

// body returns an event.
func body(text []byte) Body {
	b := Body{Size: int64(len(text))}
	if !utf8.Valid(text) {
		b.Text, b.Binary = base64.StdEncoding.EncodeToString(text), true
		return b
	}
	b.Text = string(text)
	b.Decoded = decoded(text)
	return b
}

// decoded returns the HTTP body inside an event or a response, empty if there is none or if it is binary.
func decoded(text []byte) string {
	var e struct {
		Body     *string `json:"body"`
		IsBase64 any     `json:"isBase64Encoded"`
		Lattice  any     `json:"is_base64_encoded"`
	}
	if json.Unmarshal(text, &e) != nil || e.Body == nil || *e.Body == "" {
		return ""
	}
	data := []byte(*e.Body)
	if e.IsBase64 == true || e.Lattice == true {
		var err error
		if data, err = base64.StdEncoding.DecodeString(*e.Body); err != nil || !utf8.Valid(data) {
			return ""
		}
	}
	return indent(data)
}

// response returns the answer of a function. The prelude of a streamed HTTP response stands apart.
func response(r *emulator.Result) Body {
	prelude, rest, ok := cutPrelude(r)
	if !ok {
		b := body(r.Payload)
		b.Size = max(r.Size, b.Size)
		b.Type = r.TellingType()
		return b
	}
	b := body(rest)
	b.Size = r.Size - int64(len(r.Payload)-len(rest))
	b.Type, b.Prelude = r.ContentType, indent(prelude)
	return b
}

// cutPrelude returns the prelude and the body of a streamed HTTP response.
func cutPrelude(r *emulator.Result) (prelude, rest []byte, ok bool) {
	if r.ContentType != httpevent.ContentType {
		return nil, nil, false
	}
	prelude, rest, ok = bytes.Cut(r.Payload, httpevent.Separator)
	if !ok || len(prelude) > httpevent.MaxPrelude {
		return nil, nil, false
	}
	return prelude, rest, true
}
