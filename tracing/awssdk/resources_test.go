package awssdk_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestResources_AreNamedByTheInput(t *testing.T) {
	t.Parallel()
	type named struct {
		TableName, QueueUrl, Bucket, TopicArn, StreamName, StateMachineArn, FunctionName *string
		Body                                                                             *string
	}
	const name = "n"
	for service, want := range map[string]string{
		"DynamoDB": "table_name:n",
		"SQS":      "queue_url:n",
		"S3":       "bucket_name:n",
		"SNS":      "topic_arn:n",
		"Lambda":   "function_name:n",
	} {
		input := named{new(name), new(name), new(name), new(name), new(name), new(name), new(name), new("hidden")}
		s := spanOf(t, call{service: service, operation: "Op", input: &input})
		if got := fmt.Sprint(s.Document["aws"]); !strings.Contains(got, want) || strings.Contains(string(s.JSON), "hidden") {
			t.Errorf("%s: got %s, want %s and no other member", service, s.JSON, want)
		}
	}
	for service, key := range map[string]string{"Kinesis": "aws.kinesis.stream_name", "SFN": "aws.step_functions.state_machine.arn"} {
		input := named{StreamName: new(name), StateMachineArn: new(name)}
		s := spanOf(t, call{service: service, operation: "Op", input: &input})
		if got := s.Metadata["default"][key]; got != name {
			t.Errorf("%s: got %v, want %s", service, got, name)
		}
	}
}

func TestResources_OfBatchesAreSorted(t *testing.T) {
	t.Parallel()
	input := struct{ RequestItems map[string][]int }{map[string][]int{"b": nil, "c": nil, "a": {1}}}
	s := spanOf(t, call{service: "DynamoDB", operation: "BatchWriteItem", input: &input})
	if got, want := fmt.Sprint(s.Document["aws"]), "map[operation:BatchWriteItem region:eu-west-1 table_names:[a b c]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestResources_OfOddInputsAreNone(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]any{
		"none":        nil,
		"nil":         (*struct{ TableName *string })(nil),
		"no pointer":  struct{ TableName *string }{new("t")},
		"no struct":   new("t"),
		"unset":       &struct{ TableName *string }{},
		"empty":       &struct{ TableName *string }{new("")},
		"other type":  &struct{ TableName int }{1},
		"other map":   &struct{ RequestItems map[int]string }{map[int]string{1: "x"}},
		"no elements": &struct{ RequestItems map[string]string }{},
	} {
		s := spanOf(t, call{service: "DynamoDB", operation: "Op", input: input})
		if got, want := fmt.Sprint(s.Document["aws"]), "map[operation:Op region:eu-west-1]"; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
