package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// received notes what handlers got.
type received struct {
	mu   sync.Mutex
	list []string
}

func (r *received) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, fmt.Sprintf(format, args...))
}

func (r *received) confirmed(_ context.Context, e *events.Event[confirmed]) error {
	r.add("confirmed %s %d", e.Data.Order, e.Data.Cents)
	return nil
}

func (r *received) raw(_ context.Context, e *events.Event[json.RawMessage]) error {
	r.add("raw %s v%d %s", e.Type, e.Version, e.Data)
	return nil
}

// body returns the event as a Bus with the envelope publishes it.
func body(t *testing.T, envelope events.Envelope, e events.Publishable) string {
	t.Helper()
	var m events.Memory
	if err := events.New(&m, &events.Options{Envelope: envelope}).Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return string(m.Entries()[0].Body)
}

// eventBridge wraps a detail as EventBridge does.
func eventBridge(source, detailType, detail string) string {
	return fmt.Sprintf(`{"version":"0","id":"eb-1","detail-type":%q,"source":%q,"account":"123456789012","time":"2026-11-29T10:00:00Z","region":"eu-west-1","resources":[],"detail":%s}`, detailType, source, detail)
}

// sns wraps a message as SNS does.
func sns(message string) string {
	text, _ := json.Marshal(message)
	return fmt.Sprintf(`{"Type":"Notification","MessageId":"n-1","TopicArn":"arn:aws:sns:eu-west-1:123456789012:orders","Message":%s,"MessageAttributes":{"event_type":{"Type":"String","Value":"OrderConfirmed"},"event_source":{"Type":"String","Value":"shop.orders"},"event_version":{"Type":"String","Value":"1"}}}`, text)
}

func TestMux_ReadsAllForms(t *testing.T) {
	t.Parallel()
	e := orderConfirmed.New("o-1", confirmed{"o-1", 850})
	bare := map[string]string{"event_source": "shop.orders", "event_type": "OrderConfirmed", "event_version": "2"}
	for name, m := range map[string]lambdatest.Message{
		"metadata":                {Body: body(t, events.MetadataAndData, e)},
		"CloudEvent":              {Body: body(t, events.CloudEvents, e)},
		"bare with attributes":    {Body: body(t, events.Bare, e), Attributes: bare},
		"EventBridge":             {Body: eventBridge("shop.orders", "OrderConfirmed", body(t, events.MetadataAndData, e))},
		"EventBridge, CloudEvent": {Body: eventBridge("shop.orders", "OrderConfirmed", body(t, events.CloudEvents, e))},
		"SNS":                     {Body: sns(body(t, events.MetadataAndData, e))},
		"SNS, bare, version 1":    {Body: sns(`{"order":"o-1","total":8.5}`)},
		"SNS, EventBridge":        {Body: sns(eventBridge("shop.orders", "OrderConfirmed", body(t, events.MetadataAndData, e)))},
		"metadata, version 1":     {Body: `{"metadata":{"id":"e-1","source":"shop.orders","type":"OrderConfirmed","version":1},"data":{"order":"o-1","total":8.5}}`},
	} {
		var got received
		mux := events.NewMux(nil, events.On(orderConfirmed, got.confirmed))
		res := lambdatest.Run(t, mux.SQS(nil), lambdatest.SQS("orders", m))
		if reported := res.FailedRecords(); len(reported) != 0 || fmt.Sprint(got.list) != "[confirmed o-1 850]" {
			t.Errorf("%s: got %v handled and %v reported, want it handled", name, got.list, reported)
		}
	}
}

