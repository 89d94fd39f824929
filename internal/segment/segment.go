// Package segment reads X-Ray segment documents. Package tracing/internal/xray writes them.
package segment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// Document is a segment document. It describes a segment or a subsegment. (X-Ray, Segment documents)
type Document struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	TraceID     string         `json:"trace_id"`
	ParentID    string         `json:"parent_id"`
	Type        string         `json:"type"` // "subsegment", or empty
	Namespace   string         `json:"namespace"`
	StartTime   float64        `json:"start_time"` // seconds since 1970
	EndTime     float64        `json:"end_time"`   // 0 if in progress
	InProgress  bool           `json:"in_progress"`
	Error       bool           `json:"error"`
	Throttle    bool           `json:"throttle"`
	Fault       bool           `json:"fault"`
	HTTP        HTTP           `json:"http"`
	AWS         AWS            `json:"aws"`
	Cause       Cause          `json:"cause"`
	Annotations map[string]any `json:"annotations"`
	Subsegments []Document     `json:"subsegments"`

	// RawMetadata is the undecoded metadata. See [Document.Metadata].
	RawMetadata json.RawMessage `json:"metadata"`
}

// HTTP describes an HTTP request.
type HTTP struct {
	Request  struct{ Method string }
	Response struct{ Status int }
}

// AWS describes a request to an AWS service.
type AWS struct {
	Operation string
	TableName string `json:"table_name"`
}

// Cause describes the errors of a segment.
type Cause struct {
	ExceptionID string // of an exception in another document; Exceptions is then empty
	Exceptions  []Exception
}

// Exception is an error. Its cause is the id of another exception.
type Exception struct {
	ID, Message, Type, Cause string
	Stack                    []Frame
	Trace                    string `json:"-"` // the stack as text, of a span that did not come as a document
}

// Frame is a frame of a stack.
type Frame struct {
	Path  string
	Line  int
	Label string
}

// StackText returns the stack as text, a frame a line. It is empty if there is none.
func (x *Exception) StackText() string {
	if x.Trace != "" || len(x.Stack) == 0 {
		return x.Trace
	}
	var b strings.Builder
	for _, f := range x.Stack {
		fmt.Fprintf(&b, "%s\n\t%s:%d\n", f.Label, f.Path, f.Line)
	}
	return b.String()
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Cause) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, &c.ExceptionID)
	}
	type object Cause // without this method
	return json.Unmarshal(text, (*object)(c))
}

// Read decodes a document.
func Read(text []byte) (Document, error) {
	var d Document
	err := json.Unmarshal(text, &d)
	return d, err
}

// ReadDatagram decodes the document in a datagram to the X-Ray daemon. It returns false if there is
// none.
func ReadDatagram(data []byte) (Document, bool) {
	header, text, _ := bytes.Cut(data, []byte("\n"))
	if !bytes.Contains(header, []byte(`"format"`)) {
		return Document{}, false
	}
	d, err := Read(text)
	return d, err == nil
}

// Metadata returns the metadata by namespace and key.
func (d *Document) Metadata() (metadata map[string]map[string]any, err error) {
	if d.RawMetadata != nil {
		err = json.Unmarshal(d.RawMetadata, &metadata)
	}
	return metadata, err
}

// All returns the document and the subsegments inside it, parents first. It sets the type, the
// trace id and the parent of the subsegments, which usually lack them.
func (d Document) All() []Document {
	all := []Document{d}
	for _, sub := range d.Subsegments {
		sub.Type, sub.TraceID, sub.ParentID = "subsegment", d.TraceID, d.ID
		all = append(all, sub.All()...)
	}
	return all
}

// Time returns a time of a document, or the zero time for 0.
func Time(seconds float64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(math.Round(seconds * 1e6)))
}
