package lambdatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/lambdakit/lambdakit/internal/eventsource"
)

// Message is a message of a queue, or a record of a stream, in the event of a batch. A field whose
// comment does not name a source is for all sources.
type Message struct {
	ID         string            // SQS: the message id; default m1, m2, ...
	Body       any               // a string or []byte as it is, any other value as JSON
	Group      string            // SQS: the message group
	Key        string            // Kinesis: the partition key; Kafka: the key
	Attributes map[string]string // SQS: message attributes; Kafka: headers
	System     map[string]string // SQS: attributes of the service, such as AWSTraceHeader
	Attempt    int               // SQS: how often it was received, with this time; default 1
	Tombstone  bool              // Kafka: a record without a value
}

// SQS returns the event of a queue. Each of messages is a [Message], or the body of a message. If
// the name of the queue ends in .fifo, it is a FIFO queue.
//
//	res := lambdatest.Run(t, handler, lambdatest.SQS("orders", Order{ID: "a"}, `not JSON`))
func SQS(queue string, messages ...any) []byte {
	kind := eventsource.SQS
	if len(queue) > len(fifo) && queue[len(queue)-len(fifo):] == fifo {
		kind = eventsource.FIFO
	}
	return event(kind, queue, records(kind, messages))
}

const fifo = ".fifo"

// Kinesis returns the event of a stream. Each of data is a [Message], or the data of a record.
func Kinesis(stream string, data ...any) []byte {
	return event(eventsource.Kinesis, stream, records(eventsource.Kinesis, data))
}

// Kafka returns the event of a topic. Each of values is a [Message], or the value of a record.
func Kafka(topic string, values ...any) []byte {
	return event(eventsource.Kafka, topic, records(eventsource.Kafka, values))
}

// Change is a change of a table item. Keys and images are maps or structs, whose JSON is converted
// to attribute values. A json.RawMessage already contains attribute values, and is not converted.
type Change struct {
	Event    string // INSERT, MODIFY or REMOVE; by default, the images decide
	Keys     any
	Old, New any // nil for no image
}

// DynamoDB returns the event of the stream of a table with changes.
func DynamoDB(table string, changes ...Change) []byte {
	var list []eventsource.Message
	for _, c := range changes {
		list = append(list, eventsource.Message{Change: &eventsource.Change{Event: c.Event, Keys: image(c.Keys), Old: image(c.Old), New: image(c.New)}})
	}
	return event(eventsource.DynamoDB, table, list)
}

// Firehose returns the event of a delivery stream. Each of data is the data of a record: a string
// or []byte as it is, any other value as JSON.
func Firehose(stream string, data ...any) []byte {
	type record struct {
		RecordID string `json:"recordId"`
		Arrival  int64  `json:"approximateArrivalTimestamp"`
		Data     []byte `json:"data"`
	}
	out := struct {
		InvocationID string   `json:"invocationId"`
		Stream       string   `json:"deliveryStreamArn"`
		Region       string   `json:"region"`
		Records      []record `json:"records"`
	}{"b6ff3b5e-4f0c-4c1e-9d53-0a8d4f3f7b11", "arn:aws:firehose:us-east-1:123456789012:deliverystream/" + stream, "us-east-1", []record{}}
	for i, d := range data {
		out.Records = append(out.Records, record{fmt.Sprint("r", i+1), time.Now().UnixMilli(), []byte(text(d))})
	}
	return encoded(out)
}

// records returns messages for a source.
func records(kind eventsource.Kind, values []any) []eventsource.Message {
	var list []eventsource.Message
	for i, v := range values {
		m, ok := v.(Message)
		if !ok {
			m.Body = v
		}
		out := eventsource.Message{ID: m.ID, Body: text(m.Body), Group: m.Group, Key: m.Key, Tombstone: m.Tombstone}
		switch kind {
		case eventsource.SQS, eventsource.FIFO:
			if out.ID == "" {
				out.ID = "m" + strconv.Itoa(i+1)
			}
			out.Attributes, out.MessageAttributes = m.System, m.Attributes
			out.Received = max(m.Attempt-1, 0)
		case eventsource.Kafka:
			for name, value := range m.Attributes {
				out.Headers = append(out.Headers, eventsource.Header{Name: name, Value: value})
			}
		}
		list = append(list, out)
	}
	return list
}

