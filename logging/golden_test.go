package logging_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/sandbox"
	"github.com/lambdakit/lambdakit/logging"
)

// TestGolden does what recorded programs did with the official loggers for
// TypeScript and Python, and compares the lines. Where this package differs on
// purpose, a rule of goldenRules says so: it rewrites what is expected or, where
// nothing is left to compare, skips the case.
func TestGolden(t *testing.T) {
	dir := cmp.Or(os.Getenv("LAMBDAKIT_GOLDEN"), filepath.Join("testdata", "golden"))
	text, err := os.ReadFile(filepath.Join(dir, "logger.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}

	var passed, skipped, failed int
	touched := map[string]int{}
	for _, text := range file.Cases {
		var head struct{ Case string }
		json.Unmarshal(text, &head)
		t.Run(head.Case, func(t *testing.T) {
			c := newGoldenCase(t, text)
			c.setenv(t)
			synctest.Test(t, func(t *testing.T) { c.run() })
			defer func() {
				for id := range c.rules {
					touched[id]++
				}
				switch {
				case t.Failed():
					failed++
				case t.Skipped():
					skipped++
				default:
					passed++
				}
			}()
			if c.skip != "" {
				t.Skipf("rule %s: %s", c.skip, c.why)
			}
			c.compare(t)
		})
	}
	fmt.Printf("golden logger.json: %d passed, %d skipped by rule, %d failed\n", passed, skipped, failed)
	for _, r := range goldenRules {
		t.Logf("rule %-18s %3d cases: %s", r.id, touched[r.id], r.reason)
	}
	if failed > 0 || passed == 0 {
		t.Errorf("golden logger.json: %d passed, %d failed", passed, failed)
	}
}

// goldenRule is one deliberate difference. A rule with neither function is applied
// by the interpreter, which names it where it does so.
type goldenRule struct {
	id, reason string
	lines      func(c *goldenCase) bool                 // rewrites the lists of lines
	line       func(c *goldenCase, want, got line) bool // rewrites one line of each
}

var goldenRules = []goldenRule{
	// What a program in Go does instead.
	{id: "unknown", reason: "the file uses an operation or option that has no counterpart in this package"},
	{id: "typed-level", reason: "Options.Level is no text, so a name that is not a level cannot be passed; ParseLevel says so first"},
	{id: "printf", reason: "slog has no format verbs; the program formats the message with fmt"},
	{id: "no-search", reason: "CorrelationPath needs no search function; without one, the program sets nothing"},
	{id: "append-again", reason: "fields of Append end with their invocation; the program appends them in the next one again"},
	{id: "persistent-removal", reason: "Options.Attrs stay on every line; fields that are to be removed later are appended"},
	{id: "chance", reason: "whether an invocation is sampled at a rate between 0 and 1 is left to chance"},
	{id: "buffer-scope", reason: "lines are held back in every invocation; upstream only where there is a trace id, which the case lacks"},
	{id: "buffer-size", reason: "which lines a full buffer holds depends on how long they are, and fields differ"},
	{id: "in-list", reason: "elements of a list are encoded by encoding/json alone, which knows nothing of errors or NaN"},

	// Whole lines.
	{"streams", "all levels go to one writer", func(c *goldenCase) bool {
		return slices.ContainsFunc(c.want, func(l line) bool { return l.stream == "stderr" })
	}, nil},
	{"own-words", "what is wrong with the configuration goes to OnError once, in words of our own", func(c *goldenCase) bool {
		told := append(c.Want.Warnings, c.dropOwnLines(func(text string) bool {
			return !strings.Contains(text, "reserved key") && !strings.Contains(text, "sampling rate")
		})...)
		for _, text := range told {
			if strings.Contains(text, "Advanced Logging Controls") || strings.Contains(text, "time zone") {
				c.unreported = append(c.unreported, text)
			}
		}
		return len(told) > 0
	}, nil},
	{"sampling-line", "sampling_rate on each line says it, and no line announces it", func(c *goldenCase) bool {
		return c.dropOwnLines(func(text string) bool { return strings.Contains(text, "sampling rate") }) != nil
	}, nil},
	{"reserved-warning", "an attribute named like a field of the toolkit is kept, and nothing warns", func(c *goldenCase) bool {
		return c.dropOwnLines(func(text string) bool { return strings.Contains(text, "reserved key") }) != nil
	}, nil},
	{"calls-never-fail", "a log call has no errors to return or throw: its line is written", func(c *goldenCase) bool {
		before := len(c.errors)
		c.errors = slices.DeleteFunc(c.errors, func(step string) bool {
			n := len(c.got)
			c.got = slices.DeleteFunc(c.got, func(l line) bool { return l.step == step })
			return len(c.got) < n
		})
		return len(c.errors) < before
	}, nil},
	{"failure-line", "Middleware writes one line of its own where the function fails", func(c *goldenCase) bool {
		n := len(c.got)
		isOurs := func(l line) bool { return l.text("message") == "invocation failed" }
		c.got = slices.DeleteFunc(c.got, isOurs)
		return len(c.got) < n
	}, nil},

	// The toolkit's fields.
	{"levels", "the names of levels are those that Lambda filters on", nil, func(_ *goldenCase, want, _ line) bool {
		name, ok := map[string]string{"CRITICAL": "FATAL", "WARNING": "WARN"}[want.text("level")]
		return ok && want.set("level", name)
	}},
	{"no-service", "without a service there is no such field", nil, func(_ *goldenCase, want, _ line) bool {
		return want.text("service") == "service_undefined" && want.drop("service")
	}},
	{"sampling-off", "sampling_rate is written where sampling is on", nil, func(_ *goldenCase, want, _ line) bool {
		return want.fields["sampling_rate"] == json.Number("0") && want.drop("sampling_rate")
	}},
	{"location", "the place of a log call is the field source, with AddSource only", nil, func(c *goldenCase, want, _ line) bool {
		return c.Lang == "python" && want.drop("location")
	}},
	{"timestamp-form", "timestamps have one form, RFC 3339 with milliseconds", nil, func(c *goldenCase, want, _ line) bool {
		return c.Lang == "python" && want.set("timestamp", c.timestamp(want.text("timestamp")))
	}},
	{"unknown-zone", "a time zone that is not known is UTC, whose timestamps end in Z", nil, func(c *goldenCase, want, _ line) bool {
		_, err := c.zone()
		return err != nil && want.set("timestamp", c.timestamp(want.text("timestamp")))
	}},
	{"memory-number", "function_memory_size is a number", nil, func(_ *goldenCase, want, _ line) bool {
		size := want.text("function_memory_size")
		return size != "" && want.set("function_memory_size", json.Number(size))
	}},
	{"outside", "fields of an invocation are on the lines of that invocation only", nil, func(c *goldenCase, want, got line) bool {
		if got.invocation > 0 {
			return false
		}
		n := len(want.fields) + len(got.fields)
		got.drop("cold_start") // of an invocation that only the test made
		for _, name := range ownFields[4:10] {
			want.drop(name)
		}
		return len(want.fields)+len(got.fields) < n
	}},
	{"version", "function_version is one more field", nil, func(c *goldenCase, want, got line) bool {
		v := c.contextText("functionVersion", "function_version")
		return got.invocation > 0 && v != "" && want.set("function_version", v)
	}},
	{"cold-start", "an unknown type of initialization is on demand, and any other one is warm, in every language", nil, func(c *goldenCase, want, got line) bool {
		cold := got.invocation == 1 && c.box.OnDemand
		return got.invocation > 0 && want.fields["cold_start"] != cold && want.set("cold_start", cold)
	}},
	{"event-line", "the event is logged as the field event, before the function runs and appends", nil, func(c *goldenCase, want, got line) bool {
		if got.text("message") != "Lambda invocation event" {
			return false
		}
		touched := false
		if event, ok := want.fields["message"].(map[string]any); ok {
			want.set("message", "Lambda invocation event")
			touched = want.set("event", event)
		}
		for name := range want.fields {
			_, has := got.fields[name]
			_, given := c.values[name]
			touched = given && !has && name != "event" && want.drop(name) || touched
		}
		return touched
	}},
	{"message-text", "the message of slog is a string", nil, func(c *goldenCase, want, _ line) bool {
		m, ok := want.fields["message"]
		if _, text := m.(string); !ok || text {
			return false
		}
		return want.set("message", messageText(m))
	}},
	{"correlation-text", "correlation_id is text", nil, func(_ *goldenCase, want, _ line) bool {
		n, ok := want.fields["correlation_id"].(json.Number)
		return ok && want.set("correlation_id", n.String())
	}},

	// Attributes.
	{"reserved", "an attribute named like a field of the toolkit is kept, as attr_NAME", nil, func(c *goldenCase, want, got line) bool {
		touched := false
		for name, v := range got.fields {
			own, ok := strings.CutPrefix(name, "attr_")
			given := func(g any) bool { return same(g, v) }
			if !ok || !slices.Contains(ownFields, own) || !slices.ContainsFunc(c.values[own], given) {
				continue
			}
			if same(want.fields[own], v) && !same(got.fields[own], v) {
				want.drop(own) // it took the place of the field
				if kept, ok := got.fields[own]; ok {
					want.set(own, kept)
				}
			}
			touched = got.drop(name)
		}
		return touched
	}},
	{"values", "values are encoded as encoding/json encodes those of Go, errors as {message, type, stack, cause}", nil, func(c *goldenCase, want, got line) bool {
		touched := false
		for name, v := range want.fields {
			for _, given := range c.values[name] {
				touched = want.set(name, c.counterpart(given, v, got.fields[name])) || touched
			}
		}
		return touched
	}},
	{"empty-values", "attributes without a value, and empty ones, are written", nil, func(_ *goldenCase, want, got line) bool {
		n := len(got.fields)
		maps.DeleteFunc(got.fields, func(name string, v any) bool {
			_, wanted := want.fields[name]
			return !wanted && !slices.Contains(ownFields, name) && (v == nil || v == "")
		})
		return len(got.fields) < n
	}},
}

// ownFields are the fields of the toolkit, in their order.
var ownFields = []string{"level", "message", "timestamp", "service", "cold_start", "function_arn", "function_memory_size",
	"function_name", "function_version", "function_request_id", "xray_trace_id", "tenant_id", "correlation_id", "sampling_rate"}

// line is one line of a log.
type line struct {
	keys       []string // in their order
	fields     map[string]any
	indented   bool
	plain      string // the text where it is no JSON
	stream     string // of a wanted line
	step       string // that wrote a line of ours
	invocation int    // its number in the recorded context; 0: written outside that
}

func (l line) text(name string) string { s, _ := l.fields[name].(string); return s }

func (l line) set(name string, v any) bool {
	same := same(l.fields[name], v)
	l.fields[name] = v
	return !same
}

func (l line) drop(name string) bool {
	n := len(l.fields)
	delete(l.fields, name)
	return len(l.fields) < n
}

// parseLines takes text apart that holds objects, or else lines that are none.
func parseLines(text []byte) (lines []line) {
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var raw json.RawMessage
		d := json.NewDecoder(bytes.NewReader(rest))
		if d.Decode(&raw) != nil {
			plain, after, _ := bytes.Cut(rest, []byte("\n"))
			lines, rest = append(lines, line{plain: string(plain)}), after
			continue
		}
		rest = rest[d.InputOffset():]
		l := line{fields: map[string]any{}, indented: bytes.Contains(raw, []byte("\n    \""))}
		d = json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		for d.Token(); d.More(); {
			name, _ := d.Token()
			var v any
			d.Decode(&v)
			l.keys = append(l.keys, name.(string))
			l.fields[name.(string)] = v
		}
		lines = append(lines, l)
	}
	return lines
}

// messageText is the message that stands for v where v is not a string.
func messageText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// same compares values of JSON.
func same(want, got any) bool {
	if m, ok := want.(map[string]any); ok && len(m) == 1 && m["$any"] != nil || want == "$any" {
		return true
	}
	switch w := want.(type) {
	case json.Number:
		g, ok := got.(json.Number)
		x, _ := new(big.Rat).SetString(w.String())
		y, _ := new(big.Rat).SetString(g.String())
		return ok && (w == g || x != nil && y != nil && x.Cmp(y) == 0)
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(w, g, same)
	case map[string]any:
		g, ok := got.(map[string]any)
		return ok && maps.EqualFunc(w, g, same)
	}
	switch got.(type) {
	case []any, map[string]any:
		return false
	}
	return want == got
}

// thrown is an error of a recorded program.
type thrown struct {
	message, stack string
	cause          error
}

func (e *thrown) Error() string { return e.message }
func (e *thrown) Stack() string { return e.stack }
func (e *thrown) Unwrap() error { return e.cause }

// tagOf takes a value that JSON cannot hold apart.
func tagOf(v any) (tag string, content any) {
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		for k, c := range m {
			if strings.HasPrefix(k, "$") {
				return k, c
			}
		}
	}
	return "", nil
}

