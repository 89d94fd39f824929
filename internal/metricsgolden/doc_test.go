package metricsgolden

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/emftest"
)

// document is a document in the form for comparisons.
type document struct {
	ns      string
	stamp   int64
	sets    []string // their names in order
	metrics map[string]metric
	members map[string]any // all that are no metrics

	kind string
	call int
	e    *emission
}

type metric struct {
	unit   string
	high   bool
	values string // in their order
}

func (d *document) String() string {
	return fmt.Sprintf("%s %d %q %v %v", d.ns, d.stamp, d.sets, d.members, d.metrics)
}

func (d *document) dimensions() (names []string) {
	for _, set := range d.sets {
		names = append(names, strings.FieldsFunc(set, func(r rune) bool { return r == '\x00' })...)
	}
	return names
}

func setText(names []string) string {
	slices.Sort(names)
	return strings.Join(names, "\x00")
}

var notJSON = regexp.MustCompile(`([\[,:] ?)(NaN|-?Infinity)`)

// parseDoc decodes a line. NaN and infinities of Python become null.
func (c *testCase) parseDoc(line string) *document {
	d := &document{metrics: map[string]metric{}}
	if !json.Valid([]byte(line)) {
		line = notJSON.ReplaceAllString(line, "${1}null")
	}
	doc := emf.Read([]byte(line))
	if doc.Malformed || len(doc.Directives) != 1 {
		c.t.Errorf("got %+v, want a document with one directive: %s", doc, line)
		return d
	}
	json.Unmarshal([]byte(line), &d.members)
	delete(d.members, emf.Member)
	directive := doc.Directives[0]
	d.ns, d.stamp = directive.Namespace, doc.Timestamp.UnixMilli()
	for _, set := range directive.Dimensions {
		var names []string
		for _, dimension := range set {
			names = append(names, dimension.Name)
		}
		d.sets = append(d.sets, setText(names))
	}
	slices.Sort(d.sets)
	for _, m := range directive.Metrics {
		values, isList := d.members[m.Name].([]any)
		if !isList {
			values = []any{d.members[m.Name]}
		}
		d.metrics[m.Name] = metric{m.Unit, m.HighResolution, strings.Trim(fmt.Sprint(values), "[]")}
	}
	for name := range d.metrics {
		delete(d.members, name)
	}
	return d
}

// read collects the documents that were written.
func (c *testCase) read(kind string) {
	emftest.Decode(c.t, c.out.Bytes())
	for line := range strings.Lines(c.out.String()) {
		d := c.parseDoc(line)
		d.kind, d.call = kind, c.calls
		c.got = append(c.got, d)
	}
	c.out.Reset()
}

// dimensionSets returns the sets of dimensions as this package makes them, and their values.
func (e *emission) dimensionSets() (sets []string, values map[string]any) {
	values = map[string]any{}
	set := func(own []pair) {
		var names []string
		for i, p := range slices.Concat(e.defaults, own) {
			switch known := slices.Contains(names, p.name); {
			case badDimension(p) || len(names) == 30 && !known:
				continue
			case !known:
				names = append(names, p.name)
			}
			if _, ok := values[p.name]; !ok || i >= len(e.defaults) {
				values[p.name] = p.value // a default does not replace one that was set
			}
		}
		sets = append(sets, setText(names))
	}
	if len(e.own) > 0 || len(e.more) == 0 {
		set(e.own)
	}
	for _, own := range e.more {
		set(own)
	}
	slices.Sort(sets)
	return sets, values
}

// relabel gives a wanted document the dimensions of this package.
func (d *document) relabel() (touched bool) {
	before := d.String()
	for _, name := range d.dimensions() {
		delete(d.members, name)
	}
	var values map[string]any
	d.sets, values = d.e.dimensionSets()
	maps.Copy(d.members, values)
	return d.String() != before
}

func (d *document) setStamp(c *testCase) bool {
	before := d.stamp
	if d.stamp = d.e.stamp; d.stamp == 0 {
		d.stamp = c.Given.NowMS
	}
	return d.stamp != before
}

// rewrite replaces the metrics of a wanted document by the metrics of its records. Further units
// of a name have other names until split: see variantName.
func (d *document) rewrite() bool {
	variants := map[string][]record{} // the first record of each
	for _, r := range d.e.records {
		if _, ok := d.metrics[r.name]; !ok && len(variants[r.name]) == 0 || badValue(r.value) {
			continue
		}
		variant := slices.IndexFunc(variants[r.name], func(o record) bool { return o.unit == r.unit && o.high == r.high })
		if variant < 0 {
			variant = len(variants[r.name])
			variants[r.name] = append(variants[r.name], r)
			d.metrics[variantName(r.name, variant)] = metric{string(r.unit), r.high, fmt.Sprint(r.value)}
			continue
		}
		m := d.metrics[variantName(r.name, variant)]
		m.values += " " + fmt.Sprint(r.value)
		d.metrics[variantName(r.name, variant)] = m
	}
	maps.DeleteFunc(d.metrics, func(name string, _ metric) bool {
		return !strings.Contains(name, "\x00") && len(variants[name]) == 0
	})
	return true
}

// variantName returns the name of a metric for a further unit.
func variantName(name string, variant int) string {
	return name + strings.Repeat("\x00", variant)
}

// split moves further units of a name into other documents.
func (d *document) split() []*document {
	docs := []*document{d}
	for _, name := range slices.Collect(maps.Keys(d.metrics)) {
		plain := strings.TrimRight(name, "\x00")
		variant := len(name) - len(plain)
		for len(docs) <= variant {
			other := *d
			other.metrics = map[string]metric{}
			docs = append(docs, &other)
		}
		if variant > 0 {
			docs[variant].metrics[plain] = d.metrics[name]
			delete(d.metrics, name)
		}
	}
	return docs
}

// merge joins documents that upstream or this package split because they were full.
func (c *testCase) merge(docs []*document) (merged []*document) {
	for _, d := range docs {
		i := slices.IndexFunc(merged, func(o *document) bool {
			return c.full(d.call) && o.call == d.call && o.kind == d.kind && o.ns == d.ns && o.stamp == d.stamp &&
				slices.Equal(o.sets, d.sets) && reflect.DeepEqual(o.members, d.members)
		})
		if i < 0 {
			merged = append(merged, d)
			continue
		}
		for name, m := range d.metrics {
			if known, ok := merged[i].metrics[name]; ok {
				m.values = known.values + " " + m.values
			}
			merged[i].metrics[name] = m
		}
	}
	return merged
}

func (d *document) same(o *document) bool {
	return d.ns == o.ns && d.stamp == o.stamp && slices.Equal(d.sets, o.sets) &&
		maps.Equal(d.metrics, o.metrics) && reflect.DeepEqual(d.members, o.members)
}

// hasTag reports whether a value is, or holds, one that JSON does not have.
func hasTag(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if strings.HasPrefix(name, "$") && len(v) == 1 || hasTag(x) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasTag)
	}
	return false
}