func TestMux_WhatItCannotHandleIsPermanent(t *testing.T) {
	t.Parallel()
	const metadata = `{"metadata":{"id":"e-1","source":"%s","type":"%s","version":%d},"data":%s}`
	for payload, want := range map[string]error{
		fmt.Sprintf(metadata, "shop.orders", "OrderLost", 1, "{}"):      events.ErrUnknownType,
		fmt.Sprintf(metadata, "shop.other", "OrderConfirmed", 1, "{}"):  events.ErrUnknownType,
		fmt.Sprintf(metadata, "shop.orders", "OrderConfirmed", 3, "{}"): events.ErrNewerVersion,
		eventBridge("shop.orders", "OrderConfirmed", `{"order":"o-1"}`): events.ErrMalformed, // of an unknown version
		`{"order":"o-1"}`: events.ErrMalformed,
		`[1]`:             events.ErrMalformed,
	} {
		var dead []error
		mux := events.NewMux(nil, events.On(orderConfirmed, new(received).confirmed))
		f := mux.SQS(&batch.Options{DeadLetters: batch.DeadLetterFunc(func(_ context.Context, l batch.Letter) error {
			dead = append(dead, l.Reason)
			return nil
		})})
		res := lambdatest.Run(t, f, lambdatest.SQS("orders", lambdatest.Message{Body: payload}))
		if len(res.FailedRecords()) != 0 || len(dead) != 1 || !errors.Is(dead[0], want) {
			t.Errorf("%s: got the dead letters %v, want one with %v", payload, dead, want)
		}
	}
}

func TestMux_WrongDataIsPermanent(t *testing.T) {
	t.Parallel()
	mux := events.NewMux(nil, events.On(orderConfirmed, new(received).confirmed))
	_, err := mux.EventBridge(t.Context(), json.RawMessage(eventBridge("shop.orders", "OrderConfirmed", `{"metadata":{"source":"shop.orders","type":"OrderConfirmed","version":2},"data":{"order":1}}`)))
	var data *events.DataError
	if !batch.IsPermanent(err) || !errors.As(err, &data) || data.Field != "order" {
		t.Errorf("got %v, want a permanent error about the field order", err)
	}
}

func TestMux_UnknownAndNewer(t *testing.T) {
	t.Parallel()
	var got received
	mux := events.NewMux(&events.MuxOptions{Unknown: got.raw, Newer: got.raw}, events.On(orderConfirmed, got.confirmed))
	for _, m := range []string{"OrderLost", "OrderConfirmed"} {
		payload := fmt.Sprintf(`{"metadata":{"source":"shop.orders","type":%q,"version":7},"data":{"a":1}}`, m)
		if _, err := mux.EventBridge(t.Context(), json.RawMessage(eventBridge("x", "X", payload))); err != nil {
			t.Errorf("%s: got %v, want no error", m, err)
		}
	}
	if want := `[raw OrderLost v7 {"a":1} raw OrderConfirmed v7 {"a":1}]`; fmt.Sprint(got.list) != want {
		t.Errorf("got %v, want %s", got.list, want)
	}
	if err := events.Ignore(t.Context(), nil); err != nil {
		t.Errorf("Ignore: got %v, want no error", err)
	}
}

func TestMux_OnceGetsTheEventID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	var got received
	mux := events.NewMux(&events.MuxOptions{Once: func(ctx context.Context, id string, f func(context.Context) error) error {
		if seen[id] {
			return nil
		}
		seen[id] = true
		return f(ctx)
	}}, events.On(orderConfirmed, got.confirmed))
	e := body(t, events.MetadataAndData, orderConfirmed.New("o-1", confirmed{"o-1", 850}))
	lambdatest.Run(t, mux.SQS(nil), lambdatest.SQS("orders", lambdatest.Message{Body: e}, lambdatest.Message{Body: e}, lambdatest.Message{Body: eventBridge("shop.orders", "OrderConfirmed", e)}))
	if len(got.list) != 1 {
		t.Errorf("got %v, want the event handled once", got.list)
	}
}

