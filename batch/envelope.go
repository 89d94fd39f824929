package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Envelope is a kind of envelope around a payload. Options.Unwrap lists the envelopes to remove.
type Envelope string

const (
	// SNS is a notification of an SNS topic. A subscription with raw message delivery adds no
	// envelope.
	SNS Envelope = "SNS"

	// EventBridge is an event of an EventBridge bus. Its detail is the payload. A rule with an
	// input path delivers the detail without envelope.
	EventBridge Envelope = "EventBridge"

	// S3 is a notification of S3. It is not removed: decode it into [S3Event]. S3 sends a test
	// event when a notification is set up. If Options.Unwrap contains S3, a test event is done
	// without a call of the handler.
	S3 Envelope = "S3"

	// CloudEvents is a CloudEvent 1.0 in structured mode. Its data are the payload.
	CloudEvents Envelope = "CloudEvents"
)

func (e Envelope) known() bool { return e == SNS || e == EventBridge || e == S3 || e == CloudEvents }

// layer is an envelope that was found.
type layer struct {
	envelope   Envelope
	text       []byte // of the envelope, with its payload
	attributes []byte // of an SNS notification
}

// maxLayers bounds the envelopes of a record.
const maxLayers = 8

// errTestEvent says that the record is a test event of S3.
var errTestEvent = errors.New("a test event of S3")

// Envelope decodes the outermost envelope of a kind into the pointer v, for example a type of
// aws-lambda-go. It returns an error if Options.Unwrap found no such envelope.
func (r *Record) Envelope(e Envelope, v any) error {
	for i := range r.layers {
		if l := &r.layers[i]; l.envelope == e {
			if err := json.Unmarshal(l.text, v); err != nil {
				return fmt.Errorf("batch: decode the %s envelope: %w", e, err)
			}
			return nil
		}
	}
	return fmt.Errorf("batch: the record has no %s envelope", e)
}

// unwrap removes the envelopes in kinds from the payload.
func (r *Record) unwrap(kinds []Envelope) error {
	for {
		l, payload, err := open(r.data, kinds)
		if err != nil || l.envelope == "" {
			return err
		}
		if len(r.layers) == maxLayers {
			return problem("it has more than %d envelopes", maxLayers)
		}
		r.layers = append(r.layers, l)
		if l.envelope == S3 {
			return nil
		}
		r.data = payload
	}
}

// parts are the members of a payload by which envelopes are recognised.
type parts struct {
	kind, topic, message, attributes     []byte // SNS
	detailType, source, detail           []byte // EventBridge
	records, event                       []byte // S3
	specVersion, data, binary, mediaType []byte // CloudEvents
}

// open returns the envelope of a payload and its content. The envelope has no kind if there is
// none.
func open(data []byte, kinds []Envelope) (l layer, payload []byte, err error) {
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return l, nil, nil
	}
	p, ok := readParts(data)
	if !ok {
		return l, nil, nil // the Decoder reports the fault
	}
	l.text = data
	has := func(e Envelope) bool { return slices.Contains(kinds, e) }
	switch {
	case has(SNS) && string(p.kind) == `"Notification"` && p.topic != nil && p.message != nil:
		l.envelope, l.attributes = SNS, p.attributes
		payload, ok = jsonscan.AppendText(nil, p.message)
		if !ok {
			return l, nil, problem("the Message of an SNS notification is no valid text")
		}
	case has(EventBridge) && p.detailType != nil && p.source != nil && p.detail != nil:
		l.envelope, payload = EventBridge, p.detail
	case has(CloudEvents) && p.specVersion != nil && p.source != nil:
		l.envelope = CloudEvents
		payload, err = p.cloudEventData()
	case has(S3) && string(p.event) == `"s3:TestEvent"`:
		return l, nil, errTestEvent
	case has(S3) && isS3(p.records):
		l.envelope = S3
	}
	return l, payload, err
}

func readParts(data []byte) (p parts, ok bool) {
	_, err := jsonscan.Walk(data, 0, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(data, start)
		if !ok {
			return 0, false
		}
		value := data[start:end]
		switch string(key) {
		case `"Type"`:
			p.kind = value
		case `"TopicArn"`:
			p.topic = value
		case `"Message"`:
			p.message = value
		case `"MessageAttributes"`:
			p.attributes = value
		case `"detail-type"`:
			p.detailType = value
		case `"source"`:
			p.source = value
		case `"detail"`:
			p.detail = value
		case `"Records"`:
			p.records = value
		case `"Event"`:
			p.event = value
		case `"specversion"`:
			p.specVersion = value
		case `"data"`:
			p.data = value
		case `"data_base64"`:
			p.binary = value
		case `"datacontenttype"`:
			p.mediaType = value
		}
		return end, true
	})
	return p, err == nil
}

// cloudEventData returns the data of a CloudEvent.
func (p *parts) cloudEventData() ([]byte, error) {
	switch {
	case p.binary != nil:
		return decodeBase64(p.binary)
	case p.data != nil && p.data[0] == '"' && p.mediaType != nil && !bytes.Contains(p.mediaType, []byte("json")):
		text, ok := jsonscan.AppendText(nil, p.data)
		if !ok {
			return nil, problem("the data of a CloudEvent are no valid text")
		}
		return text, nil
	case p.data != nil:
		return p.data, nil
	}
	return []byte("null"), nil
}

// isS3 reports whether records are a list with a record of S3.
func isS3(records []byte) bool {
	source, ok := jsonscan.Find(records, firstSource)
	return ok && string(source) == `"aws:s3"`
}

var firstSource = []jsonscan.Step{{IsIndex: true}, {Name: "eventSource"}}
