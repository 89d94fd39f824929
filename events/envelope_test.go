package events_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
)

// The texts say what is wrong with an event, and the Mux does not mend such an event with what EventBridge says.
func TestDecode_TextsOfMalformedEvents(t *testing.T) {
	t.Parallel()
	mux := events.NewMux(nil, events.On(orderConfirmed, new(received).confirmed))
	for payload, want := range map[string]string{
		`[]`:                              "the payload is not a JSON object",
		`{"metadata":{"id":"e-1"`:         "the payload is not a JSON object",
		`{"metadata":{"type":"X"},"data"`: "the payload is not a JSON object",
		`{"metadata":{"type":"OrderConfirmed","version":"x"},"data":{}}`:                       "its metadata do not have the form of this package",
		`{"metadata":{"id":"e-1","source":"shop.orders"},"data":{}}`:                           "its metadata have no type",
		`{"metadata":{"source":"shop.orders","type":"OrderConfirmed"},"data":[1]}`:             "its data are not a JSON object",
		`{"metadata":{"source":"shop.orders","type":"OrderConfirmed","version":-1},"data":{}}`: "its version is negative",
		`{"specversion":1}`:   "the CloudEvent does not have the form of the specification",
		`{"specversion":"2"}`: "the specversion of the CloudEvent is not 1.0",
		`{"specversion":"1.0","source":"shop.orders","type":"OrderConfirmed","data":{}}`:                              "the CloudEvent has no id, source or type",
		`{"specversion":"1.0","id":"a","type":"OrderConfirmed","data":{}}`:                                            "the CloudEvent has no id, source or type",
		`{"specversion":"1.0","id":"a","source":"shop.orders","data":{}}`:                                             "the CloudEvent has no id, source or type",
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed"}`:                               "the CloudEvent has no JSON data",
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","data":"text"}`:                 "its data are not a JSON object",
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","dataversion":true,"data":{}}`:  "the dataversion of the CloudEvent is no version",
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","dataversion":1e300,"data":{}}`: "the dataversion of the CloudEvent is no version",
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","dataversion":"-1","data":{}}`:  "the dataversion of the CloudEvent is no version",
	} {
		_, err := orderConfirmed.Decode([]byte(payload))
		if !errors.Is(err, events.ErrMalformed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", payload, err, want)
		}
		if _, err := events.Unmarshal([]byte(payload)); !strings.Contains(want, "version") && (!errors.Is(err, events.ErrMalformed) || !strings.Contains(err.Error(), want)) {
			t.Errorf("Unmarshal of %s: got %v, want %q", payload, err, want)
		}
		if !json.Valid([]byte(payload)) {
			continue
		}
		_, err = mux.EventBridge(t.Context(), json.RawMessage(eventBridge("shop.orders", "OrderConfirmed", payload)))
		if !batch.IsPermanent(err) || !errors.Is(err, events.ErrMalformed) || !strings.Contains(err.Error(), want) {
			t.Errorf("EventBridge with %s: got %v, want a permanent error with %q", payload, err, want)
		}
	}
}

// Each field of the metadata has its own name in an envelope.
func TestUnmarshal_AllMetadata(t *testing.T) {
	t.Parallel()
	const times = `"time":"2026-11-29T10:00:00Z"`
	for _, payload := range []string{
		`{"metadata":{"id":"i","source":"s","type":"t","version":3,"group":"g",` + times + `,"correlation_id":"co","causation_id":"ca","traceparent":"tp"},"data":{"a":1}}`,
		`{"specversion":"1.0","id":"i","source":"s","type":"t","dataversion":"3","partitionkey":"g",` + times + `,"correlationid":"co","causationid":"ca","traceparent":"tp","data":{"a":1}}`,
	} {
		e, err := events.Unmarshal([]byte(payload))
		if err != nil {
			t.Fatalf("%s: got %v, want no error", payload, err)
		}
		got, _ := json.Marshal(e.Metadata)
		want := `{"id":"i","source":"s","type":"t","version":3,"group":"g",` + times + `,"correlation_id":"co","causation_id":"ca","traceparent":"tp"}`
		if string(got) != want || string(e.Data) != `{"a":1}` {
			t.Errorf("%s: got %s and the data %s, want %s", payload, got, e.Data, want)
		}
	}
}
