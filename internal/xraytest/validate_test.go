package xraytest

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

func TestValid(t *testing.T) {
	t.Parallel()
	exceptions := `{"working_directory":"/var/task","paths":["a"],"exceptions":[` +
		`{"id":"70de5b6f19ff9a01","message":"m","type":"T","remote":true,"truncated":1,"skipped":0,"cause":"70de5b6f19ff9a02","stack":[{"path":"p","line":1,"label":"l"},{}]},` +
		`{"id":"70de5b6f19ff9a02"}]}`
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"a%d":1`, i)
		}
		return b.String()[1:]
	}
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
		with(subsegment, `"annotations":{`+many(50)+`}`),
		with(subsegment, `"metadata":{"default":{"k":null,"AWS.x":[{}]},"":{}}`),
		with(subsegment, `"links":[{"trace_id":"1-581cf771-a006649127e371903a2de979","id":"70de5b6f19ff9a0a","attributes":{"a":1}}]`),
		with(subsegment, `"metadata":{"default":{"k":"`+strings.Repeat("x", MaxDocument-len(with(subsegment, `"metadata":{"default":{"k":""}}`)))+`"}}`),
	} {
		for _, problem := range Problems([]byte(document)) {
			t.Errorf("%.500s: %s", document, problem)
		}
	}
	for _, c := range []struct{ document, want string }{
		{`[]`, "document is no object"},
		{`{`, "unexpected end"},
		{segmentDoc + "x", "after top-level value"},
		{strings.Replace(segmentDoc, `"id":"70de5b6f19ff9a0a",`, ``, 1), "has no id"},
		{strings.Replace(segmentDoc, `"id":"7`, `"id":"G`, 1), "document.id"},
		{strings.Replace(segmentDoc, `"id":"7`, `"id":"77`, 1), "document.id"},
		{strings.Replace(segmentDoc, `"id":"7`, `"id":"A`, 1), "document.id"},
		{strings.Replace(segmentDoc, `"name":"GET /",`, ``, 1), "has no name"},
		{strings.Replace(segmentDoc, "GET /", "", 1), "document.name is shorter"},
		{strings.Replace(segmentDoc, "GET /", strings.Repeat("é", 201), 1), "document.name is longer"},
		{strings.Replace(segmentDoc, "GET /", "a?", 1), "document.name"},
		{strings.Replace(segmentDoc, "GET /", "a\u0301", 1), "document.name"},
		{strings.Replace(segmentDoc, "GET /", `a\u0000`, 1), "document.name"},
		{strings.Replace(segmentDoc, "1-581cf771-", "581cf771", 1), "document.trace_id"},
		{strings.Replace(segmentDoc, "1478293361.271", `"1"`, 1), "start_time is no number"},
		{strings.Replace(segmentDoc, "1478293361.271", "-1", 1), "start_time is -1"},
		{strings.Replace(segmentDoc, "1478293361.271", "1e400", 1), "1e400"},
		{strings.Replace(segmentDoc, "1478293361.449", "1478293361.270", 1), "before its start"},
		{strings.Replace(segmentDoc, `,"end_time":1478293361.449`, ``, 1), "none of 2 things"},
		{with(segmentDoc, `"in_progress":true`), "may only be one"},
		{`{` + ids + `"in_progress":false}`, "in_progress is not true"},
		{with(segmentDoc, `"id":"70de5b6f19ff9a0a"`), "twice"},
		{with(segmentDoc, `"inferred":true`), "document.inferred is not allowed"},
		{with(segmentDoc, `"namespace":"aws"`), "document.namespace is not allowed"},
		{with(segmentDoc, `"type":"segment"`), "document.type is not subsegment"},
		{with(segmentDoc, `"type":"subsegment"`), "has no parent_id"},
		{with(segmentDoc, `"parent_id":"70de5b6f19ff9a0a"`), "its own parent"},
		{with(segmentDoc, `"precursor_ids":[]`), "precursor_ids is not allowed"},
		{with(segmentDoc, `"http":{"request":{"traced":true}}`), "traced is not allowed"},
		{with(segmentDoc, `"service":{"name":"x"}`), "service.name is not allowed"},
		{with(subsegment, `"namespace":"local"`), "document.namespace"},
		{with(subsegment, `"user":"u"`), "user is not allowed"},
		{with(subsegment, `"origin":"AWS::Lambda::Function"`), "origin is not allowed"},
		{with(subsegment, `"resource_arn":"u"`), "resource_arn is not allowed"},
		{with(subsegment, `"service":{}`), "service is not allowed"},
		{with(subsegment, `"http":{"request":{"x_forwarded_for":true}}`), "x_forwarded_for is not allowed"},
		{with(subsegment, `"aws":{"cloudwatch_logs":[]}`), "cloudwatch_logs is not allowed"},
		{with(subsegment, `"aws":{"xray":{}}`), "xray is not allowed"},
		{with(subsegment, `"aws":{}`), "has 0 members"},
		{with(subsegment, `"aws":{"table":"t"}`), "aws.table is not allowed"},
		{with(subsegment, `"aws":{"retries":"2"}`), "retries is no integer"},
		{with(subsegment, `"http":{"request":{"path":"/"}}`), "request.path is not allowed"},
		{with(subsegment, `"http":{"request":{"method":"`+strings.Repeat("m", 251)+`"}}`), "method is longer"},
		{with(subsegment, `"http":{"response":{"status":"200"}}`), "status is no integer"},
		{with(subsegment, `"sql":{"password":"p"}`), "sql.password is not allowed"},
		{with(subsegment, `"sql":{"preparation":"x"}`), "preparation"},
		{with(subsegment, `"fault":1`), "fault is no boolean"},
		{with(subsegment, `"throttle":true`), "has no error"},
		{with(subsegment, `"throttle":true,"error":false`), "error is not true"},
		{with(subsegment, `"cause":"x"`), "cause is none of"},
		{with(subsegment, `"cause":{"exceptions":[]}`), "cause is none of"},
		{with(subsegment, `"cause":{"exceptions":[{"message":"m"}]}`), "has no id"},
		{with(subsegment, `"cause":{"message":"m"}`), "cause.message is not allowed"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","name":"n"}]}`), "name is not allowed"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","stack":[{"line":"1"}]}]}`), "line is no integer"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","stack":[{"column":1}]}]}`), "column is not allowed"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01"},{"id":"70de5b6f19ff9a01"}]}`), "is not unique"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a0a"}]}`), "is not unique"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","cause":"70de5b6f19ff9a02"}]}`), "not in the document"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","cause":"70de5b6f19ff9a01"}]}`), "causes itself"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","cause":"70de5b6f19ff9a02"},{"id":"70de5b6f19ff9a02","cause":"70de5b6f19ff9a01"}]}`), "causes itself"},
		{with(subsegment, `"annotations":{}`), "has 0 members"},
		{with(subsegment, `"annotations":{"a":null}`), "is no [string number boolean]"},
		{with(subsegment, `"annotations":{"a":[]}`), "is no [string number boolean]"},
		{with(subsegment, `"annotations":{"a.b":1}`), "annotations.a.b is not allowed"},
		{with(subsegment, `"annotations":{"":1}`), "annotations. is not allowed"},
		{with(subsegment, `"annotations":{"`+strings.Repeat("k", 501)+`":1}`), "is not allowed"},
		{with(subsegment, `"annotations":{"a":"`+strings.Repeat("é", 1001)+`"}`), "annotations.a is longer"},
		{with(subsegment, `"annotations":{`+many(51)+`}`), "51 annotations"},
		{with(subsegment, `"annotations":{"a":1,"a":2}`), "twice"},
		{with(subsegment, `"metadata":{"default":"x"}`), "metadata.default is no object"},
		{with(subsegment, `"metadata":{"AWS.x":{}}`), "metadata.AWS.x is not allowed"},
		{with(subsegment, `"metadata":{"default":{"k":"`+"\xff"+`"}}`), "not UTF-8"},
		{with(subsegment, `"metadata":{"default":{"k":{"x":1,"x":2}}}`), "twice"},
		{with(subsegment, `"metadata":{"default":{"k":"`+strings.Repeat("x", MaxDocument)+`"}}`), "bytes"},
		{with(subsegment, `"links":[{"trace_id":"1-581cf771-a006649127e371903a2de979"}]`), "has no id"},
		{with(subsegment, `"links":[{"trace_id":"581cf771a006649127e371903a2de979","id":"70de5b6f19ff9a0a"}]`), "links[0].trace_id"},
	} {
		if problems := strings.Join(Problems([]byte(c.document)), "\n"); !strings.Contains(problems, c.want) {
			t.Errorf("%.500s: %.500q, want %q", c.document, problems, c.want)
		}
	}
}