// An event that Unknown or Newer took comes again after the function has a handler for it.
func TestMux_OnceKnowsWhatHandledTheEvent(t *testing.T) {
	t.Parallel()
	done := map[string]bool{}
	var parked, handled int
	park := func(context.Context, *events.Event[json.RawMessage]) error { parked++; return nil }
	o := &events.MuxOptions{Unknown: park, Newer: park, Once: func(ctx context.Context, key string, f func(context.Context) error) error {
		if done[key] {
			return nil
		}
		done[key] = true
		return f(ctx)
	}}
	next := events.Define[shipped]("shop.warehouse", "OrderShipped", events.Version(2), events.Upcast(1, func(s shipped) (shipped, error) { return s, nil }))
	event := json.RawMessage(eventBridge("x", "X", body(t, events.MetadataAndData, next.New("o-1", shipped{}))))
	handle := func(context.Context, *events.Event[shipped]) error { handled++; return nil }
	for _, mux := range []*events.Mux{
		events.NewMux(o),
		events.NewMux(o, events.On(events.Define[shipped]("shop.warehouse", "OrderShipped"), handle)),
		events.NewMux(o, events.On(next, handle)),
	} {
		for range 2 {
			if _, err := mux.EventBridge(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}
	}
	if parked != 2 || handled != 1 {
		t.Errorf("got the event parked %d times and handled %d times, want 2 and 1", parked, handled)
	}
}

// Ids of CloudEvents are unique for a source only.
func TestMux_OnceKnowsEventsBySourceAndID(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	mux := events.NewMux(&events.MuxOptions{Unknown: events.Ignore, Once: func(ctx context.Context, key string, f func(context.Context) error) error {
		keys[key] = true
		return f(ctx)
	}})
	for _, source := range []string{"a", "b", "a"} {
		e := fmt.Sprintf(`{"specversion":"1.0","id":"1","source":%q,"type":"X","data":{}}`, source)
		if _, err := mux.EventBridge(t.Context(), json.RawMessage(eventBridge("x", "X", e))); err != nil {
			t.Fatal(err)
		}
	}
	if len(keys) != 2 {
		t.Errorf("got the keys %v, want one for each source", keys)
	}
}

func TestMux_VersionsOfAttributes(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v1", "1.0", " 1", "0", "-1"} {
		var got received
		mux := events.NewMux(nil, events.On(orderShipped, func(_ context.Context, e *events.Event[shipped]) error {
			got.add("shipped v%d", e.Version)
			return nil
		}))
		res := lambdatest.Run(t, mux.SQS(nil), lambdatest.SQS("orders", lambdatest.Message{Body: `{"order":"o-1"}`,
			Attributes: map[string]string{"event_source": "shop.warehouse", "event_type": "OrderShipped", "event_version": version}}))
		if len(res.FailedRecords()) != 1 || len(got.list) != 0 {
			t.Errorf("%q: got %v handled and %v reported, want it reported", version, got.list, res.FailedRecords())
		}
	}
}

func TestMux_KeepsTheCorrelationIDOfTheRecord(t *testing.T) {
	t.Parallel()
	got := ""
	bare := events.Define[shipped]("shop.orders", "Bare")
	mux := events.NewMux(nil, events.On(bare, func(ctx context.Context, e *events.Event[shipped]) error {
		got = e.CorrelationID
		return nil
	}))
	f := mux.SQS(&batch.Options{CorrelationID: func(*batch.Record) string { return "mine" }})
	lambdatest.Run(t, f, lambdatest.SQS("orders", lambdatest.Message{Body: eventBridge("shop.orders", "Bare", `{}`)}))
	if got != "mine" {
		t.Errorf("got the correlation id %q, want mine", got)
	}
}

func TestMux_HandlersPublishEventsOfTheChain(t *testing.T) {
	t.Parallel()
	var m events.Memory
	bus := events.New(&m, nil)
	mux := events.NewMux(nil, events.On(orderConfirmed, func(ctx context.Context, e *events.Event[confirmed]) error {
		if known, ok := events.FromContext(ctx); !ok || known.ID != e.ID {
			t.Errorf("got the metadata %+v, %v, want those of %s", known, ok, e.ID)
		}
		return bus.Publish(ctx, orderShipped.New(e.Data.Order, shipped{e.Data.Order}))
	}))
	cause := orderConfirmed.New("o-1", confirmed{"o-1", 850})
	cause.CorrelationID = "c-1"
	if _, err := mux.EventBridge(t.Context(), json.RawMessage(eventBridge("shop.orders", "OrderConfirmed", body(t, events.MetadataAndData, cause)))); err != nil {
		t.Fatal(err)
	}
	list := events.Published(&m, orderShipped)
	if len(list) != 1 || list[0].CorrelationID != "c-1" || list[0].CausationID != cause.ID || list[0].Data.Order != "o-1" {
		t.Errorf("got %+v, want OrderShipped with the correlation id c-1 and the causation id %s", list, cause.ID)
	}
	if _, ok := events.FromContext(t.Context()); ok {
		t.Error("outside a handler: got metadata, want none")
	}
}

