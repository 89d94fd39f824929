package metricsgolden

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/lambdakit/lambdakit/metrics"
)

// rule is one deliberate difference. A rule with neither function is applied by
// the interpreter, which names it where it does so.
type rule struct {
	id, reason string
	docs       func(c *testCase) bool              // rewrites the lists of documents
	doc        func(c *testCase, w *document) bool // rewrites a wanted one, whose emission is known
}

var rules = []rule{
	{id: "unknown", reason: "the file uses an operation or option that has no counterpart in this package"},
	{id: "typed", reason: "types of Go do not let a program pass such a name, value or resolution"},
	{id: "clear-defaults", reason: "dimensions of Options stay; a program that wants none configures none"},
	{id: "null-line", reason: "a block that fails writes nothing"},

	{"own-words", "what is wrong goes to OnError once, in words of our own; what is overwritten or empty is no problem", func(c *testCase) bool {
		return len(c.Want.Stderr)+len(c.Want.Warnings) > 0
	}, nil},
	{"one-more-unit", "a name with a second unit or resolution has documents of its own for those, and a bad unit is None; both are reported", func(c *testCase) bool {
		touched := false
		for _, d := range c.got {
			for _, x := range c.extra {
				if m, ok := d.metrics[x.name]; ok && d.call == x.call && m.unit == string(x.unit) && m.high == x.high {
					delete(d.metrics, x.name)
					touched = true
				}
			}
		}
		return c.dropGot(func(d *document) bool { return len(d.metrics) == 0 }) || touched
	}, nil},
	{"never-fails", "New and what records or writes have no errors to return: what can be written is", func(c *testCase) bool {
		touched := false
		for _, e := range c.Want.Errors {
			if step := fmt.Sprint(e.Step); step == "" || step[0] < '0' || step[0] > '9' {
				c.got, touched = nil, true
			}
		}
		return c.dropGot(func(d *document) bool {
			return d.kind == "refused" || d.kind == "flush" && !slices.ContainsFunc(c.emissions, func(e *emission) bool {
				return e.call == d.call && (e.kind == "flush" || e.kind == "part")
			})
		}) || touched
	}, nil},
	{"cold-start", "an unknown type of initialization is on demand, any other one is warm, in every language, and whether the function fails does not matter", func(c *testCase) bool {
		n := len(c.want)
		c.want = slices.DeleteFunc(c.want, func(w *document) bool { return w.e != nil && w.e.unwritten })
		return c.dropGot(func(d *document) bool { return d.kind == "cold" && slices.Contains(c.coldExtra, d.call) }) || len(c.want) < n
	}, nil},
	{"disabled", "POWERTOOLS_METRICS_DISABLED and POWERTOOLS_DEV switch metrics off in every language", func(c *testCase) bool {
		if !c.disabled() || len(c.want) == 0 {
			return false
		}
		c.want = nil
		return true
	}, nil},
	{"level", "documents carry the level that lets them pass Lambda's filter", func(c *testCase) bool {
		touched := false
		for _, d := range c.got {
			if d.members["level"] == os.Getenv("AWS_LAMBDA_LOG_LEVEL") && d.members["timestamp"] != nil {
				delete(d.members, "level")
				delete(d.members, "timestamp")
				touched = true
			}
		}
		return touched
	}, nil},

	{"namespace", "a namespace that CloudWatch would refuse is reported, and the default is used", nil, func(c *testCase, w *document) bool {
		if regexp.MustCompile(`^[A-Za-z0-9._/#: -]{1,255}$`).MatchString(w.ns) && !strings.HasPrefix(w.ns, "AWS/") && strings.TrimSpace(w.ns) != "" {
			return false
		}
		c.need("namespace")
		w.ns = metrics.DefaultNamespace
		return true
	}},
	{"no-service", "without a service there is no such dimension", nil, func(_ *testCase, w *document) bool {
		return w.members["service"] == "service_undefined" && w.relabel()
	}},
	{"empty-set", "a document without dimensions has one empty set, since the schema wants at least one", nil, func(_ *testCase, w *document) bool {
		return len(w.sets) == 0 && w.relabel()
	}},
	{"cold-defaults", "the cold start has the default dimensions as well", nil, func(_ *testCase, w *document) bool {
		return w.e.kind == "cold" && w.relabel()
	}},
	{"limit", "a set has up to 30 dimensions, upstream 29; those beyond are reported", nil, func(_ *testCase, w *document) bool {
		return w.e.refused && w.relabel()
	}},
	{"bad-dimension", "dimensions that CloudWatch would refuse are left out and reported; values are text", nil, func(_ *testCase, w *document) bool {
		bad := slices.ContainsFunc(slices.Concat(append(w.e.more, w.e.own, w.e.defaults)...), badDimension)
		for _, name := range w.dimensions() {
			_, isText := w.members[name].(string)
			bad = bad || !isText && w.metrics[name].unit == ""
		}
		return bad && w.relabel()
	}},
	{"collision", "a metric or metadata with the name of a dimension, or metadata with that of a metric, are left out and reported", nil, func(c *testCase, w *document) bool {
		touched := false
		for name := range w.e.metadata {
			if _, isMetric := w.metrics[name]; isMetric {
				c.need("metadata %.60q have", name)
				touched = true
			}
		}
		for _, name := range w.dimensions() {
			_, isMetric := w.metrics[name]
			if _, isMetadata := w.e.metadata[name]; !isMetric && !isMetadata {
				continue
			}
			c.need("%.60q ha", name)
			delete(w.metrics, name)
			touched = w.relabel() || isMetric || touched
		}
		return touched
	}},
	{"kept-at-100", "what a full document makes us write keeps dimensions, metadata and timestamp, and metadata are those of the moment of writing", nil, func(c *testCase, w *document) bool {
		if !c.full(w.call) || w.e.kind != "flush" && w.e.kind != "part" {
			return false
		}
		touched := w.relabel() || w.setStamp(c)
		for name, v := range w.e.metadata {
			_, isMetric := w.metrics[name]
			if isMetric || slices.Contains(w.dimensions(), name) || hasTag(v) || w.members[name] != nil {
				continue
			}
			text, _ := json.Marshal(v)
			json.Unmarshal(text, &v)
			w.members[name] = v
			touched = true
		}
		return touched
	}},
	{"timestamp", "times that CloudWatch would refuse are reported and not used", nil, func(c *testCase, w *document) bool {
		return w.e.badStamp && w.setStamp(c)
	}},
	{"timestamp-scope", "a time is that of one invocation", nil, func(c *testCase, w *document) bool {
		return !w.e.stamped && (w.stamp == 0 || c.stamps[w.stamp]) && w.setStamp(c)
	}},
	{"metadata-values", "metadata are what Go can encode as JSON", nil, func(_ *testCase, w *document) bool {
		touched := false
		for name, v := range w.e.metadata {
			if _, ok := w.members[name]; ok && hasTag(v) {
				delete(w.members, name)
				touched = true
			}
		}
		return touched
	}},
	{"single-plain", "Single takes dimensions only", nil, func(_ *testCase, w *document) bool {
		if w.e.kind != "single" {
			return false
		}
		before := w.String()
		maps.DeleteFunc(w.members, func(name string, _ any) bool { return !slices.Contains(w.dimensions(), name) })
		for name, m := range w.metrics {
			m.high = false
			w.metrics[name] = m
		}
		return w.String() != before
	}},
	{"bad-name", "metric names that CloudWatch would refuse are reported and not recorded", nil, func(_ *testCase, w *document) bool {
		n := len(w.metrics)
		maps.DeleteFunc(w.metrics, func(name string, _ metric) bool { return badMetricName(name) })
		return len(w.metrics) < n
	}},
	{"small-value", "values nearer to 0 than 2^-360 are reported and written as 0", nil, func(_ *testCase, w *document) bool {
		touched := false
		for i, r := range w.e.records {
			if r.value != 0 && math.Abs(r.value) < 0x1p-360 {
				w.e.records[i].value, touched = 0, true
			}
		}
		return touched && w.rewrite()
	}},
	{"bad-value", "NaN, infinities and values beyond 2^360 are reported and not recorded", nil, func(_ *testCase, w *document) bool {
		return slices.ContainsFunc(w.e.records, func(r record) bool { return badValue(r.value) }) && w.rewrite()
	}},
	{"two-units", "values of one name with other units or resolutions are in documents of their own", nil, func(_ *testCase, w *document) bool {
		variants, unit := map[string]record{}, false
		for _, r := range w.e.records {
			known, ok := variants[r.name]
			unit = unit || ok && (known.unit != r.unit || known.high != r.high)
			variants[r.name] = r
		}
		return unit && w.rewrite()
	}},
	{"full", "a document that is full of names still takes values of these, so that there may be fewer", func(c *testCase) bool {
		if slices.EqualFunc(c.want, c.got, (*document).same) {
			return false
		}
		want, got := len(c.want), len(c.got)
		c.want, c.got = c.merge(c.want), c.merge(c.got)
		return len(c.want) < want || len(c.got) < got
	}, nil},
}

