package xray

import (
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"go.opentelemetry.io/otel/attribute"
)

// metadata appends everything else, by namespace.
func (e *encoder) metadata() {
	o := object{e: e, open: `,"metadata":{`}
	defaults := object{e: e, open: `,"metadata":{"default":{`}
	e.rest(&defaults)
	for i := range e.span.Metadata {
		if m := &e.span.Metadata[i]; m.Namespace == defaultNamespace && e.current(i) {
			e.put(&defaults, m)
		}
	}
	if defaults.begun {
		e.raw(`}`)
		o.begun = true
	}
	for i := range e.span.Metadata {
		ns := e.span.Metadata[i].Namespace
		if ns == defaultNamespace || e.seen(i) {
			continue
		}
		o.key(ns)
		members := object{e: e, open: `{`}
		for j := i; j < len(e.span.Metadata); j++ {
			if m := &e.span.Metadata[j]; m.Namespace == ns && e.current(j) {
				e.put(&members, m)
			}
		}
		members.close()
	}
	e.textMetadata(&o)
	o.close()
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

func (e *encoder) put(o *object, m *Metadata) {
	o.key(m.Key)
	if len(m.JSON) > e.effort.text {
		e.lost.Cut = true
		e.raw(`"[`)
		e.buf = appendInt(e.buf, int64(len(m.JSON)))
		e.raw(` bytes of JSON left out]"`)
		return
	}
	e.buf = append(e.buf, m.JSON...)
}

// rest appends what the document says nowhere else.
func (e *encoder) rest(o *object) {
	s, f := e.span, &e.facts
	for i, a := range s.Attributes {
		key := string(a.Key)
		switch {
		case f.used[f.kinds[i]] && f.kinds[i] != other:
		case e.isNamespace(a):
		case annotatable(a.Value) && e.indexed(key):
		case e.hasMetadata(defaultNamespace, key):
		default:
			o.key(cutKey(key))
			e.value(a.Value, e.effort.text)
		}
	}
	if s.Segment {
		for _, a := range s.Resource {
			o.key("otel.resource." + cutKey(string(a.Key)))
			e.value(a.Value, e.effort.text)
		}
	}
	if !e.cfg.Links && len(s.Links) > 0 {
		o.key("otel.links")
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
			o.key("otel.events")
			e.raw(`[`)
		} else {
			e.raw(`,`)
		}
		e.raw(`{"name":`)
		e.text(ev.Name, maxText)
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
	if s.Dropped > 0 {
		o.key("otel.dropped")
		e.buf = appendInt(e.buf, int64(s.Dropped))
	}
}

// textMetadata appends the namespaces that attributes hold as JSON text.
func (e *encoder) textMetadata(o *object) {
	for _, a := range e.span.Attributes {
		if !e.isNamespace(a) {
			continue
		}
		o.key(cutKey(string(a.Key[len(MetadataPrefix):])))
		text := a.Value.AsString()
		if len(text) > 4*e.effort.text {
			e.text(text, e.effort.text)
		} else {
			e.buf = append(e.buf, text...)
		}
	}
}

// isNamespace reports whether an attribute holds a namespace of metadata, and one that
// there is not already.
func (e *encoder) isNamespace(a attribute.KeyValue) bool {
	ns, ok := strings.CutPrefix(string(a.Key), MetadataPrefix)
	return ok && ns != defaultNamespace && ns != "" && !e.hasMetadata(ns, "") && objectText(a.Value)
}

// hasMetadata reports whether there is a value in the namespace, under key unless that is
// empty.
func (e *encoder) hasMetadata(ns, key string) bool {
	for i := range e.span.Metadata {
		if m := &e.span.Metadata[i]; m.Namespace == ns && (key == "" || m.Key == key) {
			return true
		}
	}
	return false
}

func (e *encoder) attributes(list []attribute.KeyValue) {
	e.raw(`{`)
	for i, a := range list {
		if i > 0 {
			e.raw(`,`)
		}
		e.buf = jsonenc.AppendString(e.buf, cutKey(string(a.Key)))
		e.raw(`:`)
		e.value(a.Value, e.effort.text)
	}
	e.raw(`}`)
}
