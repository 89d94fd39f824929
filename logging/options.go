package logging

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// Options configures a [Handler]. A nil *Options and every zero field mean the default. A field
// wins over the environment variable named in its comment. The exception is Level:
// AWS_LAMBDA_LOG_LEVEL wins over it.
type Options struct {
	// Service is the field service of every line. Default: POWERTOOLS_SERVICE_NAME. If both
	// are empty, lines have no such field.
	Service string

	// Level is the lowest level written. A *slog.LevelVar can change it at run time.
	// Default: POWERTOOLS_LOG_LEVEL, then LOG_LEVEL, then INFO.
	Level slog.Leveler

	// Writer receives each line in one call of Write. The Handler serialises the calls, unless
	// Writer is an *os.File or io.Discard. Writer must not log through the same Handler. If a
	// Meter has the same Writer, Writer must be safe for concurrent use.
	// Default: os.Stdout.
	Writer io.Writer

	// Attrs are on every line.
	Attrs []slog.Attr

	// AddSource adds the field source with the function, file and line of the
	// log call.
	AddSource bool

	// ReplaceAttr is called for every field of a line that is not a group. level, message,
	// timestamp, source and the fields of the invocation are passed with no groups. As in
	// slog.HandlerOptions, the attribute that it returns takes the field's place, and the zero
	// Attr removes the field. ReplaceAttr makes lines slower to encode.
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr

	// FromContext appends fields that a context carries, such as the ids of a trace and its
	// span, to dst and returns it. dst has spare capacity. FromContext is called for every
	// line with the context of the log call.
	FromContext func(ctx context.Context, dst []slog.Attr) []slog.Attr

	// CorrelationID returns the field correlation_id for an event. It must not keep the event.
	// This package has functions for the usual events: APIGatewayREST, EventBridge,
	// CorrelationPath("detail.orderId") and so on.
	CorrelationID func(event []byte) string

	// SampleRate is the fraction of invocations, 0 to 1, whose level is lowered to DEBUG. Default:
	// POWERTOOLS_LOGGER_SAMPLE_RATE, or 0 if unset.
	SampleRate *float64

	// Buffer holds lines back until the invocation fails. Default: no line is held back.
	Buffer *Buffer

	// Redact lists names of fields whose values are replaced by "[redacted]", in upper or lower
	// case and at any depth:
	//
	//   - attributes and groups, by their names before and after ReplaceAttr
	//   - members of values that are encoded as JSON, and of logged events
	//   - fields of the invocation, except level, message and timestamp
	//
	// The names are also searched in messages, in texts of errors, and in strings of attributes
	// and events. They are found in JSON, forms, query strings and cookies, and in each of these
	// encoded in base64, by percent signs or with gzip and base64, in up to eight layers. A text
	// with more layers is left out, and so are compressed texts beyond 4 MB of a line. The names
	// are not found in other forms, such as XML, "name: value", or the claims of a token.
	Redact []string

	// LogEvent makes Middleware write the event of every invocation at INFO, shortened to fit
	// into a line. The fields of Redact and the usual credentials are left out: Authorization,
	// Cookie, x-api-key, tokens, passwords and the like. If Buffer holds lines at INFO, it holds
	// this line, too. Default: POWERTOOLS_LOGGER_LOG_EVENT.
	LogEvent *bool

	// LogRequest makes Middleware write one line at INFO for each HTTP request that package httpapi
	// handled: the method, the route, the status and the duration.
	LogRequest bool

	// LogResponse makes Middleware write the response that Lambda gets, in the same way. For a
	// stream the line says only "[stream]". Default: false.
	LogResponse bool

	// MaxLineBytes is the length of the longest line written, with its newline. A longer line is
	// shortened and stays valid JSON, see the package comment. Default: 64,000, which is below
	// the size at which Lambda has been seen to cut lines in two.
	MaxLineBytes int

	// MaxStackBytes bounds the stacks on the line about goroutines, which is written when the
	// deadline is near. The line is left out if more than 128 goroutines run, because writing
	// their stacks stops all of them meanwhile. Default: 32 KB. Negative: no such line.
	MaxStackBytes int

	// Location is the time zone of timestamps. Default: TZ, else UTC.
	Location *time.Location

	// Tee also receives every record for which it is enabled, with the attributes and groups of
	// Logger.With and WithGroup. It gets them as they were logged: nothing is redacted for it.
	// Its panics are reported once and go no further.
	Tee slog.Handler

	// OnError is called once with each mistake in the configuration, and if writing fails. Its
	// calls do not overlap: reports of other goroutines wait. Do not log from it. Default: each
	// report is one line of JSON on os.Stderr, at most ten a minute.
	OnError func(error)
}

// Buffer says which lines are held back. They are written in order and with their original times
// if a line at ERROR or above is logged, or if the invocation fails, panics or is about to time
// out. They are dropped if the invocation succeeds. The lines of a record of a batch are written or
// dropped when its handler has ended. Lines outside an invocation and lines in a sampled one are not
// held back.
type Buffer struct {
	// Level is the highest level held back. It does not depend on the Handler's level. A level
	// between two names counts as the lower one. Default: DEBUG.
	Level slog.Leveler

	// MaxBytes bounds the lines that are held back in one invocation. New lines replace the
	// oldest ones, and a line says so when the rest is written. Default: 20480.
	MaxBytes int
}
