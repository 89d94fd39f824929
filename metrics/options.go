package metrics

import "io"

// Options configures a [Meter]. A nil *Options, and every zero field, means the
// default. What a field says wins over the environment variable named with it.
type Options struct {
	// Namespace holds the metrics: 1 to 255 letters, digits, spaces and . - _ / # :,
	// not beginning with "AWS/". Default: POWERTOOLS_METRICS_NAMESPACE. Without one,
	// or with a bad one, that is reported and DefaultNamespace is used.
	Namespace string

	// Service is the dimension "service" of every metric. Default:
	// POWERTOOLS_SERVICE_NAME; without one there is no such dimension.
	Service string

	// Dimensions, pairs of name and value, are on every metric.
	Dimensions []string

	// ColdStart says whether a metric ColdStart (Count, 1) is written for the first
	// invocation of an execution environment, with the dimensions function_name and
	// service and the default ones, in a document of its own.
	ColdStart bool

	// FunctionName is the dimension function_name of that metric. Default:
	// POWERTOOLS_METRICS_FUNCTION_NAME, else the name that Lambda gives.
	FunctionName string

	// Writer receives each document in one call of Write, as one line. Calls are
	// serialised unless it is an *os.File or io.Discard. Default: os.Stdout.
	Writer io.Writer

	// Disabled switches everything off. Default: POWERTOOLS_METRICS_DISABLED, else
	// POWERTOOLS_DEV.
	Disabled *bool

	// MaxDocumentBytes is the longest document written, with its newline; what does
	// not fit goes into another. The default, 64,000, keeps below the size at which
	// Lambda has been seen to cut lines in two.
	MaxDocumentBytes int

	// NoLevel leaves documents without a level also where Lambda's JSON log format
	// and an application log level above INFO drop such lines. By default they carry
	// exactly that level, and a timestamp, then; alarms on the level of log lines see
	// them.
	NoLevel bool

	// OnError is told what is wrong, once for each name. Default: one line of JSON on
	// os.Stderr each, at most ten a minute.
	OnError func(error)
}

// DefaultNamespace is used where none is configured.
const DefaultNamespace = "default_namespace"
