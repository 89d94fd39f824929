package batch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/batch"
)

// describe returns the facts that a record has.
func describe(r *batch.Record) string {
	var facts []string
	add := func(name string, value any) {
		if text := fmt.Sprint(value); text != "" && text != "0" && text != "false" {
			facts = append(facts, name+"="+text)
		}
	}
	add("id", r.ID)
	add("source", r.Source)
	add("system", r.System)
	add("group", r.Group)
	add("attempt", r.Attempt)
	if !r.Sent.IsZero() {
		add("sent", r.Sent.UnixMilli())
	}
	add("correlation", r.CorrelationID)
	add("trace", r.TraceHeader)
	add("parent", r.TraceParent)
	add("arn", r.ARN())
	add("key", string(r.Key()))
	add("tombstone", r.Tombstone())
	add("data", string(r.Data()))
	add("sender", r.SystemAttribute("SenderId"))
	for name, value := range r.Attributes() {
		add("@"+name, value)
	}
	return strings.Join(facts, " ")
}

// TestRecord_FactsOfEachSource has events with all members and with few of them.
func TestRecord_FactsOfEachSource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, source, event string
		want                []string
	}{
		{"all members", "sqs", sqsRecords(`"body":"{}","attributes":{"SenderId":"s","ApproximateReceiveCount":"2","SentTimestamp":"1500","MessageGroupId":"g","AWSTraceHeader":"Root=1"},
			"messageAttributes":{"X-Correlation-Id":{"stringValue":"c"},"traceparent":{"stringValue":"p"},"b":{"binaryValue":"aGk="}},"eventSourceARN":"arn:aws:sqs:r:1:q"`),
			[]string{"id=m0 source=q system=aws_sqs group=g attempt=2 sent=1500 correlation=c trace=Root=1 parent=p arn=arn:aws:sqs:r:1:q data={} sender=s @X-Correlation-Id=c @traceparent=p @b=hi"}},
		{"few members", "sqs", sqsRecords(`"body":"{}"`), []string{"id=m0 system=aws_sqs data={}"}},
		{"times that are none", "sqs", sqsRecords(`"body":"{}","attributes":{"SentTimestamp":"15x"}`, `"body":"{}","attributes":{"SentTimestamp":"99999999999999999999"}`, `"body":"{}","attributes":{"SentTimestamp":""}`,
			`"body":"{}","attributes":{"SentTimestamp":"-5"}`, `"body":"{}","attributes":{"SentTimestamp":90}`),
			[]string{"id=m0 system=aws_sqs data={}", "id=m1 system=aws_sqs data={}", "id=m2 system=aws_sqs data={}", "id=m3 system=aws_sqs data={}", "id=m4 system=aws_sqs sent=90 data={}"}},
		{"attributes of another form", "sqs", sqsRecords(`"body":"{}","messageAttributes":{"a":5}`, `"body":"{}","messageAttributes":{"a":{"stringValue":"x"},"b":[],"c":{"stringValue":"x"}}`), []string{"id=m0 system=aws_sqs data={}", "id=m1 system=aws_sqs data={} @a=x"}},
		{"different queues", "sqs", sqsRecords(`"body":"{}","eventSourceARN":"arn:aws:sqs:r:1:a"`, `"body":"{}"`, `"body":"{}","eventSourceARN":"arn:aws:sqs:r:1:b"`),
			[]string{"id=m0 source=a system=aws_sqs arn=arn:aws:sqs:r:1:a data={}", "id=m1 system=aws_sqs data={}", "id=m2 source=b system=aws_sqs arn=arn:aws:sqs:r:1:b data={}"}},
		{"all members", "kinesis", `{"Records":[{"eventSource":"aws:kinesis","eventID":"e","eventSourceARN":"arn:aws:kinesis:r:1:stream/s","kinesis":{"partitionKey":"k","sequenceNumber":"7","data":"e30=","approximateArrivalTimestamp":1.5}}]}`,
			[]string{"id=e source=s system=aws_kinesis group=k sent=1500 arn=arn:aws:kinesis:r:1:stream/s key=k data={}"}},
		{"few members", "kinesis", `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"sequenceNumber":"7","data":"e30=","approximateArrivalTimestamp":"x"}}]}`, []string{"id=7 system=aws_kinesis data={}"}},
		{"all members", "dynamodb", `{"Records":[{"eventSource":"aws:dynamodb","eventID":"e","eventSourceARN":"arn:aws:dynamodb:r:1:table/t/stream/2026","dynamodb":{"Keys":{"s":{"N":"2"},"h":{"S":"1"}},"SequenceNumber":"7","ApproximateCreationDateTime":1.5}}]}`,
			[]string{`id=e source=t system=aws_dynamodb group={"h":{"S":"1"},"s":{"N":"2"}} sent=1500 arn=arn:aws:dynamodb:r:1:table/t/stream/2026`}},
		{"few members", "dynamodb", `{"Records":[{"eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"7"}}]}`, []string{"id=7 system=aws_dynamodb group={}"}},
		{"all members", "kafka", `{"eventSource":"aws:kafka","eventSourceArn":"arn:aws:kafka:r:1:cluster/c/u","records":{"t-0":[{"topic":"t","partition":0,"offset":7,"timestamp":1500,"key":"aw==","value":"e30=","headers":[{"correlation_id":[99]},{"traceparent":[112]},{"n":[-61,-87]}]}]}}`,
			[]string{"id=t-0:7 source=t system=kafka group=t-0 sent=1500 correlation=c parent=p arn=arn:aws:kafka:r:1:cluster/c/u key=k data={} @correlation_id=c @traceparent=p @n=\u00e9"}},
		{"a cluster of your own, and nulls", "kafka", `{"eventSource":"SelfManagedKafka","records":{"t-0":[{"topic":"t","partition":0,"offset":7,"timestamp":null,"key":null,"value":null,"headers":null}]}}`,
			[]string{"id=t-0:7 source=t system=kafka group=t-0 tombstone=true"}},
		{"all members", "firehose", `{"deliveryStreamArn":"arn:aws:firehose:r:1:deliverystream/d","records":[{"recordId":"1","data":"e30=","approximateArrivalTimestamp":1500}]}`,
			[]string{"id=1 source=d system=aws_firehose sent=1500 arn=arn:aws:firehose:r:1:deliverystream/d data={}"}},
	} {
		var got []string
		p := &probe{source: c.source, seen: func(r *batch.Record) { got = append(got, describe(r)) }}
		p.run(t.Context(), []byte(c.event))
		if p.err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %s: got %v and\n%s\nwant\n%s", c.source, c.what, p.err, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestRecord_KeysOfATableItem(t *testing.T) {
	t.Parallel()
	var got struct {
		ID string `dynamodbav:"id"`
		N  int    `dynamodbav:"n"`
	}
	p := &probe{source: "dynamodb", seen: func(r *batch.Record) {
		if err := r.Keys(&got); err != nil {
			t.Error(err)
		}
	}}
	p.run(t.Context(), []byte(`{"Records":[{"eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"1","Keys":{"id":{"S":"a"},"n":{"N":"2"}}}}]}`))
	if got.ID != "a" || got.N != 2 {
		t.Errorf("got %+v, want the keys a and 2", got)
	}
}

