package logging

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit/internal/env"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/internal/sink"
)

const (
	defaultMaxLine   = 64_000
	minMaxLine       = 1_000
	defaultStack     = 32 << 10
	defaultBufferMax = 20480
)

// common holds the settings and the output that all Handlers derived from one New share.
type common struct {
	level       slog.Leveler
	levelFixed  bool // AWS_LAMBDA_LOG_LEVEL sets level: nothing lowers it
	levelVaries bool // an invocation may lower the level

	sampleRate     float64
	bufferLevel    slog.Leveler // nil: nothing is held
	maxBufferBytes int

	outsideFields rendered // the fields of lines outside an invocation
	attrs         members
	addSource     bool
	replaceAttr   func([]string, slog.Attr) slog.Attr
	fromContext   func(context.Context, []slog.Attr) []slog.Attr
	redact        redactor
	correlationID func([]byte) string
	verbatim      bool // nothing is redacted or replaced
	logEvent      bool
	logResponse   bool
	logRequest    bool
	maxLineBytes  int
	maxStackBytes int
	location      *time.Location // nil: UTC
	indent        bool
	colour        bool

	serviceName     string
	out             *sink.Sink
	lastEnvironment atomic.Pointer[environment]

	root          *Handler
	report        *report.Reporter
	awaitedErrors awaitedErrors
}

// New returns a Handler. It never fails. It reports mistakes in o and in the environment through
// o.OnError, with the value that it uses instead.
func New(o *Options) *Handler {
	if o == nil {
		o = new(Options)
	}
	c := &common{
		serviceName:   cmp.Or(o.Service, env.Text("POWERTOOLS_SERVICE_NAME")),
		addSource:     o.AddSource,
		replaceAttr:   o.ReplaceAttr,
		fromContext:   o.FromContext,
		redact:        newRedactor(o.Redact),
		correlationID: o.CorrelationID,
		maxLineBytes:  cmp.Or(o.MaxLineBytes, defaultMaxLine),
		maxStackBytes: cmp.Or(o.MaxStackBytes, defaultStack),
		report:        report.New(o.OnError),
	}
	c.verbatim = c.replaceAttr == nil && c.redact.names == nil
	c.out = sink.New(o.Writer, "logging", c.report)
	if c.maxLineBytes < minMaxLine {
		c.configError("MaxLineBytes %d is too small for a line; using %d", c.maxLineBytes, minMaxLine)
		c.maxLineBytes = minMaxLine
	}

	c.indent = c.flag(nil, "POWERTOOLS_DEV")
	c.colour = c.indent && isTerminal(c.out.Writer())
	c.logEvent = c.flag(o.LogEvent, "POWERTOOLS_LOGGER_LOG_EVENT")
	c.logResponse = o.LogResponse
	c.logRequest = o.LogRequest
	c.setLocation(o.Location)
	c.setSampleRate(o.SampleRate)
	c.setBuffer(o.Buffer)
	c.setLevel(o.Level)
	c.levelVaries = !c.levelFixed && (c.sampleRate > 0 || c.bufferLevel != nil)

	if c.serviceName != "" {
		text := jsonenc.AppendString([]byte(`,"service":`), c.serviceName)
		c.outsideFields.environment = text
	}
	c.root = &Handler{common: c, tee: o.Tee}
	c.root.minLevel, c.root.oneLevel = c.minLevel(o.Tee)
	c.attrs = c.bind(members{}, nil, o.Attrs, nil)
	return c.root
}

func (c *common) configError(format string, args ...any) {
	err := fmt.Errorf("logging: "+format, args...)
	c.report.Once(err.Error(), err)
}

// flag returns option if it is set, else the value of the environment variable name.
func (c *common) flag(option *bool, name string) bool {
	if option != nil {
		return *option
	}
	v, _, err := env.Bool(name)
	if err != nil {
		c.configError("%w", err)
	}
	return v
}

func (c *common) setSampleRate(option *float64) {
	const name = "POWERTOOLS_LOGGER_SAMPLE_RATE"
	rate, what := 0.0, "SampleRate"
	if option != nil {
		rate = *option
	} else if text := os.Getenv(name); text != "" {
		var err error
		what = name
		if rate, err = strconv.ParseFloat(text, 64); err != nil {
			c.configError("%s=%q is not a number; sampling is off (use a rate from 0 to 1)", name, text)
			return
		}
	}
	if !(rate >= 0 && rate <= 1) {
		c.configError("%s %v is not a rate from 0 to 1; sampling is off", what, rate)
		return
	}
	c.sampleRate = rate
}

