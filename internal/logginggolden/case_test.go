package logginggolden

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/golden"
	"github.com/lambdakit/lambdakit/logging"
)

// testCase is one case of the file and what came of it.
type testCase struct {
	Lang  string
	Given struct {
		NowMS             int64 `json:"now_ms"`
		Env               map[string]string
		Options           map[string]any
		Context           map[string]any
		CorrelationSearch bool `json:"correlation_search"`
		Steps             []recordedStep
	}
	Want struct {
		Lines    []struct{ Stream, Text string }
		Stdout   string
		Errors   []struct{ Step any }
		Warnings []string
	}

	t          *testing.T
	want, got  []line
	unreported []string // what upstream says of the configuration, and OnError must say
	errors     []string // steps that threw
	rules      map[string]bool
	skip       string // the rule that skips the case

	out      bytes.Buffer
	reports  []string             // to OnError
	messages map[string]bool      // of the program, not of the library
	values   map[string][]any     // of attributes, as given, by name
	box      *execenv.Environment // of the recorded context
	level    *slog.LevelVar       // where the program changes it
	failures map[string]bool      // steps that an error came of
	calls    int                  // invocations with the recorded context
	kept     []kept               // fields that upstream would keep
}

type recordedStep struct {
	Op                     string
	Args                   []any
	Kwargs, Options        map[string]any
	Context, Event, Throws any
	Steps                  []recordedStep
}

// kept is a field of Append, or of SetCorrelationID.
type kept struct {
	attr       slog.Attr
	persistent bool
}

// scene is what a step works with.
type scene struct {
	ctx   context.Context
	h     slog.Handler
	child []slog.Attr // of With; nil where the fields are those of the invocation
	call  int         // number of the invocation with the recorded context
}

func newTestCase(t *testing.T, text []byte) *testCase {
	c := &testCase{t: t, rules: map[string]bool{}, messages: map[string]bool{}, values: map[string][]any{}, failures: map[string]bool{}}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(c); err != nil {
		t.Fatal(err)
	}
	c.want = parseLines([]byte(c.Want.Stdout))
	for _, l := range c.Want.Lines {
		for _, w := range parseLines([]byte(l.Text)) {
			w.stream = l.Stream
			c.want = append(c.want, w)
		}
	}
	for _, e := range c.Want.Errors {
		c.errors = append(c.errors, fmt.Sprint(e.Step))
	}
	init := c.Given.Env["AWS_LAMBDA_INITIALIZATION_TYPE"]
	memory, _ := strconv.Atoi(c.contextText("memoryLimitInMB", "memory_limit_in_mb"))
	c.box = &execenv.Environment{
		FunctionName:    c.contextText("functionName", "function_name"),
		FunctionVersion: c.contextText("functionVersion", "function_version"),
		MemoryMB:        memory,
		OnDemand:        init == "" || init == "on-demand",
	}
	return c
}

// contextText returns the member of the recorded context that has one of two names.
func (c *testCase) contextText(names ...string) string {
	for _, name := range names {
		if v := c.Given.Context[name]; v != nil {
			return fmt.Sprint(v)
		}
	}
	return ""
}

func (c *testCase) setenv(t *testing.T) {
	golden.Setenv(t, c.Given.Env)
}

func (c *testCase) rule(id string) { c.rules[id] = true }

// stop makes the case one that a rule skips.
func (c *testCase) stop(rule, why string) {
	c.rule(rule)
	if c.skip == "" {
		c.skip = rule
		c.t.Log("skipped: " + why)
	}
}

// uses reports whether a step of the case is one of ops.
func uses(steps []recordedStep, ops ...string) bool {
	return slices.ContainsFunc(steps, func(s recordedStep) bool { return slices.Contains(ops, s.Op) || uses(s.Steps, ops...) })
}

