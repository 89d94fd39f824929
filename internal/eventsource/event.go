package eventsource

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// account is the account of made-up ARNs.
const account = "123456789012"

// event returns the event that Lambda sends for a batch.
func (m *Mapping) event(b *batch) []byte {
	if m.kind == Kafka {
		return m.kafkaEvent(b)
	}
	out := []byte(`{"Records":[`)
	for i, r := range b.records {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, m.encodeRecord(r)...)
	}
	return append(out, `]}`...)
}

// encodeRecord returns a record as it stands in an event.
func (m *Mapping) encodeRecord(r *record) []byte {
	switch m.kind {
	case Kinesis:
		return encode(m.kinesisRecord(r))
	case DynamoDB:
		return encode(m.dynamoDBRecord(r))
	case Kafka:
		return encode(m.kafkaRecord(r))
	}
	return encode(m.sqsRecord(r))
}

// encode encodes v without the escapes for HTML, which Lambda does not write.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // raw JSON is checked before
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (m *Mapping) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + m.opts.Region + ":" + account + ":" + resource
}

// arrival is when the source got a record: each a millisecond after the one before.
func (m *Mapping) arrival(r *record) time.Time {
	return m.start.Add(time.Duration(r.index-len(m.records)) * time.Millisecond)
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

type sqsRecord struct {
	MessageID              string                  `json:"messageId"`
	ReceiptHandle          string                  `json:"receiptHandle"`
	Body                   string                  `json:"body"`
	Attributes             map[string]string       `json:"attributes"`
	MessageAttributes      map[string]sqsAttribute `json:"messageAttributes"`
	MD5OfMessageAttributes string                  `json:"md5OfMessageAttributes,omitempty"`
	MD5OfBody              string                  `json:"md5OfBody"`
	EventSource            string                  `json:"eventSource"`
	EventSourceARN         string                  `json:"eventSourceARN"`
	AWSRegion              string                  `json:"awsRegion"`
}

type sqsAttribute struct {
	StringValue      string     `json:"stringValue"`
	StringListValues []string   `json:"stringListValues"`
	BinaryListValues []struct{} `json:"binaryListValues"`
	DataType         string     `json:"dataType"`
}

func (m *Mapping) sqsRecord(r *record) sqsRecord {
	attributes := map[string]string{
		"SenderId":                         "AIDAIENQZJOLO23YVJ4VO",
		"SentTimestamp":                    millis(m.arrival(r)),
		"ApproximateReceiveCount":          strconv.Itoa(r.Received + r.attempts),
		"ApproximateFirstReceiveTimestamp": millis(r.first),
	}
	if r.Group != "" {
		attributes["MessageGroupId"] = r.Group
	}
	if m.kind == FIFO {
		attributes["MessageDeduplicationId"] = r.Dedup
		attributes["SequenceNumber"] = fmt.Sprintf("188494964604%08d", r.index+1)
	}
	maps.Copy(attributes, r.Attributes)
	messageAttributes := make(map[string]sqsAttribute)
	for name, value := range r.MessageAttributes {
		messageAttributes[name] = sqsAttribute{StringValue: value, StringListValues: []string{}, BinaryListValues: []struct{}{}, DataType: "String"}
	}
	return sqsRecord{
		MessageID: r.id,
		// A new one for each delivery.
		ReceiptHandle:          base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s delivery %d", r.id, r.attempts)),
		Body:                   r.Body,
		Attributes:             attributes,
		MessageAttributes:      messageAttributes,
		MD5OfMessageAttributes: md5OfAttributes(r.MessageAttributes),
		MD5OfBody:              md5Hex([]byte(r.Body)),
		EventSource:            "aws:sqs",
		EventSourceARN:         m.arn("sqs", m.opts.Name),
		AWSRegion:              m.opts.Region,
	}
}

func md5Hex(data []byte) string {
	sum := md5.Sum(data)
	return hex.EncodeToString(sum[:])
}

// md5OfAttributes returns the digest of attributes of type String (Amazon SQS Developer Guide,
// Calculating the MD5 message digest for message attributes). It is empty if there are none.
func md5OfAttributes(attributes map[string]string) string {
	if len(attributes) == 0 {
		return ""
	}
	var text []byte
	add := func(s string) {
		text = binary.BigEndian.AppendUint32(text, uint32(len(s)))
		text = append(text, s...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		add(name)
		add("String")
		text = append(text, 1) // a string, not binary
		add(attributes[name])
	}
	return md5Hex(text)
}

type kinesisRecord struct {
	Kinesis           kinesisData `json:"kinesis"`
	EventSource       string      `json:"eventSource"`
	EventVersion      string      `json:"eventVersion"`
	EventID           string      `json:"eventID"`
	EventName         string      `json:"eventName"`
	InvokeIdentityARN string      `json:"invokeIdentityArn"`
	AWSRegion         string      `json:"awsRegion"`
	EventSourceARN    string      `json:"eventSourceARN"`
}

type kinesisData struct {
	SchemaVersion  string      `json:"kinesisSchemaVersion"`
	PartitionKey   string      `json:"partitionKey"`
	SequenceNumber string      `json:"sequenceNumber"`
	Data           []byte      `json:"data"`
	Arrival        json.Number `json:"approximateArrivalTimestamp"`
}

func (m *Mapping) kinesisRecord(r *record) kinesisRecord {
	at := m.arrival(r)
	return kinesisRecord{
		Kinesis: kinesisData{
			SchemaVersion:  "1.0",
			PartitionKey:   r.key,
			SequenceNumber: r.id,
			Data:           []byte(r.Body),
			Arrival:        json.Number(fmt.Sprintf("%d.%03d", at.Unix(), at.UnixMilli()%1000)),
		},
		EventSource:       "aws:kinesis",
		EventVersion:      "1.0",
		EventID:           fmt.Sprintf("shardId-%012d:%s", r.shard.number, r.id),
		EventName:         "aws:kinesis:record",
		InvokeIdentityARN: "arn:aws:iam::" + account + ":role/function",
		AWSRegion:         m.opts.Region,
		EventSourceARN:    m.arn("kinesis", "stream/"+m.opts.Name),
	}
}

type dynamoDBRecord struct {
	EventID        string       `json:"eventID"`
	EventName      string       `json:"eventName"`
	EventVersion   string       `json:"eventVersion"`
	EventSource    string       `json:"eventSource"`
	AWSRegion      string       `json:"awsRegion"`
	DynamoDB       dynamoDBData `json:"dynamodb"`
	EventSourceARN string       `json:"eventSourceARN"`
}

type dynamoDBData struct {
	Created        int64           `json:"ApproximateCreationDateTime"`
	Keys           json.RawMessage `json:"Keys"`
	NewImage       json.RawMessage `json:"NewImage,omitempty"`
	OldImage       json.RawMessage `json:"OldImage,omitempty"`
	SequenceNumber string          `json:"SequenceNumber"`
	SizeBytes      int             `json:"SizeBytes"` // about
	StreamViewType string          `json:"StreamViewType"`
}

func (m *Mapping) dynamoDBRecord(r *record) dynamoDBRecord {
	id := r.ID
	if id == "" {
		id = fmt.Sprintf("%032x", r.index+1)
	}
	return dynamoDBRecord{
		EventID:      id,
		EventName:    r.Change.Event,
		EventVersion: "1.1",
		EventSource:  "aws:dynamodb",
		AWSRegion:    m.opts.Region,
		DynamoDB: dynamoDBData{
			Created:        m.arrival(r).Unix(),
			Keys:           r.Change.Keys,
			NewImage:       r.Change.New,
			OldImage:       r.Change.Old,
			SequenceNumber: r.id,
			SizeBytes:      len(r.Change.Keys) + len(r.Change.New) + len(r.Change.Old),
			StreamViewType: "NEW_AND_OLD_IMAGES",
		},
		EventSourceARN: m.arn("dynamodb", "table/"+m.opts.Name+"/stream/2026-01-01T00:00:00.000"),
	}
}

type kafkaRecord struct {
	Topic         string             `json:"topic"`
	Partition     int                `json:"partition"`
	Offset        int                `json:"offset"`
	Timestamp     int64              `json:"timestamp"`
	TimestampType string             `json:"timestampType"`
	Key           *[]byte            `json:"key,omitempty"`
	Value         *[]byte            `json:"value,omitempty"` // missing in a tombstone
	Headers       []map[string][]int `json:"headers"`
}

func (m *Mapping) kafkaRecord(r *record) kafkaRecord {
	k := kafkaRecord{
		Topic:         m.opts.Name,
		Partition:     r.shard.number,
		Offset:        r.offset,
		Timestamp:     m.arrival(r).UnixMilli(),
		TimestampType: "CREATE_TIME",
		Headers:       []map[string][]int{},
	}
	if key := []byte(r.Key); len(key) > 0 {
		k.Key = &key
	}
	if value := []byte(r.Body); !r.Tombstone {
		k.Value = &value
	}
	for _, h := range r.Headers {
		value := make([]int, len(h.Value))
		for i := range value {
			value[i] = int(int8(h.Value[i])) // Java's bytes have a sign
		}
		k.Headers = append(k.Headers, map[string][]int{h.Name: value})
	}
	return k
}

// partition returns the topic and partition of a record.
func (m *Mapping) partition(r *record) string {
	return m.opts.Name + "-" + strconv.Itoa(r.shard.number)
}

func (m *Mapping) kafkaEvent(b *batch) []byte {
	partitions := make(map[string][]json.RawMessage)
	for _, r := range b.records {
		partitions[m.partition(r)] = append(partitions[m.partition(r)], m.encodeRecord(r))
	}
	host := ".orders.a1b2c3.c1.kafka." + m.opts.Region + ".amazonaws.com:9092"
	return encode(struct {
		EventSource      string                       `json:"eventSource"`
		EventSourceARN   string                       `json:"eventSourceArn"`
		BootstrapServers string                       `json:"bootstrapServers"`
		Records          map[string][]json.RawMessage `json:"records"`
	}{"aws:kafka", m.arn("kafka", "cluster/orders/751d2973-a626-431c-9d4e-d7975eb44dd7-2"), "b-1" + host + ",b-2" + host, partitions})
}
