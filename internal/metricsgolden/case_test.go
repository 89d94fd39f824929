package metricsgolden

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/metrics"
)

// plannedCall is an invocation of the program.
type plannedCall struct {
	capture, cold bool
	function      string // the name of the function that runs
	parts         []*section
	throws        any
}

// section holds operations of one invocation. Upstream uses dimensions and times when it
// writes; here they come first, so that they apply to the values that are recorded then.
type section struct{ first, then []operation }

// emission is a document of upstream with the documents of this package for it.
type emission struct {
	kind      string // cold, single, flush, or part: flushed since it was full
	call      int
	defaults  []pair
	own       []pair   // dimensions
	more      [][]pair // sets
	refused   bool     // upstream had no room for one of them
	records   []record
	metadata  map[string]any // of the moment that we write
	stamp     int64          // 0: none
	stamped   bool           // in the same invocation
	badStamp  bool
	unwritten bool // by this package
}

// record is a recorded value.
type record struct {
	name  string
	unit  metrics.Unit
	high  bool
	value float64
}

// record returns the value that a Go program can record; Go has no types for some values.
func (c *testCase) record(o operation) (r record, ok bool) {
	text, isText := o.args[0].(string)
	if c.python() && !isText {
		text, isText = textOf(o.args[0]), true
	}
	unit := textOf(o.args[1])
	if per, ok := strings.CutSuffix(unit, "PerSecond"); ok && c.python() { // the constants' names
		unit = per + "/Second"
	} else if unit == "NoUnit" && c.python() {
		unit = "None"
	}
	value, isNumber := c.number(o.args[2])
	resolution, isResolution := c.number(o.args[3])
	isResolution = o.args[3] == nil || isResolution && (resolution == 1 || resolution == 60)
	return record{text, metrics.Unit(unit), resolution == 1, value}, isText && isNumber && isResolution
}

// written returns how a record is written, if it is.
func (c *testCase) written(r record) (record, bool) {
	if u, err := metrics.ParseUnit(string(r.unit)); err != nil || u != r.unit {
		c.need("metric %.60q: unit", r.name)
		r.unit = metrics.None
	}
	if badMetricName(r.name) {
		c.need("metric name %.60q", r.name)
		return r, false
	}
	if badValue(r.value) {
		c.need("metric %.60q: the value", r.name)
		return r, false
	}
	return r, true
}

// time returns a time of the file.
func (c *testCase) time(v any) (time.Time, bool) {
	if m, ok := v.(map[string]any); ok {
		at, err := time.Parse(time.RFC3339, textOf(m["$date"]))
		return at, err == nil
	}
	ms, ok := c.number(v)
	return time.UnixMilli(int64(ms)), ok && ms == math.Trunc(ms)
}

