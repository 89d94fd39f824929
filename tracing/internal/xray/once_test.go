package xray

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

// No object has two members of the same name.
func TestMembersOnce(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 500)
	retry := []Event{{Name: "retry", Time: start}}
	for name, c := range map[string]struct {
		span Span
		keys []string
	}{
		"annotations, sanitised":          {Span{Annotations: attrs{num("a.b", 1), num("a_b", 2)}}, nil},
		"annotations, cut":                {Span{Annotations: attrs{num(long+"1", 1), num(long+"2", 2)}}, nil},
		"annotations of attributes":       {Span{Attributes: attrs{num("a.b", 1), num("a_b", 2)}}, []string{"a.b", "a_b"}},
		"annotations, attribute and own":  {Span{Attributes: attrs{num("a.b", 1)}, Annotations: attrs{num("a.b", 2)}}, []string{"a.b"}},
		"annotations, the same attribute": {Span{Attributes: attrs{num("a", 1), num("a", 2)}}, []string{"a"}},
		"attributes":                      {Span{Attributes: attrs{num("a", 1), num("a", 2)}}, nil},
		"attributes, cut":                 {Span{Attributes: attrs{num(long+"1", 1), num(long+"2", 2)}}, nil},
		"attributes, invalid":             {Span{Attributes: attrs{num("\xff", 1), num("\xfe", 2)}}, nil},
		"attribute and events":            {Span{Attributes: attrs{num("otel.events", 1)}, Events: retry}, nil},
		"attribute and links":             {Span{Attributes: attrs{num("otel.links", 1)}, Links: []trace.Link{link(1)}}, nil},
		"attribute and dropped":           {Span{Attributes: attrs{num("otel.dropped", 1)}, Dropped: 1}, nil},
		"attribute and resource":          {Span{Attributes: attrs{num("otel.resource.a", 1)}, Resource: attrs{num("a", 2)}, Segment: true}, nil},
		"metadata and events":             {Span{Metadata: []Metadata{{"default", "otel.events", []byte(`1`)}}, Events: retry}, nil},
		"metadata and attribute, cut":     {Span{Metadata: []Metadata{{"default", long, []byte(`1`)}}, Attributes: attrs{num(long+"1", 1)}}, nil},
		"metadata, invalid":               {Span{Metadata: []Metadata{{"n", "\xff", []byte(`1`)}, {"n", "\xfe", []byte(`1`)}}}, nil},
		"namespaces, invalid":             {Span{Metadata: []Metadata{{"\xff", "a", []byte(`1`)}, {"\xfe", "a", []byte(`1`)}}}, nil},
		"namespaces of text":              {Span{Attributes: attrs{str("aws.xray.metadata.n", `{}`), str("aws.xray.metadata.n", `{}`)}}, nil},
		"namespaces of text, cut":         {Span{Attributes: attrs{str("aws.xray.metadata."+long+"1", `{}`), str("aws.xray.metadata."+long+"2", `{}`)}}, nil},
		"within text":                     {Span{Attributes: attrs{str("aws.xray.metadata.n", `{"a":1,"a":2}`)}}, nil},
		"attributes of events":            {Span{Events: []Event{{Name: "e", Time: start, Attributes: attrs{num("a", 1), num("a", 2)}}}}, nil},
		"attributes of links":             {Span{Links: []trace.Link{link(1, num("a", 1), num("a", 2))}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(internal)
			whole := c.span
			whole.TraceID, whole.ID, whole.Parent, whole.Name, whole.Start, whole.End = s.TraceID, s.ID, s.Parent, s.Name, s.Start, s.End
			encode(t, Config{Indexed: c.keys}, &whole)
		})
	}
}

func TestAnnotationKeyThatIsCutToNothing(t *testing.T) {
	t.Parallel()
	s := newSpan(internal)
	s.Annotations = attrs{num(strings.Repeat("\x80", 501), 1)}
	encode(t, Config{}, s)
}