// event returns the only event of a source that has these messages.
func event(kind eventsource.Kind, name string, messages []eventsource.Message) []byte {
	if len(messages) == 0 {
		if kind == eventsource.Kafka {
			return []byte(`{"eventSource":"aws:kafka","records":{}}`)
		}
		return []byte(`{"Records":[]}`)
	}
	now := time.Now()
	m, err := eventsource.New(kind, now, messages, &eventsource.Options{Name: name, BatchSize: len(messages)})
	if err != nil {
		panic("lambdatest: " + err.Error())
	}
	next := m.Next(now)
	if len(next) != 1 || len(next[0].Messages) != len(messages) {
		panic(fmt.Sprintf("lambdatest: %d messages do not fit into one event of %v", len(messages), kind))
	}
	return next[0].Event
}

// text returns a body.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return string(v)
	}
	return string(encoded(v))
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("lambdatest: encode %T: %v", v, err))
	}
	return b
}

// image returns the attribute values of an item.
func image(v any) json.RawMessage {
	switch v := v.(type) {
	case nil:
		return nil
	case json.RawMessage:
		return v
	}
	var plain map[string]any
	d := json.NewDecoder(bytes.NewReader(encoded(v)))
	d.UseNumber() // a float64 would change large integers
	if err := d.Decode(&plain); err != nil {
		panic(fmt.Sprintf("lambdatest: the JSON of %T is no object, so it is no item", v))
	}
	out := make(map[string]any, len(plain))
	for name, v := range plain {
		out[name] = attributeValue(v)
	}
	return encoded(out)
}

func attributeValue(v any) map[string]any {
	switch v := v.(type) {
	case string:
		return map[string]any{"S": v}
	case json.Number:
		return map[string]any{"N": v.String()}
	case bool:
		return map[string]any{"BOOL": v}
	case []any:
		list := make([]any, 0, len(v))
		for _, e := range v {
			list = append(list, attributeValue(e))
		}
		return map[string]any{"L": list}
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, e := range v {
			m[name] = attributeValue(e)
		}
		return map[string]any{"M": m}
	}
	return map[string]any{"NULL": true}
}

// FailedRecords returns the identifiers of the records that the response reports as failed: message ids,
// sequence numbers, or partitions with offsets such as orders-0:15. It fails the test if the
// response is not the response to a batch.
func (r *Result) FailedRecords() []string {
	r.t.Helper()
	const member = "batchItemFailures"
	var answer map[string]json.RawMessage
	var failures []struct {
		ID json.RawMessage `json:"itemIdentifier"`
	}
	err := json.Unmarshal(r.Response, &answer)
	list, ok := answer[member]
	if ok {
		err = json.Unmarshal(list, &failures)
	}
	if err != nil || !ok && len(answer) > 0 {
		r.t.Fatalf("the response has no %s: %.1000s (error: %v)", member, r.Response, r.Err)
	}
	ids := []string{}
	for _, f := range failures {
		var id string
		var kafka struct {
			Partition string
			Offset    int64
		}
		if json.Unmarshal(f.ID, &id) != nil && json.Unmarshal(f.ID, &kafka) == nil {
			id = kafka.Partition + ":" + strconv.FormatInt(kafka.Offset, 10)
		}
		ids = append(ids, id)
	}
	return ids
}

// LogsOf returns the lines that were logged for the record with this message id.
func (r *Result) LogsOf(messageID string) []Line {
	var lines []Line
	for _, l := range r.Logs {
		if l["message_id"] == messageID {
			lines = append(lines, l)
		}
	}
	return lines
}
