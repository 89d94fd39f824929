// Package xray turns spans of OpenTelemetry into X-Ray segment documents, and sends them
// to the X-Ray daemon.
//
// The mapping is that of the OpenTelemetry collector's awsxray exporter, for the older
// and the current semantic conventions; the rules of documents are AWS's (X-Ray, Segment
// documents).
package xray

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Span is what a document tells of a span.
type Span struct {
	TraceID trace.TraceID
	ID      trace.SpanID
	Parent  trace.SpanID // zero: none
	Name    string
	Kind    trace.SpanKind
	Start   time.Time
	End     time.Time // zero: in progress

	Attributes  []attribute.KeyValue
	Annotations []attribute.KeyValue // those that were asked for as such
	Metadata    []Metadata
	Events      []Event
	Links       []trace.Link
	Status      codes.Code
	Description string // of the status
	Dropped     int    // attributes, events and links beyond their limits

	Segment  bool                 // a segment rather than a subsegment
	Function *Function            // of a segment
	Resource []attribute.KeyValue // of a segment
}

// Metadata is a value that X-Ray shows and does not index.
type Metadata struct {
	Namespace string
	Key       string
	JSON      []byte // only its beginning if it has MaxDocument bytes, which never fit
}

// Event is something that happened during a span.
type Event struct {
	Name       string
	Time       time.Time
	Attributes []attribute.KeyValue
	Exceptions []Exception // of one that was recorded as an error, instead of what Attributes say
}

// Function describes the Lambda function that a segment is of.
type Function struct {
	ARN       string
	RequestID string
	AccountID string
	Region    string
}

// Names of the event that is an exception, and of its attributes. (OpenTelemetry,
// Semantic conventions for exceptions)
const (
	ExceptionEvent      = "exception"
	ExceptionType       = attribute.Key("exception.type")
	ExceptionMessage    = attribute.Key("exception.message")
	ExceptionStacktrace = attribute.Key("exception.stacktrace")
)

// Annotations is the attribute that lists the keys of attributes that become
// annotations, also to the collector's exporter.
const Annotations = attribute.Key("aws.xray.annotations")

// MetadataPrefix begins the keys of attributes whose text, a JSON object, is a namespace
// of metadata, also to the collector's exporter.
const MetadataPrefix = "aws.xray.metadata."
