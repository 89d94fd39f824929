package logging_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	phuslu "github.com/phuslu/log"
	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/logging"
)

const millis = "2006-01-02T15:04:05.000Z07:00"

// The values of a line. They are variables, so that the compiler does not know them.
var (
	message = "order accepted"

	service   = "orders"
	arn       = "arn:aws:lambda:eu-central-1:123456789012:function:orders-prod"
	memory    = 512
	function  = "orders-prod"
	version   = "$LATEST"
	requestID = "c6af9ac6-7b61-11e6-9a41-93e812345678"
	traceID   = "1-5759e988-bd862e3fe1be46a994272793"

	orderID = "ord-2048-7731"
	items   = 3
	total   = 129.95
	gift    = true
	elapsed = 1834250 * time.Nanosecond
)

// logger has the calls of a library that the benchmarks measure. All have the same values.
type logger struct {
	line  func() // one line of sixteen fields
	with  func() // the same line, with order_id bound to a logger derived for the line
	below func() // a line like the first, but at DEBUG, which is disabled
}

// library is one of the compared libraries.
type library struct {
	name string

	// run calls body with a logger that writes to w. It does so inside an invocation if the
	// library needs one.
	run func(w io.Writer, body func(logger))

	// names maps the library's field names to the toolkit's names, if they differ.
	names map[string]string

	// onlyFiles reports whether the library writes only to an *os.File.
	onlyFiles bool
}

var (
	ours = library{name: "lambdakit", run: runLambdakit}
	std  = library{name: "slog", run: runSlog, names: map[string]string{"time": "timestamp", "msg": "message"}}
	aws  = library{name: "aws-lambda-go", run: runAWS, onlyFiles: true,
		names: map[string]string{"requestId": "function_request_id", "functionArn": "function_arn"}}
	zero  = library{name: "zerolog", run: runZerolog, names: map[string]string{"time": "timestamp"}}
	uber  = library{name: "zap", run: runZap}
	phus  = library{name: "phuslu", run: runPhuslu, names: map[string]string{"time": "timestamp"}}
	floor = library{name: "floor", run: runFloor}

	// The same for several goroutines: its buffers come from a pool.
	floorShared = library{name: "floor", run: runFloorShared}

	// What any slog.Handler has to add its own time to.
	frontEnd = library{name: "slog-front-end", run: runFrontEnd}

	libraries = []library{ours, std, aws, zero, uber, phus}
)

// newContext returns a context like the one that aws-lambda-go makes, but without a deadline,
// which could end a long benchmark.
func newContext() context.Context {
	ctx := execenv.NewContext(context.Background(), &execenv.Environment{
		FunctionName:    function,
		FunctionVersion: version,
		MemoryMB:        memory,
		OnDemand:        true,
	})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: requestID, InvokedFunctionArn: arn})
	return traceheader.NewContext(ctx, "Root="+traceID+";Parent=53995c3f42cd8ad8;Sampled=1")
}

// slogger returns a logger that logs through l with ctx.
func slogger(ctx context.Context, l *slog.Logger) logger {
	return logger{
		line: func() {
			l.LogAttrs(ctx, slog.LevelInfo, message,
				slog.String("order_id", orderID), slog.Int("items", items), slog.Float64("total", total),
				slog.Bool("gift", gift), slog.Duration("elapsed", elapsed))
		},
		with: func() {
			l := l.With(slog.String("order_id", orderID))
			l.LogAttrs(ctx, slog.LevelInfo, message,
				slog.Int("items", items), slog.Float64("total", total),
				slog.Bool("gift", gift), slog.Duration("elapsed", elapsed))
		},
		below: func() {
			l.LogAttrs(ctx, slog.LevelDebug, message,
				slog.String("order_id", orderID), slog.Int("items", items), slog.Float64("total", total),
				slog.Bool("gift", gift), slog.Duration("elapsed", elapsed))
		},
	}
}

