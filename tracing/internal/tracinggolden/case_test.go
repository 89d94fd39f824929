package tracinggolden

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing"
)

// span is one span of the recorded program.
type span struct {
	kind       string // handler, outer, method, manual, http, aws; outer: a handler that only this test needs
	name       string // name upstream
	start, end time.Time
	cold       bool
	again      bool     // the program requests the cold start again
	keys       []string // of annotations, in order
	metadata   []metadata
	response   string  // response of a handler, as JSON
	errs       []error // in order
	remote     bool    // its errors are remote
	asksRemote bool    // the program marks an error as remote
}

type metadata struct {
	namespace, key string // empty namespace: the service
	value          any
	foreign        bool // the value does not exist in Go
	size           int
}

// recordedError is an exception.
type recordedError struct {
	message string
	cause   error
}

func (e *recordedError) Error() string { return e.message }
func (e *recordedError) Unwrap() error { return e.cause }

// valueOf decodes a value. foreign reports that JSON cannot express the value. An undefined
// value is nil, and none is true.
func valueOf(text json.RawMessage) (v any, none, foreign bool) {
	if text == nil {
		return nil, true, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	d.Decode(&v)
	if m, ok := v.(map[string]any); ok && len(m) == 1 && m["$undefined"] == true {
		return nil, true, false
	}
	return v, false, isTag(v)
}

func isTag(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if len(v) == 1 && strings.HasPrefix(name, "$") || isTag(x) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, isTag)
	}
	return false
}

// thrown returns the error that a step throws.
func thrown(text json.RawMessage) error {
	var tag struct {
		Error *struct {
			Message string
			Cause   json.RawMessage
		} `json:"$error"`
	}
	if text == nil {
		return nil
	}
	if json.Unmarshal(text, &tag) == nil && tag.Error != nil {
		return &recordedError{tag.Error.Message, thrown(tag.Error.Cause)}
	}
	v, _, _ := valueOf(text)
	return errors.New(fmt.Sprint(v))
}

func (c *testCase) unknown(at, format string, args ...any) {
	c.t.Errorf("step %s has something that this test does not know: "+format, append([]any{at}, args...)...)
}

// run executes the steps.
func (c *testCase) run() {
	time.Sleep(time.Until(time.UnixMilli(c.Given.NowMS))) // the clock of the synctest bubble
	if s := os.Getenv("POWERTOOLS_SERVICE_NAME"); strings.TrimSpace(s) != "" {
		c.service = s
	}
	for name, v := range c.Given.Options {
		switch name {
		case "captureHTTPsRequests", "enabled":
		case "serviceName":
			if s, _ := v.(string); strings.TrimSpace(s) != "" {
				c.service = s
			}
		default:
			c.unknown("-", "option %s", name)
		}
	}
	init := os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE")
	box := &execenv.Environment{FunctionName: os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), OnDemand: init == "" || init == "on-demand"}
	for i, s := range c.Given.Steps {
		at := strconv.Itoa(i)
		var err error
		switch {
		case s.Op == "handler":
			err = c.invoke(box, "handler", s, at)
		case mentions(s, "annotateColdStart"):
			err = c.invoke(box, "outer", s, at)
		default: // upstream's cold start is still to come
			err = c.invoke(&execenv.Environment{FunctionName: box.FunctionName}, "outer", s, at)
		}
		if err != nil {
			c.errors[at] = err.Error()
		}
	}
	for _, e := range c.Want.Errors {
		if at := fmt.Sprint(e.Step); c.errors[at] == "" {
			c.stop("never-fails", "step "+at+" throws: "+e.Message)
		}
	}
}

func mentions(s recordedStep, op string) bool {
	return s.Op == op || slices.ContainsFunc(s.Steps, func(s recordedStep) bool { return mentions(s, op) })
}

// tracer returns the Provider of a handler.
func (c *testCase) tracer(capture bool) *tracing.Provider {
	o := &tracing.Options{OnError: func(err error) { c.reports = append(c.reports, err.Error()) }}
	o.Service, _ = c.Given.Options["serviceName"].(string)
	o.Service = strings.TrimSpace(o.Service)
	if c.Given.Options["enabled"] == false {
		o.Disabled = new(true)
	}
	switch {
	case !capture:
		o.CaptureResponse = &capture
	case os.Getenv("POWERTOOLS_TRACER_CAPTURE_RESPONSE") == "":
		c.rule("opt-in")
		o.CaptureResponse = &capture
	}
	return tracing.New(o)
}

// captures reports whether the options of a step capture its response.
func (c *testCase) captures(s recordedStep, at string) bool {
	capture := true
	for name, v := range s.Options {
		switch name {
		case "captureResponse":
			capture = v != false
		case "subSegmentName":
		default:
			c.unknown(at, "option %s", name)
		}
	}
	return capture
}

func (c *testCase) begin(kind, name string) *span {
	return &span{kind: kind, name: name, start: time.Now()}
}

func (c *testCase) end(sp *span) {
	sp.end = time.Now()
	c.spans = append(c.spans, sp)
}

// invoke does a handler or, for what upstream does outside of one, the step in a handler.
func (c *testCase) invoke(box *execenv.Environment, kind string, s recordedStep, at string) error {
	handler, ok := c.Given.Env["_HANDLER"]
	if !ok {
		handler = "undefined"
	}
	sp := c.begin(kind, "## "+handler)
	capture := kind == "handler" && c.captures(s, at)
	value, none, foreign := valueOf(s.Returns)
	program := func(ctx context.Context) error {
		sp.cold = lambdakit.FromContext(ctx).ColdStart()
		sp.keys = append(sp.keys, "ColdStart", "Service")
		c.told = c.told || kind == "handler"
		var err error
		if kind == "handler" {
			err = c.body(ctx, sp, s, at)
		} else {
			err = c.perform(ctx, sp, s, at)
		}
		if err != nil {
			sp.errs = append(sp.errs, err)
		}
		return err
	}
	mw := c.tracer(capture).Middleware
	h := lambdakit.WrapFunc(program, mw)
	if !none && !foreign {
		h = lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) { return value, program(ctx) }, mw)
	}
	event := s.Event
	if event == nil {
		event = json.RawMessage("{}")
	}
	ctx := execenv.NewContext(context.Background(), box)
	ctx = traceheader.NewContext(ctx, os.Getenv("_X_AMZN_TRACE_ID"))
	response, err := h.Invoke(ctx, event)
	sp.response = string(response)
	if capture && err == nil && (!none || foreign) {
		sp.metadata = append(sp.metadata, metadata{key: handler + " response", value: value, foreign: foreign, size: len(response)})
	}
	c.end(sp)
	return err
}

// body executes a handler or a method.
func (c *testCase) body(ctx context.Context, sp *span, s recordedStep, at string) error {
	time.Sleep(100 * time.Millisecond)
	if err := c.nested(ctx, sp, s, at); err != nil {
		return err
	}
	time.Sleep(50 * time.Millisecond)
	return thrown(s.Throws)
}

// nested executes the steps of s. After a failed step it continues if upstream did.
func (c *testCase) nested(ctx context.Context, sp *span, s recordedStep, at string) error {
	for i, inner := range s.Steps {
		path := at + "." + strconv.Itoa(i)
		err := c.perform(ctx, sp, inner, path)
		if err == nil {
			continue
		}
		_, seen := c.failure(path)
		if seen {
			c.errors[path] = err.Error()
		}
		if message, failed := c.failure(at); !seen || failed && s.Throws == nil && message == err.Error() {
			return err
		}
	}
	return nil
}
