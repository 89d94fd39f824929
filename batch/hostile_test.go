package batch_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/batch"
)

// sqsRecords returns the event of a queue with the members of each record.
func sqsRecords(members ...string) string {
	for i, m := range members {
		members[i] = fmt.Sprintf(`{"messageId":"m%d","eventSource":"aws:sqs",%s}`, i, m)
	}
	return `{"Records":[` + strings.Join(members, ",") + `]}`
}

// withBody returns the member of a message with a body.
func withBody(text string) string {
	quoted, _ := json.Marshal(text)
	return `"body":` + string(quoted)
}

func tableChange(image string) string {
	return `{"Records":[{"eventSource":"aws:dynamodb","eventName":"INSERT","dynamodb":{"SequenceNumber":"1","NewImage":` + image + `}}]}`
}

// nested returns text in n layers.
func nested(n int, before, text, after string) string {
	return strings.Repeat(before, n) + text + strings.Repeat(after, n)
}

// TestEvent_HostileEventsAreRefusedOrReported gives broken and large events to the functions. It is not
// parallel, because it measures memory.
func TestEvent_HostileEventsAreRefusedOrReported(t *testing.T) {
	const deep, large, largest = 1_000_000, 1_000_000, 6_000_000
	lists := nested(deep, "[", "", "]")
	kinesis := func(data string) string {
		return fmt.Sprintf(`{"Records":[{"eventSource":"aws:kinesis","kinesis":{"partitionKey":"k","sequenceNumber":"1","data":%q}}]}`, data)
	}
	kafka := func(record string) string {
		return `{"eventSource":"aws:kafka","records":{"t-0":[` + record + `]}}`
	}
	envelopes := []batch.Envelope{batch.SNS, batch.EventBridge, batch.S3, batch.CloudEvents}
	for _, c := range []struct {
		what, source, event string
		want                string // the response or a part of the error
	}{
		{"no event", "sqs", ``, "no valid JSON object"},
		{"null", "kinesis", `null`, "no valid JSON object"},
		{"a list", "dynamodb", `[]`, "no valid JSON object"},
		{"a number", "firehose", `1e999`, "no valid JSON object"},
		{"deep lists", "sqs", lists, "no valid JSON object"},
		{"deep lists without end", "kafka", lists[:deep], "no valid JSON object"},
		{"deep lists as records", "sqs", `{"Records":` + lists + `}`, "record 0 is no valid JSON object"},
		{"deep lists as records of a partition", "kafka", kafka(lists), "record 0 is no valid JSON object"},
		{"a deep unknown member", "sqs", sqsRecords(withBody("{}") + `,"x":` + lists), `{"batchItemFailures":[]}`},
		{"deep attributes", "sqs", sqsRecords(withBody("{}") + `,"attributes":` + lists + `,"messageAttributes":` + lists), `{"batchItemFailures":[]}`},
		{"a deep body", "sqs", sqsRecords(withBody(lists)), `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`},
		{"a deep detail", "sqs", sqsRecords(withBody(`{"detail-type":"a","source":"b","detail":` + lists + `}`)), `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`},
		{"deep headers", "kafka", kafka(`{"topic":"t","partition":0,"offset":1,"value":"e30=","headers":` + lists + `}`), `{"batchItemFailures":[]}`},
		{"a deep image", "dynamodb", tableChange(`{"a":` + nested(deep/2, `{"L":[`, `{"S":""}`, `]}`) + `}`), `{"batchItemFailures":[{"itemIdentifier":"1"}]}`},
		{"a deep image without end", "dynamodb", tableChange(nested(deep/2, `{"a":{"M":`, ``, ``)), "record 0 is no valid JSON object"},
		{"20 envelopes", "sqs", sqsRecords(withBody(nested(20, `{"detail-type":"a","source":"b","detail":`, `{}`, `}`))), `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`},
		{"8 envelopes", "sqs", sqsRecords(withBody(nested(8, `{"detail-type":"a","source":"b","detail":`, `{}`, `}`))), `{"batchItemFailures":[]}`},
		{"a large body", "sqs", sqsRecords(withBody(`"` + strings.Repeat("a", largest) + `"`)), `{"batchItemFailures":[]}`},
		{"a large id", "sqs", sqsRecords(`"body":"x","messageId":"` + strings.Repeat("a", large) + `"`), `{"batchItemFailures":[{"itemIdentifier":"` + strings.Repeat("a", large) + `"}]}`},
		{"a large correlation id", "sqs", sqsRecords(withBody("{}") + `,"messageAttributes":{"CorrelationId":{"stringValue":"` + strings.Repeat("a", large) + `"}}`), `{"batchItemFailures":[]}`},
		{"large data", "kinesis", kinesis(base64.StdEncoding.EncodeToString([]byte(`"` + strings.Repeat("a", large/2) + `"`))), `{"batchItemFailures":[]}`},
		{"many attributes", "sqs", sqsRecords(withBody("{}") + `,"messageAttributes":{` + nested(large/40, `"a":{"stringValue":"x"},`, `"b":{}`, "") + `}`), `{"batchItemFailures":[]}`},
		{"many keys of an item", "dynamodb", `{"Records":[{"eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"1","Keys":{` + nested(1000, `"a":{"S":"x"},`, `"b":{}`, "") + `}}}]}`, `{"batchItemFailures":[]}`},
		{"many partitions", "kafka", `{"eventSource":"aws:kafka","records":{` + nested(large/40, `"t-0":[],`, `"t-1":[]`, "") + `}}`, `{"batchItemFailures":[]}`},
		{"a large source", "sqs", sqsRecords(withBody("{}") + `,"eventSource":"` + strings.Repeat("a", large) + `"`), "is of the event source"},
		{"duplicate members of a record", "sqs", sqsRecords(withBody("x") + `,"messageId":"m1","messageId":"m2"`), `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`},
		{"a short first record", "kafka", kafka(`{},{"x":"` + strings.Repeat("a", large) + `"}`), `{"batchItemFailures":[]}`},
		{"two lists of records", "sqs", `{"Records":[],"Records":[{"messageId":"m","eventSource":"aws:sqs","body":"x"}]}`, `{"batchItemFailures":[{"itemIdentifier":"m"}]}`},
		{"two objects of records", "kafka", `{"eventSource":"aws:kafka","records":{},"records":{"t-0":[{"topic":"t","partition":0,"offset":3,"value":"eA=="}]}}`, `{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":3}}]}`},
		{"two lists of Firehose", "firehose", `{"deliveryStreamArn":"a","records":[],"records":[{"recordId":"1","data":"eA=="}]}`, `{"records":[{"recordId":"1","result":"ProcessingFailed","data":"eA=="}]}`},
		{"records that are no list", "sqs", `{"Records":{"0":{}}}`, "no valid JSON list"},
		{"records that are null", "kafka", `{"eventSource":"aws:kafka","records":{"t-0":null}}`, "no valid JSON list"},
		{"null as a record", "firehose", `{"deliveryStreamArn":"a","records":[null]}`, "record 0 is no valid JSON object"},
		{"a number as a record", "kinesis", `{"Records":[1]}`, "record 0 is no valid JSON object"},
		{"a number as a source", "sqs", `{"Records":[{"eventSource":1}]}`, `record 0 is of the event source "1"`},
		{"a number as a body", "sqs", sqsRecords(`"body":1`), `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`},
		{"an object as a body", "sqs", sqsRecords(`"body":{}`), `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`},
		{"no body", "sqs", sqsRecords(`"x":1`), `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`},
		{"an object as an id", "sqs", sqsRecords(`"body":"x","messageId":{}`), "no identifier"},
		{"a control character in an id", "sqs", sqsRecords(`"body":"x","messageId":"` + "\x01" + `"`), "no identifier"},
		{"wrong types of attributes", "sqs", sqsRecords(withBody("{}") + `,"attributes":{"ApproximateReceiveCount":[],"SentTimestamp":{},"MessageGroupId":5},"messageAttributes":{"a":5,"b":{"stringValue":{}}}`), `{"batchItemFailures":[]}`},
		{"a list as a Kinesis record", "kinesis", `{"Records":[{"eventSource":"aws:kinesis","kinesis":[]}]}`, "no identifier"},
		{"a small record before a large one", "kafka", kafka(`{},{"topic":"t","partition":0,"offset":1,"value":"` + strings.Repeat("A", largest) + `"}`), `{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":1}}]}`},
		{"no base64", "kinesis", kinesis("%%%"), `{"batchItemFailures":[{"itemIdentifier":"1"}]}`},
		{"base64 cut off", "kinesis", kinesis("e30"), `{"batchItemFailures":[{"itemIdentifier":"1"}]}`},
		{"a list as an image", "dynamodb", tableChange(`[]`), `{"batchItemFailures":[{"itemIdentifier":"1"}]}`},
		{"wrong types in an image", "dynamodb", tableChange(`{"a":{"N":1},"b":{"L":{}},"c":{"S":null}}`), `{"batchItemFailures":[{"itemIdentifier":"1"}]}`},
		{"a duplicate attribute", "dynamodb", tableChange(`{"a":{"S":"1"},"a":{"S":"2"}}`), `{"batchItemFailures":[{"itemIdentifier":"1"}]}`},
		{"huge numbers", "kafka", kafka(`{"topic":"t","partition":1e999,"offset":99999999999999999999,"timestamp":1e999,"value":"eA=="}`), "no topic, partition or offset"},
		{"huge times", "kinesis", `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"sequenceNumber":"1","data":"e30=","approximateArrivalTimestamp":1e308}}]}`, `{"batchItemFailures":[]}`},
		{"headers that are no numbers", "kafka", kafka(`{"topic":"t","partition":0,"offset":1,"value":"e30=","headers":[{"a":["x"]},5,{"b":{}}]}`), `{"batchItemFailures":[]}`},
		{"invalid UTF-8", "sqs", sqsRecords("\"body\":\"\\\"\xff\xfe\\\"\""), `{"batchItemFailures":[]}`},
		{"half a surrogate pair", "sqs", sqsRecords(`"body":"\"\ud800\""`), `{"batchItemFailures":[]}`},
		{"invalid UTF-8 as a name", "sqs", "{\"\xff\":1,\"Records\":[]}", `{"batchItemFailures":[]}`},
	} {
		p := &probe{source: c.source, o: batch.Options{Unwrap: envelopes}}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p.run(t.Context(), []byte(c.event))
		runtime.ReadMemStats(&after)
		got := string(p.response)
		if p.err != nil {
			got = p.err.Error()
		}
		if ok := got == c.want || p.err != nil && strings.Contains(got, c.want); !ok {
			t.Errorf("%s: got %.300s, want %.300s", c.what, got, c.want)
		}
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(10*len(c.event)+1<<20); used > most {
			t.Errorf("%s: got %d bytes allocated for an event of %d, want at most %d", c.what, used, len(c.event), most)
		}
		p.check(t, []byte(c.event))
	}
}

// TestEvent_LargestBatch has 10,000 records, the most that a batch may have, in 6 MB.
func TestEvent_LargestBatch(t *testing.T) {
	const n = 10_000
	body := withBody(`"` + strings.Repeat("a", 500) + `"`)
	records := make([]string, n)
	for i := range records {
		records[i] = body
	}
	event := []byte(sqsRecords(records...))
	p := &probe{source: "sqs", outcome: func(i int) error {
		if i%2 == 0 {
			return errBoom
		}
		return nil
	}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p.run(t.Context(), event)
	runtime.ReadMemStats(&after)
	p.check(t, event)
	if len(p.called) != n {
		t.Errorf("got %d calls, want %d", len(p.called), n)
	}
	if used, most := after.TotalAlloc-before.TotalAlloc, uint64(10*len(event)); used > most {
		t.Errorf("got %d bytes allocated for an event of %d, want at most %d", used, len(event), most)
	}
}
