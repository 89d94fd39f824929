// Package eventsource plays Lambda's event source mapping of a queue or a stream: it makes the
// events of the invocations, and applies the function's answers to the messages. It does no
// input or output and knows no clock; its caller gives it the time.
//
//	m, err := eventsource.New(eventsource.FIFO, now, messages, &eventsource.Options{ReportFailures: true})
//	m.Run(now, func(event []byte) ([]byte, error) { return handler.Invoke(ctx, event) })
//	for _, o := range m.Outcomes() { ... }
//
// # Answers
//
// An error fails the whole batch. Without Options.ReportFailures, which stands for the
// ReportBatchItemFailures of the mapping, every other answer makes all messages done. With it:
//
//   - An answer that is empty, "", null, [], {}, or whose batchItemFailures is missing, null or
//     empty makes all messages done.
//   - {"batchItemFailures":[{"itemIdentifier":ID}, ...]} reports messages. The ID is the messageId
//     of SQS, the sequence number of Kinesis and DynamoDB, and {"partition":"TOPIC-N","offset":N}
//     of Kafka.
//   - Any other answer fails the whole batch, also if one identifier of several is unknown, empty
//     or null, or stands under another name.
//
// # Queues
//
// A failed message is invisible until the visibility timeout ends, and then comes again. After
// Options.MaxAttempts deliveries it goes to the dead-letter queue in place of the next delivery.
// Messages that are not reported are deleted.
//
// In a FIFO queue, a message that is in flight or invisible blocks the later messages of its
// group. A batch may hold messages of several groups. A message behind a reported message of its
// group is deleted if it is not reported as well.
//
// # Streams
//
// A shard has one batch in flight. The lowest reported record is the checkpoint: the records before
// it are done, and all others of the batch come again immediately. Nothing else of the shard is
// sent before. A batch that is sent Options.MaxAttempts times without progress goes to the
// on-failure destination as a whole, and the shard goes on behind it.
//
// With Options.Bisect, a batch that fails without progress is split in the middle. Its halves count
// their attempts from zero, as "splitting a batch does not count towards the retry quota" (AWS
// Lambda Developer Guide, Using AWS Lambda with Amazon Kinesis).
//
// The partitions of a Kafka topic are shards, but one batch holds records of several partitions.
// Each reported partition resumes from its lowest reported offset; the others are done.
//
// # Left out
//
// Batching windows, filters, tumbling windows, record age, ParallelizationFactor, and the lower
// concurrency of a mapping after errors.
package eventsource
