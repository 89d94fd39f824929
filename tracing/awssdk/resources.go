package awssdk

import (
	"reflect"
	"slices"

	"go.opentelemetry.io/otel/attribute"
)

// parameter is a member of an operation's input that names a resource.
type parameter struct {
	field string
	key   attribute.Key
	list  bool // the attribute is a list of names
}

// parameters maps ids of services to such members. (OpenTelemetry, Semantic conventions for
// AWS SDK client spans)
var parameters = map[string][]parameter{
	"DynamoDB": {
		{"TableName", "aws.dynamodb.table_names", true},
		{"RequestItems", "aws.dynamodb.table_names", true},
	},
	"SQS":     {{"QueueUrl", "aws.sqs.queue.url", false}},
	"S3":      {{"Bucket", "aws.s3.bucket", false}},
	"SNS":     {{"TopicArn", "aws.sns.topic.arn", false}},
	"Kinesis": {{"StreamName", "aws.kinesis.stream_name", false}},
	"SFN":     {{"StateMachineArn", "aws.step_functions.state_machine.arn", false}},
	"Lambda":  {{"FunctionName", "faas.invoked_name", false}},
}

// resources returns attributes with the names of the resources that an operation uses.
func resources(service string, input any) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 4)
	v := reflect.ValueOf(input)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return attrs
	}
	for _, p := range parameters[service] {
		field := v.Elem().FieldByName(p.field)
		if !field.IsValid() {
			continue
		}
		switch value := field.Interface().(type) {
		case *string:
			if value == nil || *value == "" {
				continue
			}
			if p.list {
				attrs = append(attrs, p.key.StringSlice([]string{*value}))
			} else {
				attrs = append(attrs, p.key.String(*value))
			}
		default:
			if field.Kind() == reflect.Map && field.Len() > 0 && field.Type().Key().Kind() == reflect.String {
				var names []string
				for _, k := range field.MapKeys() {
					names = append(names, k.String())
				}
				slices.Sort(names)
				attrs = append(attrs, p.key.StringSlice(names))
			}
		}
	}
	return attrs
}
