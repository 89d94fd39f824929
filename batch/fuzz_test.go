package batch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

// probe is an invocation of a function of this package with any event.
type probe struct {
	source   string // sqs, kinesis, dynamodb, kafka or firehose
	o        batch.Options
	outcome  func(i int) error // of the handler of record i; nil: success
	seen     func(*batch.Record)
	response []byte
	err      error

	mu     sync.Mutex
	called map[int]bool
	began  map[int]string // the group
	ended  map[int]error
	result lambdakit.BatchResult
}

func (p *probe) run(ctx context.Context, event []byte) {
	p.called, p.began, p.ended = map[int]bool{}, map[int]string{}, map[int]error{}
	o := p.o
	handle := func(ctx context.Context, r *batch.Record) error {
		for range r.Attributes() {
		}
		r.Key()
		r.Raw()
		r.ARN()
		r.SystemAttribute("SenderId")
		r.Attribute("a")
		p.mu.Lock()
		defer p.mu.Unlock()
		p.called[r.Index] = true
		if p.seen != nil {
			p.seen(r)
		}
		if p.outcome == nil {
			return nil
		}
		return p.outcome(r.Index)
	}
	one := func(ctx context.Context, m *batch.Message[any]) error { return handle(ctx, m.Record) }
	var call func(context.Context, batch.Event) (any, error)
	switch p.source {
	case "sqs":
		f := batch.SQS(one, &o)
		call = func(ctx context.Context, e batch.Event) (any, error) { return f(ctx, e) }
	case "kinesis":
		f := batch.Kinesis(one, &o)
		call = func(ctx context.Context, e batch.Event) (any, error) { return f(ctx, e) }
	case "dynamodb":
		o.Decoder, o.Unwrap = nil, nil
		f := batch.DynamoDB(func(ctx context.Context, m *batch.Message[batch.Change[map[string]any]]) error {
			m.Keys(new(map[string]any))
			return handle(ctx, m.Record)
		}, &o)
		call = func(ctx context.Context, e batch.Event) (any, error) { return f(ctx, e) }
	case "kafka":
		f := batch.Kafka(one, &o)
		call = func(ctx context.Context, e batch.Event) (any, error) { return f(ctx, e) }
	case "firehose":
		f := batch.Firehose(one, &o)
		call = func(ctx context.Context, e batch.Event) (any, error) { return f(ctx, e) }
	}
	p.response, p.err = lambdakit.Wrap(call, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnMessage(p)
			inv.OnBatch(p)
			return next(ctx, inv)
		}
	}).Invoke(ctx, event)
}

// BeginMessage implements lambdakit.MessageObserver.
func (p *probe) BeginMessage(ctx context.Context, m *lambdakit.Message) context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began[m.Index] = m.Group
	return ctx
}

// EndMessage implements lambdakit.MessageObserver.
func (p *probe) EndMessage(_ context.Context, m *lambdakit.Message, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended[m.Index] = err
}

// EndBatch implements lambdakit.BatchObserver.
func (p *probe) EndBatch(_ context.Context, r lambdakit.BatchResult) { p.result = r }

// done reports whether the handler of record i returned nil.
func (p *probe) done(i int) bool {
	err, ok := p.ended[i]
	return ok && err == nil && p.called[i]
}

// check fails the test if a record is acknowledged whose handler did not return nil.
func (p *probe) check(t *testing.T, event []byte) {
	t.Helper()
	if p.err != nil {
		if text := p.err.Error(); len(text) > 4096 || !strings.HasPrefix(text, "batch: ") && len(event) > 0 {
			t.Errorf("got the error %.5000q, want a short one of package batch", text)
		}
		return
	}
	n := p.result.Records
	if want, ok := countRecords(p.source, event); ok && n != want {
		t.Errorf("got %d records, want %d of %.300s", n, want, event)
		return
	}
	var r struct {
		BatchItemFailures []struct{ ItemIdentifier any }
		Records           []batch.FirehoseRecord
	}
	if err := json.Unmarshal(p.response, &r); err != nil {
		t.Fatalf("got the response %s: %v", p.response, err)
	}
	var left []int
	for i := range n {
		if !p.done(i) {
			left = append(left, i)
		}
	}
	reported := map[any]bool{}
	for _, f := range r.BatchItemFailures {
		reported[member(f.ItemIdentifier)] = true
	}
	delete(reported, "") // Lambda retries everything
	switch p.source {
	case "firehose":
		if len(r.Records) != n {
			t.Fatalf("got %d results for %d records, want one of each", len(r.Records), n)
		}
		for _, i := range left {
			if r.Records[i].Result != "ProcessingFailed" {
				t.Errorf("record %d: got the result %s, want ProcessingFailed", i, r.Records[i].Result)
			}
		}
	case "kafka":
		for _, i := range left {
			if group, ok := p.began[i]; ok && !reported[group] {
				t.Errorf("record %d: got no report of %q in %s, want it", i, group, p.response)
			}
		}
	case "sqs":
		if len(r.BatchItemFailures) != len(left) {
			t.Errorf("got the response %s, want reports of %v", p.response, left)
		}
	default:
		if len(r.BatchItemFailures) != min(len(left), 1) {
			t.Errorf("got the response %s, want a report of the first of %v", p.response, left)
		}
	}
	if len(reported) == 0 && len(r.BatchItemFailures) > 0 {
		t.Errorf("got the response %s, want identifiers", p.response)
	}
}

