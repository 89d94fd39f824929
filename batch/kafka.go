package batch

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Kafka returns a function for [lambdakit.Wrap], or for lambda.Start, that calls handler for each record
// of Amazon MSK or of a self-managed Kafka cluster. The payload is the value of the record. A record
// without a value is a [Record.Tombstone].
//
// Kafka panics if handler is nil or an option is invalid.
func Kafka[T any](handler func(ctx context.Context, m *Message[T]) error, o *Options) func(context.Context, Event) (KafkaResponse, error) {
	c := o.config("Kafka")
	handle := handlerOf("Kafka", handler, c)
	return func(ctx context.Context, e Event) (KafkaResponse, error) {
		records, err := kafkaRecords(e.payload)
		if err != nil {
			return KafkaResponse{}, err
		}
		b := newBatch(ctx, c, records, handle)
		b.policy, b.laneName = byPartition, topicPartition
		return b.respondKafka(b.run())
	}
}

// KafkaResponse tells Lambda at which records the partitions start again. See the AWS Lambda Developer
// Guide, "Implementing batch error handling with Amazon MSK".
type KafkaResponse struct {
	BatchItemFailures []KafkaFailure `json:"batchItemFailures"`
}

// KafkaFailure is the first failed record of a partition. The partition starts again at this
// record.
type KafkaFailure struct {
	ItemIdentifier KafkaOffset `json:"itemIdentifier"`
}

// KafkaOffset identifies a record.
type KafkaOffset struct {
	Partition string `json:"partition"` // the topic and the partition, such as orders-0
	Offset    int64  `json:"offset"`
}

var kafka = source{
	caller: "Kafka", name: "Kafka", system: "kafka", tombstones: true,
	record: kafkaMember, open: openKafka, payload: base64Payload,
}

// kafkaRecords reads {"eventSource":"aws:kafka","records":{"orders-0":[...]}}.
func kafkaRecords(text []byte) ([]Record, error) {
	var records []Record
	var bad error
	var other []byte
	var arn span
	found := false
	_, err := jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
		if string(key) == `"records"` {
			found = true
			end, err := jsonscan.Walk(text, start, func(_ []byte, start int) (int, bool) {
				var end int
				records, end, bad = kafka.records(text, start, records)
				return end, bad == nil
			})
			return end, err == nil
		}
		end, ok := jsonscan.Skip(text, start)
		switch {
		case !ok:
		case string(key) == `"eventSource"`:
			other = text[start:end]
		case string(key) == `"eventSourceArn"`:
			arn = newSpan(start, end)
		}
		return end, ok
	})
	name, _ := jsonscan.String(other)
	switch {
	case bad != nil:
		return nil, bad
	case err != nil:
		return nil, fmt.Errorf("batch: Kafka: the event is no valid JSON object with records")
	case !found:
		return nil, fmt.Errorf("batch: Kafka: the event has no records, so it is not from Kafka")
	case name != "aws:kafka" && name != "SelfManagedKafka":
		return nil, fmt.Errorf("batch: Kafka: the event is of the event source %.64q; Kafka sends \"aws:kafka\" or \"SelfManagedKafka\"", name)
	}
	for i := range records {
		records[i].arn = arn
	}
	return records, nil
}

func kafkaMember(r *Record, key []byte, start, end int) {
	if string(r.event[start:end]) == "null" {
		return
	}
	switch string(key) {
	case `"topic"`:
		r.name = newSpan(start, end)
	case `"partition"`:
		r.partition = newSpan(start, end)
	case `"offset"`:
		r.offset = newSpan(start, end)
	case `"timestamp"`:
		r.sent = newSpan(start, end)
	case `"key"`:
		r.key = newSpan(start, end)
	case `"value"`:
		r.payload = newSpan(start, end)
	case `"headers"`:
		if end-start > len("[]") {
			r.attributes = newSpan(start, end)
		}
	}
}

func openKafka(r *Record) {
	r.Source, r.Group, r.Sent = r.string(r.name), topicPartition(r), r.millis(r.sent)
	r.ID = r.Group + ":" + r.string(r.offset)
}

func topicPartition(r *Record) string { return r.string(r.name) + "-" + r.string(r.partition) }

// eachHeader calls yield with each header of {"headers":[{"name":[104,105]}]}. Numbers may be signed.
func (r *Record) eachHeader(yield func(name, value string) bool) {
	text := r.text(r.attributes)
	jsonscan.WalkArray(text, 0, func(start int) (int, bool) {
		more := true
		end, err := jsonscan.Walk(text, start, func(key []byte, start int) (int, bool) {
			var value []byte
			end, err := jsonscan.WalkArray(text, start, func(start int) (int, bool) {
				end, ok := jsonscan.Skip(text, start)
				n, err := strconv.Atoi(string(text[start:end]))
				value = append(value, byte(n))
				return end, ok && err == nil
			})
			if err != nil {
				return jsonscan.Skip(text, start)
			}
			name, _ := jsonscan.String(key)
			more = more && yield(name, string(value))
			return end, true
		})
		return end, err == nil && more
	})
}

// respondKafka reports the lowest record of each partition that is not done.
func (b *batch) respondKafka(left int) (KafkaResponse, error) {
	out := KafkaResponse{BatchItemFailures: make([]KafkaFailure, 0, min(left, 16))}
	if err := b.verdict(left); err != nil {
		return KafkaResponse{}, err
	}
	reported := make(map[string]bool)
	for i := range b.records {
		r := &b.records[i]
		partition := topicPartition(r)
		if s := b.status[i].state; s == done || s == dead || reported[partition] {
			continue
		}
		offset, err := strconv.ParseInt(r.string(r.offset), 10, 64)
		if err != nil || r.name == (span{}) || r.partition == (span{}) {
			return KafkaResponse{}, b.unidentified(i, "topic, partition or offset")
		}
		reported[partition] = true
		out.BatchItemFailures = append(out.BatchItemFailures, KafkaFailure{KafkaOffset{partition, offset}})
	}
	return out, nil
}
