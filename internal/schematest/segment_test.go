package schematest

import (
	"fmt"
	"strings"
	"testing"
)

const (
	ids        = `"id":"70de5b6f19ff9a0a","name":"GET /","start_time":1478293361.271,"trace_id":"1-581cf771-a006649127e371903a2de979",`
	closed     = ids + `"end_time":1478293361.449`
	segmentDoc = `{` + closed + `}`
	subsegment = `{` + closed + `,"type":"subsegment","parent_id":"70de5b6f19ff9a0b"}`
)

// with returns a document with more members.
func with(document, members string) string {
	return strings.TrimSuffix(document, "}") + "," + members + "}"
}

// annotations returns n members of an object of annotations.
func annotations(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"a%d":1`, i)
	}
	return b.String()[1:]
}

func TestSegment_AcceptsDocuments(t *testing.T) {
	t.Parallel()
	exceptions := `{"working_directory":"/var/task","paths":["a"],"exceptions":[` +
		`{"id":"70de5b6f19ff9a01","message":"m","type":"T","remote":true,"truncated":1,"skipped":0,"cause":"70de5b6f19ff9a02","stack":[{"path":"p","line":1,"label":"l"},{}]},` +
		`{"id":"70de5b6f19ff9a02"}]}`
	for _, document := range []string{
		segmentDoc,
		subsegment,
		`{` + ids + `"in_progress":true}`,
		strings.Replace(segmentDoc, "GET /", strings.Repeat("é", 200), 1),
		strings.Replace(segmentDoc, "GET /", `a1 ²Ⅷ名前_.:/%&#=+\\-@`, 1),
		strings.Replace(segmentDoc, "1478293361.449", "1478293361.271", 1),
		with(segmentDoc, `"parent_id":"70de5b6f19ff9a0b","user":"u","origin":"AWS::Lambda::Function","resource_arn":"a","service":{"version":"1"}`),
		with(segmentDoc, `"http":{"request":{"method":"GET","url":"u","user_agent":"a","client_ip":"1.2.3.4","x_forwarded_for":true},"response":{"status":200,"content_length":-1}}`),
		with(segmentDoc, `"aws":{"account_id":"1","cloudwatch_logs":[{"log_group":"g","arn":"a"}],"xray":{"sdk":"s","sdk_version":"1","auto_instrumentation":false},"ec2":{},"ecs":{},"eks":{},"elastic_beanstalk":{}}`),
		with(subsegment, `"namespace":"aws","http":{"request":{"traced":true}},"precursor_ids":["70de5b6f19ff9a0c"]`),
		with(subsegment, `"aws":{"operation":"o","account_id":"1","region":"r","request_id":"i","queue_url":"q","table_name":"t","table_names":["t"],"resource_names":["r"],"retries":2,"bucket_name":"b","topic_arn":"t","function_name":"f"}`),
		with(subsegment, `"sql":{"connection_string":"c","url":"u","sanitized_query":"q","database_type":"d","database_version":"1","driver_version":"1","user":"u","preparation":"call"}`),
		with(subsegment, `"error":true,"throttle":true,"fault":true`),
		with(subsegment, `"error":false,"throttle":false`),
		with(subsegment, `"cause":"70de5b6f19ff9a01"`),
		with(subsegment, `"cause":`+exceptions),
		with(subsegment, `"annotations":{"A_1":"s","b":1.5,"c":false,"`+strings.Repeat("k", 500)+`":"`+strings.Repeat("é", 1000)+`"}`),
		with(subsegment, `"annotations":{`+annotations(50)+`}`),
		with(subsegment, `"metadata":{"default":{"k":null,"AWS.x":[{}]},"":{}}`),
		with(subsegment, `"links":[{"trace_id":"1-581cf771-a006649127e371903a2de979","id":"70de5b6f19ff9a0a","attributes":{"a":1}}]`),
	} {
		accepts(t, segmentSchema(), document)
	}
}

