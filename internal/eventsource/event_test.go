package eventsource_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambdakit/lambdakit/internal/eventsource"
)

// wantEvent checks the first event of messages, whose times are milliseconds before start.
func wantEvent(t *testing.T, kind eventsource.Kind, list []eventsource.Message, want string, decoded any) {
	t.Helper()
	m, err := eventsource.New(kind, start, list, &eventsource.Options{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	got := m.Next(start)[0].Event
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatal(err)
	}
	if string(got) != compact.String() {
		t.Errorf("got  %s\nwant %s", got, compact.String())
	}
	d := json.NewDecoder(bytes.NewReader(got))
	d.DisallowUnknownFields()
	if err := d.Decode(decoded); err != nil {
		t.Errorf("aws-lambda-go does not know the event: %v", err)
	}
}

func TestEvent_SQS(t *testing.T) {
	t.Parallel()
	var e events.SQSEvent
	wantEvent(t, eventsource.SQS, []eventsource.Message{
		{Body: `<&> "Ü"`, Attributes: map[string]string{"AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793"}},
		{ID: "m-2", Body: "Test message.", Group: "g", MessageAttributes: map[string]string{"kind": "order", "a": "b"}},
	}, `{"Records": [
	  {
		"messageId": "00000000-0000-4000-8000-000000000001",
		"receiptHandle": "MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAxIGRlbGl2ZXJ5IDE=",
		"body": "<&> \"Ü\"",
		"attributes": {
			"AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793",
			"ApproximateFirstReceiveTimestamp": "1795867200000",
			"ApproximateReceiveCount": "1",
			"SenderId": "AIDAIENQZJOLO23YVJ4VO",
			"SentTimestamp": "1795867199998"
		},
		"messageAttributes": {},
		"md5OfBody": "7ff214d6f4ead54e0458d0b1487f380d",
		"eventSource": "aws:sqs",
		"eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
		"awsRegion": "eu-west-1"
	  }, {
		"messageId": "m-2",
		"receiptHandle": "bS0yIGRlbGl2ZXJ5IDE=",
		"body": "Test message.",
		"attributes": {
			"ApproximateFirstReceiveTimestamp": "1795867200000",
			"ApproximateReceiveCount": "1",
			"MessageGroupId": "g",
			"SenderId": "AIDAIENQZJOLO23YVJ4VO",
			"SentTimestamp": "1795867199999"
		},
		"messageAttributes": {
			"a": {"stringValue": "b", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
			"kind": {"stringValue": "order", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
		},
		"md5OfMessageAttributes": "8ed4e03068af23e42b7af877d29ebbdf",
		"md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
		"eventSource": "aws:sqs",
		"eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
		"awsRegion": "eu-west-1"
	  }
	]}`, &e)
}

func TestEvent_FIFO(t *testing.T) {
	t.Parallel()
	var e events.SQSEvent
	wantEvent(t, eventsource.FIFO, []eventsource.Message{{ID: "m-1", Body: "x", Group: "g", Dedup: "d"}}, `{"Records": [
	  {
		"messageId": "m-1",
		"receiptHandle": "bS0xIGRlbGl2ZXJ5IDE=",
		"body": "x",
		"attributes": {
			"ApproximateFirstReceiveTimestamp": "1795867200000",
			"ApproximateReceiveCount": "1",
			"MessageDeduplicationId": "d",
			"MessageGroupId": "g",
			"SenderId": "AIDAIENQZJOLO23YVJ4VO",
			"SentTimestamp": "1795867199999",
			"SequenceNumber": "18849496460400000001"
		},
		"messageAttributes": {},
		"md5OfBody": "9dd4e461268c8034f5c8564e155c67a6",
		"eventSource": "aws:sqs",
		"eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders.fifo",
		"awsRegion": "eu-west-1"
	  }
	]}`, &e)
}

func TestEvent_Kinesis(t *testing.T) {
	t.Parallel()
	var e events.KinesisEvent
	wantEvent(t, eventsource.Kinesis, []eventsource.Message{{Body: "Hello", Key: "k"}}, `{"Records": [
	  {
		"kinesis": {
			"kinesisSchemaVersion": "1.0",
			"partitionKey": "k",
			"sequenceNumber": "49590338271490256608559692538361571095921570000000000001",
			"data": "SGVsbG8=",
			"approximateArrivalTimestamp": 1795867199.999
		},
		"eventSource": "aws:kinesis",
		"eventVersion": "1.0",
		"eventID": "shardId-000000000000:49590338271490256608559692538361571095921570000000000001",
		"eventName": "aws:kinesis:record",
		"invokeIdentityArn": "arn:aws:iam::123456789012:role/function",
		"awsRegion": "eu-west-1",
		"eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"
	  }
	]}`, &e)
}

func TestEvent_DynamoDB(t *testing.T) {
	t.Parallel()
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	var e events.DynamoDBEvent
	wantEvent(t, eventsource.DynamoDB, []eventsource.Message{
		{Change: &eventsource.Change{Keys: raw(`{ "id": {"N":"1"} }`), New: raw(`{"id":{"N":"1"},"tags":{"SS":["<a>"]}}`), Old: raw(`{"id":{"N":"1"}}`)}},
		{ID: "e-2", Change: &eventsource.Change{Keys: raw(`{"id":{"N":"1"}}`), Old: raw(`{"id":{"N":"1"}}`)}},
	}, `{"Records": [
	  {
		"eventID": "00000000000000000000000000000001",
		"eventName": "MODIFY",
		"eventVersion": "1.1",
		"eventSource": "aws:dynamodb",
		"awsRegion": "eu-west-1",
		"dynamodb": {
			"ApproximateCreationDateTime": 1795867199,
			"Keys": {"id": {"N": "1"}},
			"NewImage": {"id": {"N": "1"}, "tags": {"SS": ["<a>"]}},
			"OldImage": {"id": {"N": "1"}},
			"SequenceNumber": "000000000000442158450000000001",
			"SizeBytes": 70,
			"StreamViewType": "NEW_AND_OLD_IMAGES"
		},
		"eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
	  }, {
		"eventID": "e-2",
		"eventName": "REMOVE",
		"eventVersion": "1.1",
		"eventSource": "aws:dynamodb",
		"awsRegion": "eu-west-1",
		"dynamodb": {
			"ApproximateCreationDateTime": 1795867199,
			"Keys": {"id": {"N": "1"}},
			"OldImage": {"id": {"N": "1"}},
			"SequenceNumber": "000000000000442158450000000002",
			"SizeBytes": 32,
			"StreamViewType": "NEW_AND_OLD_IMAGES"
		},
		"eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
	  }
	]}`, &e)
}

func TestEvent_Kafka(t *testing.T) {
	t.Parallel()
	one := 1
	var e events.KafkaEvent
	wantEvent(t, eventsource.Kafka, []eventsource.Message{
		{Body: "Hello", Key: "k", Partition: &one, Headers: []eventsource.Header{{Name: "b", Value: "hü"}, {Name: "a", Value: ""}}},
		{Key: "k", Tombstone: true},
		{Body: ""},
	}, `{
		"eventSource": "aws:kafka",
		"eventSourceArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/751d2973-a626-431c-9d4e-d7975eb44dd7-2",
		"bootstrapServers": "b-1.orders.a1b2c3.c1.kafka.eu-west-1.amazonaws.com:9092,b-2.orders.a1b2c3.c1.kafka.eu-west-1.amazonaws.com:9092",
		"records": {
			"orders-0": [
				{"topic": "orders", "partition": 0, "offset": 0, "timestamp": 1795867199998, "timestampType": "CREATE_TIME", "key": "aw==", "headers": []},
				{"topic": "orders", "partition": 0, "offset": 1, "timestamp": 1795867199999, "timestampType": "CREATE_TIME", "value": "", "headers": []}
			],
			"orders-1": [
				{"topic": "orders", "partition": 1, "offset": 0, "timestamp": 1795867199997, "timestampType": "CREATE_TIME", "key": "aw==", "value": "SGVsbG8=",
				 "headers": [{"b": [104, -61, -68]}, {"a": []}]}
			]
		}
	}`, &e)
}

func TestEvent_ReceiptHandleIsOfADelivery(t *testing.T) {
	t.Parallel()
	m := newMapping(t, eventsource.SQS, "a", eventsource.Options{})
	var handles []string
	m.Run(start, func(event []byte) ([]byte, error) {
		var e events.SQSEvent
		if err := json.Unmarshal(event, &e); err != nil {
			t.Fatal(err)
		}
		handles = append(handles, e.Records[0].ReceiptHandle)
		if len(handles) == 1 {
			return nil, errBoom
		}
		return nil, nil
	})
	if len(handles) != 2 || handles[0] == handles[1] {
		t.Errorf("got receipt handles %q, want two different ones", handles)
	}
}

func TestNew_RefusesAsAWSDoes(t *testing.T) {
	t.Parallel()
	change := func(keys, image string) *eventsource.Change {
		c := &eventsource.Change{Keys: json.RawMessage(keys)}
		if image != "" {
			c.New = json.RawMessage(image)
		}
		return c
	}
	const fine = `{"id":{"S":"1"}}`
	minus := -1
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		kind     eventsource.Kind
		messages []eventsource.Message
		want     string
	}{
		{eventsource.SQS, []eventsource.Message{{Body: "a", ID: "1"}, {Body: "b", ID: "1", Line: 7}}, `line 7: the id "1" is also on message 1`},
		{eventsource.FIFO, []eventsource.Message{{Body: "a", Dedup: "d"}, {Body: "b", Dedup: "d"}}, `message 2: the deduplication id "d" is also on message 1`},
		{eventsource.SQS, []eventsource.Message{{}}, "message 1: the body is empty"},
		{eventsource.SQS, []eventsource.Message{{Body: strings.Repeat("x", 1<<20+1)}}, "has 1048577 bytes, and SQS takes 1048576"},
		{eventsource.SQS, []eventsource.Message{{Body: "a\x01"}}, "the body has the character U+0001"},
		{eventsource.SQS, []eventsource.Message{{Body: "a", Group: long}}, "the group has more than 128 characters"},
		{eventsource.FIFO, []eventsource.Message{{Body: "a", Dedup: long}}, "the deduplication id has more than 128 characters"},
		{eventsource.SQS, []eventsource.Message{{Body: "a", Attributes: map[string]string{"ApproximateReceiveCount": "3"}}}, `the attribute "ApproximateReceiveCount" is set by the queue`},
		{eventsource.Kinesis, []eventsource.Message{{Key: long}}, "the key has more than 256 characters"},
		{eventsource.Kinesis, []eventsource.Message{{Body: strings.Repeat("x", 5<<20)}}, "does not fit into an event"},
		{eventsource.Kafka, []eventsource.Message{{Partition: &minus}}, "the partition -1 is not between"},
		{eventsource.DynamoDB, []eventsource.Message{{Body: "a"}}, "it is not the change of an item"},
		{eventsource.DynamoDB, []eventsource.Message{{Change: change(`{}`, fine)}}, "keys is not an object of attribute values"},
		{eventsource.DynamoDB, []eventsource.Message{{Change: change(fine, `null`)}}, "new is not an object of attribute values"},
		{eventsource.DynamoDB, []eventsource.Message{{Change: change(fine, "")}}, "event is missing"},
		{eventsource.DynamoDB, []eventsource.Message{{Change: &eventsource.Change{Event: "insert", Keys: json.RawMessage(fine)}}}, `event is "insert"`},
		{eventsource.DynamoDB, []eventsource.Message{{Change: &eventsource.Change{Event: "REMOVE", Keys: json.RawMessage(fine), New: json.RawMessage(fine)}}}, "no such image at REMOVE"},
		{eventsource.DynamoDB, []eventsource.Message{{Change: change(fine, `{"a":"b"}`)}}, `new: "a" is not an attribute value`},
		{eventsource.DynamoDB, []eventsource.Message{{Change: change(fine, `{"a":{"N":1}}`)}}, `new: "a" is not an attribute value`},
		{eventsource.DynamoDB, []eventsource.Message{{Change: change(fine, `{"a":{"M":{"b":{"L":[{"S":"x"},{"Q":"y"}]}}}}`)}}, `new: "a" is not an attribute value`},
	} {
		_, err := eventsource.New(c.kind, start, c.messages, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got error %v, want %q in it", c.kind, err, c.want)
		}
	}
	for kind, size := range map[eventsource.Kind]int{eventsource.FIFO: 11, eventsource.SQS: 10_001, eventsource.Kinesis: -1} {
		if _, err := eventsource.New(kind, start, nil, &eventsource.Options{BatchSize: size}); err == nil {
			t.Errorf("%v: got no error for a batch size of %d, want one", kind, size)
		}
	}
	ok := []eventsource.Message{{Change: change(fine, `{"a":{"M":{"b":{"L":[{"S":"x"},{"BOOL":true},{"NULL":true},{"NS":["1"]},{"B":"eA=="}]}}}}`)}}
	if _, err := eventsource.New(eventsource.DynamoDB, start, ok, nil); err != nil {
		t.Errorf("got %v, want no error", err)
	}
}