func runLambdakit(w io.Writer, body func(logger)) {
	logs := logging.New(&logging.Options{Service: service, Writer: w})
	l := slog.New(logs)
	h := lambdakit.WrapFunc(func(ctx context.Context) { body(slogger(ctx, l)) }, logs.Middleware)
	if _, err := h.Invoke(newContext(), nil); err != nil {
		panic(err)
	}
}

// nothing is a slog.Handler that does nothing.
type nothing struct{}

func (nothing) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }
func (nothing) Handle(context.Context, slog.Record) error    { return nil }
func (n nothing) WithAttrs([]slog.Attr) slog.Handler         { return n }
func (n nothing) WithGroup(string) slog.Handler              { return n }

func runFrontEnd(_ io.Writer, body func(logger)) { body(slogger(newContext(), slog.New(nothing{}))) }

func runSlog(w io.Writer, body func(logger)) {
	l := slog.New(slog.NewJSONHandler(w, nil)).With(
		slog.String("service", service), slog.Bool("cold_start", true), slog.String("function_arn", arn),
		slog.Int("function_memory_size", memory), slog.String("function_name", function),
		slog.String("function_version", version), slog.String("function_request_id", requestID),
		slog.String("xray_trace_id", traceID))
	body(slogger(newContext(), l))
}

// runAWS makes the handler while os.Stdout is the file to write to. The library reads os.Stdout
// only when it makes the handler.
func runAWS(w io.Writer, body func(logger)) {
	f, ok := w.(*os.File)
	if !ok {
		var err error
		if f, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
			panic(err)
		}
		defer f.Close()
	}
	stdout := os.Stdout
	os.Stdout = f
	h := lambdacontext.NewLogHandler(lambdacontext.WithFunctionARN())
	os.Stdout = stdout
	l := slog.New(h).With(
		slog.String("service", service), slog.Bool("cold_start", true),
		slog.Int("function_memory_size", memory), slog.String("function_name", function),
		slog.String("function_version", version), slog.String("xray_trace_id", traceID))
	body(slogger(newContext(), l))
}

// runZerolog passes the duration as an integer. So it is in nanoseconds, independent of the
// library's global settings.
func runZerolog(w io.Writer, body func(logger)) {
	zerolog.TimeFieldFormat = millis
	l := zerolog.New(w).Level(zerolog.InfoLevel).With().Timestamp().
		Str("service", service).Bool("cold_start", true).Str("function_arn", arn).
		Int("function_memory_size", memory).Str("function_name", function).
		Str("function_version", version).Str("function_request_id", requestID).
		Str("xray_trace_id", traceID).Logger()
	body(logger{
		line: func() {
			l.Info().Str("order_id", orderID).Int("items", items).Float64("total", total).
				Bool("gift", gift).Int64("elapsed", int64(elapsed)).Msg(message)
		},
		with: func() {
			l := l.With().Str("order_id", orderID).Logger()
			l.Info().Int("items", items).Float64("total", total).
				Bool("gift", gift).Int64("elapsed", int64(elapsed)).Msg(message)
		},
		below: func() {
			l.Debug().Str("order_id", orderID).Int("items", items).Float64("total", total).
				Bool("gift", gift).Int64("elapsed", int64(elapsed)).Msg(message)
		},
	})
}

func runZap(w io.Writer, body func(logger)) {
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{
		LevelKey:       "level",
		MessageKey:     "message",
		TimeKey:        "timestamp",
		EncodeLevel:    zapcore.CapitalLevelEncoder,
		EncodeTime:     zapcore.TimeEncoderOfLayout(millis),
		EncodeDuration: zapcore.NanosDurationEncoder,
	})
	l := zap.New(zapcore.NewCore(encoder, zapcore.AddSync(w), zap.InfoLevel)).With(
		zap.String("service", service), zap.Bool("cold_start", true), zap.String("function_arn", arn),
		zap.Int("function_memory_size", memory), zap.String("function_name", function),
		zap.String("function_version", version), zap.String("function_request_id", requestID),
		zap.String("xray_trace_id", traceID))
	body(logger{
		line: func() {
			l.Info(message, zap.String("order_id", orderID), zap.Int("items", items), zap.Float64("total", total),
				zap.Bool("gift", gift), zap.Duration("elapsed", elapsed))
		},
		with: func() {
			l := l.With(zap.String("order_id", orderID))
			l.Info(message, zap.Int("items", items), zap.Float64("total", total),
				zap.Bool("gift", gift), zap.Duration("elapsed", elapsed))
		},
		below: func() {
			l.Debug(message, zap.String("order_id", orderID), zap.Int("items", items), zap.Float64("total", total),
				zap.Bool("gift", gift), zap.Duration("elapsed", elapsed))
		},
	})
}

