package metricsgolden

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lambdakit/lambdakit/internal/golden"
)

// TestGolden runs programs that were recorded with the official libraries for TypeScript and Python, and
// compares the documents. Each deliberate difference is one of the rules. The rule changes the expected
// documents, or skips the case if nothing can be compared.
func TestGolden(t *testing.T) {
	golden.Run(t, "metrics.json", named(), func(t *testing.T, text []byte, touch func(string)) (skip string) {
		c := &testCase{t: t, rules: map[string]bool{}, stamps: map[int64]bool{}}
		defer func() {
			for id := range c.rules {
				touch(id)
			}
		}()
		if err := decode(text, c); err != nil {
			t.Fatal(err)
		}
		c.setenv()
		synctest.Test(t, func(*testing.T) { c.run() })
		if c.skip == "" {
			c.compare()
		}
		return c.skip
	})
}

// named returns the ids and reasons of the rules for golden.Run.
func named() []golden.Rule {
	all := make([]golden.Rule, len(rules))
	for i, r := range rules {
		all[i] = golden.Rule{ID: r.id, Reason: r.reason}
	}
	return all
}

func decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

// testCase is one case of the file and what came of it.
type testCase struct {
	Lang  string
	Given struct {
		NowMS            int64 `json:"now_ms"`
		Env              map[string]string
		Options, Context map[string]any
		Steps            []recordedStep
	}
	Want struct {
		Stdout, Stderr, Warnings []string
		Errors                   []struct {
			Step    any
			Message string
		}
	}

	t         *testing.T
	rules     map[string]bool
	skip      string      // the rule that skips the case
	ops       []operation // the steps, in one form for both languages
	out       bytes.Buffer
	reports   []string // to OnError
	needs     []string // what the reports must speak of
	want, got []*document
	emissions []*emission // what upstream writes, in order
	calls     int         // invocations so far
	extra     []extra
	coldExtra []int // calls with a cold start that upstream does not see
	service   string
	function  string
	defaults  []pair
	captured  bool           // the cold start
	stamps    map[int64]bool // times set so far
}

// extra is a record that upstream refuses, in the form that this package writes.
type extra struct {
	call int
	record
}

type recordedStep struct {
	Op                       string
	Args                     []any
	Kwargs, Options, Context map[string]any
	Steps                    []recordedStep
	Throws, Do               any
	Times                    int
}

// operation is a step that does something. A handler is its steps and a flush.
type operation struct {
	kind, at string
	args     []any
	pairs    []pair
	throws   any
}

type pair struct{ name, value string }

func (c *testCase) python() bool { return c.Lang == "python" }

func (c *testCase) setenv() {
	c.t.Setenv("POWERTOOLS_SERVICE_NAME", "")
	golden.Setenv(c.t, c.Given.Env)
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

// failure returns what a step threw upstream.
func (c *testCase) failure(at string) (message string, failed bool) {
	for _, e := range c.Want.Errors {
		if fmt.Sprint(e.Step) == at {
			return e.Message, true
		}
	}
	return "", false
}

func (c *testCase) need(format string, args ...any) {
	c.needs = append(c.needs, fmt.Sprintf(format, args...))
}

func textOf(v any) string {
	switch v := v.(type) {
	case nil, map[string]any: // a tag: no text
		return ""
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	}
	return fmt.Sprint(v)
}

func pairsOf(v any) (pairs []pair) {
	m, _ := v.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		pairs = append(pairs, pair{name, textOf(m[name])})
	}
	return pairs
}

// number returns a number of the file.
func (c *testCase) number(v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil || math.IsInf(f, 0)
	case bool: // a number in Python
		return map[bool]float64{true: 1}[v], c.python()
	case map[string]any:
		f, err := strconv.ParseFloat(textOf(v["$number"]), 64)
		return f, err == nil
	}
	return 0, false
}

// flatten turns steps into operations.
func (c *testCase) flatten(steps []recordedStep, prefix string) {
	for i, s := range steps {
		at := prefix + strconv.Itoa(i)
		if s.Op != "repeat" {
			c.flattenStep(s, at)
			continue
		}
		do, _ := json.Marshal(s.Do)
		for n := range s.Times {
			number := strconv.Itoa(n)
			text := strings.ReplaceAll(strings.ReplaceAll(string(do), `"${i}"`, number), "${i}", number)
			var one recordedStep
			if err := decode([]byte(text), &one); err != nil {
				c.t.Fatal(err)
			}
			c.flattenStep(one, fmt.Sprintf("%s[i=%d]", at, n))
		}
	}
}

