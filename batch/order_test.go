package batch_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

// stream returns the event of a Kinesis stream with one record for each key.
func stream(keys ...string) batch.Event {
	var records []string
	for i, key := range keys {
		records = append(records, fmt.Sprintf(`{"eventSource":"aws:kinesis","eventID":"e%d","kinesis":{"partitionKey":%q,"sequenceNumber":"%d","data":"e30="}}`, i, key, i))
	}
	var e batch.Event
	e.UnmarshalJSON([]byte(`{"Records":[` + strings.Join(records, ",") + `]}`))
	return e
}

func TestKinesis_OrderSaysHowManyRunTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		order batch.Order
		want  int
	}{{batch.ByKey, 2}, {batch.ByShard, 1}, {batch.Unordered, 4}} {
		synctest.Test(t, func(t *testing.T) {
			var calls calls
			f := batch.Kinesis(calls.handle, &batch.Options{Concurrency: 10, Order: c.order, Decoder: func(_ []byte, v any) error {
				v.(*message).For = time.Second
				return nil
			}})
			if _, err := f(t.Context(), stream("a", "a", "b", "b")); err != nil || calls.most != c.want {
				t.Errorf("order %d: got %d records together and %v, want %d", c.order, calls.most, err, c.want)
			}
		})
	}
}

// TestStreams_WhatIsReported has failures in streams, and the records that come again.
func TestStreams_WhatIsReported(t *testing.T) {
	t.Parallel()
	kinesis := func(keys ...string) string {
		e, _ := stream(keys...).MarshalJSON()
		return string(e)
	}
	kafka := func(members ...string) string {
		return `{"eventSource":"aws:kafka","records":{"t-0":[{` + strings.Join(members, "},{") + `}]}}`
	}
	const zero, one = `"topic":"t","partition":0,"value":"e30="`, `"topic":"t","partition":1,"value":"e30="`
	for _, c := range []struct {
		what, source, event string
		order               batch.Order
		fails               int    // the record whose handler fails
		called              string // the records whose handlers were called
		want                string
	}{
		{"the key of the failure", "kinesis", kinesis("a", "b", "a", "b"), batch.ByKey, 2, "[0 1 2]", `{"batchItemFailures":[{"itemIdentifier":"2"}]}`},
		{"the whole shard", "kinesis", kinesis("a", "b", "a", "b"), batch.ByShard, 1, "[0 1]", `{"batchItemFailures":[{"itemIdentifier":"1"}]}`},
		{"no order", "kinesis", kinesis("a", "b"), batch.Unordered, 0, "[0]", `{"batchItemFailures":[{"itemIdentifier":"0"}]}`},
		{"no failure", "kinesis", kinesis("a", "b"), batch.ByKey, -1, "[0 1]", `{"batchItemFailures":[]}`},
		{"the rest of a partition", "kafka", kafka(zero+`,"offset":1`, zero+`,"offset":2`, one+`,"offset":7`), batch.ByKey, 0, "[0 2]", `{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":1}}]}`},
		{"no partition", "kafka", kafka(`"topic":"t","offset":1,"value":"e30="`), batch.ByKey, 0, "[0]", "batch: Kafka: record 0 of 1 has no topic, partition or offset, so the whole batch comes again: boom"},
		{"no topic", "kafka", kafka(`"partition":0,"offset":1,"value":"e30="`), batch.ByKey, 0, "[0]", "batch: Kafka: record 0 of 1 has no topic, partition or offset, so the whole batch comes again: boom"},
		{"no offset", "kafka", kafka(zero), batch.ByKey, 0, "[0]", "batch: Kafka: record 0 of 1 has no topic, partition or offset, so the whole batch comes again: boom"},
	} {
		p := &probe{source: c.source, o: batch.Options{Order: c.order}, outcome: func(i int) error {
			if i == c.fails {
				return errBoom
			}
			return nil
		}}
		p.run(t.Context(), []byte(c.event))
		got := string(p.response)
		if p.err != nil {
			got = p.err.Error()
		}
		called := []int{}
		for i := range p.result.Records {
			if p.called[i] {
				called = append(called, i)
			}
		}
		if got != c.want || fmt.Sprint(called) != c.called {
			t.Errorf("%s: got %s after calls of %v, want %s after %s", c.what, got, called, c.want, c.called)
		}
	}
}

// The observers of a batch get the number of records in each state.
func TestBatchResult_CountsTheStates(t *testing.T) {
	t.Parallel()
	p := &probe{source: "sqs", o: batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { return []error{nil, errBoom} })}, outcome: func(i int) error {
		return []error{nil, errBoom, batch.Permanent(errBoom), batch.Permanent(errBoom)}[i]
	}}
	p.run(t.Context(), []byte(sqsRecords(withBody("1"), withBody("2"), withBody("3"), withBody("4"))))
	if got, want := p.result, (lambdakit.BatchResult{Records: 4, Failed: 2, DeadLetters: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	fifo := &probe{source: "sqs", o: batch.Options{StopGroups: true}, outcome: func(i int) error { return errBoom }}
	arn := `,"eventSourceARN":"arn:aws:sqs:r:1:q.fifo"`
	fifo.run(t.Context(), []byte(sqsRecords(withBody("1")+arn, withBody("2")+arn, withBody("3")+arn)))
	if got, want := fifo.result, (lambdakit.BatchResult{Records: 3, Failed: 1, Unprocessed: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