// TestDynamoDB_Changes has the kinds of changes, and the images of each view type.
func TestDynamoDB_Changes(t *testing.T) {
	t.Parallel()
	type item struct {
		N int `dynamodbav:"n"`
	}
	for members, want := range map[string]string{
		`"eventName":"INSERT","dynamodb":{"SequenceNumber":"1","NewImage":{"n":{"N":"2"}}}`:                                                                                    "INSERT none 2 false",
		`"eventName":"MODIFY","dynamodb":{"SequenceNumber":"1","OldImage":{"n":{"N":"1"}},"NewImage":{"n":{"N":"2"}}}`:                                                         "MODIFY 1 2 false",
		`"eventName":"REMOVE","dynamodb":{"SequenceNumber":"1","OldImage":{"n":{"N":"1"}},"NewImage":null}`:                                                                    "REMOVE 1 none false",
		`"eventName":"REMOVE","dynamodb":{"SequenceNumber":"1"},"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"}`:                                      "REMOVE none none true",
		`"eventName":"REMOVE","dynamodb":{"SequenceNumber":"1"},"userIdentity":{"principalId":"replication.dynamodb.amazonaws.com"}`:                                           "REMOVE none none false",
		`"eventName":"REMOVE","dynamodb":{"SequenceNumber":"1"},"userIdentity":null`:                                                                                           "REMOVE none none false",
		`"userIdentity":{"principalId":"dynamodb.amazonaws.com"},"eventName":"MODIFY","dynamodb":{"SequenceNumber":"1","OldImage":{"n":{"N":"x"}},"NewImage":{"n":{"N":"2"}}}`: "batch: decode the payload into batch_test.item: ",
	} {
		got := ""
		f := batch.DynamoDB(func(_ context.Context, m *batch.Message[batch.Change[item]]) error {
			image := func(i *item) string {
				if i == nil {
					return "none"
				}
				return fmt.Sprint(i.N)
			}
			got = fmt.Sprint(m.Body.Event, " ", image(m.Body.Old), " ", image(m.Body.New), " ", m.Body.Expired)
			return nil
		}, &batch.Options{OnFailure: func(_ context.Context, _ *batch.Record, err error) { got = err.Error() }})
		if _, err := f(t.Context(), eventOf([]byte(`{"Records":[{"eventSource":"aws:dynamodb",`+members+`}]}`))); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s and %v, want %s", members, got, err, want)
		}
	}
}