// plan lists the documents that upstream writes, and makes an invocation of this package with
// the same meaning.
func (c *testCase) plan(ops []operation) *plannedCall {
	call := &plannedCall{}
	part := new(section)
	now := emission{call: c.calls, metadata: map[string]any{}} // what is in force
	first, pending := len(c.emissions), []*emission(nil)
	values := map[string]int{}
	emit := func(kind string, e emission) *emission {
		e.kind, e.own, e.more = kind, slices.Clone(e.own), slices.Clone(e.more)
		c.emissions = append(c.emissions, &e)
		return &e
	}
	settle := func() { // where we write
		for _, e := range pending {
			e.metadata = maps.Clone(now.metadata)
		}
		pending = nil
	}
	flush := func(kind string) {
		if len(now.records) > 0 {
			pending = append(pending, emit(kind, now))
		}
		call.parts = append(call.parts, part)
		part, now.records, values = new(section), nil, map[string]int{}
	}
	for i, o := range ops {
		message, failed := c.failure(o.at)
		switch o.kind {
		case "dimension", "set":
			part.first = append(part.first, o)
			now.refused = now.refused || failed
			if o.kind == "set" {
				now.more = append(now.more, o.pairs)
			} else {
				now.own = append(now.own, o.pairs...)
			}
		case "timestamp":
			at, ok := c.time(o.args[0])
			age := time.Since(at)
			now.stamped = true
			if inside := ok && age <= 14*24*time.Hour && age >= -2*time.Hour; inside {
				now.stamp, now.badStamp = at.UnixMilli(), false
				c.stamps[now.stamp] = true
			} else {
				now.badStamp = true
			}
			if ok {
				part.first = append(part.first, o)
				if now.badStamp {
					c.need("timestamp")
				}
			}
		case "metadata":
			part.then = append(part.then, o)
			now.metadata[textOf(o.args[0])] = o.args[1]
		case "metric":
			if !c.python() && len(values) >= 100 {
				flush("part")
			}
			part.then = append(part.then, o)
			r, ok := c.record(o)
			if !ok {
				if !failed {
					c.stop("typed", fmt.Sprint(o.args))
				}
				continue
			}
			w, writes := c.written(r)
			if failed && writes {
				c.extra = append(c.extra, extra{c.calls, w})
				if w.unit == r.unit {
					c.need("%.60q is recorded with several units", r.name)
				}
			}
			if failed {
				continue
			}
			now.records = append(now.records, r)
			values[r.name]++
			if full := values[r.name] == 100; full || c.python() && len(values) == 100 {
				flush("part")
				if full {
					settle()
				}
			}
		case "single":
			part.then = append(part.then, o)
			if r, ok := c.record(o); ok && !failed {
				c.written(r)
				emit("single", emission{call: c.calls, own: o.pairs, records: []record{r}})
			}
		case "capture":
			call.capture, call.function = true, o.args[0].(string)
			kind := c.Given.Env["AWS_LAMBDA_INITIALIZATION_TYPE"]
			if c.captured {
				continue
			}
			call.cold = kind == "" || kind == "on-demand"
			upstream := kind == "on-demand" || c.python()
			if c.python() && ops[len(ops)-1].throws != nil {
				upstream = false // and later, where upstream tells of it, it is written again
			} else {
				c.captured = true
			}
			e := emission{call: c.calls, kind: "cold", unwritten: !call.cold}
			if name := (pair{"function_name", cmpOr(c.function, os.Getenv("POWERTOOLS_METRICS_FUNCTION_NAME"), call.function)}); name.value != "" || call.function != "" {
				e.own = []pair{name}
			}
			if upstream {
				emit("cold", e)
			} else if call.cold {
				c.coldExtra = append(c.coldExtra, c.calls)
			}
		case "defaults":
			c.defaults = append(slices.Clip(c.defaults), o.pairs...)
		case "no defaults":
			c.defaults = nil
			if !c.python() {
				c.rule("clear-defaults")
				c.service = ""
				os.Setenv("POWERTOOLS_SERVICE_NAME", "")
			}
		case "function":
			c.function = textOf(o.args[0])
		case "flush":
			call.throws = o.throws
			if !failed || o.throws != nil && message == textOf(o.throws) {
				continue
			}
			if !c.python() || i == len(ops)-1 {
				now.records = nil // they are lost, where no later flush has them
			}
			if _, name, ok := strings.Cut(message, "collision on "); ok {
				c.need(`"%s ha`, strings.SplitAfter(name, `"`)[1]) // has, or have, the name
			}
		}
	}
	if last := ops[len(ops)-1]; last.kind == "flush" {
		flush("flush")
	} else {
		now.records = nil
		flush("")
	}
	settle()
	service := pair{"service", cmpOr(c.service, os.Getenv("POWERTOOLS_SERVICE_NAME"))}
	for _, e := range c.emissions[first:] {
		if service.value != "" {
			e.defaults = append(e.defaults, service)
		}
		if e.kind != "single" || !c.python() {
			e.defaults = append(e.defaults, c.defaults...)
		}
		for _, p := range slices.Concat(append(e.more, e.own, e.defaults)...) {
			if badDimension(p) {
				c.need("dimension %.60q", p.name)
			}
		}
		for _, own := range append([][]pair{e.own}, e.more...) {
			names := map[string]bool{}
			for _, p := range slices.Concat(e.defaults, own) {
				if names[p.name] = true; len(names) > 30 {
					c.need("dimension %.60q: a set has", p.name)
				}
			}
		}
	}
	return call
}

// cmpOr returns the first text that is not blank.
func cmpOr(texts ...string) string {
	i := slices.IndexFunc(texts, func(s string) bool { return strings.TrimSpace(s) != "" })
	if i < 0 {
		return ""
	}
	return texts[i]
}

