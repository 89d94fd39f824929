package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

// MuxOptions configures a [Mux]. A nil *MuxOptions, and every zero field, means the default.
type MuxOptions struct {
	// Once runs f once for a key. The service delivers an event at least once, so it makes a handler
	// run once for an event. The key is a UUID of the source and the id of the event. Unknown and Newer
	// have keys of their own: an event that they passed on is still handled when it comes again.
	//
	//	Once: func(ctx context.Context, key string, f func(context.Context) error) error {
	//		return idempotency.Run(ctx, guard, key, f)
	//	},
	//
	// ExpiresAfter of the guard should be longer than events may be delivered again, also from a
	// dead-letter queue. Wait makes a duplicate in the same batch wait for the first one. If f fails
	// halfway, it runs again as a whole: give each effect its own idempotency.Call, or a key.
	//
	// Default: f runs each time.
	Once func(ctx context.Context, key string, f func(ctx context.Context) error) error

	// Unknown gets the events that have no [On]. [Ignore] drops them. Default: they are permanent
	// failures.
	Unknown func(ctx context.Context, e *Event[json.RawMessage]) error

	// Newer gets the events with a newer version than their definition has, for example to pass
	// them on. Default: they are permanent failures, so that a dead-letter queue keeps them until
	// the function knows the version.
	Newer func(ctx context.Context, e *Event[json.RawMessage]) error
}

// Ignore is for Unknown and Newer of [MuxOptions]. It drops events.
func Ignore(context.Context, *Event[json.RawMessage]) error { return nil }

// Mux calls the handler of a received event by its source and type. Make one with [NewMux].
//
// While a handler runs, [FromContext] returns the metadata of its event, and [Bus.Publish] makes new
// events part of its chain.
type Mux struct {
	o      MuxOptions
	routes map[routeKey]Route
}

type routeKey struct{ source, name string }

// Route is the handler of a type of events. [On] makes one.
type Route struct {
	definition *definition
	handle     func(ctx context.Context, m Metadata, data json.RawMessage) error
}

// On returns a route that calls handler for the events of a definition.
func On[T any](d *Definition[T], handler func(ctx context.Context, e *Event[T]) error) Route {
	if d == nil || handler == nil {
		panic("events: On: the definition and the handler must not be nil")
	}
	return Route{&d.definition, func(ctx context.Context, m Metadata, data json.RawMessage) error {
		e, err := d.decode(m, data)
		if err != nil {
			return batch.Permanent(err)
		}
		return handler(ctx, e)
	}}
}

// NewMux returns a Mux with the routes. It panics if two routes are for the same source and type.
func NewMux(o *MuxOptions, routes ...Route) *Mux {
	x := &Mux{routes: make(map[routeKey]Route, len(routes))}
	if o != nil {
		x.o = *o
	}
	for _, r := range routes {
		if r.definition == nil {
			panic("events: NewMux: a Route is empty; make it with On")
		}
		key := routeKey{r.definition.source, r.definition.name}
		if _, ok := x.routes[key]; ok {
			panic(fmt.Sprintf("events: NewMux: two routes for %s of %s", key.name, key.source))
		}
		x.routes[key] = r
	}
	return x
}

// dispatch calls the handler of an event. outer has the metadata that the message has outside the
// payload.
func (x *Mux) dispatch(ctx context.Context, outer Metadata, payload json.RawMessage) error {
	m, data, err := open(payload)
	if err != nil {
		return batch.Permanent(err)
	}
	m.add(outer)
	if m.Type == "" {
		return batch.Permanent(fmt.Errorf("%w: it has no type", ErrMalformed))
	}
	r, known := x.routes[routeKey{m.Source, m.Type}]
	handle, purpose := r.handle, "once"
	switch {
	case !known && x.o.Unknown != nil:
		handle, purpose = undecoded(x.o.Unknown), "once unknown"
	case !known:
		return batch.Permanent(fmt.Errorf("%w: %.128q of %.128q", ErrUnknownType, m.Type, m.Source))
	case m.Version > r.definition.version && x.o.Newer != nil:
		handle, purpose = undecoded(x.o.Newer), "once newer"
	}
	ctx = context.WithValue(ctx, contextKey{}, &m)
	if x.o.Once == nil || m.ID == "" {
		return handle(ctx, m, data)
	}
	return x.o.Once(ctx, newID(purpose, m.Source, m.ID), func(ctx context.Context) error { return handle(ctx, m, data) })
}

func undecoded(f func(context.Context, *Event[json.RawMessage]) error) func(context.Context, Metadata, json.RawMessage) error {
	return func(ctx context.Context, m Metadata, data json.RawMessage) error {
		return f(ctx, &Event[json.RawMessage]{Metadata: m, Data: data})
	}
}