func badValue(v float64) bool { return math.IsNaN(v) || math.Abs(v) > 0x1p360 }

func badMetricName(name string) bool {
	return strings.TrimSpace(name) == "" || len(name) > 255 || name == "_aws" || strings.ContainsFunc(name, unicode.IsControl)
}

var printableText = regexp.MustCompile(`^[ -~]*[!-~][ -~]*$`)

func badDimension(p pair) bool {
	return len(p.name) > 250 || len(p.value) > 1024 || p.name == "_aws" || strings.HasPrefix(p.name, ":") ||
		!printableText.MatchString(p.name) || !printableText.MatchString(p.value)
}

func (c *testCase) dropGot(match func(*document) bool) bool {
	n := len(c.got)
	c.got = slices.DeleteFunc(c.got, match)
	return len(c.got) < n
}

// disabled reports whether the environment switches metrics off.
func (c *testCase) disabled() bool {
	v := cmpOr(c.Given.Env["POWERTOOLS_METRICS_DISABLED"], c.Given.Env["POWERTOOLS_DEV"])
	return slices.Contains([]string{"1", "y", "yes", "t", "true", "on"}, strings.ToLower(v))
}

// full reports whether upstream writes before the end of an invocation.
func (c *testCase) full(call int) bool {
	return slices.ContainsFunc(c.emissions, func(e *emission) bool { return e.call == call && e.kind == "part" })
}

