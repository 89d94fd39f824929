package batch

import (
	"bytes"
	"context"
	"strconv"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// SQS returns a function for [lambdakit.Wrap], or for lambda.Start, that calls handler for each
// message of a queue. The package comment says which messages come again.
//
// SQS panics if handler is nil or an option is invalid.
func SQS[T any](handler func(ctx context.Context, m *Message[T]) error, o *Options) func(context.Context, Event) (Response, error) {
	c := o.config("SQS")
	handle := handlerOf("SQS", handler, c)
	return func(ctx context.Context, e Event) (Response, error) {
		records, err := sqs.event(e.payload)
		if err != nil {
			return Response{}, err
		}
		b := newBatch(ctx, c, records, handle)
		if len(records) > 0 && bytes.HasSuffix(records[0].text(records[0].arn), []byte(`.fifo"`)) {
			b.policy, b.laneName = byGroup, messageGroup
		}
		return b.respond(b.run())
	}
}

var sqs = source{
	caller: "SQS", name: "Amazon SQS", eventNames: []string{"aws:sqs"}, system: "aws_sqs",
	record: sqsMember, open: openSQS, payload: stringPayload,
}

func sqsMember(r *Record, key []byte, start, end int) {
	switch string(key) {
	case `"messageId"`:
		r.identifier = newSpan(start, end)
	case `"body"`:
		r.payload = newSpan(start, end)
	case `"attributes"`:
		r.system = newSpan(start, end)
	case `"messageAttributes"`:
		if end-start > len("{}") {
			r.attributes = newSpan(start, end)
		}
	}
}

func openSQS(r *Record) {
	r.ID = r.string(r.identifier)
	text := r.text(r.system)
	jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(text, start)
		if !ok {
			return 0, false
		}
		value := newSpan(int(r.system.start)+start, int(r.system.start)+end)
		switch string(key) {
		case `"ApproximateReceiveCount"`:
			r.Attempt, _ = strconv.Atoi(r.string(value))
		case `"SentTimestamp"`:
			r.Sent = r.millis(value)
		case `"MessageGroupId"`:
			r.Group = r.string(value)
		case `"AWSTraceHeader"`:
			r.TraceHeader = r.string(value)
		}
		return end, true
	})
}

func messageGroup(r *Record) string { return r.SystemAttribute("MessageGroupId") }
