// Package batch handles the records of queues and streams one by one: it decodes each record, calls
// your function, and tells Lambda which records to deliver again.
//
//	lambda.Start(lambdakit.Wrap(batch.SQS(receive, nil), tracer.Middleware, logs.Middleware))
//
//	func receive(ctx context.Context, m *batch.Message[Order]) error {
//		slog.InfoContext(ctx, "order received", "total", m.Body.Total) // has the message id
//		return ship(ctx, m.Body)
//	}
//
// The functions [SQS], [Kinesis], [DynamoDB], [Kafka] and [Firehose] take such a handler. The event
// source mapping must have ReportBatchItemFailures among its function response types. Otherwise
// Lambda ignores the response, and a record whose handler failed is lost. A function cannot read
// this setting.
//
// # What is reported
//
// A record is done if its handler returned nil. All other records are reported, and Lambda delivers
// them again:
//
//   - A standard queue gets back the failed messages.
//   - A FIFO queue also gets back the later messages of a message group in which a message failed.
//     They are not started, so the order is kept. Other groups go on, unless Options.StopGroups is
//     set. A queue is a FIFO queue if its ARN ends in ".fifo".
//   - A stream of Kinesis or DynamoDB starts again at the lowest failed record. Records after it
//     are not started. Records before it, and records that are already running, are still handled.
//   - A partition of a Kafka topic starts again at its lowest failed record. Other partitions go on.
//
// If no record is done, [lambdakit.Invocation.Fail] marks the invocation as failed, so that logs
// and traces show it. Lambda still gets the response; see Options.ErrorIfAllFail.
//
// # Order and concurrency
//
// Options.Concurrency is the number of records that are handled at the same time, 1 by default.
// Records of the same message group, partition key, table item or partition are handled in order,
// one after the other. Options.Order changes this for streams.
//
// # Deadline
//
// A batch stops shortly before the deadline of the invocation: see Options.Reserve. Then no handler
// starts, and the contexts of running handlers end with the cause [ErrDeadline]. The batch waits
// only shortly for handlers that ignore their context. Their records, and the records that were not
// started, are reported.
//
// # Permanent failures
//
// A record that can never be handled comes again until its queue gives it up. In a stream it blocks
// the records behind it until it expires. If another attempt cannot help, return an error of
// [Permanent]. A record that cannot be decoded fails permanently, too. Options.DeadLetters takes
// over such records, and then they are done. Without DeadLetters they are reported like other
// failures.
//
// If a handler panics or calls runtime.Goexit, its record fails and the batch goes on. The error of
// a panic is a [PanicError].
//
// # Logs, traces and metrics
//
// The Middleware of packages logging, tracing and metrics observes each record, as
// [lambdakit.BeginMessage] describes. Lines of a record have its id and correlation id, and each
// record has a span with a link to its sender. Package batch itself logs to slog.Default, but only
// problems that it cannot return as an error.
//
// # Memory
//
// The payload of a record is decoded just before its handler runs, so memory depends on Concurrency
// and not on the size of the batch.
package batch
