package cloudwatch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ref names a value that is known when the fragment is deployed: a parameter, the Region, or the ARN of
// an alarm.
type ref string

const (
	functionName         ref = "FunctionName"
	existingLogGroup     ref = "LogGroup"
	newLogGroup          ref = "Logs" // a resource of the fragment
	alarmTopic           ref = "AlarmTopic"
	timeoutMilliseconds  ref = "TimeoutMilliseconds"
	slowMilliseconds     ref = "SlowMilliseconds"
	deadLetterQueueName  ref = "DeadLetterQueueName"
	sourceQueueName      ref = "SourceQueueName"
	oldestMessageSeconds ref = "OldestMessageSeconds"
	region               ref = "AWS::Region"
)

// arn is the reference to the ARN of the alarm with a logical id.
func arn(id string) ref { return ref(id + arnSuffix) }

const arnSuffix = ".Arn"

// text is a string with references in it. Its parts are strings and refs.
type text []any

// textOf returns the text of strings and refs.
func textOf(parts ...any) text { return parts }

// object is a JSON object. Its values may be texts, and refs if the value is a number or a whole string.
type object map[string]any

// bodyText returns the JSON of v as a text. In its strings, "${" and "%{" are written with an escape, so
// neither CloudFormation nor Terraform takes them for references.
func bodyText(v any) text {
	var b bodyEncoder
	b.value(v)
	return b.flush()
}

// bodyEncoder writes JSON with references.
type bodyEncoder struct {
	parts   text
	literal strings.Builder
}

func (b *bodyEncoder) flush() text {
	if b.literal.Len() > 0 {
		b.parts = append(b.parts, b.literal.String())
		b.literal.Reset()
	}
	return b.parts
}

func (b *bodyEncoder) ref(r ref) {
	b.flush()
	b.parts = append(b.parts, r)
}

func (b *bodyEncoder) value(v any) {
	switch v := v.(type) {
	case ref: // of a number
		b.ref(v)
	case text:
		b.literal.WriteByte('"')
		for _, part := range v {
			if r, ok := part.(ref); ok {
				b.ref(r)
			} else {
				s := bodyString(part.(string))
				b.literal.WriteString(s[1 : len(s)-1])
			}
		}
		b.literal.WriteByte('"')
	case string:
		b.literal.WriteString(bodyString(v))
	case object:
		b.literal.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.literal.WriteByte(',')
			}
			b.literal.WriteString(bodyString(name))
			b.literal.WriteByte(':')
			b.value(v[name])
		}
		b.literal.WriteByte('}')
	case []any:
		b.literal.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.literal.WriteByte(',')
			}
			b.value(e)
		}
		b.literal.WriteByte(']')
	case int, float64, bool:
		fmt.Fprint(&b.literal, v)
	default:
		panic(fmt.Sprintf("cloudwatch: a %T in the body of a dashboard", v))
	}
}

// bodyString returns s as a JSON string in which no reference begins.
func bodyString(s string) string {
	return strings.NewReplacer("${", `\u0024{`, "%{", `\u0025{`).Replace(quoted(s))
}

// quoted returns s as a JSON string, without the escapes for HTML.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string has no error
	return strings.TrimSuffix(b.String(), "\n")
}
