package viewer

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestDescribe_Templates(t *testing.T) {
	t.Parallel()
	want := map[string][2]string{
		"API Gateway HTTP API 2.0":  {"POST /orders", "API Gateway HTTP API 2.0"},
		"API Gateway REST API":      {"POST /orders", "API Gateway REST API"},
		"Function URL":              {"POST /orders", "function URL"},
		"Application Load Balancer": {"POST /orders", "Application Load Balancer"},
		"VPC Lattice":               {"POST /orders", "VPC Lattice 2.0"},
		"SQS":                       {"SQS payments (3 records)", "SQS"},
		"SQS FIFO":                  {"SQS payments.fifo (3 records)", "SQS"},
		"Kinesis":                   {"Kinesis shipments (3 records)", "Kinesis"},
		"DynamoDB stream":           {"DynamoDB orders (3 records)", "DynamoDB"},
		"Kafka":                     {"Kafka shipments (3 records)", "Kafka"},
		"Data Firehose":             {"Data Firehose clicks (3 records)", "Data Firehose"},
		"SNS in SQS":                {"SQS confirmed (1 record)", "SQS"},
		"EventBridge in SQS":        {"SQS confirmed (1 record)", "SQS"},
		"S3 in SQS":                 {"SQS imports (1 record)", "SQS"},
		"SNS":                       {"SNS orders (1 record)", "SNS"},
		"EventBridge":               {"OrderConfirmed of shop.orders", "EventBridge"},
		"Schedule":                  {"scheduled event", "EventBridge"},
		"S3, object created":        {"S3 shop-imports (1 record)", "S3"},
	}
	for _, template := range Templates(0) {
		title, source := describe([]byte(template.Text))
		if got := [2]string{title, source}; got != want[template.Name] {
			t.Errorf("%s: got %q, want %q", template.Name, got, want[template.Name])
		}
		if batch, http := isBatch(source), isHTTP(source); batch && http || http != (template.Group == "HTTP") {
			t.Errorf("%s: got a batch %v and HTTP %v of the group %s", template.Name, batch, http, template.Group)
		}
	}
}

func TestDescribe_OtherEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ event, title, source string }{
		{`{"version":"1.0","httpMethod":"GET","path":"/a"}`, "GET /a", "API Gateway HTTP API 1.0"},
		{`{"method":"GET","raw_path":"/a"}`, "GET /a", "VPC Lattice 1.0"},
		{`{"version":"2.0","requestContext":{"http":{"method":"GET","path":"/stage/a"}}}`, "GET /stage/a", "API Gateway HTTP API 2.0"},
		{`{"Records":[{"messageId":"m-1","body":""}]}`, "SQS (1 record)", "SQS"},
		{`{"Records":[{"s3":{"bucket":{"name":"b"}}},{"s3":{}}]}`, "S3 b (2 records)", "S3"},
		{`{"Records":[{"eventSource":"aws:dynamodb","eventSourceARN":"arn:aws:dynamodb:eu-west-1:1:table/orders","dynamodb":{}}]}`, "DynamoDB orders (1 record)", "DynamoDB"},
		{`{"Records":[{"eventSource":"aws:other"}]}`, "", ""},
		{`{"Records":[]}`, "", ""},
		{`{"Records":1}`, "", ""},
		{`{"method":"GET"}`, "", ""},
		{`{"requestContext":{"elb":{}},"path":"/a"}`, "", ""},
		{`{"raw_path":"/a"}`, "", ""},
		{`{"version":"1.0","path":"/a"}`, "", ""},
		{`{"requestContext":{"serviceArn":"arn:x"},"path":"/a"}`, "", ""},
		{`{"id":1}`, "", ""},
		{`[1]`, "", ""},
		{`text`, "", ""},
	} {
		if title, source := describe([]byte(c.event)); title != c.title || source != c.source {
			t.Errorf("%s: got %q of %q, want %q of %q", c.event, title, source, c.title, c.source)
		}
	}
}

