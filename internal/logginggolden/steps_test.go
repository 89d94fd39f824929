package logginggolden

import (
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
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/logging"
)

// call is an invocation of the program.
type call struct {
	inContext bool // the recorded one
	event     any
	decorator map[string]any
	throws    any
	steps     []recordedStep
	path      string // of the steps
	first     int
}

// run performs the steps. Where upstream is told of a context or an event, an
// invocation begins here.
func (c *testCase) run() {
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
func (c *testCase) invoke(in call) {
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
func (c *testCase) read(s *scene, step string) {
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
func (c *testCase) keep(s *scene, attrs []slog.Attr, persistent bool) {
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
func (c *testCase) remove(s *scene, persistent bool, gone func(name string) bool) {
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

func (c *testCase) forget() {
	c.kept = slices.DeleteFunc(c.kept, func(k kept) bool { return !k.persistent })
}

// perform does what each step says.
func (c *testCase) perform(s *scene, steps []recordedStep, path string, first int) {
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
func (c *testCase) log(s *scene, step recordedStep) {
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
