package otlpspan

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/lambdakit/lambdakit/internal/segment"
)

// Read returns the spans of an ExportTraceServiceRequest, their trace ids in X-Ray's form.
func Read(request []byte) ([]segment.Document, error) {
	var all []segment.Document
	err := fields(request, func(resourceSpans field) error {
		return fields(resourceSpans.data, func(scopeSpans field) error {
			if scopeSpans.number != 2 {
				return nil
			}
			return fields(scopeSpans.data, func(f field) error {
				if f.number != 2 {
					return nil
				}
				s := span{attributes: make(map[string]any)}
				if err := fields(f.data, s.field); err != nil {
					return err
				}
				all = append(all, s.document())
				return nil
			})
		})
	})
	return all, err
}

// Kinds of spans, and the status of a failure.
const (
	server      = 2
	client      = 3
	producer    = 4
	consumer    = 5
	statusError = 2
)

// span is a Span of OTLP.
type span struct {
	traceID, id, parent []byte
	name                string
	kind, status        uint64
	message             string // of the status
	start, end          uint64
	attributes          map[string]any
	events              []event
	links               []string
	exceptions          []segment.Exception
}

type event struct {
	Name       string         `json:"name"`
	AfterMS    float64        `json:"after_ms"` // since the start of the span
	Attributes map[string]any `json:"attributes,omitempty"`
}

// field reads a field of the span.
func (s *span) field(f field) error {
	switch f.number {
	case 1:
		s.traceID = f.data
	case 2:
		s.id = f.data
	case 4:
		s.parent = f.data
	case 5:
		s.name = text(f.data)
	case 6:
		s.kind = f.n
	case 7:
		s.start = f.n
	case 8:
		s.end = f.n
	case 9:
		return attribute(s.attributes, f.data, 0)
	case 11:
		return s.event(f.data)
	case 13:
		return s.link(f.data)
	case 15:
		return fields(f.data, func(f field) error {
			switch f.number {
			case 2:
				s.message = text(f.data)
			case 3:
				s.status = f.n
			}
			return nil
		})
	}
	return nil
}

func (s *span) event(b []byte) error {
	var at uint64
	e := event{Attributes: make(map[string]any)}
	err := fields(b, func(f field) error {
		switch f.number {
		case 1:
			at = f.n
		case 2:
			e.Name = text(f.data)
		case 3:
			return attribute(e.Attributes, f.data, 0)
		}
		return nil
	})
	e.AfterMS = float64(int64(at-s.start)) / 1e6
	if kind, message := s.textOf(e, "exception.type"), s.textOf(e, "exception.message"); e.Name == "exception" && kind+message != "" {
		s.exceptions = append(s.exceptions, segment.Exception{Type: kind, Message: message, Trace: s.textOf(e, "exception.stacktrace")})
	} else {
		s.events = append(s.events, e)
	}
	return err
}

func (s *span) textOf(e event, key string) string {
	v, _ := e.Attributes[key].(string)
	return v
}

func (s *span) link(b []byte) error {
	var trace, id []byte
	err := fields(b, func(f field) error {
		switch f.number {
		case 1:
			trace = f.data
		case 2:
			id = f.data
		}
		return nil
	})
	s.links = append(s.links, traceID(trace)+" "+hex.EncodeToString(id))
	return err
}

// document returns the span as a document. Attributes are annotations; events and links are metadata.
func (s *span) document() segment.Document {
	d := segment.Document{
		ID: hex.EncodeToString(s.id), ParentID: hex.EncodeToString(s.parent), TraceID: traceID(s.traceID), Name: s.name,
		StartTime: seconds(s.start), EndTime: seconds(s.end),
		Fault:       s.status == statusError,
		Annotations: s.attributes,
	}
	if s.kind != server {
		d.Type = "subsegment"
	}
	switch s.kind {
	case client, producer, consumer:
		d.Namespace = "remote"
	}
	d.HTTP.Request.Method, _ = s.attributes["http.request.method"].(string)
	d.HTTP.Response.Status = int(s.integer("http.response.status_code"))
	if d.HTTP.Request.Method == "" {
		d.HTTP.Request.Method, _ = s.attributes["http.method"].(string)
		d.HTTP.Response.Status = int(cmp.Or(s.integer("http.response.status_code"), s.integer("http.status_code")))
	}
	switch {
	case len(s.exceptions) > 0:
		d.Cause.Exceptions = s.exceptions
	case s.status == statusError && s.message != "":
		d.Cause.Exceptions = []segment.Exception{{Type: "Error", Message: s.message}}
	}
	metadata := make(map[string]any)
	if len(s.events) > 0 {
		metadata["events"] = s.events
	}
	if len(s.links) > 0 {
		metadata["links"] = s.links
	}
	if len(metadata) > 0 {
		d.RawMetadata, _ = json.Marshal(map[string]any{"OpenTelemetry": metadata})
	}
	return d
}

func (s *span) integer(key string) int64 {
	switch v := s.attributes[key].(type) {
	case int64:
		return v
	case string:
		n, _ := strconv.ParseInt(v, 10, 64)
		return n
	}
	return 0
}

func seconds(nanoseconds uint64) float64 { return float64(nanoseconds) / 1e9 }

// traceID returns X-Ray's form of a trace id: 1-5759e988-bd862e3fe1be46a994272793.
func traceID(id []byte) string {
	if len(id) != 16 {
		return ""
	}
	return fmt.Sprintf("1-%x-%x", id[:4], id[4:])
}
