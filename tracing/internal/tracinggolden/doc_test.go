package tracinggolden

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// document is a segment document. normalize brings it into the form that the test compares.
type document struct {
	header string
	m      map[string]any
	span   *span // the span of the document
}

func (d *document) String() string {
	text, _ := json.Marshal(d.m)
	return d.header + "\n" + string(text)
}

func (d *document) same(o *document) bool {
	return d.header == o.header && reflect.DeepEqual(d.m, o.m)
}

func (c *testCase) parseDoc(text string) *document {
	header, body, _ := strings.Cut(text, "\n")
	d := &document{header: header}
	if err := json.Unmarshal([]byte(body), &d.m); err != nil {
		c.t.Errorf("%v: %s", err, text)
	}
	return d
}

// object returns a member that is an object, or nil if the document has no such member.
func (d *document) object(name string) map[string]any {
	o, _ := d.m[name].(map[string]any)
	return o
}

// namespace returns a namespace of metadata.
func (d *document) namespace(name string) map[string]any {
	o, _ := d.object("metadata")[name].(map[string]any)
	return o
}

// tidy removes objects that are empty after the rules.
func (d *document) tidy() {
	for name := range d.object("metadata") {
		if own := d.namespace(name); own != nil && len(own) == 0 {
			delete(d.object("metadata"), name)
		}
	}
	for _, name := range []string{"annotations", "metadata", "aws"} {
		if o := d.object(name); o != nil && len(o) == 0 {
			delete(d.m, name)
		}
	}
}

func micros(v any) int64 {
	f, _ := v.(float64)
	return int64(math.Round(f * 1e6))
}

// align assigns documents to spans. Both are sorted by end.
func align(docs []*document, spans []*span) {
	for _, d := range docs {
		i := slices.IndexFunc(spans, func(sp *span) bool {
			return micros(d.m["start_time"]) == sp.start.UnixMicro() && micros(d.m["end_time"]) == sp.end.UnixMicro()
		})
		if i >= 0 {
			d.span, spans = spans[i], spans[i+1:]
		}
	}
}

var spanID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// normalize replaces the ids of spans and exceptions by their positions and rounds times. It returns
// the trace headers with the new ids.
func (c *testCase) normalize(docs []*document, headers []string) []string {
	ids := map[string]string{}
	add := func(v any, name string) {
		id, _ := v.(string)
		if ids[id] != "" || !spanID.MatchString(id) {
			c.t.Errorf("the id %q of %s is not new or no id", id, name)
		}
		ids[id] = name
	}
	for i, d := range docs {
		add(d.m["id"], fmt.Sprintf("span %d", i))
		for j, x := range d.rawExceptions() {
			add(x["id"], fmt.Sprintf("exception %d of span %d", j, i))
		}
	}
	renamed := func(v any) any {
		id, _ := v.(string)
		if name := ids[id]; name != "" {
			return name
		}
		return v
	}
	for _, d := range docs {
		d.m["start_time"], d.m["end_time"] = micros(d.m["start_time"]), micros(d.m["end_time"])
		d.m["id"], d.m["parent_id"] = renamed(d.m["id"]), renamed(d.m["parent_id"])
		if d.m["cause"] == nil {
			continue
		}
		if id, ok := d.object("cause")["id"].(string); ok { // the id of the span with the exceptions
			d.m["cause"] = map[string]any{"id": renamed(id)}
			continue
		}
		var list []map[string]any
		for _, x := range d.rawExceptions() {
			if x["type"] == nil {
				c.t.Errorf("an exception has no type: %v", x)
			}
			x["remote"] = x["remote"] == true
			x["id"] = renamed(x["id"])
			if x["cause"] != nil {
				x["cause"] = renamed(x["cause"])
			}
			delete(x, "type")
			delete(x, "stack")
			list = append(list, x)
		}
		cause := d.object("cause")
		dir, _ := cause["working_directory"].(string)
		cause["working_directory"], cause["exceptions"] = dir != "", list
	}
	for i, h := range headers {
		fields := strings.Split(h, ";")
		for j, f := range fields {
			if id, ok := strings.CutPrefix(f, "Parent="); ok {
				fields[j] = "Parent=" + fmt.Sprint(renamed(id))
			}
		}
		headers[i] = strings.Join(fields, ";")
	}
	return headers
}

func (d *document) rawExceptions() (list []map[string]any) {
	all, _ := d.object("cause")["exceptions"].([]any)
	for _, x := range all {
		if x, ok := x.(map[string]any); ok {
			list = append(list, x)
		}
	}
	return list
}

// traced reports whether the trace is recorded.
func (c *testCase) traced() bool {
	fields := map[string]string{}
	for field := range strings.SplitSeq(os.Getenv("_X_AMZN_TRACE_ID"), ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[key] = cmp.Or(fields[key], value)
	}
	return regexp.MustCompile(`^1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}$`).MatchString(fields["Root"]) &&
		regexp.MustCompile(`^[0-9a-fA-F]{16}$`).MatchString(fields["Parent"]) && fields["Sampled"] == "1"
}

// namespace returns the default namespace of metadata.
func (c *testCase) namespace() string { return cmp.Or(c.service, "default") }

// responseKey returns the metadata key that upstream uses for the response of a handler.
func (c *testCase) responseKey() string {
	if handler, ok := c.Given.Env["_HANDLER"]; ok {
		return handler + " response"
	}
	return "undefined response"
}

// has reports whether the program sets a value of the span.
func (sp *span) has(key string) bool {
	return slices.ContainsFunc(sp.metadata, func(m metadata) bool { return m.key == key && !m.foreign })
}

// eachMetadata replaces the metadata values that the program sets.
func (d *document) eachMetadata(c *testCase, f func(m metadata, v any) any) (touched bool) {
	last := map[[2]string]metadata{}
	for _, m := range d.span.metadata {
		m.namespace = cmp.Or(m.namespace, c.namespace())
		last[[2]string{m.namespace, m.key}] = m
	}
	for _, m := range last {
		if old, ok := d.namespace(m.namespace)[m.key]; ok && !m.foreign {
			v := f(m, old)
			d.namespace(m.namespace)[m.key] = v
			touched = touched || !reflect.DeepEqual(v, old)
		}
	}
	return touched
}
