package events

import (
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // UUIDs of version 5 are defined with it
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/hidden"
)

// Event is an event with data of type T. [Definition.New] makes one to publish, and the handler of
// [On] gets one that was received.
//
// An event whose Data contain a [lambdakit.Secret] is not published, because a Secret encodes as
// [redacted].
type Event[T any] struct {
	Metadata
	Data T

	definition *definition // nil if the type is unknown
}

// CausedBy makes the event part of the chain of another event, and returns it. [Bus.Publish] does the
// same for an event that the handler of a [Mux] publishes.
func (e *Event[T]) CausedBy(cause Metadata) *Event[T] {
	e.CorrelationID, e.CausationID = cmp.Or(cause.CorrelationID, cause.ID), cause.ID
	return e
}

// Metadata describe an event. [Bus.Publish] fills in empty fields, except Group.
type Metadata struct {
	ID      string `json:"id"`      // the same each time the event is published
	Source  string `json:"source"`  // the system that published the event
	Type    string `json:"type"`    // such as OrderConfirmed
	Version int    `json:"version"` // of the data; 0 if a received event does not say it

	// Group is the thing that the event is about. Events of a group keep their order if the service
	// keeps any.
	Group string `json:"group,omitzero"`

	Time time.Time `json:"time"` // when the event was first published

	CorrelationID string `json:"correlation_id,omitzero"` // of all events that come from one cause
	CausationID   string `json:"causation_id,omitzero"`   // the id of the event whose handler published this one
	TraceParent   string `json:"traceparent,omitzero"`    // the W3C traceparent of the publisher
}

// Publishable is an *Event of any type.
type Publishable interface {
	metadata() *Metadata
	encode() (json.RawMessage, error)
}

func (e *Event[T]) metadata() *Metadata { return &e.Metadata }

func (e *Event[T]) encode() (json.RawMessage, error) {
	data, err := marshal(e.Data)
	if err != nil {
		return nil, err
	}
	if e.definition != nil {
		err = e.definition.checkData(data)
	}
	return data, err
}

// marshal encodes data that somebody will decode.
func marshal(data any) (json.RawMessage, error) {
	text, err := json.Marshal(data)
	if err == nil && hidden.In(data, text) {
		return nil, errSecret
	}
	return text, err
}

var errSecret = errors.New("events: the data contain a Secret, which encodes as [redacted]; use the text that its Reveal method returns")

// Marshal returns the event in the envelope [MetadataAndData]. It fills in the metadata as [Bus.Publish]
// does, so that the event can be stored and published later.
func Marshal(ctx context.Context, e Publishable) ([]byte, error) {
	if isNil(e) {
		return nil, fmt.Errorf("%w: it is nil", ErrMalformed)
	}
	m := *e.metadata()
	o := originOf(ctx)
	o.complete(&m, time.Now())
	data, err := encode(e)
	if err != nil {
		return nil, err
	}
	return MetadataAndData.seal(&m, data)
}

// Unmarshal returns an event of any definition, with its data undecoded. payload is the event in any of
// the envelopes of this package except [Bare].
func Unmarshal(payload []byte) (*Event[json.RawMessage], error) {
	m, data, err := open(payload)
	if err == nil && m.Type == "" {
		err = fmt.Errorf("%w: it has no metadata", ErrMalformed)
	}
	if err != nil {
		return nil, err
	}
	return &Event[json.RawMessage]{Metadata: m, Data: data}, nil
}

// isNil reports whether an argument of Publish is no event.
func isNil(e Publishable) bool {
	if e == nil {
		return true
	}
	v := reflect.ValueOf(e)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// encode returns the data of an event, which are a JSON object.
func encode(e Publishable) (json.RawMessage, error) {
	m := e.metadata()
	data, err := e.encode()
	switch {
	case m.ID == "" || m.Source == "" || m.Type == "":
		return nil, fmt.Errorf("%w: it has no ID, Source or Type; make it with New of a Definition", ErrMalformed)
	case err != nil:
		return nil, fmt.Errorf("events: encode %s: %w", m.Type, err)
	case data[0] != '{': // encoding/json returns no empty text
		return nil, fmt.Errorf("events: encode %s: the data are not a JSON object", e.metadata().Type)
	}
	return data, nil
}

// namespace is a random UUID, for the ids of events.
var namespace = [16]byte{0x5d, 0x0c, 0x62, 0x1e, 0x9a, 0x47, 0x4f, 0x3b, 0x8e, 0x21, 0x70, 0xb4, 0xd8, 0x13, 0xe6, 0x95}

// newID returns a UUID of version 5. (RFC 9562, section 5.5) The lengths keep different arguments
// apart.
func newID(source, name, key string) string {
	h := sha1.New() //nolint:gosec
	h.Write(namespace[:])
	for _, s := range [...]string{source, name, key} {
		h.Write([]byte{byte(len(s) >> 24), byte(len(s) >> 16), byte(len(s) >> 8), byte(len(s))})
		h.Write([]byte(s))
	}
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	text := hex.EncodeToString(u)
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

type contextKey struct{}

// FromContext returns the metadata of the event whose handler runs with ctx; false if there is none.
func FromContext(ctx context.Context) (Metadata, bool) {
	m, ok := ctx.Value(contextKey{}).(*Metadata)
	if !ok {
		return Metadata{}, false
	}
	return *m, true
}
