package xray

import (
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func TestSegment(t *testing.T) {
	t.Parallel()
	resource := attrs{str("cloud.provider", "aws"), num("faas.max_memory", 128<<20)}
	arn := "arn:aws:lambda:eu-west-1:123456789012:function:orders"
	s := newSegment(server, str("enduser.id", "u"), str("aws.local.service", "other"))
	s.Name, s.Resource = "orders", resource
	s.Function = &Function{ARN: arn, RequestID: "r", AccountID: "123456789012", Region: "eu-west-1"}
	check(t, encode(t, Config{}, s), members{
		"name": `"orders"`, "origin": `"AWS::Lambda::Function"`, "resource_arn": `"` + arn + `"`, "user": `"u"`, "type": ``, "namespace": ``,
		"parent_id": `"0807060504030201"`, "id": `"0102030405060708"`, "trace_id": `"1-581cf771-a006649127e371903a2de979"`,
		"aws": `{"request_id":"r","account_id":"123456789012","region":"eu-west-1"}`,
	})
	equal(t, "metadata", encode(t, Config{}, s).In("metadata", "default", "otel.resource.cloud.provider"), `"aws"`)

	s.Attributes = attrs{str("aws.region", "us-east-1"), str("aws.request_id", "i"), str("aws.account_id", "2")}
	s.Parent = trace.SpanID{}
	check(t, encode(t, Config{}, s), members{"aws": `{"region":"us-east-1","request_id":"i","account_id":"2"}`, "parent_id": ``})

	s.Function = nil
	s.Attributes = attrs{str("rpc.system", "aws-api"), str("rpc.service", "S3")}
	check(t, encode(t, Config{}, s), members{"name": `"S3"`, "origin": ``, "resource_arn": ``, "namespace": ``, "aws": ``})
	s.Function = new(Function)
	check(t, encode(t, Config{}, s), members{"name": `"orders"`, "origin": `"AWS::Lambda::Function"`, "resource_arn": ``, "aws": ``})

	// A subsegment has none of these members.
	s = newSpan(server, str("enduser.id", "u"))
	s.Resource, s.Function = resource, &Function{ARN: arn, RequestID: "r"}
	check(t, encode(t, Config{}, s), members{"origin": ``, "resource_arn": ``, "user": ``, "aws": ``, "metadata": `{"default":{"enduser.id":"u"}}`})
}

// An attribute may have the key that an attribute of the resource gets.
func TestSegment_KeysOfTheResourceOnce(t *testing.T) {
	t.Parallel()
	s := newSegment(server, str("otel.resource.a", "attribute"))
	s.Resource = attrs{str("a", "resource"), str("b", "1"), str("b", "2")}
	check(t, encode(t, Config{}, s), members{"metadata": `{"default":{"otel.resource.a":"attribute","otel.resource.b":"1"}}`})
}

// Lists of log groups may have different lengths.
func TestSegment_ResourceOfAWS(t *testing.T) {
	t.Parallel()
	names, arns := strs("aws.log.group.names", "a", "b"), strs("aws.log.group.arns", "arn:a", "arn:b", "arn:c")
	for name, c := range map[string]struct {
		resource attrs
		want     string // the member aws
	}{
		"nothing":             {nil, ``},
		"names":               {attrs{names}, `{"cloudwatch_logs":[{"log_group":"a"},{"log_group":"b"}]}`},
		"ARNs":                {attrs{arns}, `{"cloudwatch_logs":[{"arn":"arn:a"},{"arn":"arn:b"},{"arn":"arn:c"}]}`},
		"both":                {attrs{names, arns}, `{"cloudwatch_logs":[{"log_group":"a","arn":"arn:a"},{"log_group":"b","arn":"arn:b"},{"arn":"arn:c"}]}`},
		"a name that is none": {attrs{strs("aws.log.group.names", "", "b")}, `{"cloudwatch_logs":[{},{"log_group":"b"}]}`},
		"names as a text":     {attrs{str("aws.log.group.names", "a")}, ``},
		"SDK":                 {attrs{str("telemetry.sdk.name", "s")}, `{"xray":{"sdk":"s"}}`},
		"SDK of a language":   {attrs{str("telemetry.sdk.name", "s"), str("telemetry.sdk.language", "go"), str("telemetry.sdk.version", "1")}, `{"xray":{"sdk":"s for go","sdk_version":"1"}}`},
		"language alone":      {attrs{str("telemetry.sdk.language", "go"), num("telemetry.sdk.name", 1)}, ``},
	} {
		s := newSegment(server)
		s.Resource = c.resource
		d := encode(t, Config{}, s)
		equal(t, name, d.At("aws"), c.want)
		s.Segment = false
		if d := encode(t, Config{}, s); d.At("aws") != nil {
			t.Errorf("%s, subsegment: got %s, want no member aws", name, d.JSON)
		}
	}
}
