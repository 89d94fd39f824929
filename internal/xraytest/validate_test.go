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

func TestProblems_OfACorrectDocument(t *testing.T) {
	t.Parallel()
	for _, document := range []string{
		segmentDoc,
		subsegment,
		strings.Replace(segmentDoc, "1478293361.449", "1478293361.271", 1),
		with(subsegment, `"cause":"70de5b6f19ff9a01"`),
		with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","cause":"70de5b6f19ff9a02"},{"id":"70de5b6f19ff9a02"}]}`),
		with(subsegment, `"annotations":{`+members(50)+`}`),
		with(subsegment, `"metadata":{"default":{"k":"`+strings.Repeat("x", MaxDocument-len(with(subsegment, `"metadata":{"default":{"k":""}}`)))+`"}}`),
	} {
		if got := Problems([]byte(document)); got != nil {
			t.Errorf("%.500s: got problems %q, want none", document, got)
		}
	}
}

// members returns n members of an object.
func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"a%d":1`, i)
	}
	return b.String()[1:]
}

func TestProblems_OfABrokenDocument(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ document, want string }{
		{`[]`, "cannot unmarshal array"},
		{`{`, "unexpected end"},
		{segmentDoc + "x", "after top-level value"},
		{strings.Replace(segmentDoc, "1478293361.271", "1e400", 1), "1e400"},
		{strings.Replace(segmentDoc, "1478293361.449", "1478293361.270", 1), "before its start"},
		{with(segmentDoc, `"id":"70de5b6f19ff9a0a"`), "twice"},
		{with(segmentDoc, `"parent_id":"70de5b6f19ff9a0a"`), "its own parent"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01"},{"id":"70de5b6f19ff9a01"}]}`), "is not unique"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a0a"}]}`), "is not unique"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","cause":"70de5b6f19ff9a02"}]}`), "not in the document"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","cause":"70de5b6f19ff9a01"}]}`), "causes itself"},
		{with(subsegment, `"cause":{"exceptions":[{"id":"70de5b6f19ff9a01","cause":"70de5b6f19ff9a02"},{"id":"70de5b6f19ff9a02","cause":"70de5b6f19ff9a01"}]}`), "causes itself"},
		{with(subsegment, `"annotations":{`+members(51)+`}`), "51 annotations"},
		{with(subsegment, `"annotations":{"a":1,"a":2}`), "twice"},
		{with(subsegment, `"metadata":{"default":{"k":"`+"\xff"+`"}}`), "not UTF-8"},
		{with(subsegment, `"metadata":{"default":{"k":{"x":1,"x":2}}}`), "twice"},
		{with(subsegment, `"metadata":{"default":{"k":"`+strings.Repeat("x", MaxDocument)+`"}}`), "bytes"},
	} {
		if got := strings.Join(Problems([]byte(c.document)), "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%.500s: got problems %.500q, want %q", c.document, got, c.want)
		}
	}
}
