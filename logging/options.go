package logging

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// Options configures a [Handler]. A nil *Options, and every zero field, means the
// default. What a field says wins over the environment variable named with it,
// except that AWS_LAMBDA_LOG_LEVEL wins over Level.
type Options struct {
	// Service names the service on every line. Default:
	// POWERTOOLS_SERVICE_NAME; without one there is no such field.
	Service string

	// Level is the lowest level written; a *slog.LevelVar can change it at
	// run time. Default: POWERTOOLS_LOG_LEVEL, then LOG_LEVEL, then INFO.
	Level slog.Leveler

	// Writer receives each line in one call of Write. Calls are serialised by
	// the Handler unless it is an *os.File or io.Discard, so it must not log
	// through the same Handler. Default: os.Stdout.
	Writer io.Writer

	// Attrs are on every line.
	Attrs []slog.Attr

	// AddSource adds the field source with the function, file and line of the
	// log call.
	AddSource bool

	// ReplaceAttr is called for every field of a line that is not a group,
	// also for level, message, timestamp, source and the fields of the
	// invocation, which have no groups. It works as in slog.HandlerOptions:
	// what it returns takes the field's place, and the zero Attr removes it.
	// It makes lines slower to encode.
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr

	// FromContext appends fields that a context carries to dst, which has
	// room, and returns it: the ids of a trace and its span, say. It is called
	// for every line, with the context of the log call.
	FromContext func(ctx context.Context, dst []slog.Attr) []slog.Attr

	// CorrelationID takes the field correlation_id out of the event, which it
	// must not keep. Functions of this package do it for the usual events:
	// APIGatewayREST, EventBridge, CorrelationPath("detail.orderId") and so on.
	CorrelationID func(event []byte) string

	// SampleRate is the part, 0 to 1, of invocations whose level is lowered to
	// DEBUG. Default: POWERTOOLS_LOGGER_SAMPLE_RATE, else 0.
	SampleRate *float64

	// Buffer holds lines back until the invocation fails. Default: none are.
	Buffer *Buffer

	// Redact lists names of fields whose values are replaced by "[redacted]":
	// attributes, groups, members of values encoded as JSON and of logged
	// events, at any depth, in any case; also fields of the invocation, except
	// level, message and timestamp. Names count as they were before ReplaceAttr
	// and after it.
	//
	// Texts are searched for the names, too: JSON in strings, forms, query
	// strings, cookies, and each of these in base64, in up to eight layers; a
	// text that is nested deeper is left out. These are the strings among
	// attributes and in events, messages, and texts of errors.
	Redact []string

	// LogEvent writes the event of every invocation at INFO, shortened to fit into
	// a line, without the fields of Redact and without the credentials that events
	// usually hold: Authorization, Cookie, x-api-key, tokens, passwords and the like.
	// If Buffer holds INFO, it is held as well. Default: POWERTOOLS_LOGGER_LOG_EVENT.
	LogEvent *bool

	// LogResponse writes the response of every invocation that Lambda gets one of,
	// at INFO and in the same way; of a stream only that it is one. Default: false.
	LogResponse *bool

	// MaxLineBytes is the longest line written, with its newline; a longer one
	// is shortened and stays valid JSON, see the package comment. The default, 64,000, keeps below the
	// size at which Lambda has been seen to cut lines in two.
	MaxLineBytes int

	// StackBytes is how much text about goroutines the last line holds that is
	// written when the deadline is near. There is none if more than 128 goroutines
	// run, since writing their stacks stops all of them meanwhile. Default: 32 KB;
	// negative: none.
	StackBytes int

	// Location is the time zone of timestamps. Default: that of TZ, else UTC.
	Location *time.Location

	// Tee also receives every record that it is enabled for, with the
	// attributes and groups of With and WithGroup, as they were logged: nothing
	// is redacted for it. Its panics are reported once and go no further.
	Tee slog.Handler

	// OnError is called with each mistake in the configuration, once, and when
	// writing fails. Its calls do not overlap; reports of other goroutines wait. Do not
	// log from it. Default: one line of JSON on os.Stderr each, at most ten a
	// minute.
	OnError func(error)
}

// Buffer says which lines are held back. They are written, in order and with the
// times at which they were logged, when a line at ERROR or above is logged, when
// the invocation fails, panics, or is about to be timed out; and dropped when it
// succeeds. Lines outside an invocation and in a sampled one are not held.
type Buffer struct {
	// Level is the highest level held, whatever the Handler's own level; a level
	// between two names counts as the lower one. Default: DEBUG.
	Level slog.Leveler

	// MaxBytes bounds what an invocation holds; the oldest lines make room, and
	// that is reported when the rest is written. Default: 20480.
	MaxBytes int
}
