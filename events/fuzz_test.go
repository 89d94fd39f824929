package events_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
)

// FuzzMux gives a Mux any payload. An event that a handler gets is valid JSON, and everything else is a
// permanent failure.
func FuzzMux(f *testing.F) {
	for _, s := range []string{
		`{"metadata":{"id":"e-1","source":"shop.orders","type":"OrderConfirmed","version":1},"data":{"order":"o-1","total":8.5}}`,
		`{"specversion":"1.0","id":"e-1","source":"shop.orders","type":"OrderConfirmed","dataversion":"2","data":{"order":"o-1","cents":850}}`,
		`{"order":"o-1","cents":850}`, `{"metadata":{},"data":{}}`, `{"specversion":"1.0"}`, `{"metadata":null,"data":null}`, `{"data":{},"metadata":{"type":"\u004frderConfirmed"}}`,
	} {
		f.Add([]byte(s))
	}
	mux := events.NewMux(&events.MuxOptions{Unknown: valid(f), Newer: valid(f)}, events.On(orderConfirmed, func(context.Context, *events.Event[confirmed]) error { return nil }))
	f.Fuzz(func(t *testing.T, detail []byte) {
		if !json.Valid(detail) {
			orderConfirmed.Decode(detail)
			return
		}
		_, err := mux.EventBridge(t.Context(), json.RawMessage(eventBridge("shop.orders", "OrderConfirmed", string(detail))))
		if err != nil && !batch.IsPermanent(err) {
			t.Errorf("%s: got %v, want a permanent error", detail, err)
		}
	})
}

func valid(f *testing.F) func(context.Context, *events.Event[json.RawMessage]) error {
	return func(_ context.Context, e *events.Event[json.RawMessage]) error {
		if !json.Valid(e.Data) {
			f.Errorf("got the data %s, want JSON", e.Data)
		}
		return nil
	}
}