// add fills in empty fields.
func (m *Metadata) add(outer Metadata) {
	for _, f := range []struct{ to, from *string }{
		{&m.ID, &outer.ID}, {&m.Source, &outer.Source}, {&m.Type, &outer.Type}, {&m.Group, &outer.Group},
		{&m.CorrelationID, &outer.CorrelationID}, {&m.TraceParent, &outer.TraceParent},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	if m.Version == 0 {
		m.Version = outer.Version
	}
	if m.Time.IsZero() {
		m.Time = outer.Time
	}
	if m.CorrelationID == "" {
		m.CorrelationID = m.ID
	}
}

// Receive handles a record of a batch. Use it in a handler of package batch that has more to do;
// otherwise [Mux.SQS] and the others are shorter. Options.Unwrap of the batch must list the envelopes
// of SNS and EventBridge.
func (x *Mux) Receive(ctx context.Context, m *batch.Message[json.RawMessage]) error {
	outer := Metadata{ID: m.ID, CorrelationID: m.CorrelationID, TraceParent: m.TraceParent, Time: m.Sent}
	version := ""
	for name, value := range m.Attributes() {
		switch name {
		case "event_id":
			outer.ID = value
		case "event_source":
			outer.Source = value
		case "event_type":
			outer.Type = value
		case "event_version":
			version = value
		}
	}
	if version != "" {
		var err error
		if outer.Version, err = strconv.Atoi(version); err != nil || outer.Version < 1 {
			return batch.Permanent(fmt.Errorf("%w: the attribute event_version is no version", ErrMalformed))
		}
	}
	var e eventBridge
	if m.Envelope(batch.EventBridge, &e) == nil {
		inner := e.metadata()
		outer.ID = ""
		inner.add(outer)
		outer = inner
	}
	return x.dispatch(ctx, outer, m.Body)
}

// SQS returns the function for a queue: see batch.SQS. The messages may be those of sqsbus, of SNS, or
// of a rule of EventBridge.
func (x *Mux) SQS(o *batch.Options) func(context.Context, batch.Event) (batch.Response, error) {
	return batch.SQS(x.Receive, batchOptions(o))
}

// Kinesis returns the function for a Kinesis stream: see batch.Kinesis.
func (x *Mux) Kinesis(o *batch.Options) func(context.Context, batch.Event) (batch.Response, error) {
	return batch.Kinesis(x.Receive, batchOptions(o))
}

// Kafka returns the function for a Kafka topic: see batch.Kafka.
func (x *Mux) Kafka(o *batch.Options) func(context.Context, batch.Event) (batch.KafkaResponse, error) {
	return batch.Kafka(x.Receive, batchOptions(o))
}

func batchOptions(o *batch.Options) *batch.Options {
	c := batch.Options{}
	if o != nil {
		c = *o
	}
	if c.Unwrap == nil {
		c.Unwrap = []batch.Envelope{batch.SNS, batch.EventBridge}
	}
	if c.CorrelationID == nil {
		c.CorrelationID = CorrelationID
	}
	return &c
}

// CorrelationID returns the correlation id of the event in a record. It is for batch.Options, if a handler
// of package batch gets events without a [Mux].
func CorrelationID(r *batch.Record) string {
	if m, _, err := open(r.Data()); err == nil {
		if m.CorrelationID != "" {
			return m.CorrelationID
		}
		if m.ID != "" {
			return m.ID
		}
	}
	for _, name := range []string{"correlation_id", "event_id"} {
		if id := r.Attribute(name); id != "" {
			return id
		}
	}
	var e eventBridge
	r.Envelope(batch.EventBridge, &e)
	return e.ID
}

// eventBridge has the members of an event that EventBridge delivers.
type eventBridge struct {
	ID         string          `json:"id"`
	Source     string          `json:"source"`
	DetailType string          `json:"detail-type"`
	Time       json.RawMessage `json:"time"`
	Detail     json.RawMessage `json:"detail"`
}

func (e *eventBridge) metadata() Metadata {
	m := Metadata{ID: e.ID, Source: e.Source, Type: e.DetailType}
	json.Unmarshal(e.Time, &m.Time) // a time in another form is not needed
	return m
}

// EventBridge handles an event that a rule of EventBridge delivers to the function. Give the method to
// lambdakit.Wrap. The response is always null, because nobody reads it. If EventBridge returns an error,
// Lambda invokes the function again, twice at most.
//
// The event is observed like a record of a batch: its log lines have its id and its correlation id, and
// its span has a link to the publisher.
func (x *Mux) EventBridge(ctx context.Context, event json.RawMessage) (response any, err error) {
	var e eventBridge
	if err := json.Unmarshal(event, &e); err != nil || e.Detail == nil || e.DetailType == "" || e.Source == "" {
		return nil, fmt.Errorf("%w: it is no event of EventBridge; it needs source, detail-type and detail", ErrMalformed)
	}
	outer := e.metadata()
	message := &lambdakit.Message{ID: outer.ID, Source: outer.Source, Sent: outer.Time, Of: 1}
	if m, _, err := open(e.Detail); err == nil {
		m.add(outer)
		message.ID, message.CorrelationID, message.TraceParent = short(m.ID), short(m.CorrelationID), short(m.TraceParent)
	}
	ctx, end := lambdakit.BeginMessage(ctx, message)
	err = errUnwound
	defer func() { end(err) }()
	err = x.dispatch(ctx, outer, e.Detail)
	return nil, err
}

// short bounds a text for logs and traces that the publisher chose.
func short(s string) string {
	const most = 1024
	return s[:min(len(s), most)]
}

// errUnwound is the error of an event whose handler did not return.
var errUnwound = errors.New("events: the handler panicked or called runtime.Goexit")
