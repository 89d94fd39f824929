package logginggolden

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/golden"
	"github.com/lambdakit/lambdakit/logging"
)

// goldenCase is one case of the file and what came of it.
type goldenCase struct {
	Lang  string
	Given struct {
		NowMS             int64 `json:"now_ms"`
		Env               map[string]string
		Options           map[string]any
		Context           map[string]any
		CorrelationSearch bool `json:"correlation_search"`
		Steps             []goldenStep
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

type goldenStep struct {
	Op                     string
	Args                   []any
	Kwargs, Options        map[string]any
	Context, Event, Throws any
	Steps                  []goldenStep
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

func newGoldenCase(t *testing.T, text []byte) *goldenCase {
	c := &goldenCase{t: t, rules: map[string]bool{}, messages: map[string]bool{}, values: map[string][]any{}, failures: map[string]bool{}}
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
func (c *goldenCase) contextText(names ...string) string {
	for _, name := range names {
		if v := c.Given.Context[name]; v != nil {
			return fmt.Sprint(v)
		}
	}
	return ""
}

func (c *goldenCase) setenv(t *testing.T) {
	golden.Setenv(t, c.Given.Env)
}

func (c *goldenCase) rule(id string) { c.rules[id] = true }

// stop makes the case one that a rule skips.
func (c *goldenCase) stop(rule, why string) {
	c.rule(rule)
	if c.skip == "" {
		c.skip = rule
		c.t.Log("skipped: " + why)
	}
}

// uses reports whether a step of the case is one of ops.
func uses(steps []goldenStep, ops ...string) bool {
	return slices.ContainsFunc(steps, func(s goldenStep) bool { return slices.Contains(ops, s.Op) || uses(s.Steps, ops...) })
}

// options are those of the program, and of the decorator of its handler.
func (c *goldenCase) options(decorator map[string]any) *logging.Options {
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

func (c *goldenCase) search(path any) func([]byte) string {
	defer func() {
		if recover() != nil { // an expression that is more than a path
			c.stop("unknown", "expression "+messageText(path))
		}
	}()
	return logging.CorrelationPath(path.(string))
}

// invokes reports whether the case needs an invocation: what changes later lines
// is a matter of invocations here, and so are the trace and sampling.
func (c *goldenCase) invokes() bool {
	logs := []string{"trace", "debug", "info", "warn", "warning", "error", "critical", "exception", "setLogLevel"}
	return c.Given.Env["_X_AMZN_TRACE_ID"] != "" || c.Given.Env["POWERTOOLS_LOGGER_SAMPLE_RATE"] != "" ||
		c.Given.Options["sampleRateValue"] != nil || c.Given.Options["sampling_rate"] != nil ||
		slices.ContainsFunc(c.Given.Steps, func(s goldenStep) bool { return !slices.Contains(logs, s.Op) })
}

// call is an invocation of the program.
type call struct {
	inContext bool // the recorded one
	event     any
	decorator map[string]any
	throws    any
	steps     []goldenStep
	path      string // of the steps
	first     int
}

// run performs the steps. Where upstream is told of a context or an event, an
// invocation begins here.
func (c *goldenCase) run() {
	time.Sleep(time.Until(time.UnixMilli(c.Given.NowMS))) // the clock is that of a bubble
	if uses(c.Given.Steps, "setLogLevel", "setLevel") {
		c.level = new(slog.LevelVar)
		for _, v := range []any{os.Getenv("LOG_LEVEL"), os.Getenv("POWERTOOLS_LOG_LEVEL"), c.Given.Options["logLevel"], c.Given.Options["level"]} {
			if l, err := logging.ParseLevel(messageText(v)); err == nil {
				c.level.Set(l)
			}
		}
	}
	if uses(c.Given.Steps, "removePersistentKeys") {
		c.rule("persistent-removal")
		for _, a := range c.attrs(c.Given.Options["persistentKeys"]) {
			c.kept = append(c.kept, kept{a, true})
		}
	}
	steps, inContext := c.Given.Steps, false
	for i := 0; i < len(steps); {
		n := i + 1
		for n < len(steps) && !slices.Contains([]string{"addContext", "logEventIfEnabled", "handler"}, steps[n].Op) {
			n++
		}
		switch s := steps[i]; s.Op {
		case "handler":
			c.invoke(call{inContext: true, event: s.Event, decorator: s.Options, throws: s.Throws, steps: s.Steps, path: strconv.Itoa(i) + "."})
			inContext = false
			if i++; i < n {
				c.invoke(call{steps: steps[i:n], first: i})
			}
		case "logEventIfEnabled":
			decorator := map[string]any{}
			if len(s.Args) > 1 {
				decorator["logEvent"] = s.Args[1]
			}
			c.invoke(call{inContext: inContext, event: s.Args[0], decorator: decorator, steps: steps[i+1 : n], first: i + 1})
		case "addContext":
			inContext = true
			c.invoke(call{inContext: true, steps: steps[i+1 : n], first: i + 1})
		default:
			c.invoke(call{steps: steps[i:n], first: i})
		}
		i = n
	}
}

// invoke runs steps in an invocation where the case needs one.
func (c *goldenCase) invoke(in call) {
	h := logging.New(c.options(in.decorator))
	s := &scene{ctx: context.Background(), h: h}
	if !c.invokes() {
		c.perform(s, in.steps, in.path, in.first)
		return
	}
	box := new(execenv.Environment)
	ctx := context.Background()
	if in.inContext {
		box = c.box
		c.calls++
		s.call = c.calls
		ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
			AwsRequestID:       c.contextText("awsRequestId", "aws_request_id"),
			InvokedFunctionArn: c.contextText("invokedFunctionArn", "invoked_function_arn"),
			TenantID:           c.contextText("tenantId", "tenant_id"),
		})
	}
	if in.decorator["clear_state"] == true {
		c.forget()
	}
	program := func(ctx context.Context) error {
		s.ctx = ctx
		c.read(s, in.path)
		for _, k := range c.kept {
			c.rule("append-again")
			put(ctx, k.attr)
		}
		c.perform(s, in.steps, in.path, in.first)
		if in.throws == nil {
			return nil
		}
		if tag, content := tagOf(in.throws); tag == "$error" {
			return thrownOf(content)
		}
		return errors.New(messageText(in.throws))
	}
	event, _ := json.Marshal(in.event)
	if _, err := lambdakit.WrapFunc(program, h.Middleware).Invoke(execenv.NewContext(ctx, box), event); err != nil {
		c.failures[strings.TrimSuffix(in.path, ".")] = true
	}
	c.read(s, in.path)
	if in.decorator["clearState"] == true || in.decorator["resetKeys"] == true {
		c.forget()
	}
}

// read collects the lines that a step wrote.
func (c *goldenCase) read(s *scene, step string) {
	for _, l := range parseLines(c.out.Bytes()) {
		l.step, l.invocation = step, s.call
		c.got = append(c.got, l)
	}
	c.out.Reset()
}

// put adds a field to the invocation of ctx.
func put(ctx context.Context, a slog.Attr) {
	if a.Key == "correlation_id" {
		logging.SetCorrelationID(ctx, a.Value.String())
		return
	}
	logging.Append(ctx, a)
}

// keep adds fields, of which upstream shows the last one of each name.
func (c *goldenCase) keep(s *scene, attrs []slog.Attr, persistent bool) {
	if s.child != nil {
		s.child = append(s.child, attrs...)
		return
	}
	for _, a := range attrs {
		c.kept = append(c.kept, kept{a, persistent})
		put(s.ctx, a)
	}
}

// remove takes fields away and shows those again that they hid.
func (c *goldenCase) remove(s *scene, persistent bool, gone func(name string) bool) {
	s.child = slices.DeleteFunc(s.child, func(a slog.Attr) bool { return gone(a.Key) })
	for _, k := range c.kept {
		if gone(k.attr.Key) && k.attr.Key == "correlation_id" {
			logging.SetCorrelationID(s.ctx, "")
		} else if gone(k.attr.Key) {
			logging.Remove(s.ctx, k.attr.Key)
		}
	}
	c.kept = slices.DeleteFunc(c.kept, func(k kept) bool { return k.persistent == persistent && gone(k.attr.Key) })
	for _, k := range c.kept {
		put(s.ctx, k.attr)
	}
}

func (c *goldenCase) forget() {
	c.kept = slices.DeleteFunc(c.kept, func(k kept) bool { return !k.persistent })
}

// perform does what each step says.
func (c *goldenCase) perform(s *scene, steps []goldenStep, path string, first int) {
	for i, step := range steps {
		at := path + strconv.Itoa(first+i)
		arg := func(n int) any {
			if n < len(step.Args) {
				return step.Args[n]
			}
			return nil
		}
		names, _ := arg(0).([]any)
		gone := func(name string) bool { return slices.Contains(names, any(name)) }
		fields := append(c.attrs(arg(0)), c.attrs(step.Kwargs)...)
		switch step.Op {
		case "trace", "debug", "info", "warn", "warning", "error", "critical", "exception":
			c.log(s, step)
		case "appendKeys", "append_keys":
			c.keep(s, fields, false)
		case "appendPersistentKeys":
			c.keep(s, fields, true)
		case "removeKeys", "remove_keys":
			c.remove(s, false, gone)
		case "removePersistentKeys":
			c.remove(s, true, gone)
		case "resetKeys", "clear_state":
			c.remove(s, false, func(string) bool { return true })
		case "setCorrelationId", "set_correlation_id":
			id := messageText(cmp.Or(arg(0), step.Kwargs["value"]))
			if arg(1) != nil && !c.Given.CorrelationSearch {
				c.rule("no-search")
				continue
			}
			if arg(1) != nil {
				if find := c.search(arg(1)); find != nil {
					id = find([]byte(id))
				}
			}
			if id != "" {
				c.keep(s, []slog.Attr{slog.String("correlation_id", id)}, false)
			}
		case "setLogLevel", "setLevel":
			l, err := logging.ParseLevel(messageText(arg(0)))
			if err != nil {
				c.failures[at] = true
				continue
			}
			c.level.Set(l)
		case "flushBuffer", "flush_buffer":
			logging.Flush(s.ctx)
		case "child", "createChild":
			own := c.attrs(step.Options["persistentKeys"])
			for name := range step.Options {
				if name != "persistentKeys" {
					c.stop("unknown", "option "+name+" of a child: With changes fields only")
				}
			}
			c.perform(&scene{ctx: s.ctx, h: s.h, call: s.call, child: append([]slog.Attr{}, own...)}, step.Steps, at+".", 0)
		case "append_context_keys":
			c.keep(s, fields, false)
			c.perform(s, step.Steps, at+".", 0)
			c.remove(s, false, func(name string) bool { return step.Kwargs[name] != nil })
		case "refreshSampleRateCalculation", "getCorrelationId", "get_correlation_id", "getLevelName", "getPersistentLogAttributes":
		default:
			c.stop("unknown", "operation "+step.Op)
		}
		c.read(s, at)
	}
}

// log logs as a program in Go would that has the values of the step.
func (c *goldenCase) log(s *scene, step goldenStep) {
	var input any = ""
	var extra []any
	if len(step.Args) > 0 {
		input, extra = step.Args[0], step.Args[1:]
	}
	var attrs []slog.Attr
	if tag, content := tagOf(input); tag == "$error" {
		input = thrownOf(content).message
	} else if m, ok := input.(map[string]any); ok && c.Lang == "ts" {
		m = maps.Clone(m)
		input = m["message"]
		delete(m, "message")
		extra = append([]any{m}, extra...)
	}
	message := messageText(input)
	if c.Lang == "python" && len(extra) > 0 {
		c.rule("printf")
		args := make([]any, len(extra))
		for i, x := range extra {
			args[i] = c.goValue(x, true)
		}
		message, extra = fmt.Sprintf(message, args...), nil
		if regexp.MustCompile(`%!|map\[`).MatchString(message) {
			c.stop("unknown", "verb in "+messageText(input))
		}
	}
	for _, x := range extra {
		switch tag, _ := tagOf(x); {
		case tag == "$error":
			attrs = append(attrs, c.attrs(map[string]any{"error": x})...)
		case tag == "":
			if text, ok := x.(string); ok {
				x = map[string]any{"extra": text}
			}
			attrs = append(attrs, c.attrs(x)...)
		}
	}
	for name, v := range step.Kwargs {
		switch name {
		case "extra":
			attrs = append(attrs, c.attrs(v)...)
		case "stacklevel":
		case "exc_info", "stack_info":
			c.stop("unknown", "option "+name+": stacks belong to errors")
		default:
			attrs = append(attrs, c.attrs(map[string]any{name: v})...)
		}
	}
	c.messages[message] = true
	level, _ := logging.ParseLevel(strings.Replace(step.Op, "exception", "error", 1))
	r := slog.NewRecord(time.UnixMilli(c.Given.NowMS), level, message, 0)
	r.AddAttrs(attrs...)
	if h := s.h.WithAttrs(s.child); h.Enabled(s.ctx, level) {
		h.Handle(s.ctx, r)
	}
}

// zone returns the time zone of the case, UTC where it is not known.
func (c *goldenCase) zone() (*time.Location, error) {
	name := strings.TrimPrefix(c.Given.Env["TZ"], ":")
	if name == "Etc/UTC" || c.Given.Options["utc"] == true {
		name = "UTC"
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = time.UTC
	}
	return loc, err
}

// timestamp returns text in the form that is ours; text that says less than a time
// becomes the time of the case.
func (c *goldenCase) timestamp(text string) string {
	loc, _ := c.zone()
	at, err := time.Parse("2006-01-02 15:04:05.000-0700", strings.Replace(text, ",", ".", 1))
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		at = time.UnixMilli(c.Given.NowMS).In(loc)
	}
	if _, offset := at.Zone(); offset == 0 && loc == time.UTC {
		return at.Format("2006-01-02T15:04:05.000Z")
	}
	return at.Format("2006-01-02T15:04:05.000-07:00")
}

// dropOwnLines takes lines out of the wanted ones that upstream wrote about itself.
func (c *goldenCase) dropOwnLines(match func(text string) bool) (texts []string) {
	c.want = slices.DeleteFunc(c.want, func(l line) bool {
		text := l.plain + l.text("message")
		own := text != "" && !c.messages[text] && text != "Lambda invocation event" && match(text)
		if own {
			texts = append(texts, text)
		}
		return own
	})
	return texts
}

// compare applies the rules, then compares what is left.
func (c *goldenCase) compare(t *testing.T) {
	for _, r := range goldenRules {
		if r.lines != nil && r.lines(c) {
			c.rule(r.id)
		}
	}
	if len(c.unreported) > 0 && len(c.reports) == 0 {
		t.Errorf("OnError was told nothing; upstream says %q", c.unreported)
	}
	for _, step := range c.errors {
		if !c.failures[step] {
			t.Errorf("step %s fails upstream, and not here", step)
		}
		delete(c.failures, step)
	}
	if len(c.failures) > 0 {
		t.Errorf("steps %v fail, and not upstream", slices.Sorted(maps.Keys(c.failures)))
	}
	if len(c.got) != len(c.want) {
		t.Fatalf("got %d lines %v\nwant %d %v", len(c.got), c.got, len(c.want), c.want)
	}
	for i, want := range c.want {
		got := c.got[i]
		for _, r := range goldenRules {
			if r.line != nil && r.line(c, want, got) {
				c.rule(r.id)
			}
		}
		if !same(want.fields, got.fields) {
			t.Errorf("line %d\n got %v\nwant %v", i, got.fields, want.fields)
		}
		var own []string // in our order
		for _, name := range ownFields {
			if slices.Contains(got.keys, name) {
				own = append(own, name)
			}
		}
		if !slices.Equal(own, got.keys[:len(own)]) {
			t.Errorf("line %d: the fields are in the order %v, want %v first", i, got.keys, own)
		}
		if got.indented != want.indented {
			t.Errorf("line %d: indented %v, want %v", i, got.indented, want.indented)
		}
	}
}
