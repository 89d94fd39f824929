package metrics

import "io"

// Options configures a [Meter]. A nil *Options and every zero field mean the default. A field
// wins over the environment variable that its comment names.
type Options struct {
	// Namespace is the CloudWatch namespace of the metrics: 1 to 255 letters, digits, spaces
	// and . - _ / # :, and not beginning with "AWS/" or ":". Default: POWERTOOLS_METRICS_NAMESPACE.
	// New reports a missing or bad namespace and uses DefaultNamespace.
	Namespace string

	// Service is the value of the dimension "service" of every metric. Default:
	// POWERTOOLS_SERVICE_NAME; if unset, metrics do not have the dimension.
	Service string

	// Dimensions are further dimensions of every metric: values by name.
	Dimensions map[string]string

	// ColdStart writes a metric ColdStart (Count, 1) for the first invocation of an execution
	// environment. It has a separate document with the dimension function_name and the
	// default dimensions.
	ColdStart bool

	// Batches writes metrics (Count) about the batch of records that an invocation handles with
	// package batch: BatchSize, BatchFailures, BatchDeadLetters and BatchUnprocessed. They have the
	// dimensions of the invocation.
	Batches bool

	// FunctionName is the value of the dimension function_name of the metric ColdStart.
	// Default: POWERTOOLS_METRICS_FUNCTION_NAME, else the name that Lambda gives.
	FunctionName string

	// Writer receives each document as one line, in one call of Write. Calls do not overlap,
	// unless Writer is an *os.File or io.Discard. If a logging.Handler has the same Writer, Writer
	// must be safe for concurrent use. Default: os.Stdout.
	Writer io.Writer

	// Disabled switches the Meter off: it writes nothing and reports nothing. Default:
	// POWERTOOLS_METRICS_DISABLED, else POWERTOOLS_DEV.
	Disabled *bool

	// MaxDocumentBytes is the size of the largest document, with its newline: 8,000 to
	// 1,000,000. Metrics that do not fit go into another document. Default: 64,000, because
	// Lambda has been seen to cut longer lines in two.
	MaxDocumentBytes int

	// DisableLevel omits the level of documents. By default documents carry a level and a timestamp
	// if Lambda's JSON log format and an application log level above INFO would drop them
	// otherwise. The level is the application log level, so alarms on lines of that level
	// count documents too.
	DisableLevel bool

	// OnError receives each mistake in the configuration or in a call, once for each name.
	// Default: a line of JSON on os.Stderr for each mistake, at most ten a minute.
	OnError func(error)
}

// DefaultNamespace is the namespace of a Meter that has no valid one.
const DefaultNamespace = "default_namespace"