// TestSource_EventsOfOthersAreRefused has events that a wrong trigger, or a test by hand, sends.
func TestSource_EventsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, event, want string }{
		{"sqs", `{}`, "batch: SQS: the event has no Records, so it is not from Amazon SQS"},
		{"sqs", `{"Records":[{}]}`, `batch: SQS: record 0 has no eventSource; Amazon SQS sends "aws:sqs"`},
		{"sqs", `{"Records":[{"EventSource":"aws:sns"}]}`, `batch: SQS: record 0 is of the event source "aws:sns"; Amazon SQS sends "aws:sqs"`},
		{"sqs", `{"Records":[`, "batch: SQS: the records are no valid JSON list"},
		{"sqs", `{"Records":[]`, "batch: SQS: the event is no valid JSON object"},
		{"kinesis", `{"records":[]}`, "batch: Kinesis: the event has no Records, so it is not from Kinesis Data Streams"},
		{"dynamodb", `{"Records":[{"eventSource":"aws:kinesis"}]}`, `batch: DynamoDB: record 0 is of the event source "aws:kinesis"; DynamoDB Streams sends "aws:dynamodb"`},
		{"kafka", `{"eventSource":"aws:kafka"}`, "batch: Kafka: the event has no records, so it is not from Kafka"},
		{"kafka", `{"eventSource":"aws:sqs","records":{}}`, `batch: Kafka: the event is of the event source "aws:sqs"; Kafka sends "aws:kafka" or "SelfManagedKafka"`},
		{"kafka", `{"records":5}`, "batch: Kafka: the event is no valid JSON object with records"},
		{"firehose", `{"records":[]}`, "batch: Firehose: the event has no records or no deliveryStreamArn, so it is not from Data Firehose"},
		{"firehose", `{"deliveryStreamArn":"a"}`, "batch: Firehose: the event has no records or no deliveryStreamArn, so it is not from Data Firehose"},
		{"firehose", `{"records":[],"deliveryStreamArn":"a"`, "batch: Firehose: the event is no valid JSON object"},
	} {
		p := &probe{source: c.source}
		p.run(t.Context(), []byte(c.event))
		if p.err == nil || p.err.Error() != c.want {
			t.Errorf("%s: %s: got %v, want %s", c.source, c.event, p.err, c.want)
		}
	}
}