// compare applies the rules, then compares the documents.
func (c *testCase) compare() {
	lines := slices.DeleteFunc(c.Want.Stdout, func(line string) bool { return strings.TrimSpace(line) == "null" })
	for i, line := range lines {
		w := c.parseDoc(line)
		if len(c.emissions) == len(lines) {
			w.e = c.emissions[i]
			w.call, w.kind = w.e.call, strings.Replace(w.e.kind, "part", "flush", 1)
		}
		c.want = append(c.want, w)
	}
	for _, r := range rules {
		if r.docs != nil && r.docs(c) {
			c.rule(r.id)
		}
		for _, w := range c.want {
			if r.doc != nil && w.e != nil && r.doc(c, w) {
				c.rule(r.id)
			}
		}
		if r.doc != nil {
			var want []*document
			for _, w := range c.want {
				want = append(want, w.split()...)
			}
			c.want = slices.DeleteFunc(want, func(w *document) bool { return len(w.metrics) == 0 })
		}
	}
	if !slices.EqualFunc(c.want, c.got, (*document).same) {
		c.t.Errorf("got  %d %q\nwant %d %q", len(c.got), c.got, len(c.want), c.want)
	}
	if c.disabled() {
		return
	}
	if cmpOr(textOf(c.Given.Options["namespace"]), c.Given.Env["POWERTOOLS_METRICS_NAMESPACE"]) == "" {
		c.need("namespace")
	}
	for _, need := range c.needs {
		if !slices.ContainsFunc(c.reports, func(r string) bool { return strings.Contains(r, need) }) {
			c.t.Errorf("got reports %q, want one with %q", c.reports, need)
		}
	}
	if len(c.rules) == 0 && len(c.needs) == 0 && len(c.reports) > 0 {
		c.t.Errorf("got reports %q, want none", c.reports)
	}
}