func thrownOf(v any) *thrown {
	m, _ := v.(map[string]any)
	text := func(k string) string { s, _ := m[k].(string); return s }
	e := &thrown{message: text("message"), stack: text("stack")}
	if e.stack == "" {
		e.stack = text("name") + ": " + e.message + "\n    at handler (/var/task/index.js:10:15)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"
	}
	if tag, cause := tagOf(m["cause"]); tag == "$error" {
		e.cause = thrownOf(cause)
	}
	return e
}

// absent is a value that a program in Go has no counterpart for.
type absent struct{}

// goValue is what a program in Go logs for v.
func (c *goldenCase) goValue(v any, inList bool) any {
	tag, content := tagOf(v)
	text, _ := content.(string)
	switch tag {
	case "":
	case "$undefined", "$function", "$symbol":
		return absent{}
	case "$bigint":
		n, _ := new(big.Int).SetString(text, 10)
		return n
	case "$date":
		at, _ := time.Parse(time.RFC3339, text)
		return at
	case "$bytes":
		b, _ := base64.StdEncoding.DecodeString(text)
		return b
	case "$set":
		return c.goValue(content, true)
	case "$map":
		m := map[string]any{}
		for _, pair := range content.([]any) {
			m[messageText(pair.([]any)[0])] = c.goValue(pair.([]any)[1], true)
		}
		return m
	case "$circular":
		m := maps.Clone(content.(map[string]any))
		m["self"] = m
		return m
	case "$number", "$error":
		if inList {
			c.stop("in-list", tag)
		}
		if tag == "$error" {
			return thrownOf(content)
		}
		f, _ := strconv.ParseFloat(text, 64)
		return f
	default:
		c.stop("unknown", tag)
	}
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		list := make([]any, len(v))
		for i := range v {
			if x := c.goValue(v[i], true); x != (absent{}) {
				list[i] = x
			}
		}
		return list
	case map[string]any:
		if len(v) > 0 && !inList {
			return slog.GroupValue(c.members(v)...) // in which errors are errors
		}
		m := map[string]any{}
		for k := range v {
			if x := c.goValue(v[k], inList); x != (absent{}) {
				m[k] = x
			}
		}
		return m
	}
	return v
}