// options are those of the program, and of the decorator of its handler.
func (c *testCase) options(decorator map[string]any) *logging.Options {
	o := &logging.Options{Writer: &c.out, OnError: func(err error) { c.reports = append(c.reports, err.Error()) }}
	for name, v := range c.Given.Options {
		text, _ := v.(string)
		number, isNumber := v.(json.Number)
		switch name {
		case "serviceName", "service":
			o.Service = text
		case "logLevel", "level":
			if l, err := logging.ParseLevel(text); err == nil {
				o.Level = l
			} else if n, err := number.Int64(); err == nil { // 10 is DEBUG, 50 is CRITICAL
				o.Level = slog.Level(n*4/10 - 8)
			} else {
				c.rule("typed-level")
			}
		case "persistentKeys", "persistentLogAttributes":
			if attrs := c.attrs(v); !uses(c.Given.Steps, "removePersistentKeys") {
				o.Attrs = attrs
			}
		case "sampleRateValue", "sampling_rate":
			if f, err := number.Float64(); isNumber && err == nil {
				o.SampleRate = &f
			}
		case "logBufferOptions":
			b, _ := v.(map[string]any)
			if enabled, set := b["enabled"]; set && enabled != true {
				continue
			}
			o.Buffer = new(logging.Buffer)
			if at, ok := b["bufferAtVerbosity"].(string); ok {
				o.Buffer.Level, _ = logging.ParseLevel(at)
			}
			if n, ok := b["maxBytes"].(json.Number); ok {
				o.Buffer.MaxBytes, _ = strconv.Atoi(n.String())
			}
			if b["flushOnErrorLog"] == false {
				c.stop("unknown", "flushOnErrorLog: an error always releases what is held back")
			}
			if slices.ContainsFunc(c.want, func(l line) bool { return regexp.MustCompile(`evicted|too (big|large)`).MatchString(l.text("message")) }) {
				c.stop("buffer-size", "lines did not fit")
			}
			if c.Given.Env["_X_AMZN_TRACE_ID"] == "" && c.invokes() {
				c.stop("buffer-scope", "no trace id")
			}
		case "utc":
			if v == true {
				o.Location = time.UTC
			}
		case "environment", "location", "datefmt", "use_rfc3339", "log_record_order", "logRecordOrder":
			// Of what this package does not have, or has one form of.
		default:
			if c.Lang != "python" || strings.Contains(text, "%(") {
				c.stop("unknown", "option "+name)
			}
			o.Attrs = append(o.Attrs, c.attrs(map[string]any{name: v})...)
		}
	}
	for name, v := range decorator {
		switch name {
		case "logEvent", "log_event":
			on := v == true
			o.LogEvent = &on
		case "correlationIdPath", "correlation_id_path":
			o.CorrelationID = c.search(v)
		case "clearState", "clear_state", "resetKeys", "flushBufferOnUncaughtError":
		default:
			c.stop("unknown", "option "+name)
		}
	}
	if c.level != nil {
		o.Level = c.level
	}
	rate, _ := strconv.ParseFloat(os.Getenv("POWERTOOLS_LOGGER_SAMPLE_RATE"), 64)
	if o.SampleRate != nil {
		rate = *o.SampleRate
	}
	if rate > 0 && rate < 1 {
		c.stop("chance", fmt.Sprint(rate))
	}
	return o
}

func (c *testCase) search(path any) func([]byte) string {
	defer func() {
		if recover() != nil { // an expression that is more than a path
			c.stop("unknown", "expression "+messageText(path))
		}
	}()
	return logging.CorrelationPath(path.(string))
}

// invokes reports whether the case needs an invocation: what changes later lines
// is a matter of invocations here, and so are the trace and sampling.
func (c *testCase) invokes() bool {
	logs := []string{"trace", "debug", "info", "warn", "warning", "error", "critical", "exception", "setLogLevel"}
	return c.Given.Env["_X_AMZN_TRACE_ID"] != "" || c.Given.Env["POWERTOOLS_LOGGER_SAMPLE_RATE"] != "" ||
		c.Given.Options["sampleRateValue"] != nil || c.Given.Options["sampling_rate"] != nil ||
		slices.ContainsFunc(c.Given.Steps, func(s recordedStep) bool { return !slices.Contains(logs, s.Op) })
}
