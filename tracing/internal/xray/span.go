// Package xray converts OpenTelemetry spans to X-Ray segment documents, and sends them to the
// X-Ray daemon.
//
// It maps attributes as the OpenTelemetry collector's awsxray exporter does, for older and
// current semantic conventions. Documents follow AWS's rules (X-Ray, Segment documents).
//
// Other modules import this package, so it changes only by addition.
package xray

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Span holds the values of a span that a document is made of.
type Span struct {
	TraceID trace.TraceID
	ID      trace.SpanID
	Parent  trace.SpanID // zero if the span has no parent
	Name    string
	Kind    trace.SpanKind
	Start   time.Time
	End     time.Time // zero if the span is in progress

	Attributes  []attribute.KeyValue
	Annotations []attribute.KeyValue // values that X-Ray indexes; marked attributes come on top
	Metadata    []Metadata
	Events      []Event
	Links       []trace.Link
	Status      codes.Code
	Description string // of the status
	Dropped     int    // attributes, events and links beyond their limits

	Segment  bool                 // the document is a segment, not a subsegment
	Remote   bool                 // the parent is a span of another process; not in documents
	Function *Function            // of a segment
	Resource []attribute.KeyValue // of a segment

	Scope  *Scope  // nil: package tracing itself; not in documents
	Excess *Excess // the parts of Dropped; nil: nothing was dropped
}

// Scope is an instrumentation scope: the library that made a span.
type Scope struct {
	Name       string
	Version    string
	SchemaURL  string
	Attributes attribute.Set
}

// Excess counts the values that a span dropped.
type Excess struct {
	Attributes int // also annotations and metadata
	Events     int
	Links      int
	OfLinks    []int // attributes of each link; it may be shorter than the list of links
}

// Metadata is a value that X-Ray shows but does not index.
type Metadata struct {
	Namespace string
	Key       string
	JSON      []byte // if it has MaxDocument bytes, it may be the beginning of a longer value: it never fits
}

// Event is an event of a span.
type Event struct {
	Name       string
	Time       time.Time
	Attributes []attribute.KeyValue
	Exceptions []Exception // of a recorded error; Attributes do not describe it then
	Dropped    int         // attributes beyond their limit
}

// Function describes the Lambda function of a segment.
type Function struct {
	ARN       string
	RequestID string
	AccountID string
	Region    string
}

// Names of exception events and of their attributes. (OpenTelemetry, Semantic conventions for
// exceptions)
const (
	ExceptionEvent      = "exception"
	ExceptionType       = attribute.Key("exception.type")
	ExceptionMessage    = attribute.Key("exception.message")
	ExceptionStacktrace = attribute.Key("exception.stacktrace")
)

// Annotations is the key of an attribute. Its value lists the keys of attributes that become
// annotations. The collector's exporter uses the same key.
const Annotations = attribute.Key("aws.xray.annotations")

// MetadataPrefix is the prefix of keys of attributes that hold metadata. The rest of the key is
// the namespace, the value a JSON object as text. The collector's exporter uses the same prefix.
const MetadataPrefix = "aws.xray.metadata."
