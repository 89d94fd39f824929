// Package metrics writes CloudWatch metrics in Embedded Metric Format (EMF). A function writes
// lines of JSON to standard output, and CloudWatch turns them into metrics. No API is called.
//
//	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
//	accepted := meter.Counter("OrdersAccepted")
//	latency := meter.Duration("ChargeTime")
//
//	lambda.Start(lambdakit.Wrap(handle, meter.Middleware))
//
//	func handle(ctx context.Context, o Order) (Receipt, error) {
//		defer latency.With("provider", "acme").Start(ctx).Stop()
//		accepted.With("channel", o.Channel).Add(ctx, 1)
//		...
//	}
//
// # Instruments
//
//   - A [Counter] adds up the numbers of an invocation to one value.
//   - A [Distribution] keeps every value, so that CloudWatch can compute percentiles.
//   - A [Duration] is a distribution of times in milliseconds.
//
// Declare instruments once. They are safe for concurrent use. [Meter.Record] is for names that are
// known only at run time. Options.Batches counts the records of a batch.
//
// # Dimensions
//
// A metric has the dimensions that apply when its value is recorded. Later calls do not change
// the dimensions of earlier values. A metric has:
//
//   - the default dimensions: service and Options.Dimensions
//   - the dimensions of the invocation: [AddDimensions]
//   - the dimensions of the instrument: With
//
// One invocation can record the same metric with different dimensions. [AddDimensionSet] adds a
// second set of dimensions to each metric. Without pairs, this set has only the default dimensions:
// for example, for a metric of all tenants in addition to the metric of each tenant.
//
// CloudWatch creates, and charges for, a metric for each combination of values. Do not use a
// dimension for many different values, such as the ids of orders. Use [AddMetadata] for them.
//
// # Documents
//
// An invocation collects its metrics and writes them at its end: after a result, an error or a
// panic, or at the end of its response stream. It also writes them shortly before its deadline.
// Outside an invocation, and after its end, a value is written immediately. CloudWatch may count a
// value twice.
//
// Metrics with the same dimensions share a document. A document is one line in one write. It is
// split, and never cut, if it exceeds a limit:
//
//   - 100 metrics (EMF specification)
//   - 100 values of a metric (EMF specification)
//   - Options.MaxDocumentBytes
//
// The parts have the same dimensions, metadata and timestamp. Each document carries the id of
// its invocation as function_request_id, like the lines of package logging. CloudWatch Logs
// Insights reads the first 200 fields of a line, so a document has the id, the dimensions and
// the metadata first, then the values, then _aws.
//
// # Bad input
//
// [New] never fails, and no call returns an error. Values that CloudWatch would refuse are left
// out. Options.OnError gets each mistake once for each name. All other metrics are written.
// CloudWatch refuses:
//
//   - names of metrics that are empty, blank, longer than 255 bytes, not UTF-8, or have control
//     characters
//   - dimensions with blank or non-ASCII names or values, names over 250 bytes, values over
//     1,024 bytes
//   - more than 30 dimensions in a set
//   - NaN, infinities and values beyond 2^360
//   - timestamps older than two weeks or more than two hours ahead
//
// Metrics and metadata that have the name of a dimension in the same document are also left out and
// reported. So are metadata that do not fit into a document. A value nearer to 0 than 2^-360 is
// written as 0 and reported. If a name has two units, the values go into two documents and a
// mistake is reported.
//
// # Lambda's log filter
//
// With the JSON log format and an application log level above INFO, Lambda drops lines without a
// level. Documents then carry the application log level, and the timestamp that the filter needs.
// Queries and alarms that count lines of that level also count these documents; see
// Options.DisableLevel.
//
// # Environment
//
//   - POWERTOOLS_METRICS_NAMESPACE: see Options.Namespace
//   - POWERTOOLS_SERVICE_NAME: see Options.Service
//   - POWERTOOLS_METRICS_FUNCTION_NAME: see Options.FunctionName
//   - POWERTOOLS_METRICS_DISABLED: true switches metrics off
//   - POWERTOOLS_DEV: true switches metrics off, unless POWERTOOLS_METRICS_DISABLED is false
//   - AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL: Lambda's log filter
//
// # Cost
//
// An invocation costs one allocation. In a warm execution environment, recording and writing
// allocate nothing, and With allocates nothing for up to four dimensions. Each member of metadata
// allocates memory for its JSON.
package metrics
