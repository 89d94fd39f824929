package deadletter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lambdakit/lambdakit/aws/internal/message"
	"github.com/lambdakit/lambdakit/aws/internal/sqsbatch"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/internal/redact"
)

// original is the part of an SQS record that a letter keeps.
type original struct {
	Body       string                   `json:"body"`
	Attributes map[string]string        `json:"attributes"`
	Message    map[string]attributeJSON `json:"messageAttributes"`
}

type attributeJSON struct {
	Type   string  `json:"dataType"`
	String *string `json:"stringValue"`
	Binary []byte  `json:"binaryValue"`
}

const (
	maxAttributes = 10 // of a message (SQS quotas)
	maxReason     = 1024
)

// entry makes the message for a letter.
func (q *Queue) entry(i int, l batch.Letter) (entry, error) {
	r := l.Record
	raw := r.Raw()
	var from original
	body := message.JSON(raw)
	if r.System == "aws_sqs" {
		if err := json.Unmarshal(raw, &from); err != nil {
			return entry{}, fmt.Errorf("deadletter: the record %s is not a message of SQS", r.ID)
		}
		body = from.Body
	}
	m := types.SendMessageBatchRequestEntry{MessageBody: &body, MessageSystemAttributes: sqsbatch.TraceHeader(from.Attributes["AWSTraceHeader"])}
	m.MessageAttributes = attributes(from.Message, map[string]string{
		"dead_letter_reason":     cut(message.Text(q.reason(l.Reason)), maxReason),
		"dead_letter_source":     r.Source,
		"dead_letter_message_id": r.ID,
	})
	q.order(&m, r, from.Attributes)
	e := entry{letter: i, message: m, bytes: len(body)}
	for name, a := range m.MessageAttributes {
		e.bytes += len(name) + len(aws.ToString(a.DataType)) + len(aws.ToString(a.StringValue)) + len(a.BinaryValue)
	}
	if e.bytes > sqsbatch.MaxBytes {
		return entry{}, fmt.Errorf("deadletter: the letter for %s has %d bytes with its attributes, more than SQS takes (1 MiB)", r.ID, e.bytes)
	}
	return e, nil
}

// order sets the message group and the deduplication id.
func (q *Queue) order(m *types.SendMessageBatchRequestEntry, r *batch.Record, system map[string]string) {
	group, dedup := system["MessageGroupId"], system["MessageDeduplicationId"]
	if strings.HasSuffix(q.url, ".fifo") {
		if group == "" {
			group = message.Identifier(cmp.Or(r.Source, "unknown"))
		}
		if dedup == "" {
			dedup = message.Identifier(cmp.Or(r.ID, "unknown"))
		}
		m.MessageDeduplicationId = &dedup
	}
	if group != "" {
		m.MessageGroupId = &group
	}
}

// attributes returns the attributes of a message: own, and of the others as many as SQS allows.
func attributes(others map[string]attributeJSON, own map[string]string) map[string]types.MessageAttributeValue {
	out := make(map[string]types.MessageAttributeValue, maxAttributes)
	for name, value := range own {
		if value != "" { // SQS refuses empty values
			out[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	names := make([]string, 0, len(others))
	for name := range others {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, ok := out[name]; ok || len(out) == maxAttributes {
			continue
		}
		a := others[name]
		out[name] = types.MessageAttributeValue{DataType: &a.Type, StringValue: a.String, BinaryValue: a.Binary}
	}
	return out
}

// reasonText is the default of Options.Reason.
func reasonText(err error) string { return redact.Text(err.Error()) }

// cut returns s in at most n bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
