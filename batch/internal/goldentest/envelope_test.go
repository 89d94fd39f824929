package goldentest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

type envelopeGiven struct {
	Kind, Envelope string
	Shape          *shape
	Event          json.RawMessage
}

type envelopeWant struct {
	Value any
	Error *struct {
		Issues []struct{ Path []any }
	}
}

// envelopeSource says which function takes an envelope.
type envelopeSource struct {
	source  string
	unwrap  []batch.Envelope
	payload []string // path of the payload in a record
}

var envelopeSources = map[string]envelopeSource{
	"sqs":             {"sqs", nil, []string{"body"}},
	"sns-sqs":         {"sqs", []batch.Envelope{batch.SNS}, []string{"body"}},
	"eventbridge-sqs": {"sqs", []batch.Envelope{batch.EventBridge}, []string{"body"}},
	"s3-sqs":          {"sqs", []batch.Envelope{batch.S3}, []string{"body"}},
	"kinesis":         {"kinesis", nil, []string{"kinesis", "data"}},
	"dynamodb":        {"dynamodb", nil, []string{"dynamodb"}},
	"kafka":           {"kafka", nil, []string{"value"}},
	"sns":             {}, // not batches
	"eventbridge":     {},
	"s3":              {},
	"s3-eventbridge":  {},
}

// envelopes is a case of the kind envelope.
type envelopes struct {
	envelopeGiven
	envelopeSource
	t       *testing.T
	records []any
	places  [][]any // of the records, in the event
}

func envelopeCase(t *testing.T, given, want []byte, touch func(string)) (skip string) {
	c := &envelopes{t: t}
	var w envelopeWant
	decode(t, given, want, &c.envelopeGiven, &w)
	var known bool
	if c.envelopeSource, known = envelopeSources[c.Envelope]; !known {
		t.Fatalf("got the unknown envelope %q", c.Envelope)
	}
	if c.source == "" {
		c.refused()
		touch("no-batch")
		return "no-batch"
	}
	valid := c.readRecords()
	expected, err := c.expect(&w, touch), w.Error
	if err == nil && !valid {
		touch("source")
	}
	got, failed, refused := c.run(c.source)
	if !valid || expected == nil {
		if refused == nil {
			t.Errorf("got no error, want that the event is refused")
		}
		return ""
	}
	if refused != nil {
		t.Fatalf("got the error %v, want the records", refused)
	}
	for i := range c.records {
		want, called := expected[i]
		value, ok := got[i]
		switch {
		case called != ok || called && !same(want, value):
			t.Errorf("record %d: got %v (called: %v), want %v (called: %v)", i, plain(value), ok, plain(want), called)
		case failed[i] != (!called && !c.testEvent(i)):
			t.Errorf("record %d: got failed: %v, want %v", i, failed[i], !failed[i])
		}
	}
	return ""
}

// refused checks that no function of package batch takes an event that is not a batch.
func (c *envelopes) refused() {
	for _, source := range []string{"sqs", "kinesis", "dynamodb", "kafka"} {
		if got, failed, err := c.run(source); err == nil || len(got)+len(failed) > 0 {
			c.t.Errorf("%s: got the error %v and %d calls, want an error and no call", source, err, len(got))
		}
	}
}

// readRecords reports whether the event is of the source.
func (c *envelopes) readRecords() (ok bool) {
	if c.source == "kafka" {
		return c.readKafka()
	}
	v, _ := parse(c.Event)
	list, ok := member(v, "Records").([]any)
	for i, r := range list {
		c.records, c.places = append(c.records, r), append(c.places, []any{"Records", float64(i)})
		ok = ok && member(r, "eventSource") == "aws:"+c.source
	}
	return ok
}

