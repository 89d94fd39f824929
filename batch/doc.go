// Package batch handles the records of queues and streams one by one: it decodes each record, calls
// your function, and tells Lambda which records must come again.
//
//	lambda.Start(lambdakit.Wrap(batch.SQS(receive, nil), tracer.Middleware, logs.Middleware))
//
//	func receive(ctx context.Context, m *batch.Message[Order]) error {
//		slog.InfoContext(ctx, "order received", "total", m.Body.Total) // has the message id
//		return ship(ctx, m.Body)
//	}
//
// The functions [SQS], [Kinesis], [DynamoDB], [Kafka] and [Firehose] take such a handler. The event
// source mapping must have ReportBatchItemFailures among its function response types. Otherwise Lambda
// ignores the answer, and a record whose handler failed is lost. A function cannot see the setting.
//
// # What is reported
//
// A record is done if its handler returned nil. All other records are reported, and Lambda delivers
// them again:
//
//   - A standard queue gets back the failed messages.
//   - A FIFO queue also gets back the messages behind a failed one of the same message group. Their
//     handlers are not called, so the order stays. Other groups go on, unless Options.StopGroups is
//     set. A queue is a FIFO queue if its ARN ends in ".fifo".
//   - A stream of Kinesis or DynamoDB starts again at the lowest failed record. No record after it is
//     started; records before it still run. Records that run at that moment run to their end.
//   - A partition of a Kafka topic starts again at its lowest failed record. Other partitions go on.
//
// If no record is done, [lambdakit.Invocation.Fail] marks the invocation as failed, so that logs,
// metrics and traces show it. Lambda still gets the answer; see Options.ErrorIfAllFail.
//
// # Order and concurrency
//
// Options.Concurrency is the number of records that are handled at the same time, 1 by default.
// Records of the same message group, partition key, table item or partition are always handled in
// their order, one after the other.
//
// # Deadline
//
// A batch stops before the deadline of the invocation, by Options.Reserve. Then no handler starts,
// and the contexts of running handlers end with the cause [ErrDeadline]. A handler that does not
// return soon is left behind. Its record and those that were not started are reported.
//
// # Failures that come again
//
// A record that can never be handled comes again until its queue gives it up, and blocks a stream
// until it expires. [Permanent] marks an error that no repetition changes. Records that cannot be
// decoded fail permanently. Options.DeadLetters takes such records over; they are done then.
// Without it they are reported like others.
//
// A panic, or a call of runtime.Goexit, is the failure of its record: see [PanicError]. The other
// records go on.
//
// # Logs, traces and metrics
//
// The Middleware of packages logging, tracing and metrics observes each record, as
// [lambdakit.BeginMessage] describes. Lines of a record have its id and correlation id, and each
// record has a span with a link to its sender. Package batch itself logs to slog.Default: only
// problems that no handler returns.
//
// # Limits
//
// The event, its records and their layers are read without recursion. The payload of a record is
// decoded just before its handler runs, so memory depends on Concurrency and not on the size of the
// batch.
package batch