func (c *testCase) flattenStep(s recordedStep, at string) {
	arg := func(n int, names ...string) any {
		if n < len(s.Args) {
			return s.Args[n]
		}
		for _, name := range names {
			if v, ok := s.Kwargs[name]; ok {
				return v
			}
		}
		return nil
	}
	named := func() []pair { // an object, or the arguments themselves
		if m, ok := arg(0, "dimensions").(map[string]any); ok {
			return pairsOf(m)
		}
		return pairsOf(s.Kwargs)
	}
	add := func(kind string, args ...any) { c.ops = append(c.ops, operation{kind: kind, at: at, args: args}) }
	drop := func(kinds ...string) {
		from := len(c.ops)
		for from > 0 && c.ops[from-1].kind != "flush" {
			from--
		}
		c.ops = append(c.ops[:from:from], slices.DeleteFunc(c.ops[from:], func(o operation) bool { return slices.Contains(kinds, o.kind) })...)
	}
	switch s.Op {
	case "addMetric", "add_metric":
		add("metric", arg(0, "name"), arg(1, "unit"), arg(2, "value"), arg(3, "resolution"))
		if c.Given.Options["singleMetric"] == true {
			add("flush")
		}
	case "addDimension", "add_dimension":
		add("dimension")
		c.ops[len(c.ops)-1].pairs = []pair{{textOf(arg(0, "name")), textOf(arg(1, "value"))}}
	case "addDimensions", "add_dimensions":
		c.ops = append(c.ops, operation{kind: "set", at: at, pairs: named()})
	case "setDefaultDimensions", "set_default_dimensions":
		c.ops = append(c.ops, operation{kind: "defaults", at: at, pairs: named()})
	case "clearDefaultDimensions", "clear_default_dimensions":
		add("no defaults")
	case "addMetadata", "add_metadata":
		add("metadata", textOf(arg(0, "key")), arg(1, "value"))
	case "setTimestamp", "set_timestamp":
		add("timestamp", arg(0, "timestamp"))
	case "captureColdStartMetric":
		add("capture", textOf(arg(0)))
	case "setFunctionName":
		add("function", textOf(arg(0)))
	case "publishStoredMetrics", "flush_metrics":
		add("flush")
	case "clearMetrics":
		drop("metric")
	case "clearDimensions":
		drop("dimension", "set")
	case "clearMetadata":
		drop("metadata")
	case "clear_metrics":
		drop("metric", "dimension", "set", "metadata")
	case "logMetricsHandler", "handler":
		c.flattenHandler(s, at)
	case "singleMetric", "single_metric":
		c.flattenSingle(s, at, arg)
	case "setThrowOnEmptyMetrics", "throwOnEmptyMetrics", "hasStoredMetrics", "serializeMetrics", "serialize_metric_set":
		// Of what is empty nothing is written, and nobody asks.
	default:
		c.stop("unknown", "operation "+s.Op)
	}
}

func (c *testCase) flattenHandler(s recordedStep, at string) {
	name := func(m map[string]any) string { return textOf(cmp.Or(m["functionName"], m["function_name"])) }
	capture := operation{kind: "capture", at: at, args: []any{cmp.Or(name(s.Context), name(c.Given.Context))}}
	cold := false
	for option, v := range s.Options {
		switch option {
		case "captureColdStartMetric", "capture_cold_start_metric":
			cold = v == true
		case "defaultDimensions", "default_dimensions":
			c.ops = append(c.ops, operation{kind: "defaults", at: at, pairs: pairsOf(v)})
		case "throwOnEmptyMetrics", "raise_on_empty_metrics":
		default:
			c.stop("unknown", "option "+option)
		}
	}
	if cold && !c.python() {
		c.ops = append(c.ops, capture)
	}
	c.flatten(s.Steps, at+".")
	if cold && c.python() { // written after the function
		c.ops = append(c.ops, capture)
	}
	c.ops = append(c.ops, operation{kind: "flush", at: at, throws: s.Throws})
}

// flattenSingle turns a block that works with a metric of its own into operations that
// know their dimensions.
func (c *testCase) flattenSingle(s recordedStep, at string, arg func(int, ...string) any) {
	outer := c.ops
	c.ops = nil
	c.flatten(s.Steps, at+".")
	inner := c.ops
	c.ops = outer
	pairs := pairsOf(s.Kwargs["default_dimensions"])
	for _, o := range inner {
		switch o.kind {
		case "dimension", "defaults":
			pairs = append(pairs, o.pairs...)
		case "metadata", "timestamp", "flush":
		case "metric":
			if !c.python() {
				c.ops = append(c.ops, operation{kind: "single", at: o.at, args: append(o.args, nil), pairs: pairs})
				pairs = nil
			}
		default:
			c.stop("unknown", "operation "+o.kind+" of a single metric")
		}
	}
	if c.python() && s.Throws != nil {
		c.rule("null-line") // there is nothing to write before the program failed
	} else if c.python() {
		args := []any{arg(0, "name"), arg(1, "unit"), arg(2, "value"), arg(3, "resolution"), textOf(arg(4, "namespace"))}
		c.ops = append(c.ops, operation{kind: "single", at: at, args: args, pairs: pairs})
	}
}