func TestMux_EventBridgeRefusesOtherEvents(t *testing.T) {
	t.Parallel()
	mux := events.NewMux(nil)
	for _, payload := range []string{`{"Records":[]}`, `{`, `{"source":"a","detail-type":"b"}`, `[]`,
		`{"source":"a","detail":{}}`, `{"detail-type":"b","detail":{}}`, `{"id":1,"source":"a","detail-type":"b","detail":{}}`} {
		if _, err := mux.EventBridge(t.Context(), json.RawMessage(payload)); !errors.Is(err, events.ErrMalformed) || !strings.Contains(err.Error(), "it is no event of EventBridge") {
			t.Errorf("%s: got %v, want %v of EventBridge", payload, err, events.ErrMalformed)
		}
	}
}

func TestMux_EventBridgeIsObservedLikeARecord(t *testing.T) {
	t.Parallel()
	e := orderConfirmed.New("o-1", confirmed{"o-1", 850})
	e.CorrelationID = "c-1"
	event := json.RawMessage(eventBridge("shop.orders", "OrderConfirmed", body(t, events.MetadataAndData, e)))
	for name, f := range map[string]func(context.Context, *events.Event[confirmed]) error{
		"done":   func(context.Context, *events.Event[confirmed]) error { return nil },
		"failed": func(context.Context, *events.Event[confirmed]) error { return errBusy },
		"panic":  func(context.Context, *events.Event[confirmed]) error { panic("oops") },
	} {
		o := &observer{}
		mux := events.NewMux(nil, events.On(orderConfirmed, f))
		h := lambdakit.Wrap(mux.EventBridge, func(next lambdakit.Handler) lambdakit.Handler {
			return func(ctx context.Context, inv *lambdakit.Invocation) error {
				inv.OnMessage(o)
				return next(ctx, inv)
			}
		})
		func() {
			defer func() { recover() }()
			h.Invoke(t.Context(), event)
		}()
		if o.message == nil || o.message.ID != e.ID || o.message.CorrelationID != "c-1" || o.message.Source != "shop.orders" {
			t.Errorf("%s: got the message %+v, want one with the ids of the event", name, o.message)
		}
		if (o.err == nil) != (name == "done") || o.ended != 1 {
			t.Errorf("%s: got the end %v, %d times, want one", name, o.err, o.ended)
		}
	}
}

type observer struct {
	message *lambdakit.Message
	err     error
	ended   int
}

func (o *observer) BeginMessage(ctx context.Context, m *lambdakit.Message) context.Context {
	o.message = m
	return ctx
}

func (o *observer) EndMessage(_ context.Context, _ *lambdakit.Message, err error) {
	o.err = err
	o.ended++
}

func TestNewMux_PanicsOnMisuse(t *testing.T) {
	t.Parallel()
	f := new(received).confirmed
	wantPanic(t, "two routes for OrderConfirmed of shop.orders", func() { events.NewMux(nil, events.On(orderConfirmed, f), events.On(orderConfirmed, f)) })
	wantPanic(t, "a Route is empty", func() { events.NewMux(nil, events.Route{}) })
	wantPanic(t, "must not be nil", func() { events.On[confirmed](orderConfirmed, nil) })
	wantPanic(t, "must not be nil", func() { events.On[confirmed](nil, f) })
}

