package viewer

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// message is a record of a batch in an event.
type message struct {
	Record
	service, arn string
}

// maxBody is how many bytes of a record's body are shown.
const maxBody = 16 << 10

// record holds the members of records of all sources.
type record struct {
	EventSource    string `json:"eventSource"`
	EventSourceARN string `json:"eventSourceARN"`
	MessageID      string `json:"messageId"`
	Body           *string
	Attributes     struct{ MessageGroupId string } `json:"attributes"`
	Kinesis        *struct {
		SequenceNumber string `json:"sequenceNumber"`
		PartitionKey   string `json:"partitionKey"`
		Data           string `json:"data"`
	} `json:"kinesis"`
	DynamoDB json.RawMessage `json:"dynamodb"`
	SNS      *struct {
		MessageID string `json:"MessageId"`
		TopicARN  string `json:"TopicArn"`
		Message   string
	} `json:"Sns"`
	S3       json.RawMessage `json:"s3"`
	RecordID string          `json:"recordId"` // Data Firehose
	Data     string          `json:"data"`
	Topic    string          `json:"topic"` // Kafka
	Value    string          `json:"value"`
	Offset   int64           `json:"offset"`
	Part     int             `json:"partition"`
}

// batchOf returns the records of an event, nil if it is no batch.
func batchOf(event []byte) []message {
	var e struct {
		Records json.RawMessage
		Lower   json.RawMessage `json:"records"`
		Source  string          `json:"eventSource"`
		Stream  string          `json:"deliveryStreamArn"`
	}
	if json.Unmarshal(event, &e) != nil {
		return nil
	}
	// Member names match in any case, so that either may hold the list.
	list := slices.Concat(recordsOf(e.Records), recordsOf(e.Lower))
	var all []message
	for _, r := range list {
		m := r.message()
		if r.Topic != "" {
			m.service, m.arn = "Kafka", r.Topic
		} else if e.Stream != "" {
			m.service, m.arn = "Data Firehose", e.Stream
		}
		if m.service != "" {
			all = append(all, m)
		}
	}
	return all
}

// recordsOf reads a list of records, or the partitions of Kafka with a list each.
func recordsOf(text json.RawMessage) []record {
	var list []record
	if json.Unmarshal(text, &list) == nil {
		return list
	}
	jsonscan.Members(text, func(_ []byte, start, end int) bool {
		var part []record
		if json.Unmarshal(text[start:end], &part) == nil {
			list = append(list, part...)
		}
		return true
	})
	return list
}

func (r *record) message() message {
	switch {
	case r.Kinesis != nil:
		return message{Record{ID: r.Kinesis.SequenceNumber, Group: r.Kinesis.PartitionKey, Body: base64Text(r.Kinesis.Data)}, "Kinesis", r.EventSourceARN}
	case r.SNS != nil:
		return message{Record{ID: r.SNS.MessageID, Body: bodyText(r.SNS.Message)}, "SNS", r.SNS.TopicARN}
	case r.DynamoDB != nil:
		var d struct {
			SequenceNumber string
			Keys           json.RawMessage
		}
		json.Unmarshal(r.DynamoDB, &d)
		return message{Record{ID: d.SequenceNumber, Group: string(d.Keys), Body: bodyText(string(r.DynamoDB))}, "DynamoDB", r.EventSourceARN}
	case r.S3 != nil:
		var s struct {
			Bucket struct{ Name string }
			Object struct{ Key string }
		}
		json.Unmarshal(r.S3, &s)
		return message{Record{ID: s.Object.Key, Body: bodyText(string(r.S3))}, "S3", s.Bucket.Name}
	case r.RecordID != "":
		return message{Record{ID: r.RecordID, Body: base64Text(r.Data)}, "", ""}
	case r.Topic != "":
		part := r.Topic + "-" + strconv.Itoa(r.Part)
		return message{Record{ID: part + ":" + strconv.FormatInt(r.Offset, 10), Group: part, Body: base64Text(r.Value)}, "", ""}
	case r.EventSource == "aws:sqs" || r.Body != nil && r.MessageID != "":
		return message{Record{ID: r.MessageID, Group: r.Attributes.MessageGroupId, Body: bodyText(deref(r.Body))}, "SQS", r.EventSourceARN}
	}
	return message{}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// bodyText returns the readable form of a body.
func bodyText(s string) string {
	text := indent([]byte(s))
	return text[:min(len(text), maxBody)]
}

// base64Text is bodyText of data in base64.
func base64Text(s string) string {
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(data) {
		return s[:min(len(s), maxBody)]
	}
	return bodyText(string(data))
}

// records returns the records of an event, marked with what the response reports.
func records(event, response []byte) (list []Record, failed int) {
	var r struct {
		BatchItemFailures []struct {
			ItemIdentifier json.RawMessage `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
		Records []struct { // Data Firehose
			RecordID string `json:"recordId"`
			Result   string `json:"result"`
		} `json:"records"`
	}
	json.Unmarshal(response, &r)
	bad := make(map[string]bool)
	for _, f := range r.BatchItemFailures {
		bad[identifier(f.ItemIdentifier)] = true
	}
	for _, f := range r.Records {
		bad[f.RecordID] = f.Result == "ProcessingFailed"
	}
	for _, m := range batchOf(event) {
		m.Failed = bad[m.ID]
		if m.Failed {
			failed++
		}
		list = append(list, m.Record)
	}
	return list, failed
}

// identifier returns the text of an item identifier. That of Kafka is an object.
func identifier(text json.RawMessage) string {
	var kafka struct {
		Topic     string `json:"topic"`
		Partition string `json:"partition"`
		Offset    int64  `json:"offset"`
	}
	if len(text) > 0 && text[0] == '{' && json.Unmarshal(text, &kafka) == nil {
		return cmp.Or(kafka.Partition, kafka.Topic) + ":" + strconv.FormatInt(kafka.Offset, 10)
	}
	return jsonscan.Text(text)
}
