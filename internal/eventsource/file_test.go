package eventsource_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/eventsource"
)

func TestParse(t *testing.T) {
	t.Parallel()
	two := 2
	for _, c := range []struct {
		name string
		kind eventsource.Kind
		text string
		want []eventsource.Message
	}{
		{"a line is a message", eventsource.SQS, "\ufeff{\"body\":\"a\"}\r\n\n  {\"body\": {\"x\": 1}, \"id\":\"m-2\"}\n", []eventsource.Message{{Body: "a", Line: 1}, {Body: `{"x":1}`, ID: "m-2", Line: 3}}},
		{"a line is a body", eventsource.SQS, "plain text\n{\"x\": 1}\n\"two\\nlines\"\n17\n[1, 2]\n", []eventsource.Message{
			{Body: "plain text", Line: 1}, {Body: `{"x":1}`, Line: 2}, {Body: "two\nlines", Line: 3}, {Body: "17", Line: 4}, {Body: "[1,2]", Line: 5}}},
		{"an array", eventsource.SQS, "[\n{\"body\":\"a\"},\n\n\"b\", {\n\"x\":1}]\n", []eventsource.Message{{Body: "a", Line: 2}, {Body: "b", Line: 4}, {Body: `{"x":1}`, Line: 4}}},
		{"nothing", eventsource.SQS, " \n[]\n", nil},
		{"all members of FIFO", eventsource.FIFO, `{"body":null,"id":"i","group":"g","dedup":"d","attributes":{"AWSTraceHeader":"Root=1"},"messageAttributes":{"n":"v"}}`, []eventsource.Message{
			{Body: "null", ID: "i", Group: "g", Dedup: "d", Attributes: map[string]string{"AWSTraceHeader": "Root=1"}, MessageAttributes: map[string]string{"n": "v"}, Line: 1}}},
		{"Kinesis", eventsource.Kinesis, `{"body":"a","key":"k"}`, []eventsource.Message{{Body: "a", Key: "k", Line: 1}}},
		{"Kafka", eventsource.Kafka, `{"body":null,"key":"k","partition":2,"headers":{"z":"1","a":"\u00fc"}}`, []eventsource.Message{
			{Tombstone: true, Key: "k", Partition: &two, Headers: []eventsource.Header{{Name: "z", Value: "1"}, {Name: "a", Value: "ü"}}, Line: 1}}},
		{"DynamoDB", eventsource.DynamoDB, `{"event":"INSERT","keys":{"id":{"S":"1"}},"new":{"id":{"S":"1"}}}`, []eventsource.Message{
			{Change: &eventsource.Change{Event: "INSERT", Keys: json.RawMessage(`{"id":{"S":"1"}}`), New: json.RawMessage(`{"id":{"S":"1"}}`)}, Line: 1}}},
	} {
		got, err := eventsource.Parse(c.kind, []byte(c.text))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

func TestParse_ErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind       eventsource.Kind
		text, want string
	}{
		{eventsource.SQS, "a\n{\"body\":\n", "line 2: it is not JSON: unexpected end"},
		{eventsource.SQS, "\"a", "line 1: it is not JSON"},
		{eventsource.SQS, "[1,\n2", "line 1: it is not JSON"},
		{eventsource.SQS, "\xff", "it is not UTF-8"},
		{eventsource.SQS, `{"body":"a","grup":"g"}`, `line 1: "grup" is not a member of a message of sqs, which may have body, id, group, attributes, messageAttributes`},
		{eventsource.SQS, `{"body":"a","dedup":"g"}`, `"dedup" is not a member`},
		{eventsource.SQS, `{"body":"a","body":"b"}`, `it has "body" twice`},
		{eventsource.SQS, `{"body":"a","id":1}`, `"id" is not a string`},
		{eventsource.SQS, `{"body":"a","group":null}`, `"group" is not a string`},
		{eventsource.SQS, `{"body":"a","messageAttributes":{"n":1}}`, `"messageAttributes" is not an object of strings`},
		{eventsource.Kafka, `{"body":"a","partition":1.5}`, `"partition" is not an integer`},
		{eventsource.Kafka, `{"body":"a","headers":["x"]}`, `"headers" is not an object of strings`},
		{eventsource.DynamoDB, "\n{\"body\":\"a\"}", "line 2: it is not the change of an item"},
		{eventsource.DynamoDB, "text", "line 1: it is not JSON"},
		{eventsource.SQS, "[\"a\",\n{\"body\":1,\n\"x\":2}]", `line 2: "x" is not a member`},
	} {
		_, err := eventsource.Parse(c.kind, []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %q: got error %v, want %q in it", c.kind, c.text, err, c.want)
		}
	}
}