func (c *goldenCase) members(m map[string]any) (attrs []slog.Attr) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if x := c.goValue(m[k], false); x != (absent{}) {
			attrs = append(attrs, slog.Any(k, x))
		}
	}
	return attrs
}

// attrs is what a program in Go logs for the members of v.
func (c *goldenCase) attrs(v any) []slog.Attr {
	m, _ := v.(map[string]any)
	for k, x := range m {
		c.values[k] = append(c.values[k], x)
	}
	return c.members(m)
}

// counterpart returns what is expected for given where upstream wrote want.
func (c *goldenCase) counterpart(given, want, got any) any {
	tag, content := tagOf(given)
	switch tag {
	case "":
		g, isMap := given.(map[string]any)
		w, wantMap := want.(map[string]any)
		if !isMap || !wantMap {
			return want
		}
		out := maps.Clone(w)
		gotMap, _ := got.(map[string]any)
		for k := range g {
			if _, ok := w[k]; ok {
				out[k] = c.counterpart(g[k], w[k], gotMap[k])
			}
		}
		return out
	case "$undefined", "$function", "$symbol":
		return want
	case "$number":
		f, _ := c.goValue(given, false).(float64)
		return map[bool]any{true: want, false: fmt.Sprint(f)}[f == 0] // NaN and infinities are null upstream
	case "$circular":
		if s, _ := got.(string); strings.HasPrefix(s, "!ERROR") {
			return got
		}
		return want
	case "$error":
		w, _ := want.(map[string]any)
		e := thrownOf(content)
		if w == nil || w["message"] != e.message {
			return want // of another error
		}
		stack := w["stack"]
		if lines, ok := stack.([]any); ok { // upstream splits it for developers
			var b strings.Builder
			for _, l := range lines {
				b.WriteString("\n" + messageText(l))
			}
			stack = strings.TrimPrefix(b.String(), "\n")
		}
		out := map[string]any{"message": e.message, "type": fmt.Sprintf("%T", e), "stack": stack}
		if e.cause != nil {
			out["cause"] = c.counterpart(content.(map[string]any)["cause"], w["cause"], nil)
		}
		return out
	}
	text, _ := json.Marshal(c.goValue(given, false))
	return parseLines([]byte(`{"v":` + string(text) + `}`))[0].fields["v"]
}

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

	want, got  []line
	unreported []string // what upstream says of the configuration, and OnError must say
	errors     []string // steps that threw
	rules      map[string]bool
	skip, why  string // the rule that skips the case, and what it skips it for

	out      bytes.Buffer
	reports  []string         // to OnError
	messages map[string]bool  // of the program, not of the library
	values   map[string][]any // of attributes, as given, by name
	box      *sandbox.Sandbox // of the recorded context
	level    *slog.LevelVar   // where the program changes it
	failures map[string]bool  // steps that an error came of
	calls    int              // invocations with the recorded context
	kept     []kept           // fields that upstream would keep
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
	c := &goldenCase{rules: map[string]bool{}, messages: map[string]bool{}, values: map[string][]any{}, failures: map[string]bool{}}
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
	c.box = &sandbox.Sandbox{
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
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "AWS_LAMBDA_") || name == "LOG_LEVEL" || name == "TZ" || name == "_X_AMZN_TRACE_ID" {
			t.Setenv(name, "")
		}
	}
	for name, v := range c.Given.Env {
		t.Setenv(name, v)
	}
}

func (c *goldenCase) rule(id string) { c.rules[id] = true }

// stop makes the case one that a rule skips.
func (c *goldenCase) stop(rule, why string) {
	c.rule(rule)
	if c.skip == "" {
		c.skip, c.why = rule, why
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
	box := new(sandbox.Sandbox)
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
	if _, err := lambdakit.WrapFunc(program, h.Middleware).Invoke(sandbox.NewContext(ctx, box), event); err != nil {
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
