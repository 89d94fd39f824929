package batch

import (
	"context"
	"fmt"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Firehose returns a function for [lambdakit.Wrap], or for lambda.Start, that calls handler for
// each record that Amazon Data Firehose wants transformed. The payload is the data of the record.
// The handler calls [Record.Transform] to replace the data, or [Record.Drop] to remove the record.
// Otherwise Firehose delivers the data unchanged. A record whose handler failed goes to the error
// output of the stream.
//
// Firehose does not deliver single records again. If the deadline is near before all handlers have
// returned, or if a handler fails after its context has ended, the function returns an error, and
// Firehose invokes it again with the same records.
//
// Firehose panics if handler is nil or an option is invalid.
func Firehose[T any](handler func(ctx context.Context, m *Message[T]) error, o *Options) func(context.Context, Event) (FirehoseResponse, error) {
	c := o.config("Firehose")
	handle := handlerOf("Firehose", handler, c)
	return func(ctx context.Context, e Event) (FirehoseResponse, error) {
		records, err := firehoseRecords(e.payload)
		if err != nil {
			return FirehoseResponse{}, err
		}
		b := newBatch(ctx, c, records, handle)
		return b.respondFirehose(b.run())
	}
}

// FirehoseResponse is the result of a transformation.
type FirehoseResponse struct {
	Records []FirehoseRecord `json:"records"`
}

// FirehoseRecord is a transformed record.
type FirehoseRecord struct {
	RecordID string `json:"recordId"`
	Result   string `json:"result"` // Ok, Dropped or ProcessingFailed
	Data     []byte `json:"data"`   // base64 in JSON
}

// transformed is the result that a handler set for a record of Firehose.
type transformed struct {
	data    []byte
	set     bool
	dropped bool
}

// Transform sets the data that Firehose delivers instead of the data of the record. Do not change
// the bytes afterwards. It has no effect on records of other sources.
func (r *Record) Transform(data []byte) { r.result = transformed{data: data, set: true} }

// Drop makes Firehose deliver nothing for the record. It has no effect on records of other sources.
func (r *Record) Drop() { r.result = transformed{dropped: true} }

var firehose = source{
	caller: "Firehose", name: "Data Firehose", system: "aws_firehose",
	record: firehoseMember, open: openFirehose, payload: base64Payload,
}

// firehoseRecords reads {"deliveryStreamArn":"...","records":[...]}.
func firehoseRecords(text []byte) ([]Record, error) {
	var records []Record
	var bad error
	var arn span
	found := false
	_, err := jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
		if string(key) == `"records"` {
			found = true
			var end int
			records, end, bad = firehose.records(text, start, records)
			return end, bad == nil
		}
		end, ok := jsonscan.Skip(text, start)
		if ok && string(key) == `"deliveryStreamArn"` {
			arn = newSpan(start, end)
		}
		return end, ok
	})
	switch {
	case bad != nil:
		return nil, bad
	case err != nil:
		return nil, fmt.Errorf("batch: Firehose: the event is no valid JSON object")
	case !found || arn == span{}:
		return nil, fmt.Errorf("batch: Firehose: the event has no records or no deliveryStreamArn, so it is not from Data Firehose")
	}
	for i := range records {
		records[i].arn = arn
	}
	return records, nil
}

func firehoseMember(r *Record, key []byte, start, end int) {
	switch string(key) {
	case `"recordId"`:
		r.identifier = newSpan(start, end)
	case `"data"`:
		r.payload = newSpan(start, end)
	case `"approximateArrivalTimestamp"`:
		r.sent = newSpan(start, end)
	}
}

func openFirehose(r *Record) {
	r.ID, r.Sent = r.string(r.identifier), r.millis(r.sent)
}

// respondFirehose returns a result for each record.
func (b *batch) respondFirehose(left int) (FirehoseResponse, error) {
	out := FirehoseResponse{Records: make([]FirehoseRecord, 0, len(b.records))}
	if err := b.verdict(left); err != nil {
		return FirehoseResponse{}, err
	}
	for i := range b.records {
		r, s := &b.records[i], &b.status[i]
		if s.state == unstarted || s.state == failed && s.late {
			return FirehoseResponse{}, fmt.Errorf("batch: Firehose: %d of %d records are not done, so all come again: %w", left, len(b.records), b.over)
		}
		id, err := b.identifier(i)
		if err != nil {
			return FirehoseResponse{}, err
		}
		out.Records = append(out.Records, firehoseRecord(r, id, s.state))
	}
	return out, nil
}

func firehoseRecord(r *Record, id string, s state) FirehoseRecord {
	original := func() []byte {
		data, _ := base64Payload(r)
		return data
	}
	switch {
	case s == dead || s == done && r.result.dropped:
		return FirehoseRecord{id, "Dropped", nil}
	case s != done:
		return FirehoseRecord{id, "ProcessingFailed", original()}
	case r.result.set:
		return FirehoseRecord{id, "Ok", r.result.data}
	}
	return FirehoseRecord{id, "Ok", original()}
}