func TestRecords_OfEachSource(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", maxBody+1)
	for _, c := range []struct{ name, event, want string }{
		{"SQS", `{"Records":[{"eventSource":"aws:sqs","messageId":"m-1","attributes":{"MessageGroupId":"g"},"body":"text"}]}`, "m-1 g text"},
		{"SQS without a body", `{"Records":[{"eventSource":"aws:sqs","messageId":"m-1"}]}`, "m-1  "},
		{"Kinesis", `{"Records":[{"kinesis":{"sequenceNumber":"1","partitionKey":"k","data":"eyJhIjoxfQ=="}}]}`, "1 k {\n  \"a\": 1\n}"},
		{"Kinesis, binary", `{"Records":[{"kinesis":{"sequenceNumber":"1","data":"/w=="}}]}`, "1  /w=="},
		{"Kinesis, no base64", `{"Records":[{"kinesis":{"sequenceNumber":"1","data":"?"}}]}`, "1  ?"},
		{"Kinesis, large", `{"Records":[{"kinesis":{"sequenceNumber":"1","data":"` + base64.StdEncoding.EncodeToString([]byte(large)) + `"}}]}`, "1  " + large[:maxBody]},
		{"Kinesis, large and no base64", `{"Records":[{"kinesis":{"sequenceNumber":"1","data":"?` + large + `"}}]}`, "1  ?" + large[:maxBody-1]},
		{"DynamoDB", `{"Records":[{"dynamodb":{"SequenceNumber":"1","Keys":{"id":{"S":"a"}}}}]}`, "1 {\"id\":{\"S\":\"a\"}} {\n  \"SequenceNumber\": \"1\",\n  \"Keys\": {\n    \"id\": {\n      \"S\": \"a\"\n    }\n  }\n}"},
		{"SNS", `{"Records":[{"Sns":{"MessageId":"n-1","TopicArn":"arn:aws:sns:eu-west-1:1:t","Message":"[]"}}]}`, "n-1  []"},
		{"S3", `{"Records":[{"s3":{"object":{"key":"a.csv"}}}]}`, "a.csv  {\n  \"object\": {\n    \"key\": \"a.csv\"\n  }\n}"},
		{"Kafka", `{"eventSource":"aws:kafka","records":{"t-1":[{"topic":"t","partition":1,"offset":15,"value":"YQ=="}],"odd":1,"t-2":[{"topic":"t","partition":2,"offset":3,"value":"Yg=="}]}}`, "t-1:15 t-1 a; t-2:3 t-2 b"},
		{"Data Firehose", `{"deliveryStreamArn":"arn:aws:firehose:eu-west-1:1:deliverystream/s","records":[{"recordId":"r-1","data":"YQ=="}]}`, "r-1  a"},
		{"Data Firehose without a stream", `{"records":[{"recordId":"r-1","data":"YQ=="}]}`, ""},
		{"unknown", `{"Records":[{"eventSource":"aws:other","messageId":"m-1"}]}`, ""},
		{"a body without an id", `{"Records":[{"body":"x"}]}`, ""},
		{"an odd member", `{"eventSource":1,"Records":[{"eventSource":"aws:sqs","messageId":"m-1"}]}`, ""},
		{"not JSON", `{`, ""},
	} {
		list, _ := records([]byte(c.event), nil)
		var got []string
		for _, r := range list {
			got = append(got, r.ID+" "+r.Group+" "+r.Body)
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%s: got %.200q, want %.200q", c.name, text, c.want)
		}
	}
}

func TestRecords_FailedOnes(t *testing.T) {
	t.Parallel()
	const (
		queue    = `{"Records":[{"eventSource":"aws:sqs","messageId":"m-1"},{"eventSource":"aws:sqs","messageId":"m-2"}]}`
		kafka    = `{"eventSource":"aws:kafka","records":{"t-0":[{"topic":"t","offset":1},{"topic":"t","offset":2}]}}`
		firehose = `{"deliveryStreamArn":"arn:aws:firehose:eu-west-1:1:deliverystream/s","records":[{"recordId":"r-1"},{"recordId":"r-2"}]}`
	)
	for _, c := range []struct{ event, response, want string }{
		{queue, `{"batchItemFailures":[{"itemIdentifier":"m-2"}]}`, "m-2"},
		{queue, `{"batchItemFailures":[{"itemIdentifier":"m-9"},{"itemIdentifier":1},{}]}`, ""},
		{queue, `not JSON`, ""},
		{kafka, `{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":2}}]}`, "t-0:2"},
		{kafka, `{"batchItemFailures":[{"itemIdentifier":{"topic":"t-0","offset":1}}]}`, "t-0:1"},
		{kafka, `{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":"odd"}}]}`, ""},
		{firehose, `{"records":[{"recordId":"r-1","result":"ProcessingFailed"},{"recordId":"r-2","result":"Ok"}]}`, "r-1"},
	} {
		list, failed := records([]byte(c.event), []byte(c.response))
		var got []string
		for _, r := range list {
			if r.Failed {
				got = append(got, r.ID)
			}
		}
		if text := strings.Join(got, " "); len(list) != 2 || text != c.want || failed != len(got) {
			t.Errorf("%s: got %q of %d records and the count %d, want %q of 2", c.response, text, len(list), failed, c.want)
		}
	}
}
