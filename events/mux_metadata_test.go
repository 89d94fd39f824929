package events_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// TestMux_MetadataFromOutsideThePayload gives a Mux events without metadata, or with some.
func TestMux_MetadataFromOutsideThePayload(t *testing.T) {
	t.Parallel()
	attributes := map[string]string{"event_id": "e-1", "event_source": "s", "event_type": "T", "event_version": "3", "correlation_id": "c-1", "traceparent": traceParent}
	without := func(name string) map[string]string {
		rest := map[string]string{}
		for k, v := range attributes {
			if k != name {
				rest[k] = v
			}
		}
		return rest
	}
	bus := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC) // of eventBridge
	for name, c := range map[string]struct {
		m    lambdatest.Message
		want events.Metadata // without Time
		time time.Time       // zero: the time of the message
	}{
		"attributes": {lambdatest.Message{Body: `{}`, Attributes: attributes},
			events.Metadata{ID: "e-1", Source: "s", Type: "T", Version: 3, CorrelationID: "c-1", TraceParent: traceParent}, time.Time{}},
		"without a version": {lambdatest.Message{Body: `{}`, Attributes: without("event_version")},
			events.Metadata{ID: "e-1", Source: "s", Type: "T", CorrelationID: "c-1", TraceParent: traceParent}, time.Time{}},
		"without an id": {lambdatest.Message{ID: "m-1", Body: `{}`, Attributes: without("event_id")},
			events.Metadata{ID: "m-1", Source: "s", Type: "T", Version: 3, CorrelationID: "c-1", TraceParent: traceParent}, time.Time{}},
		"without a correlation id": {lambdatest.Message{Body: `{}`, Attributes: without("correlation_id")},
			events.Metadata{ID: "e-1", Source: "s", Type: "T", Version: 3, CorrelationID: "e-1", TraceParent: traceParent}, time.Time{}},
		"the payload wins": {lambdatest.Message{Body: `{"metadata":{"id":"i","source":"ps","type":"PT","version":4,"group":"g","time":"2020-01-02T03:04:05Z","correlation_id":"pc","traceparent":"pt"},"data":{}}`, Attributes: attributes},
			events.Metadata{ID: "i", Source: "ps", Type: "PT", Version: 4, Group: "g", CorrelationID: "pc", TraceParent: "pt"}, time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)},
		"EventBridge": {lambdatest.Message{Body: eventBridge("s", "T", `{}`)},
			events.Metadata{ID: "eb-1", Source: "s", Type: "T", CorrelationID: "eb-1"}, bus},
		"EventBridge and attributes": {lambdatest.Message{Body: eventBridge("bs", "BT", `{}`), Attributes: attributes},
			events.Metadata{ID: "eb-1", Source: "bs", Type: "BT", Version: 3, CorrelationID: "c-1", TraceParent: traceParent}, bus},
	} {
		var got []events.Metadata
		mux := events.NewMux(&events.MuxOptions{Unknown: func(_ context.Context, e *events.Event[json.RawMessage]) error {
			got = append(got, e.Metadata)
			return nil
		}})
		if res := lambdatest.Run(t, mux.SQS(nil), lambdatest.SQS("orders", c.m)); len(got) != 1 {
			t.Errorf("%s: got %d events and the failures %v, want one event", name, len(got), res.FailedRecords())
			continue
		}
		at := got[0].Time
		got[0].Time = time.Time{}
		if got[0] != c.want {
			t.Errorf("%s: got  %+v\nwant %+v", name, got[0], c.want)
		}
		if at.IsZero() || !c.time.IsZero() && !at.Equal(c.time) || c.time.IsZero() && at.Equal(bus) {
			t.Errorf("%s: got the time %v, want %v, or the time of the message if that is zero", name, at, c.time)
		}
	}
}

func TestMux_NewerGetsOnlyNewerVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"1": "", "2": "", "3": "raw OrderConfirmed v3 {}"} {
		var got received
		mux := events.NewMux(&events.MuxOptions{Newer: got.raw}, events.On(orderConfirmed, func(context.Context, *events.Event[confirmed]) error { return nil }))
		payload := `{"metadata":{"source":"shop.orders","type":"OrderConfirmed","version":` + version + `},"data":{}}`
		if _, err := mux.EventBridge(t.Context(), json.RawMessage(eventBridge("x", "X", payload))); err != nil {
			t.Errorf("version %s: got %v, want no error", version, err)
		}
		if list := strings.Join(got.list, ","); list != want {
			t.Errorf("version %s: got %q in Newer, want %q", version, list, want)
		}
	}
}

