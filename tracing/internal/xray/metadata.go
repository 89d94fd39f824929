package xray

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// metadata appends the span's metadata and, in the namespace default, the values that no other
// member holds.
func (e *encoder) metadata() {
	m := e.dictionary(`,"metadata":{`)
	defaults := e.dictionary(`,"metadata":{"default":{`)
	e.rest(&defaults)
	for i := range e.span.Metadata {
		if x := &e.span.Metadata[i]; x.Namespace == defaultNamespace && e.current(i) {
			e.put(&defaults, unreserved(x.Key), x)
		}
	}
	defaults.close()
	m.begun = defaults.begun
	for i := range e.span.Metadata {
		ns := e.span.Metadata[i].Namespace
		if ns == defaultNamespace || e.seen(i) || !m.key(cutKey(foreign(ns))) {
			continue
		}
		values := e.dictionary(`{`)
		for j := i; j < len(e.span.Metadata); j++ {
			if x := &e.span.Metadata[j]; x.Namespace == ns && e.current(j) {
				e.put(&values, x.Key, x)
			}
		}
		values.close()
	}
	e.textMetadata(&m)
	m.close()
}

const defaultNamespace = "default"

// seen reports whether an earlier value has the namespace of value i.
func (e *encoder) seen(i int) bool {
	for j := range i {
		if e.span.Metadata[j].Namespace == e.span.Metadata[i].Namespace {
			return true
		}
	}
	return false
}

// current reports whether no later value has the namespace and key of value i.
func (e *encoder) current(i int) bool {
	all := e.span.Metadata
	for j := i + 1; j < len(all); j++ {
		if all[j].Key == all[i].Key && all[j].Namespace == all[i].Namespace {
			return false
		}
	}
	return true
}

func (e *encoder) put(to *dictionary, key string, m *Metadata) {
	if e.full() || !to.key(cutKey(key)) {
		return
	}
	if !e.keeps(len(m.JSON)) {
		e.text(string(m.JSON), e.limits.text) // as a string, since cut JSON is not JSON
		return
	}
	if bytes.IndexByte(m.JSON, '\n') >= 0 || !utf8.Valid(m.JSON) {
		e.json(m.JSON)
		return
	}
	e.buf = append(e.buf, m.JSON...)
}

// keeps reports whether a JSON value of n bytes is written whole: because there is room, or
// because the value is shorter than a cut text.
func (e *encoder) keeps(n int) bool {
	if n > e.limits.text && e.whole+n > e.limits.whole {
		return false
	}
	e.whole += n
	return true
}

// json appends a JSON text as one line of valid UTF-8 without duplicate members.
func (e *encoder) json(text []byte) {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err == nil {
		if text, err = json.Marshal(v); err == nil {
			e.buf = append(e.buf, text...)
			return
		}
	}
	e.raw(`"[no JSON]"`)
}

// foreign returns the name of a namespace in the document. Names that begin with "AWS." are
// reserved for X-Ray, so foreign changes them.
func foreign(ns string) string {
	if rest, ok := strings.CutPrefix(ns, "AWS."); ok {
		return "AWS_" + rest
	}
	return ns
}

// rest appends the values that no other member holds: attributes, the segment's resource, links,
// events, and the number of dropped values.
func (e *encoder) rest(m *dictionary) {
	s, attrs := e.span, &e.attrs
	for i, a := range s.Attributes {
		key := string(a.Key)
		switch {
		case e.full():
			return
		case repeated(s.Attributes[i+1:], key):
		case attrs.used[attrs.kinds[i]] && attrs.kinds[i] != other:
		case e.isNamespace(a):
		case annotatable(a.Value) && e.indexed(key):
		case e.hasMetadata(defaultNamespace, key):
		default:
			if len(key) > maxKey {
				e.lost.hit(limitKey)
			}
			if m.key(cutKey(unreserved(key))) {
				e.value(safeValue(attrs.kinds[i], a.Value), e.limits.text)
			}
		}
	}
	if s.Segment {
		for _, a := range s.Resource {
			if !ofSegment(string(a.Key)) && m.key("otel.resource."+cutKey(string(a.Key))) {
				e.value(a.Value, e.limits.text)
			}
		}
	}
	if !e.cfg.Links && len(s.Links) > 0 && m.key("otel.links") {
		for i, l := range s.Links {
			e.raw([...]string{`[`, `,`}[min(i, 1)])
			e.link(l, "span_id")
		}
		e.raw(`]`)
	}
	n := 0
	for i := range s.Events {
		ev := &s.Events[i]
		if ev.Name == ExceptionEvent {
			continue
		}
		if n++; n == 1 {
			m.key("otel.events")
			e.raw(`[`)
		} else {
			e.raw(`,`)
		}
		e.raw(`{"name":`)
		e.text(ev.Name, e.limits.member)
		e.raw(`,"time":`)
		e.buf = appendTime(e.buf, ev.Time)
		if len(ev.Attributes) > 0 {
			e.raw(`,"attributes":`)
			e.attributes(ev.Attributes)
		}
		e.raw(`}`)
	}
	if n > 0 {
		e.raw(`]`)
	}
	if s.Dropped > 0 && m.key("otel.dropped") {
		e.buf = jsonenc.AppendInt(e.buf, int64(s.Dropped))
	}
}

// textMetadata appends the namespaces that attributes with MetadataPrefix hold as JSON text.
func (e *encoder) textMetadata(m *dictionary) {
	for _, a := range e.span.Attributes {
		if e.full() || !e.isNamespace(a) || !m.key(cutKey(foreign(string(a.Key[len(MetadataPrefix):])))) {
			continue
		}
		if text := a.Value.AsString(); !e.keeps(len(text)) {
			e.raw(`{"cut":`)
			e.text(text, e.limits.text)
			e.raw(`}`)
		} else {
			e.json([]byte(text))
		}
	}
}

// repeated reports whether a later attribute has the same key. The last one counts.
func repeated(later []attribute.KeyValue, key string) bool {
	for i := range later {
		if k := string(later[i].Key); k == key || len(key) > maxKey && cutKey(k) == cutKey(key) {
			return true
		}
	}
	return false
}

// unreserved returns the key of an attribute, with "_" at its end if rest writes that key itself.
func unreserved(key string) string {
	switch key {
	case "otel.links", "otel.events", "otel.dropped":
		return key + "_"
	}
	return key
}

// isNamespace reports whether textMetadata writes the attribute: it holds a namespace, and
// the span's metadata does not have this namespace.
func (e *encoder) isNamespace(a attribute.KeyValue) bool {
	ns, ok := strings.CutPrefix(string(a.Key), MetadataPrefix)
	return ok && ns != defaultNamespace && ns != "" && !e.hasMetadata(ns, "") && objectText(a.Value)
}

// hasMetadata reports whether the span's metadata has a value with this namespace and key. An
// empty key matches all keys.
func (e *encoder) hasMetadata(ns, key string) bool {
	for i := range e.span.Metadata {
		if m := &e.span.Metadata[i]; m.Namespace == ns && (key == "" || m.Key == key) {
			return true
		}
	}
	return false
}

func (e *encoder) attributes(list []attribute.KeyValue) {
	m := e.dictionary(`{`)
	for i, a := range list {
		if key := string(a.Key); !repeated(list[i+1:], key) && !e.full() && m.key(cutKey(key)) {
			e.value(a.Value, e.limits.text)
		}
	}
	if !m.begun {
		e.raw(`{`)
		m.begun = true
	}
	m.close()
}
