package xray

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
)

// annotations appends the values that X-Ray indexes: the span's annotations, and the attributes
// that the configuration or the span itself marks. If a key comes twice, the last value counts.
func (e *encoder) annotations() {
	m := e.dictionary(`,"annotations":{`)
	n := 0
	add := func(a attribute.KeyValue) {
		key := Key(string(a.Key))
		if len(key) < len(a.Key) && len(a.Key) > maxKey {
			e.lost.hit(limitKey)
		}
		key = attribute.Key(cutTo(string(key), e.limits.key))
		if !annotatable(a.Value) || key == "" || n == maxAnnotations {
			e.lost.Annotations++
			return
		}
		if !m.key(string(key)) {
			return
		}
		n++
		if a.Value.Type() == attribute.STRING {
			text := cutRunes(a.Value.AsString(), maxAnnotation)
			if len(text) != len(a.Value.AsString()) {
				e.lost.hit(limitAnnotation)
			}
			e.text(text, e.limits.annotation)
		} else {
			e.value(a.Value, e.limits.member)
		}
	}
	own := e.span.Annotations
	for i, a := range own {
		if !repeated(own[i+1:], string(a.Key)) {
			add(a)
		}
	}
	for i, a := range e.span.Attributes {
		if key := string(a.Key); e.indexed(key) && !repeated(e.span.Attributes[i+1:], key) && !(len(own) > 0 && hasKey(own, Key(key))) {
			add(a)
		}
	}
	m.close()
}

// indexed reports whether an attribute becomes an annotation.
func (e *encoder) indexed(key string) bool {
	for _, k := range e.attrs.annotate {
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

// cutRunes returns s if it has at most n characters. Otherwise it cuts s to n characters that
// end with cutMark.
func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := -1 // index of the mark
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