// An event without an id cannot be told from another one.
func TestMux_OnceIsNotAskedWithoutAnID(t *testing.T) {
	t.Parallel()
	var got received
	mux := events.NewMux(&events.MuxOptions{Unknown: got.raw, Once: func(context.Context, string, func(context.Context) error) error {
		t.Error("got a call of Once, want none")
		return nil
	}})
	const event = `{"source":"s","detail-type":"T","detail":{}}`
	if _, err := mux.EventBridge(t.Context(), json.RawMessage(event)); err != nil || len(got.list) != 1 {
		t.Errorf("got %v and %v, want the event handled", got.list, err)
	}
}

func TestMux_EventBridgeMessage(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 2000)
	for name, c := range map[string]struct{ detail, id, correlation, parent string }{
		"bare":      {`{"a":1}`, "eb-1", "eb-1", ""},
		"metadata":  {`{"metadata":{"id":"i","type":"T","correlation_id":"c","traceparent":"` + traceParent + `"},"data":{}}`, "i", "c", traceParent},
		"malformed": {`[1]`, "eb-1", "", ""},
		"large":     {`{"metadata":{"id":"` + large + `","type":"T","correlation_id":"` + large + `","traceparent":"` + large + `"},"data":{}}`, large[:1024], large[:1024], large[:1024]},
	} {
		o := &observer{}
		mux := events.NewMux(&events.MuxOptions{Unknown: events.Ignore})
		h := lambdakit.Wrap(mux.EventBridge, func(next lambdakit.Handler) lambdakit.Handler {
			return func(ctx context.Context, inv *lambdakit.Invocation) error {
				inv.OnMessage(o)
				return next(ctx, inv)
			}
		})
		response, err := h.Invoke(t.Context(), []byte(eventBridge("shop.orders", "T", c.detail)))
		if (err != nil) != (name == "malformed") || err == nil && string(response) != "null" {
			t.Errorf("%s: got %s, %v, want null, and an error only of a malformed event", name, response, err)
		}
		m := o.message
		if m == nil || m.ID != c.id || m.CorrelationID != c.correlation || m.TraceParent != c.parent || m.Source != "shop.orders" || m.Of != 1 || m.Sent.Format(time.RFC3339) != "2026-11-29T10:00:00Z" {
			t.Errorf("%s: got the message %+v, want %+v of shop.orders, sent when EventBridge got it", name, m, c)
		}
	}
}

func TestMux_OptionsOfTheBatchAreKept(t *testing.T) {
	t.Parallel()
	var got received
	mux := events.NewMux(&events.MuxOptions{Unknown: got.raw})
	o := &batch.Options{Unwrap: []batch.Envelope{}}
	lambdatest.Run(t, mux.SQS(o), lambdatest.SQS("orders", lambdatest.Message{Body: eventBridge("s", "T", `{}`)}))
	if len(got.list) != 0 || o.CorrelationID != nil {
		t.Errorf("got %v, want the event not unwrapped, and the options unchanged", got.list)
	}
}

// CorrelationID is also for handlers without a Mux.
func TestCorrelationID_OfARecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		m    lambdatest.Message
		want string
	}{
		"bare event of EventBridge": {lambdatest.Message{Body: eventBridge("s", "T", `{}`)}, "eb-1"},
		"malformed detail":          {lambdatest.Message{Body: eventBridge("s", "T", `[]`)}, "eb-1"},
		"attribute":                 {lambdatest.Message{Body: `[]`, Attributes: map[string]string{"correlation_id": "c-1", "event_id": "e-1"}}, "c-1"},
		"id in an attribute":        {lambdatest.Message{Body: `{}`, Attributes: map[string]string{"event_id": "e-1"}}, "e-1"},
		"nothing":                   {lambdatest.Message{Body: `{}`}, ""},
	} {
		got := "none"
		f := batch.SQS(func(ctx context.Context, m *batch.Message[json.RawMessage]) error {
			got = m.CorrelationID
			return nil
		}, &batch.Options{CorrelationID: events.CorrelationID, Unwrap: []batch.Envelope{batch.EventBridge}})
		lambdatest.Run(t, f, lambdatest.SQS("orders", c.m))
		if got != c.want {
			t.Errorf("%s: got the correlation id %q, want %q", name, got, c.want)
		}
	}
}