// perform runs one operation.
func (c *testCase) perform(ctx context.Context, m *metrics.Meter, o operation) {
	var pairs []string
	for _, p := range o.pairs {
		pairs = append(pairs, p.name, p.value)
	}
	switch o.kind {
	case "dimension":
		metrics.AddDimensions(ctx, pairs...)
	case "set":
		metrics.AddDimensionSet(ctx, pairs...)
	case "timestamp":
		at, _ := c.time(o.args[0])
		metrics.SetTimestamp(ctx, at)
	case "metadata":
		if !hasTag(o.args[1]) {
			metrics.AddMetadata(ctx, o.args[0].(string), o.args[1])
		}
	case "metric":
		r, ok := c.record(o)
		switch {
		case !ok:
			c.rule("typed")
		case r.high:
			m.Distribution(r.name, r.unit).HighResolution().Record(ctx, r.value)
		default:
			m.Record(ctx, r.name, r.unit, r.value)
		}
	case "single":
		if c.python() { // which does not know of other metrics
			options := c.options()
			options.Namespace = cmpOr(textOf(o.args[4]), os.Getenv("POWERTOOLS_METRICS_NAMESPACE"))
			options.Dimensions, options.Service = nil, ""
			m = metrics.New(options)
		}
		if r, ok := c.record(o); ok {
			m.Single(ctx, r.name, r.unit, r.value, pairs...)
		}
		if _, failed := c.failure(o.at); failed {
			c.read("refused")
		}
		c.read("single")
	}
}

// run runs the operations; each flush of upstream ends an invocation.
func (c *testCase) run() {
	time.Sleep(time.Until(time.UnixMilli(c.Given.NowMS))) // the clock is that of a bubble
	for name, v := range c.Given.Options {
		switch name {
		case "namespace", "singleMetric", "throwOnEmptyMetrics", "logger":
		case "serviceName", "service":
			c.service = textOf(v)
		case "functionName", "function_name":
			c.function = textOf(v)
		case "defaultDimensions", "default_dimensions":
			c.defaults = pairsOf(v)
		default:
			c.stop("unknown", "option "+name)
		}
	}
	c.flatten(c.Given.Steps, "")
	var call []operation
	for _, o := range c.ops {
		call = append(call, o)
		if o.kind != "flush" {
			continue
		}
		// Python keeps what it could not write, and dimensions of nothing.
		_, failed := c.failure(o.at)
		empty := !slices.ContainsFunc(call, func(o operation) bool { return o.kind == "metric" })
		if c.python() && o.throws == nil && (failed || empty) {
			continue
		}
		c.invoke(call)
		call = nil
	}
	if len(call) > 0 {
		c.invoke(call)
	}
}

// options returns the options of the program that do not change.
func (c *testCase) options() *metrics.Options {
	o := &metrics.Options{Writer: &c.out, OnError: func(err error) { c.reports = append(c.reports, err.Error()) }}
	o.Namespace = textOf(c.Given.Options["namespace"])
	o.Service, o.FunctionName = c.service, c.function
	o.Dimensions = make(map[string]string)
	for _, p := range c.defaults {
		o.Dimensions[p.name] = p.value
	}
	return o
}

// invoke runs the operations of one invocation. It sets dimensions and times before it records
// values, while upstream uses them when it writes: see section.
func (c *testCase) invoke(ops []operation) {
	c.calls++
	call := c.plan(ops)
	o := c.options()
	o.ColdStart = call.capture
	box := &execenv.Environment{FunctionName: call.function, OnDemand: call.cold}
	m := metrics.New(o)
	program := func(ctx context.Context) error {
		c.read("cold")
		for _, p := range call.parts {
			for _, o := range slices.Concat(p.first, p.then) {
				c.perform(ctx, m, o)
			}
		}
		if call.throws != nil {
			return errors.New(textOf(call.throws))
		}
		return nil
	}
	_, err := lambdakit.WrapFunc(program, m.Middleware).Invoke(execenv.NewContext(context.Background(), box), []byte("null"))
	if (err != nil) != (call.throws != nil) {
		c.t.Errorf("got error %v, want %v", err, call.throws)
	}
	c.read("flush")
}
