// Package metrics writes CloudWatch metrics in Embedded Metric Format (EMF): lines of
// JSON on standard output that CloudWatch turns into metrics, without a call to any API.
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
// A [Counter] adds up within an invocation to one value; a [Distribution] keeps every
// value, so that CloudWatch can compute percentiles; a [Duration] is a distribution of
// times in milliseconds. They are declared once and are safe to use from many
// goroutines. [Meter.Record] is for names known only at run time.
//
// # Dimensions
//
// Dimensions bind when they are added. With returns an instrument that records under
// the given dimensions, besides others in the same invocation; [AddDimensions] and
// [AddDimensionSet] count for what is recorded afterwards. What was recorded before
// is never labelled anew. Every metric also has the dimension service and those of
// Options. [AddDimensionSet] without pairs adds the set of the defaults alone, as in
// [[], ["tenant"]]: the metric over all tenants. CloudWatch makes, and charges, a metric for
// each combination of values: an order's id, which has many, belongs into [AddMetadata].
//
// # Documents
//
// Metrics are collected for each invocation and written at its end, whatever its
// outcome, at the end of its response stream, and shortly before its deadline.
// Metrics that share their dimensions share a document. A document is split, never
// truncated, at 100 metrics, 100 values of a metric (both: EMF specification) and
// Options.MaxDocumentBytes; a split keeps dimensions, metadata and timestamp. Each is
// one line in one write, and carries the id of its invocation as function_request_id,
// as the lines of package logging do. CloudWatch Logs Insights reads the first 200 fields of a
// line, so the id, dimensions and metadata come first, then the values, and _aws is last.
// Outside an invocation, or after its end, a value is written immediately. CloudWatch may
// count a metric twice, since it delivers at least once.
//
// # Bad input
//
// What CloudWatch would refuse is reported once for each name and left out, and
// everything else is still written: names that are empty, longer than 255 bytes or
// not text; dimensions with blank or non-ASCII names or values, names over 250 or
// values over 1,024 bytes; more than 30 dimensions in a set; NaN, infinities and
// values beyond 2^360; timestamps older than two weeks or more than two hours ahead;
// a metric or metadata with the name of a dimension of the same document; metadata that do
// not fit into a document. One name with two units goes into two documents, and is reported.
// A value nearer to 0 than 2^-360, which CloudWatch refuses too, is written as 0 and
// reported.
//
// # Lambda's log filter
//
// With JSON log format and an application log level above INFO Lambda drops lines that
// carry no level. Documents then carry exactly that level, and the timestamp that the
// filter wants as well: they count as lines of that level for whoever counts those.
//
// # Environment
//
// POWERTOOLS_METRICS_NAMESPACE, POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_FUNCTION_NAME,
// POWERTOOLS_METRICS_DISABLED, POWERTOOLS_DEV (switches metrics off unless the variable
// before says otherwise), AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL.
//
// # Cost
//
// Recording and writing allocate nothing once an environment is warm, With nothing up to
// four dimensions. An invocation costs one allocation, and metadata cost theirs.
package metrics
