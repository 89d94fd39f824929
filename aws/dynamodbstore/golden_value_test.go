package dynamodbstore_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// answer is the result of a handler: JSON, unless it is something that has none.
type answer struct {
	json   json.RawMessage
	none   error
	tagged bool // it is a value of another language's
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

// answerOf reads a result, and makes values that JSON cannot hold what a program in Go would
// return for them.
func answerOf(given json.RawMessage) answer {
	if given == nil {
		given = json.RawMessage(`{"$undefined":true}`)
	}
	v, err := decodeNumbers(given)
	if err != nil {
		panic(err)
	}
	var a answer
	v = a.plain(v)
	a.json = json.RawMessage(text(v))
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
	// NaN, functions and circles are for Go, too, nothing that encodes as JSON.
	if s, _ := inner.(string); tag == "$number" && s == "-0" {
		return json.Number("-0")
	}
	a.none = fmt.Errorf("a value %s has no JSON", tag)
	return nil
}

// stored returns the result in a record.
func (c *goldenCase) stored(it item) answer {
	data := it[c.dataAttr()]
	if data == nil {
		return answer{json: json.RawMessage("null")}
	}
	if !c.native() {
		return answer{json: json.RawMessage(data.str())}
	}
	return answer{json: json.RawMessage(data.json())}
}

// json returns a value of DynamoDB's own as JSON.
func (v attribute) json() string {
	kind, inner := v.kind()
	switch kind {
	case "NULL":
		return "null"
	case "N":
		return inner.(string)
	case "L":
		var list []string
		for _, e := range v.elements() {
			list = append(list, e.json())
		}
		return "[" + strings.Join(list, ",") + "]"
	case "M":
		var members []string
		for name, e := range inner.(map[string]any) {
			members = append(members, text(name)+":"+attribute(e.(map[string]any)).json())
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	return text(inner)
}

// native returns JSON as a value of DynamoDB's own.
func native(v any) attribute {
	switch v := v.(type) {
	case bool:
		return attribute{"BOOL": v}
	case json.Number:
		return attribute{"N": v.String()}
	case string:
		return attribute{"S": v}
	case []any:
		list := make([]any, 0, len(v))
		for _, e := range v {
			list = append(list, map[string]any(native(e)))
		}
		return attribute{"L": list}
	case map[string]any:
		members := map[string]any{}
		for name, e := range v {
			members[name] = map[string]any(native(e))
		}
		return attribute{"M": members}
	}
	return attribute{"NULL": true}
}

// data returns a result as it is stored.
func (c *goldenCase) data(a answer) attribute {
	if !c.native() {
		return attribute{"S": string(a.json)}
	}
	v, _ := decodeNumbers(a.json)
	return native(v)
}