// runPhuslu passes the duration as an integer, because the library writes durations as text.
// Its timestamps have milliseconds unless a format is set.
func runPhuslu(w io.Writer, body func(logger)) {
	l := phuslu.Logger{
		Level:  phuslu.InfoLevel,
		Writer: phuslu.IOWriter{Writer: w},
		Context: phuslu.NewContext(nil).
			Str("service", service).Bool("cold_start", true).Str("function_arn", arn).
			Int("function_memory_size", memory).Str("function_name", function).
			Str("function_version", version).Str("function_request_id", requestID).
			Str("xray_trace_id", traceID).Value(),
	}
	body(logger{
		line: func() {
			l.Info().Str("order_id", orderID).Int("items", items).Float64("total", total).
				Bool("gift", gift).Int64("elapsed", int64(elapsed)).Msg(message)
		},
		with: func() {
			derived := l
			bound := make([]byte, len(l.Context), len(l.Context)+64)
			copy(bound, l.Context)
			derived.Context = phuslu.NewContext(bound).Str("order_id", orderID).Value()
			derived.Info().Int("items", items).Float64("total", total).
				Bool("gift", gift).Int64("elapsed", int64(elapsed)).Msg(message)
		},
		below: func() {
			l.Debug().Str("order_id", orderID).Int("items", items).Float64("total", total).
				Bool("gift", gift).Int64("elapsed", int64(elapsed)).Msg(message)
		},
	})
}

func runFloor(w io.Writer, body func(logger)) {
	prefix := floorPrefix()
	var buf []byte
	body(logger{
		line: func() {
			buf = appendFloor(append(buf[:0], prefix...))
			w.Write(buf)
		},
		below: func() {},
	})
}

func runFloorShared(w io.Writer, body func(logger)) {
	prefix := floorPrefix()
	buffers := sync.Pool{New: func() any { return new([]byte) }}
	body(logger{
		line: func() {
			buf := buffers.Get().(*[]byte)
			*buf = appendFloor(append((*buf)[:0], prefix...))
			w.Write(*buf)
			buffers.Put(buf)
		},
		below: func() {},
	})
}

func floorPrefix() []byte {
	return fmt.Appendf(nil, `{"level":"INFO","message":%q,"timestamp":%q,"service":%q,"cold_start":true,`+
		`"function_arn":%q,"function_memory_size":%d,"function_name":%q,"function_version":%q,`+
		`"function_request_id":%q,"xray_trace_id":%q`,
		message, time.Now().UTC().Format(millis), service, arn, memory, function, version, requestID, traceID)
}

// appendFloor appends the attributes of the log call.
func appendFloor(buf []byte) []byte {
	buf = append(buf, `,"order_id":"`...)
	buf = append(buf, orderID...)
	buf = append(buf, `","items":`...)
	buf = strconv.AppendInt(buf, int64(items), 10)
	buf = append(buf, `,"total":`...)
	buf = strconv.AppendFloat(buf, total, 'f', -1, 64)
	buf = append(buf, `,"gift":`...)
	buf = strconv.AppendBool(buf, gift)
	buf = append(buf, `,"elapsed":`...)
	buf = strconv.AppendInt(buf, int64(elapsed), 10)
	return append(buf, '}', '\n')
}