func TestMux_CorrelationIDOfTheRecord(t *testing.T) {
	t.Parallel()
	e := orderConfirmed.New("o-1", confirmed{})
	e.CorrelationID = "c-1"
	for name, c := range map[string]struct {
		m    lambdatest.Message
		want string
	}{
		"of the metadata":         {lambdatest.Message{Body: body(t, events.MetadataAndData, e)}, "c-1"},
		"of an EventBridge event": {lambdatest.Message{Body: eventBridge("shop.orders", "OrderConfirmed", body(t, events.MetadataAndData, e))}, "c-1"},
		"the id of the event":     {lambdatest.Message{Body: `{"metadata":{"id":"e-9","source":"shop.orders","type":"OrderConfirmed"},"data":{}}`}, "e-9"},
		"of an attribute":         {lambdatest.Message{Body: `{}`, Attributes: map[string]string{"correlation_id": "c-2", "event_type": "OrderConfirmed", "event_source": "shop.orders", "event_version": "2"}}, "c-2"},
		"the id of an attribute":  {lambdatest.Message{Body: `{}`, Attributes: map[string]string{"event_id": "e-3", "event_type": "OrderConfirmed", "event_source": "shop.orders", "event_version": "2"}}, "e-3"},
	} {
		got := ""
		mux := events.NewMux(nil, events.On(orderConfirmed, func(ctx context.Context, e *events.Event[confirmed]) error {
			got = lambdakit.MessageFromContext(ctx).CorrelationID
			return nil
		}))
		lambdatest.Run(t, mux.SQS(nil), lambdatest.SQS("orders", c.m))
		if got != c.want {
			t.Errorf("%s: got the correlation id %q, want %q", name, got, c.want)
		}
	}
}

func TestMux_HostilePayloads(t *testing.T) {
	t.Parallel()
	mux := events.NewMux(nil, events.On(orderConfirmed, new(received).confirmed))
	deep := strings.Repeat(`[`, 1_000_000) + strings.Repeat(`]`, 1_000_000)
	large := strings.Repeat("x", 1<<20)
	for name, payload := range map[string]string{
		"nesting":          eventBridge("shop.orders", "OrderConfirmed", deep),
		"nested data":      eventBridge("shop.orders", "OrderConfirmed", `{"metadata":{"source":"shop.orders","type":"OrderConfirmed"},"data":`+deep+`}`),
		"a large type":     eventBridge("shop.orders", large, `{}`),
		"a large metadata": eventBridge("shop.orders", "OrderConfirmed", `{"metadata":{"source":"`+large+`","type":"`+large+`"},"data":{}}`),
	} {
		_, err := mux.EventBridge(t.Context(), json.RawMessage(payload))
		if err == nil || len(err.Error()) > 1024 {
			t.Errorf("%s: got %.100v, want a short error", name, err)
		}
	}
}

func TestMemory_DeliverAlsoDeliversWhatHandlersPublish(t *testing.T) {
	t.Parallel()
	var m events.Memory
	bus := events.New(&m, nil)
	var got received
	mux := events.NewMux(nil,
		events.On(orderConfirmed, func(ctx context.Context, e *events.Event[confirmed]) error {
			got.add("confirmed")
			return bus.Publish(ctx, orderShipped.New(e.Data.Order, shipped{e.Data.Order}))
		}),
		events.On(orderShipped, func(context.Context, *events.Event[shipped]) error {
			got.add("shipped")
			return nil
		}))
	bus.Publish(t.Context(), orders("o-1")...)
	if err := m.Deliver(t.Context(), mux); err != nil || fmt.Sprint(got.list) != "[confirmed shipped]" || len(m.Entries()) != 2 {
		t.Errorf("got %v, %v, want both events delivered", got.list, err)
	}
	m.Fail = func(e *events.Entry) error { return errRefused }
	if err := bus.Publish(t.Context(), orders("o-1")...); !errors.Is(err, errRefused) || len(m.Entries()) != 2 {
		t.Errorf("got %v, want the error of Fail", err)
	}
	m.Fail = nil
	bus.Publish(t.Context(), events.Define[shipped]("shop", "Lost").New("1", shipped{}))
	if err := m.Deliver(t.Context(), mux); err != nil {
		t.Errorf("an event without a route: got %v, want no error, as behind a rule", err)
	}
}