func TestSegment_RejectsBrokenDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ document, want string }{
		{`[]`, ": got array, want object"},
		{`{`, "unexpected end"},
		{segmentDoc + "x", "after top-level value"},
		{strings.Replace(segmentDoc, `"id":"70de5b6f19ff9a0a",`, ``, 1), ": missing property 'id'"},
		{strings.Replace(segmentDoc, `"id":"7`, `"id":"G`, 1), "/id: 'G0de5b6f19ff9a0a' does not match pattern"},
		{strings.Replace(segmentDoc, `"id":"7`, `"id":"77`, 1), "/id: '770de5b6f19ff9a0a' does not match pattern"},
		{strings.Replace(segmentDoc, `"id":"7`, `"id":"A`, 1), "/id: 'A0de5b6f19ff9a0a' does not match pattern"},
		{strings.Replace(segmentDoc, `"name":"GET /",`, ``, 1), ": missing property 'name'"},
		{strings.Replace(segmentDoc, "GET /", "", 1), "/name: minLength: got 0, want 1"},
		{strings.Replace(segmentDoc, "GET /", strings.Repeat("é", 201), 1), "/name: maxLength: got 201, want 200"},
		{strings.Replace(segmentDoc, "GET /", "a?", 1), "/name: 'a?' does not match pattern"},
		{strings.Replace(segmentDoc, "GET /", "a\u0301", 1), "/name: 'á' does not match pattern"},
		{strings.Replace(segmentDoc, "GET /", `a\u0000`, 1), `/name: 'a\x00' does not match pattern`},
		{strings.Replace(segmentDoc, "1-581cf771-", "581cf771", 1), "/trace_id: '581cf771a006649127e371903a2de979' does not match pattern"},
		{strings.Replace(segmentDoc, "1478293361.271", `"1"`, 1), "/start_time: got string, want number"},
		{strings.Replace(segmentDoc, "1478293361.271", "-1", 1), "/start_time: minimum: got -1, want 0"},
		{strings.Replace(segmentDoc, `,"end_time":1478293361.449`, ``, 1), ": missing property 'end_time'"},
		{with(segmentDoc, `"in_progress":true`), ": 'oneOf' failed, subschemas 0, 1 matched"},
		{`{` + ids + `"in_progress":false}`, "/in_progress: value must be true"},
		{with(segmentDoc, `"id":"70de5b6f19ff9a0a"`), "twice"},
		{with(segmentDoc, `"inferred":true`), ": additional properties 'inferred' not allowed"},
		{with(segmentDoc, `"namespace":"aws"`), "/namespace: false schema"},
		{with(segmentDoc, `"type":"segment"`), "/type: value must be 'subsegment'"},
		{with(segmentDoc, `"type":"subsegment"`), ": missing property 'parent_id'"},
		{with(segmentDoc, `"precursor_ids":[]`), "/precursor_ids: false schema"},
		{with(segmentDoc, `"http":{"request":{"traced":true}}`), "/http/request/traced: false schema"},
		{with(segmentDoc, `"service":{"name":"x"}`), "/service: additional properties 'name' not allowed"},
		{with(subsegment, `"namespace":"local"`), "/namespace: value must be one of 'aws', 'remote'"},
		{with(subsegment, `"user":"u"`), "/user: false schema"},
		{with(subsegment, `"origin":"AWS::Lambda::Function"`), "/origin: false schema"},
		{with(subsegment, `"resource_arn":"u"`), "/resource_arn: false schema"},
		{with(subsegment, `"service":{}`), "/service: false schema"},
		{with(subsegment, `"http":{"request":{"x_forwarded_for":true}}`), "/http/request/x_forwarded_for: false schema"},
		{with(subsegment, `"aws":{"cloudwatch_logs":[]}`), "/aws/cloudwatch_logs: false schema"},
		{with(subsegment, `"aws":{"xray":{}}`), "/aws/xray: false schema"},
		{with(subsegment, `"aws":{}`), "/aws: minProperties: got 0, want 1"},
		{with(subsegment, `"aws":{"table":"t"}`), "/aws: additional properties 'table' not allowed"},
		{with(subsegment, `"aws":{"retries":"2"}`), "/aws/retries: got string, want integer"},
		{with(subsegment, `"http":{"request":{"path":"/"}}`), "/http/request: additional properties 'path' not allowed"},
		{with(subsegment, `"http":{"request":{"method":"`+strings.Repeat("m", 251)+`"}}`), "/http/request/method: maxLength: got 251, want 250"},
		{with(subsegment, `"http":{"response":{"status":"200"}}`), "/http/response/status: got string, want integer"},
		{with(subsegment, `"sql":{"password":"p"}`), "/sql: additional properties 'password' not allowed"},
		{with(subsegment, `"sql":{"preparation":"x"}`), "preparation"},
		{with(subsegment, `"fault":1`), "/fault: got number, want boolean"},
		{with(subsegment, `"throttle":true`), ": missing property 'error'"},
		{with(subsegment, `"throttle":true,"error":false`), "/error: value must be true"},
		{with(subsegment, `"cause":"x"`), "/cause: got string, want object"},
		{with(subsegment, `"cause":{"exceptions":[]}`), "/cause/exceptions: minItems: got 0, want 1"},
		{with(subsegment, `"cause":{"exceptions":[{"message":"m"}]}`), "/cause/exceptions/0: missing property 'id'"},
		{with(subsegment, `"cause":{"message":"m"}`), "/cause: additional properties 'message' not allowed"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","name":"n"}]}`), "/cause/exceptions/0: additional properties 'name' not allowed"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","stack":[{"line":"1"}]}]}`), "/cause/exceptions/0/stack/0/line: got string, want integer"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","stack":[{"column":1}]}]}`), "/cause/exceptions/0/stack/0: additional properties 'column' not allowed"},
		{with(subsegment, `"annotations":{}`), "/annotations: minProperties: got 0, want 1"},
		{with(subsegment, `"annotations":{"a":null}`), "/annotations/a: got null, want boolean or number or string"},
		{with(subsegment, `"annotations":{"a":[]}`), "/annotations/a: got array, want boolean or number or string"},
		{with(subsegment, `"annotations":{"a.b":1}`), "/annotations: additional properties 'a.b' not allowed"},
		{with(subsegment, `"annotations":{"":1}`), "/annotations: additional properties '' not allowed"},
		{with(subsegment, `"annotations":{"`+strings.Repeat("k", 501)+`":1}`), "/annotations: additional properties 'kkk"},
		{with(subsegment, `"annotations":{"a":"`+strings.Repeat("é", 1001)+`"}`), "/annotations/a: maxLength: got 1,001, want 1,000"},
		{with(subsegment, `"annotations":{`+annotations(51)+`}`), "/annotations: maxProperties: got 51, want 50"},
		{with(subsegment, `"annotations":{"a":1,"a":2}`), "twice"},
		{with(subsegment, `"metadata":{"default":"x"}`), "/metadata/default: got string, want object"},
		{with(subsegment, `"metadata":{"AWS.x":{}}`), "/metadata/AWS.x: false schema"},
		{with(subsegment, `"metadata":{"default":{"k":"`+"\xff"+`"}}`), "not UTF-8"},
		{with(subsegment, `"metadata":{"default":{"k":{"x":1,"x":2}}}`), "twice"},
		{with(subsegment, `"links":[{"trace_id":"1-581cf771-a006649127e371903a2de979"}]`), "/links/0: missing property 'id'"},
		{with(subsegment, `"links":[{"trace_id":"581cf771a006649127e371903a2de979","id":"70de5b6f19ff9a0a"}]`), "/links/0/trace_id: '581cf771a006649127e371903a2de979' does not match pattern"},
	} {
		rejects(t, segmentSchema(), c.document, c.want)
	}
}
