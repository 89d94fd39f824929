package xray

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

func TestAnnotations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		own, attrs attrs
		indexed    []string // by configuration
		want       string   // the member annotations
		metadata   string
		lost       int
	}{
		"none":          {nil, attrs{str("a", "b")}, nil, ``, `{"default":{"a":"b"}}`, 0},
		"own":           {attrs{str("a", "b"), num("n", -5), attribute.Float64("f", 1.5), attribute.Bool("t", true)}, nil, nil, `{"a":"b","n":-5,"f":1.5,"t":true}`, ``, 0},
		"configured":    {nil, attrs{str("a", "b"), str("c", "d")}, []string{"a", "x"}, `{"a":"b"}`, `{"default":{"c":"d"}}`, 0},
		"of the span":   {nil, attrs{str("a.b", "b"), str("c", "d"), strs("aws.xray.annotations", "a.b", "x")}, nil, `{"a_b":"b"}`, `{"default":{"c":"d"}}`, 0},
		"both":          {nil, attrs{str("a", "b"), str("c", "d"), strs("aws.xray.annotations", "a")}, []string{"a", "c"}, `{"a":"b","c":"d"}`, ``, 0},
		"no list":       {nil, attrs{str("a", "b"), str("aws.xray.annotations", "a")}, nil, ``, `{"default":{"a":"b","aws.xray.annotations":"a"}}`, 0},
		"last one":      {attrs{str("a", "1"), str("a", "2")}, nil, nil, `{"a":"2"}`, ``, 0},
		"own first":     {attrs{str("a_b", "own")}, attrs{str("a.b", "attribute")}, []string{"a.b"}, `{"a_b":"own"}`, ``, 0},
		"lists":         {nil, attrs{strs("a", "b"), attribute.IntSlice("n", []int{1})}, []string{"a", "n"}, ``, `{"default":{"a":["b"],"n":[1]}}`, 2},
		"numbers":       {attrs{attribute.Float64("a", math.NaN()), attribute.Float64("b", math.Inf(1)), attribute.Float64("c", math.MaxFloat64), attribute.Int64("d", math.MinInt64)}, nil, nil, `{"c":1.7976931348623157e308,"d":-9223372036854775808}`, ``, 2},
		"no key":        {attrs{str("", "b")}, nil, nil, ``, ``, 1},
		"empty value":   {attrs{str("a", "")}, nil, nil, `{"a":""}`, ``, 0},
		"member's name": {nil, attrs{str("http.request.method", "GET")}, []string{"http.request.method"}, `{"http_request_method":"GET"}`, ``, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(internal, c.attrs...)
			s.Annotations = c.own
			d, lost := encodeLoss(t, Config{Indexed: c.indexed}, s)
			check(t, d, members{"annotations": c.want, "metadata": c.metadata})
			if lost.Annotations != c.lost || lost.Cut() {
				t.Errorf("got losses %+v, want %d annotations left out and no cut", lost, c.lost)
			}
		})
	}
}

func TestAnnotationLimits(t *testing.T) {
	t.Parallel()
	for n, lost := range map[int]int{50: 0, 51: 1, 128: 78} {
		own, fromAttributes := newSpan(internal), newSpan(internal)
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprintf("k%d", i))
			own.Annotations = append(own.Annotations, num(keys[i], i))
		}
		fromAttributes.Attributes = own.Annotations
		for _, s := range []*Span{own, fromAttributes} {
			d, got := encodeLoss(t, Config{Indexed: keys}, s)
			if len(d.At("annotations").(map[string]any)) != 50 || got.Annotations != lost {
				t.Errorf("%d annotations: got losses %+v, want 50 in the document and %d left out", n, got, lost)
			}
		}
	}
	for text, want := range map[string]string{
		strings.Repeat("a", 1000):   strings.Repeat("a", 1000),
		strings.Repeat("é", 1000):   strings.Repeat("é", 1000),
		strings.Repeat("🙂", 1000):   strings.Repeat("🙂", 1000),
		strings.Repeat("a", 1001):   strings.Repeat("a", 992) + cutMark,
		strings.Repeat("🙂", 1001):   strings.Repeat("🙂", 992) + cutMark,
		strings.Repeat("\xff", 999): strings.Repeat("\ufffd", 999),
	} {
		s := newSpan(internal)
		s.Annotations = attrs{str("a", text)}
		if got := encode(t, Config{}, s).At("annotations.a"); got != want {
			t.Errorf("%.20q, %d bytes: got %.20q, %d bytes, want %.20q, %d bytes", text, len(text), got, len(got.(string)), want, len(want))
		}
	}
}
