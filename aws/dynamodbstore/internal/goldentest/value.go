package goldentest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
)

// answer is the result of a handler as JSON, or the error for a value without JSON.
type answer struct {
	json   json.RawMessage
	none   error
	tagged bool // the value has a type of another language
}

func (a answer) MarshalJSON() ([]byte, error) { return a.json, a.none }

func (a *answer) UnmarshalJSON(text []byte) error {
	a.json = bytes.Clone(text)
	return nil
}

func (a answer) String() string {
	if a.none != nil {
		return a.none.Error()
	}
	return string(cmp.Or(string(a.json), "null"))
}

// answerOf returns a result. It converts tagged values, which JSON cannot express, into the values
// that a Go program would return.
func answerOf(given json.RawMessage) answer {
	if given == nil {
		given = json.RawMessage(`{"$undefined":true}`)
	}
	v, err := fakedynamodb.DecodeNumbers(given)
	if err != nil {
		panic(err)
	}
	var a answer
	v = a.plain(v)
	a.json = json.RawMessage(fakedynamodb.JSON(v))
	return a
}

func (a *answer) plain(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, 0, len(v))
		for _, e := range v {
			list = append(list, a.plain(e))
		}
		return list
	case map[string]any:
		for tag, inner := range v {
			if strings.HasPrefix(tag, "$") && len(v) == 1 {
				a.tagged = true
				return a.untag(tag, inner)
			}
		}
		members := map[string]any{}
		for name, e := range v {
			if m, ok := e.(map[string]any); ok && m["$undefined"] != nil {
				a.tagged = true
				continue
			}
			members[name] = a.plain(e)
		}
		return members
	}
	return v
}

func (a *answer) untag(tag string, inner any) any {
	switch tag {
	case "$undefined":
		return nil
	case "$bigint":
		return json.Number(inner.(string))
	case "$date", "$bytes":
		return inner
	case "$set":
		return a.plain(inner)
	case "$map":
		members := map[string]any{}
		for _, kv := range inner.([]any) {
			members[fmt.Sprint(kv.([]any)[0])] = a.plain(kv.([]any)[1])
		}
		return members
	}
	// NaN, functions and cycles do not encode as JSON in Go either.
	if s, _ := inner.(string); tag == "$number" && s == "-0" {
		return json.Number("-0")
	}
	a.none = fmt.Errorf("a value %s has no JSON", tag)
	return nil
}

// stored returns the result in a record.
func (c *testCase) stored(it fakedynamodb.Item) answer {
	data := it[c.dataAttr()]
	if data == nil {
		return answer{json: json.RawMessage("null")}
	}
	if !c.native() {
		return answer{json: json.RawMessage(data.Text())}
	}
	return answer{json: json.RawMessage(jsonOf(data))}
}

// jsonOf returns a value of DynamoDB as JSON.
func jsonOf(v fakedynamodb.Attribute) string {
	kind, inner := v.Kind()
	switch kind {
	case "NULL":
		return "null"
	case "N":
		return inner.(string)
	case "L":
		var list []string
		for _, e := range v.Elements() {
			list = append(list, jsonOf(e))
		}
		return "[" + strings.Join(list, ",") + "]"
	case "M":
		var members []string
		for name, e := range inner.(map[string]any) {
			members = append(members, fakedynamodb.JSON(name)+":"+jsonOf(e.(map[string]any)))
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	return fakedynamodb.JSON(inner)
}

// native returns decoded JSON as a value of DynamoDB.
func native(v any) fakedynamodb.Attribute {
	switch v := v.(type) {
	case bool:
		return fakedynamodb.Attribute{"BOOL": v}
	case json.Number:
		return fakedynamodb.Attribute{"N": v.String()}
	case string:
		return fakedynamodb.Attribute{"S": v}
	case []any:
		list := make([]any, 0, len(v))
		for _, e := range v {
			list = append(list, map[string]any(native(e)))
		}
		return fakedynamodb.Attribute{"L": list}
	case map[string]any:
		members := map[string]any{}
		for name, e := range v {
			members[name] = map[string]any(native(e))
		}
		return fakedynamodb.Attribute{"M": members}
	}
	return fakedynamodb.Attribute{"NULL": true}
}

// data returns a result in its stored form.
func (c *testCase) data(a answer) fakedynamodb.Attribute {
	if !c.native() {
		return fakedynamodb.Attribute{"S": string(a.json)}
	}
	v, _ := fakedynamodb.DecodeNumbers(a.json)
	return native(v)
}