// member returns an identifier, or the partition of one.
func member(id any) any {
	if m, ok := id.(map[string]any); ok {
		return m["partition"]
	}
	return id
}

// countRecords returns the number of records in an event, as encoding/json reads it. ok is false if it
// does not say.
func countRecords(source string, event []byte) (n int, ok bool) {
	if len(event) > 1<<20 || !json.Valid(event) || bytes.Contains(event, []byte(`\u`)) { // names may have escapes
		return 0, false
	}
	name := map[bool]string{true: "Records", false: "records"}[source != "kafka" && source != "firehose"]
	for _, list := range members(event, name) {
		lists := []json.RawMessage{list}
		if source == "kafka" {
			lists = members(list, "")
		}
		for _, list := range lists {
			var records []json.RawMessage
			if json.Unmarshal(list, &records) != nil {
				return 0, false
			}
			n += len(records)
		}
	}
	return n, true
}

// members returns the members of an object that have a name, or all.
func members(text []byte, name string) (values []json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, _ := d.Token(); t != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, _ := d.Token()
		var v json.RawMessage
		if d.Decode(&v) != nil {
			return nil
		}
		if name == "" || key == name {
			values = append(values, v)
		}
	}
	return values
}

var fuzzSources = []string{"sqs", "kinesis", "dynamodb", "kafka", "firehose"}

// fuzzEvents are events of fuzzSources.
var fuzzEvents = []string{
	`{"Records":[{"messageId":"m1","body":"{\"a\":1}","attributes":{"MessageGroupId":"g","ApproximateReceiveCount":"2"},"messageAttributes":{"a":{"stringValue":"x","dataType":"String"}},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:q.fifo"},{"messageId":"m2","body":"x","eventSource":"aws:sqs"}]}`,
	`{"Records":[{"kinesis":{"partitionKey":"k","sequenceNumber":"1","data":"e30=","approximateArrivalTimestamp":1.5},"eventSource":"aws:kinesis","eventID":"s:1"},{"kinesis":{"sequenceNumber":"2","data":"%"},"eventSource":"aws:kinesis"}]}`,
	`{"Records":[{"eventID":"e","eventName":"MODIFY","eventSource":"aws:dynamodb","dynamodb":{"Keys":{"id":{"S":"a"}},"NewImage":{"n":{"N":"1"},"l":{"L":[{"NULL":true}]}},"OldImage":{"m":{"M":{"b":{"B":"AA=="}}}},"SequenceNumber":"1"},"userIdentity":{"principalId":"dynamodb.amazonaws.com"}}]}`,
	`{"eventSource":"aws:kafka","eventSourceArn":"a","records":{"t-0":[{"topic":"t","partition":0,"offset":1,"timestamp":1,"key":"aw==","value":"e30=","headers":[{"a":[104,-61]}]},{"topic":"t","partition":0,"offset":2,"value":null}],"t-1":[{"topic":"t","partition":1,"offset":7,"value":"eA=="}]}}`,
	`{"deliveryStreamArn":"arn:aws:firehose:eu-west-1:123456789012:deliverystream/d","records":[{"recordId":"1","data":"e30=","approximateArrivalTimestamp":1},{"recordId":"2","data":"eA=="}]}`,
}

// FuzzEvent gives any text to the functions of all sources. No record may be acknowledged whose handler
// was not called.
func FuzzEvent(f *testing.F) {
	for _, event := range fuzzEvents {
		for source := range fuzzSources {
			f.Add(uint8(source), []byte(event), uint16(2))
		}
	}
	for _, body := range []string{
		`{"Type":"Notification","TopicArn":"a","Message":"{}","MessageAttributes":{"a":{"Type":"String","Value":"x"}}}`,
		`{"detail-type":"x","source":"y","detail":{"a":1}}`,
		`{"specversion":"1.0","source":"y","data_base64":"e30="}`,
		`{"Records":[{"eventSource":"aws:s3","s3":{"object":{"key":"a+b"}}}]}`,
	} {
		quoted, _ := json.Marshal(body)
		f.Add(uint8(0), fmt.Appendf(nil, `{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":%s}]}`, quoted), uint16(1))
	}
	f.Fuzz(func(t *testing.T, source uint8, event []byte, outcomes uint16) {
		p := &probe{source: fuzzSources[int(source)%len(fuzzSources)], outcome: func(i int) error {
			if outcomes>>(i%8)&1 == 1 {
				return errBoom
			}
			return nil
		}}
		p.o.Concurrency = 1 + int(outcomes>>8&3)
		p.o.StopGroups = outcomes>>10&1 == 1
		p.o.Order = batch.Order(outcomes >> 11 & 1)
		if outcomes>>12&1 == 1 {
			p.o.Unwrap = []batch.Envelope{batch.SNS, batch.EventBridge, batch.CloudEvents} // not S3: its test event needs no call
		}
		p.run(t.Context(), event)
		p.check(t, event)
	})
}
