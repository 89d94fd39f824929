package goldentest

import (
	"slices"
	"strings"
)

// batchRules are the rules for cases of the kind batch, in the order in which they rewrite the
// expectation. A rule whose condition does not hold changes nothing.
var batchRules = []struct {
	id      string
	applies func(*exchange)
}{
	{"source", func(x *exchange) {
		if x.records == nil {
			x.want = answer{err: true}
		}
	}},
	{"any-error", func(x *exchange) { x.again(x.any(func(i int) bool { return x.outcome(i).nothing() })) }},
	{"promise", func(x *exchange) { x.again(x.c.HandlerIs == "async" && x.c.Mode == "sync") }},
	{"members", func(x *exchange) { x.again(x.c.Decode != nil && x.any(x.incomplete)) }},
	{"images", func(x *exchange) {
		x.again(x.c.Decode != nil && !x.c.Decode.misconfigured() && x.c.Source == "dynamodb" && x.any(func(i int) bool {
			return member(x.records[i], "dynamodb", "OldImage") == nil || member(x.records[i], "dynamodb", "NewImage") == nil
		}))
	}},
	{"text", func(x *exchange) {
		d := x.c.Decode
		x.again(d != nil && d.From == "base64" && d.Shape != nil && d.Shape.Type == "string")
	}},
	{"payload", func(x *exchange) { x.again(x.any(func(i int) bool { return !x.readable(i) })) }},
	{"fifo-arn", func(x *exchange) { x.again(len(x.records) > 0 && x.fifo() != (x.c.Processor == "fifo")) }},
	{"empty-group", func(x *exchange) {
		x.again(x.fifo() && x.any(func(i int) bool { return textOf(member(x.records[i], "attributes", "MessageGroupId")) == "" }))
	}},
	{"options", func(x *exchange) {
		if x.NoOptions && x.stuck {
			x.settle()
		}
	}},
	{"fresh", func(x *exchange) {
		if x.spoiled && len(x.want.failed) == 0 {
			x.settle()
		}
	}},
	{"before", func(x *exchange) {
		if !x.want.err && x.any(func(i int) bool { return x.outcome(i).Mutate != nil }) {
			x.settle()
		}
	}},
	{"stream-error", func(x *exchange) {
		if n := len(x.records); x.stream() && x.want.err && n > 1 && len(x.want.failed) == n {
			x.want.err, x.want.reported = false, []string{x.identifier(0)}
		}
	}},
	{"stream", func(x *exchange) {
		first := x.firstFailure()
		if !x.stream() || first < 0 {
			return
		}
		for i := first + 1; i < len(x.records); i++ {
			delete(x.want.calls, i)
			delete(x.want.succeeded, i)
			delete(x.want.payloads, i)
			x.want.failed[i] = true
		}
		x.want.reported = slices.DeleteFunc(x.want.reported, func(id string) bool { return id != x.identifier(first) })
		x.want.reported = slices.Compact(x.want.reported)
	}},
	{"no-identifier", func(x *exchange) {
		for i := range x.records {
			if x.want.failed[i] && x.identifier(i) == "" && !(x.stream() && i != x.firstFailure()) {
				x.want.err, x.want.reported = true, nil
			}
		}
	}},
}

// any reports whether a record of the batch is as is says.
func (x *exchange) any(is func(i int) bool) bool {
	for i := range x.records {
		if is(i) {
			return true
		}
	}
	return false
}

func (x *exchange) firstFailure() int {
	for i := range x.records {
		if x.want.failed[i] {
			return i
		}
	}
	return -1
}

// again sets the expectation to what follows from given, with the groups of a FIFO queue, if it is
// true.
func (x *exchange) again(condition bool) {
	if !condition {
		return
	}
	x.want = answer{calls: set{}, succeeded: set{}, failed: set{}, payloads: map[int]any{}}
	failedGroups, stopped := map[string]bool{}, false
	for i := range x.records {
		group := textOf(member(x.records[i], "attributes", "MessageGroupId"))
		if stopped || x.fifo() && failedGroups[group] {
			x.want.failed[i] = true
			continue
		}
		if x.predict(i) {
			x.want.succeeded[i] = true
			continue
		}
		x.want.failed[i], failedGroups[group] = true, true
		stopped = x.fifo() && x.stopsGroups()
	}
	x.settle()
}

// predict notes the call of a record's handler, and reports whether it succeeds.
func (x *exchange) predict(i int) bool {
	if !x.readable(i) {
		return false
	}
	payload, err := x.payload(i)
	if err != nil {
		return false
	}
	x.want.calls[i] = true
	if x.c.Decode != nil {
		x.want.payloads[i] = payload
	}
	if x.c.Handler == "json" {
		_, err = parse([]byte(textOf(payload)))
	}
	return err == nil && x.outcome(i).Error == nil
}

// settle sets what is reported to the identifiers of the failed records.
func (x *exchange) settle() {
	x.want.reported = nil
	x.want.err = len(x.records) > 0 && len(x.want.failed) == len(x.records) && x.throws()
	if x.want.err {
		return
	}
	for i := range x.records {
		if x.want.failed[i] {
			x.want.reported = append(x.want.reported, x.identifier(i))
		}
	}
}

// membersUpstream are those that a record must have upstream if its payload is decoded.
var membersUpstream = map[string][]string{
	"sqs": {"messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody", "eventSource", "eventSourceARN", "awsRegion",
		"attributes.ApproximateReceiveCount", "attributes.ApproximateFirstReceiveTimestamp", "attributes.SenderId", "attributes.SentTimestamp"},
	"kinesis": {"kinesis", "eventSource", "eventVersion", "eventID", "eventName", "awsRegion", "invokeIdentityArn", "eventSourceARN",
		"kinesis.kinesisSchemaVersion", "kinesis.partitionKey", "kinesis.sequenceNumber", "kinesis.approximateArrivalTimestamp", "kinesis.data"},
	"dynamodb": {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "eventSourceARN", "dynamodb",
		"dynamodb.Keys", "dynamodb.SequenceNumber", "dynamodb.SizeBytes", "dynamodb.StreamViewType"},
}

// incomplete reports whether a record lacks a member that upstream wants.
func (x *exchange) incomplete(i int) bool {
	return slices.ContainsFunc(membersUpstream[x.c.Source], func(path string) bool {
		return member(x.records[i], strings.Split(path, ".")...) == nil
	})
}