func (c *envelopes) readKafka() (ok bool) {
	var e struct {
		EventSource string
		Records     orderedLists
	}
	if json.Unmarshal(c.Event, &e) != nil || e.Records == nil {
		return false
	}
	for _, list := range e.Records {
		for i, r := range list.values {
			c.records, c.places = append(c.records, r), append(c.places, []any{"records", list.name, float64(i)})
		}
	}
	return e.EventSource == "aws:kafka" || e.EventSource == "SelfManagedKafka"
}

// orderedLists is an object of lists in the order of the text.
type orderedLists []list

type list struct {
	name   string
	values []any
}

func (o *orderedLists) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); t != json.Delim('{') {
		return cmp.Or(err, errShape)
	}
	*o = orderedLists{}
	for d.More() {
		name, _ := d.Token()
		var values []any
		if err := d.Decode(&values); err != nil {
			return err
		}
		*o = append(*o, list{fmt.Sprint(name), values})
	}
	return nil
}

// expect returns what the handler gets for each record that does not fail; nil if the event must be
// refused.
func (c *envelopes) expect(w *envelopeWant, touch func(string)) map[int]any {
	out := make(map[int]any)
	if w.Error == nil {
		for i := range c.records {
			out[i] = c.recorded(w.Value, i)
			if v, err := c.predict(i); err == nil && c.source == "kinesis" && c.Shape != nil && c.Shape.Type == "string" && !same(v, out[i]) {
				out[i] = v
				touch("text")
			}
		}
		return out
	}
	last, named := -1, make(map[int][]any) // the path of an issue in the record
	for _, issue := range w.Error.Issues {
		for i, place := range c.places {
			if n := len(place); len(issue.Path) >= n && slices.Equal(issue.Path[:n], place) {
				named[i], last = issue.Path[n:], max(last, i)
			}
		}
	}
	if len(named) == 0 {
		return nil
	}
	for i := range c.records {
		v, err := c.predict(i)
		path, bad := named[i]
		switch {
		case err == nil && c.testEvent(i):
			touch("test-event")
			continue
		case err == nil:
			out[i] = v
		}
		switch {
		case bad && err != nil:
			touch("one-record")
		case !bad && err != nil && i < last: // upstream says nothing of the records behind the last that failed
			c.t.Errorf("record %d: got %v from the harness, want success", i, err)
		case !bad:
		case v == undefined:
			touch("tombstone")
		case c.unwrap != nil && c.bare(i):
			touch("bare")
		case c.Shape == nil || path[0] != c.payload[0]:
			touch("members")
		default:
			c.t.Errorf("record %d: got success from the harness, want a failure at %v", i, path)
		}
	}
	return out
}

// recorded returns what upstream gave a handler for a record: an element of a list, or the payload of
// a record of a whole event.
func (c *envelopes) recorded(value any, i int) any {
	if list, ok := value.([]any); ok && i < len(list) {
		return list[i]
	}
	if list, ok := member(value, "Records").([]any); ok && i < len(list) {
		return member(list[i], c.payload...)
	}
	c.t.Errorf("record %d: got no value from upstream, want one", i)
	return nil
}

// content returns the payload of an SQS message and whether it has its envelope.
func (c *envelopes) content(i int) (text string, enveloped bool) {
	body := textOf(member(c.records[i], "body"))
	v, _ := parse([]byte(body))
	switch c.Envelope {
	case "sns-sqs":
		if message, ok := member(v, "Message").(string); ok && member(v, "Type") == "Notification" && member(v, "TopicArn") != nil {
			return message, true
		}
	case "eventbridge-sqs":
		enveloped = member(v, "detail-type") != nil && member(v, "source") != nil && member(v, "detail") != nil
		if enveloped && c.Shape != nil {
			detail, _ := json.Marshal(member(v, "detail"))
			body = string(detail)
		}
		return body, enveloped
	case "s3-sqs":
		return body, member(v, "Records") != nil
	}
	return body, false
}

func (c *envelopes) bare(i int) bool {
	_, enveloped := c.content(i)
	return !enveloped
}