func (c *common) setBuffer(b *Buffer) {
	if b == nil {
		return
	}
	c.bufferLevel, c.maxBufferBytes = b.Level, cmp.Or(b.MaxBytes, defaultBufferMax)
	if c.bufferLevel == nil {
		c.bufferLevel = slog.LevelDebug
	}
	if c.maxBufferBytes < 0 {
		c.configError("Buffer.MaxBytes %d is negative; using %d", b.MaxBytes, defaultBufferMax)
		c.maxBufferBytes = defaultBufferMax
	}
	if l := c.bufferLevel.Level(); l >= slog.LevelError {
		c.configError("Buffer.Level %s would hold back the lines that release the buffer; using WARN", levelName(l))
		c.bufferLevel = slog.LevelWarn
	}
}

// setLevel sets the level, and reports once which lines Lambda is going to drop.
func (c *common) setLevel(option slog.Leveler) {
	c.level = option
	asked := option != nil
	for _, name := range []string{"POWERTOOLS_LOG_LEVEL", "LOG_LEVEL"} {
		text := os.Getenv(name)
		if text == "" || c.level != nil {
			continue
		}
		l, err := ParseLevel(text)
		if err != nil {
			c.configError("%s=%q is not a level; it is ignored (use TRACE, DEBUG, INFO, WARN, ERROR or FATAL)", name, text)
			continue
		}
		c.level, asked = l, true
	}
	if c.level == nil {
		c.level = slog.LevelInfo
	}

	// Lambda filters only if the log format is JSON. Its default level is INFO.
	const name = "AWS_LAMBDA_LOG_LEVEL"
	floor, filtered := slog.LevelInfo, execenv.LogsJSON()
	why := "the function's log format is JSON, whose application log level is INFO unless set"
	text := os.Getenv(name)
	lambdaLevel, err := ParseLevel(text)
	if text != "" && err != nil {
		c.configError("%s=%q is not a level; it is ignored", name, text)
	}
	if text != "" && err == nil {
		floor, filtered = lambdaLevel, true
		why = "the function's application log level (" + name + ") is " + levelName(floor)
	}
	if filtered {
		var lost []string
		if l := c.level.Level(); l < floor && asked {
			lost = append(lost, "level "+levelName(l))
		}
		if c.sampleRate > 0 && floor > slog.LevelDebug {
			lost = append(lost, "sampling to DEBUG")
		}
		if c.bufferLevel != nil && c.bufferLevel.Level() < floor {
			lost = append(lost, "buffering up to "+levelName(c.bufferLevel.Level()))
		}
		if lost != nil {
			c.configError("%s cannot reach CloudWatch: %s, and Lambda drops lines below it; set the function's ApplicationLogLevel (LoggingConfig) to DEBUG or TRACE",
				strings.Join(lost, ", "), why)
		}
	}
	if text != "" && err == nil {
		c.level, c.levelFixed = floor, true
		if c.bufferLevel != nil && c.bufferLevel.Level() < floor {
			c.bufferLevel = nil
		}
	}
}

func (c *common) setLocation(loc *time.Location) {
	if loc == nil {
		// Lambda sets TZ to ":UTC", a form that time.LoadLocation does not know.
		name := strings.TrimPrefix(os.Getenv("TZ"), ":")
		if name == "" {
			return
		}
		var err error
		if loc, err = time.LoadLocation(name); err != nil {
			c.configError("time zone %q of TZ is not known here; using UTC (import time/tzdata, or set Options.Location)", name)
			return
		}
	}
	switch loc.String() {
	case "UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Universal":
		if _, offset := time.Now().In(loc).Zone(); offset == 0 {
			return
		}
	}
	c.location = loc
}

// minLevel returns the level below which no line is written, and whether it is the same for all lines.
func (c *common) minLevel(tee slog.Handler) (level slog.Level, same bool) {
	if level, constant := c.level.(slog.Level); constant && !c.levelVaries && tee == nil {
		return level, true
	}
	return math.MinInt, false
}

func (c *common) enabled(ctx context.Context, level slog.Level) bool {
	if level >= c.level.Level() {
		return true
	}
	if !c.levelVaries {
		return false
	}
	sc, with := c.scope(ctx)
	return sc != nil && sc.lowers(level, with)
}

func (c *common) sample() bool {
	return c.sampleRate > 0 && !(c.levelFixed && c.level.Level() > slog.LevelDebug) && rand.Float64() < c.sampleRate
}

// write passes line to the writer, or to the test harness of sc.
func (c *common) write(sc *scope, line []byte) {
	var capture io.Writer
	if sc != nil {
		capture = sc.capture
	}
	c.out.Write(capture, line)
}
