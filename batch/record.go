package batch

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"iter"
	"log/slog"
	"strings"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Message is a record and its decoded body.
type Message[T any] struct {
	*Record
	Body T
}

// Record is a record of a batch, without its body. Logs and traces show the fields of
// [lambdakit.Message].
type Record struct {
	lambdakit.Message

	source *source
	event  []byte // of the invocation
	raw    span   // the record in event; the other spans are in event, too

	identifier span // what Lambda wants reported; empty if missing
	payload    span // JSON string
	attributes span // message attributes or headers
	system     span // attributes that the service gave a message
	key        span // JSON string, or the keys of a table item
	arn        span
	sent       span // number, or number in a string
	name       span // of a change of an item
	images     [2]span
	partition  span
	offset     span
	expired    bool

	data   []byte // the payload without its envelopes
	layers []layer
	result transformed // of a Firehose record
}

// span is a part of the event. Events are smaller than 2 GB.
type span struct{ start, end int32 }

func newSpan(start, end int) span { return span{int32(start), int32(end)} }

func (r *Record) text(s span) []byte { return r.event[s.start:s.end] }

// string returns the text of a JSON string or number.
func (r *Record) string(s span) string {
	text, _ := jsonscan.String(r.text(s))
	return text
}

// Raw returns a copy of the record as Lambda delivered it. Decode it into a type of aws-lambda-go,
// such as events.SQSMessage, for members that Record does not have.
func (r *Record) Raw() json.RawMessage { return bytes.Clone(r.text(r.raw)) }

// Data returns the payload of the record without its envelopes, undecoded. It is empty for a record
// of a table.
func (r *Record) Data() []byte { return r.data }

// ARN returns the ARN of the queue, stream or cluster; empty if unknown.
func (r *Record) ARN() string { return r.string(r.arn) }

// Tombstone reports whether a Kafka record has no value, which means that its key is deleted. The
// body of its Message is the zero value.
func (r *Record) Tombstone() bool { return r.source.tombstones && r.payload == span{} }

// Key returns the key of a Kafka record, decoded from base64, or the partition key of a Kinesis record.
func (r *Record) Key() []byte {
	switch r.source {
	case &kafka:
		key, _ := decodeBase64(r.text(r.key))
		return key
	case &kinesis:
		return []byte(r.string(r.key))
	}
	return nil
}

// Attribute returns a message attribute of an SQS message or of its SNS envelope, or a header of a
// Kafka record; empty if the name does not exist. If several headers have the name, it returns the
// last one.
func (r *Record) Attribute(name string) string {
	found := ""
	for n, value := range r.Attributes() {
		if n == name {
			found = value
		}
	}
	return found
}

// Attributes returns all names and values for [Record.Attribute]. Binary values are decoded.
func (r *Record) Attributes() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if r.source == &kafka {
			r.eachHeader(yield)
			return
		}
		ok := eachAttribute(r.text(r.attributes), yield)
		for i := range r.layers {
			if l := &r.layers[i]; ok && l.envelope == SNS {
				ok = eachAttribute(l.attributes, yield)
			}
		}
	}
}

// eachAttribute reads {"name":{"stringValue":"x"}} of SQS and {"name":{"Value":"x"}} of SNS. It
// returns false if yield does.
func eachAttribute(text []byte, yield func(name, value string) bool) bool {
	more := true
	jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
		var value, binary, kind []byte
		end, err := jsonscan.Walk(text, start, func(key []byte, start int) (int, bool) {
			end, ok := jsonscan.Skip(text, start)
			switch {
			case !ok:
			case jsonscan.KeyIs(key, "stringValue"), jsonscan.KeyIs(key, "Value"):
				value = text[start:end]
			case jsonscan.KeyIs(key, "binaryValue"):
				binary = text[start:end]
			case jsonscan.KeyIs(key, "Type"):
				kind = text[start:end]
			}
			return end, ok
		})
		if err != nil {
			return 0, false
		}
		name, _ := jsonscan.String(key)
		if string(kind) == `"Binary"` { // of SNS, in base64
			value, binary = nil, value
		}
		s, ok := jsonscan.String(value)
		if !ok {
			b, _ := decodeBase64(binary)
			s = string(b)
		}
		more = yield(name, s)
		return end, more
	})
	return more
}

// SystemAttribute returns an attribute that SQS gave the message, such as SenderId or
// MessageDeduplicationId; empty if the name does not exist.
func (r *Record) SystemAttribute(name string) string {
	found := ""
	text := r.text(r.system)
	jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(text, start)
		if ok && jsonscan.KeyIs(key, name) {
			found, _ = jsonscan.String(text[start:end])
		}
		return end, ok
	})
	return found
}

// correlationID is the default of Options.CorrelationID.
func correlationID(r *Record) string {
	for name, value := range r.Attributes() {
		switch strings.ToLower(name) {
		case "correlation_id", "correlationid", "correlation-id", "x-correlation-id":
			return value
		}
	}
	return ""
}

// maxID bounds the ids that a sender chose, in bytes.
const maxID = 1024

// open reads the fields of the Message, and the payload without its envelopes.
func (r *Record) open(o *config) error {
	r.source.open(r)
	var err error
	if r.source.payload != nil && !r.Tombstone() {
		if r.data, err = r.source.payload(r); err == nil && len(o.Unwrap) > 0 {
			err = r.unwrap(o.Unwrap)
		}
	}
	attributed := r.attributes != (span{}) || r.layers != nil
	switch {
	case o.CorrelationID != nil:
		r.CorrelationID = r.correlate(o.CorrelationID)
	case attributed:
		r.CorrelationID = correlationID(r)
	}
	r.CorrelationID = r.CorrelationID[:min(len(r.CorrelationID), maxID)]
	if attributed {
		r.TraceParent = r.Attribute("traceparent")
		r.TraceParent = r.TraceParent[:min(len(r.TraceParent), maxID)]
	}
	return err
}

// correlate calls Options.CorrelationID.
func (r *Record) correlate(id func(*Record) string) string {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("batch: Options.CorrelationID panicked", "error", newPanicError(v))
		}
	}()
	return id(r)
}

var errNoPayload = problem("the record has no payload")

// stringPayload returns a payload that is text.
func stringPayload(r *Record) ([]byte, error) {
	token := r.text(r.payload)
	if len(token) == 0 {
		return nil, errNoPayload
	}
	data, ok := jsonscan.AppendText(make([]byte, 0, len(token)), token)
	if !ok {
		return nil, problem("the payload is not a valid JSON string")
	}
	return data, nil
}

// base64Payload returns a payload that is base64.
func base64Payload(r *Record) ([]byte, error) {
	token := r.text(r.payload)
	if len(token) == 0 {
		return nil, errNoPayload
	}
	return decodeBase64(token)
}

// decodeBase64 decodes a JSON string with base64.
func decodeBase64(token []byte) ([]byte, error) {
	if len(token) == 0 {
		return nil, nil
	}
	if token[0] != '"' {
		return nil, problem("the payload is no JSON string")
	}
	text := token[1 : len(token)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		text, _ = jsonscan.AppendText(nil, token)
	}
	data := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(data, text)
	if err != nil {
		return nil, problem("the payload is not base64")
	}
	return data[:n], nil
}
