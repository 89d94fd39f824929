package batch

import (
	"context"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Kinesis returns a function for [lambdakit.Wrap], or for lambda.Start, that calls handler for each
// record of a Kinesis stream. The payload is the data of the record. Options.Order says which records
// are handled one after the other.
//
// Kinesis panics if handler is nil or an option is invalid.
func Kinesis[T any](handler func(ctx context.Context, m *Message[T]) error, o *Options) func(context.Context, Event) (Response, error) {
	c := o.config("Kinesis")
	return stream(&kinesis, c, partitionKey, handlerOf("Kinesis", handler, c))
}

var kinesis = source{
	caller: "Kinesis", name: "Kinesis Data Streams", eventNames: []string{"aws:kinesis"}, system: "aws_kinesis",
	record: kinesisMember, open: openKinesis, payload: base64Payload,
}

func kinesisMember(r *Record, key []byte, start, end int) {
	switch string(key) {
	case `"eventID"`:
		r.name = newSpan(start, end)
	case `"kinesis"`:
		text := r.event
		jsonscan.Walk(text, start, func(key []byte, start int) (int, bool) {
			end, ok := jsonscan.Skip(text, start)
			switch string(key) {
			case `"sequenceNumber"`:
				r.identifier = newSpan(start, end)
			case `"partitionKey"`:
				r.key = newSpan(start, end)
			case `"data"`:
				r.payload = newSpan(start, end)
			case `"approximateArrivalTimestamp"`:
				r.sent = newSpan(start, end)
			}
			return end, ok
		})
	}
}

func openKinesis(r *Record) {
	r.ID, r.Group, r.Sent = r.string(r.name), partitionKey(r), r.seconds(r.sent)
	if r.ID == "" {
		r.ID = r.string(r.identifier)
	}
}

func partitionKey(r *Record) string { return r.string(r.key) }
