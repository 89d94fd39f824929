package xray

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
)

// annotations appends the attributes that X-Ray indexes: those asked for one by one, by
// configuration, or by the span. Of a key that comes twice the last one counts.
func (e *encoder) annotations() {
	o := object{e: e, open: `,"annotations":{`}
	n := 0
	add := func(a attribute.KeyValue) {
		if !annotatable(a.Value) || a.Key == "" || n == maxAnnotations {
			e.lost.Annotations++
			return
		}
		n++
		if o.begun {
			e.raw(`,`)
		} else {
			e.raw(o.open)
			o.begun = true
		}
		e.raw(`"`)
		e.buf = appendKey(e.buf, string(a.Key))
		e.raw(`":`)
		if a.Value.Type() == attribute.STRING {
			e.text(cutRunes(a.Value.AsString(), maxAnnotation), e.effort.annotation)
		} else {
			e.value(a.Value, maxText)
		}
	}
	own := e.span.Annotations
	for i, a := range own {
		if !hasKey(own[i+1:], a.Key) {
			add(a)
		}
	}
	for _, a := range e.span.Attributes {
		if e.indexed(string(a.Key)) && !(len(own) > 0 && hasKey(own, Key(string(a.Key)))) {
			add(a)
		}
	}
	o.close()
}

// indexed reports whether an attribute is to be an annotation.
func (e *encoder) indexed(key string) bool {
	for _, k := range e.facts.annotate {
		if k == key {
			return true
		}
	}
	for _, k := range e.cfg.Indexed {
		if k == key {
			return true
		}
	}
	return false
}

func hasKey(list []attribute.KeyValue, key attribute.Key) bool {
	for i := range list {
		if list[i].Key == key {
			return true
		}
	}
	return false
}

func annotatable(v attribute.Value) bool {
	switch v.Type() {
	case attribute.STRING, attribute.BOOL, attribute.INT64:
		return true
	case attribute.FLOAT64:
		f := v.AsFloat64()
		return !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return false
}

// cutRunes cuts s to n characters, with a mark.
func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := -1 // where the mark goes
	for i := range s {
		if n == len(cutMark) {
			cut = i
		}
		if n == 0 {
			return s[:cut] + cutMark
		}
		n--
	}
	return s
}
