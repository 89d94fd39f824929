package events

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Envelope is the form of an event in a message. Receivers recognise all forms.
type Envelope int

const (
	// MetadataAndData is {"metadata": {...}, "data": {...}}, with the metadata under the names in the
	// tags of [Metadata].
	MetadataAndData Envelope = iota

	// CloudEvents is a CloudEvent 1.0 in structured mode. The extension attributes are
	// dataversion, partitionkey (the Group), correlationid, causationid and traceparent.
	CloudEvents

	// Bare is the data alone. Receivers know the source, the type, the version and the id only from
	// the message attributes event_source, event_type, event_version and event_id of SNS and SQS. From
	// EventBridge they know the source and the type, but not the version, and the id is another each
	// time the event is published. So use it there for events with one version, and without Once.
	Bare
)

// cloudEvent has the members of a CloudEvent.
type cloudEvent struct {
	SpecVersion   string          `json:"specversion"`
	ID            string          `json:"id"`
	Source        string          `json:"source"`
	Type          string          `json:"type"`
	Time          time.Time       `json:"time,omitzero"`
	ContentType   string          `json:"datacontenttype,omitzero"`
	Version       any             `json:"dataversion,omitempty"` // text; a number is read, too
	Group         string          `json:"partitionkey,omitzero"`
	CorrelationID string          `json:"correlationid,omitzero"`
	CausationID   string          `json:"causationid,omitzero"`
	TraceParent   string          `json:"traceparent,omitzero"`
	Data          json.RawMessage `json:"data,omitempty"`
}

// seal puts data into the envelope.
func (e Envelope) seal(m *Metadata, data json.RawMessage) ([]byte, error) {
	switch e {
	case Bare:
		if other, _, err := open(data); err != nil || other != (Metadata{}) {
			return nil, fmt.Errorf("events: encode %s: in the envelope Bare, receivers would take the data for another envelope", m.Type)
		}
		return data, nil
	case CloudEvents:
		return json.Marshal(cloudEvent{"1.0", m.ID, m.Source, m.Type, m.Time, "application/json", strconv.Itoa(m.Version),
			m.Group, m.CorrelationID, m.CausationID, m.TraceParent, data})
	}
	return json.Marshal(struct {
		Metadata *Metadata       `json:"metadata"`
		Data     json.RawMessage `json:"data"`
	}{m, data})
}

// open removes the envelope of an event. The metadata of a bare event are empty.
func open(payload []byte) (m Metadata, data json.RawMessage, err error) {
	m, data, err = unseal(payload)
	if err == nil && (len(data) == 0 || data[0] != '{') && m != (Metadata{}) {
		err = fmt.Errorf("%w: its data are not a JSON object", ErrMalformed)
	}
	return m, data, err
}

func unseal(payload []byte) (m Metadata, data json.RawMessage, err error) {
	var specVersion, metadata []byte
	_, err = jsonscan.Walk(payload, 0, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(payload, start)
		if !ok {
			return 0, false
		}
		switch string(key) {
		case `"specversion"`:
			specVersion = payload[start:end]
		case `"metadata"`:
			metadata = payload[start:end]
		case `"data"`:
			data = payload[start:end]
		}
		return end, true
	})
	switch {
	case err != nil:
		return m, nil, fmt.Errorf("%w: the payload is not a JSON object", ErrMalformed)
	case specVersion != nil:
		return openCloudEvent(payload)
	case metadata != nil && data != nil && metadata[0] == '{':
		if err := json.Unmarshal(metadata, &m); err != nil {
			return m, nil, fmt.Errorf("%w: its metadata do not have the form of this package", ErrMalformed)
		}
		if m.Type == "" {
			return m, nil, fmt.Errorf("%w: its metadata have no type", ErrMalformed)
		}
		if m.Version == 0 {
			m.Version = 1
		}
		return m, data, nil
	}
	return m, payload, nil
}

func openCloudEvent(payload []byte) (m Metadata, data json.RawMessage, err error) {
	var c cloudEvent
	if err := json.Unmarshal(payload, &c); err != nil {
		return m, nil, fmt.Errorf("%w: the CloudEvent does not have the form of the specification", ErrMalformed)
	}
	switch {
	case c.SpecVersion != "1.0":
		return m, nil, fmt.Errorf("%w: the specversion of the CloudEvent is not 1.0", ErrMalformed)
	case c.ID == "" || c.Source == "" || c.Type == "":
		return m, nil, fmt.Errorf("%w: the CloudEvent has no id, source or type", ErrMalformed)
	case c.Data == nil:
		return m, nil, fmt.Errorf("%w: the CloudEvent has no JSON data", ErrMalformed)
	}
	m = Metadata{c.ID, c.Source, c.Type, 1, c.Group, c.Time, c.CorrelationID, c.CausationID, c.TraceParent}
	switch v := c.Version.(type) {
	case nil:
		return m, c.Data, nil
	case float64:
		if m.Version = int(v); float64(m.Version) != v {
			m.Version = 0
		}
	case string:
		m.Version, _ = strconv.Atoi(v)
	default:
		m.Version = 0
	}
	if m.Version < 1 {
		return m, nil, fmt.Errorf("%w: the dataversion of the CloudEvent is no version", ErrMalformed)
	}
	return m, c.Data, nil
}