// testEvent reports whether a record is the test event of S3.
func (c *envelopes) testEvent(i int) bool {
	v, _ := parse([]byte(textOf(member(c.records[i], "body"))))
	return c.Envelope == "s3-sqs" && member(v, "Event") == "s3:TestEvent"
}

// predict returns what the handler gets for a record, without package batch.
func (c *envelopes) predict(i int) (any, error) {
	r := c.records[i]
	text, ok := member(r, c.payload...).(string)
	switch c.source {
	case "sqs":
		text, _ = c.content(i)
		return c.decode([]byte(text))
	case "dynamodb":
		return c.change(unmarshalImage(member(r, "dynamodb", "OldImage")), unmarshalImage(member(r, "dynamodb", "NewImage")))
	case "kafka":
		if !ok {
			return undefined, nil
		}
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !ok {
		return nil, errors.New("no payload")
	}
	return c.decode(data)
}

// decode is the Decoder.
func (c *envelopes) decode(data []byte) (any, error) {
	switch {
	case c.Shape == nil:
		return parse(data)
	case c.Envelope == "eventbridge-sqs" || c.source == "kinesis":
		v, err := c.Shape.inside(data)
		if err != nil {
			return nil, err
		}
		return c.Shape.check(v)
	}
	return c.Shape.check(string(data))
}

func (c *envelopes) change(old, new any) (any, error) {
	out := map[string]any{}
	for name, image := range map[string]any{"OldImage": old, "NewImage": new} {
		if image == nil {
			continue
		}
		v, err := c.Shape.check(image)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// run gives the event to the function of a source. It returns what the handler got.
func (c *envelopes) run(source string) (got map[int]any, failed set, err error) {
	got, failed = map[int]any{}, set{}
	handle := func(ctx context.Context, m *batch.Message[any]) error {
		v := m.Body
		var whole any
		switch {
		case m.Tombstone():
			v = undefined
		case slices.Contains(c.unwrap, batch.EventBridge) && m.Envelope(batch.EventBridge, &whole) == nil:
			if c.Shape == nil {
				if !same(v, member(whole, "detail")) {
					c.t.Errorf("record %d: got the payload %v, want the detail of %v", m.Index, v, whole)
				}
				v = whole
			}
		case slices.Contains(c.unwrap, batch.S3) && !c.bare(m.Index):
			if err := m.Envelope(batch.S3, &whole); err != nil || !same(whole, v) {
				c.t.Errorf("record %d: got the envelope %v and %v, want the payload", m.Index, whole, err)
			}
		}
		got[m.Index] = v
		return nil
	}
	o := &batch.Options{DeadLetters: batch.DeadLetterFunc(func(ctx context.Context, l batch.Letter) error {
		failed[l.Record.Index] = true
		return nil
	})}
	with := *o
	with.Unwrap = c.unwrap
	with.Decoder = func(data []byte, v any) (err error) {
		*v.(*any), err = c.decode(data)
		return err
	}
	var h interface {
		Invoke(context.Context, []byte) ([]byte, error)
	}
	switch source {
	case "sqs":
		h = lambdakit.Wrap(batch.SQS(handle, &with))
	case "kinesis":
		h = lambdakit.Wrap(batch.Kinesis(handle, &with))
	case "kafka":
		h = lambdakit.Wrap(batch.Kafka(handle, &with))
	case "dynamodb":
		h = lambdakit.Wrap(batch.DynamoDB(func(ctx context.Context, m *batch.Message[batch.Change[map[string]any]]) error {
			image := func(p *map[string]any) any {
				if p == nil {
					return nil
				}
				return plain(*p)
			}
			v, err := c.change(image(m.Body.Old), image(m.Body.New))
			if err != nil {
				return batch.Permanent(err)
			}
			got[m.Index] = v
			return nil
		}, o))
	}
	response, err := h.Invoke(c.t.Context(), c.Event)
	if err == nil && string(response) != `{"batchItemFailures":[]}` {
		c.t.Errorf("got the response %s, want that all records are done", response)
	}
	return got, failed, err
}
