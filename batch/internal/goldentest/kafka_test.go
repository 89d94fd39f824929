package goldentest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

type kafkaGiven struct {
	Kind   string
	Config struct{ Key, Value *format }
	Event  json.RawMessage
}

// format says how a key or a value is encoded.
type format struct {
	Type, Avsc, Proto string
	Shape             *shape
}

type kafkaWant struct {
	Records []kafkaRecord
	Error   any
}

// kafkaRecord is a record as a handler reads it.
type kafkaRecord struct {
	Topic             string
	Partition, Offset int64
	Key, Value        any
	Headers           any
}

var failure = map[string]any{"$error": "any"}

func isFailure(v any) bool { return member(v, "$error") != nil }

// binary reports whether a format is decoded by another module.
func (f *format) binary() bool { return f != nil && (f.Type == "avro" || f.Type == "protobuf") }

// decode returns what data hold. loose says that data which are not JSON are text.
func (f *format) decode(data []byte, loose bool) (v any, err error) {
	switch {
	case f == nil:
		return string(data), nil
	case f.binary():
		return base64.StdEncoding.EncodeToString(data), nil
	}
	if v, err = parse(data); err != nil && loose {
		v, err = string(data), nil
	}
	if err != nil {
		return nil, err
	}
	return f.Shape.check(v)
}

func kafkaCase(t *testing.T, given, want []byte, touch func(string)) (skip string) {
	var g kafkaGiven
	var w kafkaWant
	decode(t, given, want, &g, &w)
	for _, f := range []*format{g.Config.Key, g.Config.Value} {
		if f != nil && f.Type != "json" && !f.binary() {
			t.Fatalf("got the unknown format %q", f.Type)
		}
	}
	var e struct {
		EventSource string
		Records     map[string][]struct{ Key, Value *string }
	}
	json.Unmarshal(g.Event, &e)
	if e.EventSource != "aws:kafka" && e.EventSource != "SelfManagedKafka" && w.Error == nil {
		touch("source")
		w = kafkaWant{Error: true}
	}
	position := make(map[string]int)
	for i := range w.Records {
		r := &w.Records[i]
		lane := fmt.Sprint(r.Topic, "-", r.Partition)
		if position[lane] >= len(e.Records[lane]) {
			t.Fatalf("got no record %d of %s in the event, want one", position[lane], lane)
		}
		in := e.Records[lane][position[lane]]
		position[lane]++
		r.rewrite(&g, in.Key, in.Value, touch)
	}

	var got []kafkaRecord
	h := lambdakit.Wrap(batch.Kafka(func(ctx context.Context, m *batch.Message[any]) error {
		if m.Tombstone() {
			m.Body = undefined
		}
		got = append(got, g.read(t, m.Record, m.Body))
		return nil
	}, &batch.Options{
		Decoder: func(data []byte, v any) (err error) {
			*v.(*any), err = g.Config.Value.decode(data, false)
			return err
		},
		DeadLetters: batch.DeadLetterFunc(func(ctx context.Context, l batch.Letter) error {
			got = append(got, g.read(t, l.Record, failure))
			return nil
		}),
	}))
	response, err := h.Invoke(t.Context(), g.Event)
	if (err != nil) != (w.Error != nil) {
		t.Fatalf("got the error %v, want %v", err, w.Error)
	}
	if err == nil && string(response) != `{"batchItemFailures":[]}` {
		t.Errorf("got the response %s, want that all records are done", response)
	}
	if len(got) != len(w.Records) {
		t.Fatalf("got %d records, want %d", len(got), len(w.Records))
	}
	for i := range got {
		if !same(got[i].plain(), w.Records[i].plain()) {
			t.Errorf("record %d:\ngot  %+v\nwant %+v", i, got[i].plain(), w.Records[i].plain())
		}
	}
	return ""
}

// rewrite applies the rules.
func (r *kafkaRecord) rewrite(g *kafkaGiven, key, value *string, touch func(string)) {
	if g.Config.Key.binary() && key != nil && *key != "" {
		r.Key = *key
		touch("formats")
	}
	if value == nil { // null or undefined
		r.Value = undefined
		return
	}
	data, err := base64.StdEncoding.DecodeString(*value)
	switch f := g.Config.Value; {
	case isFailure(r.Value) && !f.binary(): // upstream also fails it
	case err != nil:
		r.Value = failure
		touch("payload")
	case f.binary():
		r.Value = *value
		touch("formats")
	case f != nil && !json.Valid(data):
		r.Value = failure
		touch("no-text")
	}
}

// read returns what a handler can read of a record.
func (g *kafkaGiven) read(t *testing.T, r *batch.Record, value any) kafkaRecord {
	out := kafkaRecord{Value: value, Key: undefined}
	var raw struct {
		Topic             string
		Partition, Offset int64
	}
	if err := json.Unmarshal(r.Raw(), &raw); err != nil {
		t.Error(err)
	}
	if id := fmt.Sprintf("%s-%d:%d", raw.Topic, raw.Partition, raw.Offset); r.ID != id || r.Source != raw.Topic {
		t.Errorf("got the id %q and the source %q, want %q and %q", r.ID, r.Source, id, raw.Topic)
	}
	out.Topic, out.Partition, out.Offset = r.Source, raw.Partition, raw.Offset
	if key := r.Key(); len(key) > 0 {
		var err error
		if out.Key, err = g.Config.Key.decode(key, true); err != nil {
			out.Key = failure
		}
	}
	headers := []any{}
	for name, value := range r.Attributes() {
		headers = append(headers, map[string]any{name: value})
	}
	out.Headers = headers
	return out
}

// plain returns r with one form for each value that means the same.
func (r kafkaRecord) plain() kafkaRecord {
	for _, v := range []*any{&r.Key, &r.Value} {
		if isFailure(*v) {
			*v = failure
		}
		*v = plain(*v)
	}
	if r.Headers = plain(r.Headers); r.Headers == nil || r.Headers == undefined {
		r.Headers = []any{}
	}
	return r
}
