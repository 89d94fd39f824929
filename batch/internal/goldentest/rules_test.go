package goldentest

import "github.com/lambdakit/lambdakit/internal/golden"

// rules are the deliberate differences.
var rules = []golden.Rule{
	{ID: "source", Reason: "the event is checked: a record of another source, a record that is not an object, or no list of records is an error before any handler is called"},
	{ID: "any-error", Reason: "a handler that throws null or undefined fails its record; upstream, the whole batch fails"},
	{ID: "promise", Reason: "a handler has returned when its work is done; upstream, a promise counts as success"},
	{ID: "members", Reason: "a record needs only the members that are read"},
	{ID: "images", Reason: "a change without an old or a new image is decoded; upstream, each INSERT and REMOVE fails"},
	{ID: "text", Reason: "text stays text, even if it is also JSON"},
	{ID: "no-text", Reason: "a value that is not JSON fails; upstream hands it over as text"},
	{ID: "payload", Reason: "the payload is read before the handler is called, so a record without a readable payload fails without a call"},
	{ID: "fifo-arn", Reason: "a queue is a FIFO queue if its ARN ends in .fifo; the choice of a processor does not matter"},
	{ID: "empty-group", Reason: "an empty message group is a group whose order counts"},
	{ID: "stream", Reason: "a stream starts again at its lowest failure: nothing after it is started, and only this failure is reported"},
	{ID: "stream-error", Reason: "a stream gets an error only if the handlers of all its records failed; otherwise the failure is reported"},
	{ID: "before", Reason: "identifiers are read from the event; upstream reports those that the handler left"},
	{ID: "options", Reason: "options do not stick: an invocation without options has the defaults"},
	{ID: "fresh", Reason: "each response is a new value; upstream, a change of an empty response changes all later ones"},
	{ID: "no-identifier", Reason: "a failed record without an identifier is an error, so that it comes again; upstream, it is lost or reported without identifier"},
	{ID: "formats", Reason: "Avro and Protobuf are decoded by modules of their own; package batch hands over the bytes"},
	{ID: "one-record", Reason: "a record whose envelope or payload is wrong fails alone; upstream, the whole event fails"},
	{ID: "bare", Reason: "a payload without its envelope is understood: raw message delivery of SNS, an input path of EventBridge"},
	{ID: "test-event", Reason: "the test event of S3 is done, and no handler is called"},
	{ID: "tombstone", Reason: "a Kafka record without a value is a tombstone; upstream, it is an error"},
	{ID: "no-batch", Reason: "an event that is not a batch of a queue or stream is for a plain handler; package batch refuses it with an error"},
}
