package cloudwatch

import (
	"encoding/json"
	"slices"
	"strings"
)

// Source is a kind of event source.
type Source string

// The kinds that change a fragment.
const (
	SourceHTTP   Source = "http"   // API Gateway, a function URL, a load balancer, VPC Lattice
	SourceQueue  Source = "queue"  // SQS
	SourceStream Source = "stream" // Kinesis, DynamoDB Streams
	SourceKafka  Source = "kafka"
	SourceAsync  Source = "async" // SNS, S3, EventBridge and other services that invoke asynchronously
	SourceOther  Source = "other" // an event of the user's own form
)

// AddEvent adds the source of an event.
func (o *Observation) AddEvent(payload []byte) {
	o.Events++
	source, queue := sourceOf(payload)
	o.AddSource(source)
	if o.Queue == "" {
		o.Queue = queue
	}
}

// AddSource adds a source.
func (o *Observation) AddSource(s Source) {
	if !slices.Contains(o.Sources, s) {
		o.Sources = append(o.Sources, s)
		slices.Sort(o.Sources)
	}
}

// sourceOf returns the source of an event, and the name of its SQS queue.
func sourceOf(payload []byte) (source Source, queue string) {
	var event struct {
		Records        json.RawMessage `json:"Records"` // of Kafka: an object
		Source         any             `json:"eventSource"`
		DetailType     *string         `json:"detail-type"`
		Logs           json.RawMessage `json:"awslogs"`
		RequestContext json.RawMessage `json:"requestContext"`
	}
	if json.Unmarshal(payload, &event) != nil {
		return SourceOther, ""
	}
	name, _ := event.Source.(string)
	var records []struct {
		Source string `json:"eventSource"` // SNS writes EventSource, and encoding/json ignores the case
		ARN    string `json:"eventSourceARN"`
	}
	if json.Unmarshal(event.Records, &records) == nil && len(records) > 0 {
		name, queue = records[0].Source, records[0].ARN
	}
	switch name {
	case "aws:sqs":
		return SourceQueue, queue[strings.LastIndexByte(queue, ':')+1:] // arn:aws:sqs:REGION:ACCOUNT:QUEUE
	case "aws:kinesis", "aws:dynamodb":
		return SourceStream, ""
	case "aws:kafka", "SelfManagedKafka":
		return SourceKafka, ""
	case "":
	default: // aws:s3, aws:sns, aws:ses
		return SourceAsync, ""
	}
	switch {
	case event.RequestContext != nil:
		return SourceHTTP, ""
	case event.DetailType != nil, event.Logs != nil:
		return SourceAsync, ""
	}
	return SourceOther, ""
}
