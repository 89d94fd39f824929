package xray

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

// used is the least size of a document in which a value is cut.
const used = MaxDocument - 1024

// jsonText returns a JSON object of n bytes.
func jsonText(n int) []byte { return []byte(`{"a":"` + strings.Repeat("x", n-8) + `"}`) }

func withMetadata(sizes ...int) *Span {
	s := newSpan(internal)
	for i, n := range sizes {
		s.Metadata = append(s.Metadata, Metadata{"n", fmt.Sprintf("k%03d", i), jsonText(n)})
	}
	return s
}

// wholeValues counts the values of metadata that are objects, the values that were cut to texts,
// and the bytes of these texts.
func wholeValues(t *testing.T, members any) (whole, cut, bytes int) {
	t.Helper()
	for _, v := range members.(map[string]any) {
		if text, ok := v.(string); ok {
			if !strings.HasPrefix(text, `{"a":"x`) || !strings.HasSuffix(text, cutMark) {
				t.Errorf("got %.20q...%q, want the beginning and a mark", text, text[len(text)-10:])
			}
			cut++
			bytes += len(text)
		} else {
			whole++
		}
	}
	return whole, cut, bytes
}

func TestFit_WhatFitsIsNotCut(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*Span{
		"one value":     withMetadata(60_000),
		"many values":   withMetadata(slices.Repeat([]int{3_000}, 21)...),
		"text":          newSpan(internal, str("a", strings.Repeat("é", 30_000))),
		"texts":         newSpan(internal, str("a", strings.Repeat("x", 15_000)), str("b", strings.Repeat("x", 20_000)), str("c", strings.Repeat("x", 25_000))),
		"namespace":     newSpan(internal, str("aws.xray.metadata.n", string(jsonText(60_000)))),
		"query":         newSpan(client, str("db.system", "mysql"), str("db.statement", strings.Repeat("x", 60_000))),
		"error message": failed(errors.New(strings.Repeat("x", 16_000))),
	} {
		d, lost := encodeLoss(t, Config{}, s)
		if lost.Cut() || strings.Contains(string(d.JSON), cutMark) {
			t.Errorf("%s: got cuts for %q, want none", name, lost)
		}
	}
}

func TestFit_ManyValuesStayWhole(t *testing.T) {
	t.Parallel()
	d, lost := encodeLoss(t, Config{}, withMetadata(slices.Repeat([]int{3_000}, 22)...))
	whole, cut, bytes := wholeValues(t, d.In("metadata", "n"))
	if whole != 21 || cut != 1 || bytes < 1024 || len(d.JSON) < used || !lost.Cut() {
		t.Errorf("got %d whole and %d cut values in %d bytes, want 21 and 1 in more than %d", whole, cut, len(d.JSON), used)
	}
}

func TestFit_ALargeValueDoesNotTakeTheOthersPlace(t *testing.T) {
	t.Parallel()
	d, _ := encodeLoss(t, Config{}, withMetadata(100_000, 20_000, 20_000, 10))
	whole, cut, _ := wholeValues(t, d.In("metadata", "n"))
	if whole != 3 || cut != 1 || len(d.JSON) < used {
		t.Errorf("got %d whole and %d cut values in %d bytes, want 3 and 1 in more than %d", whole, cut, len(d.JSON), used)
	}
}

func TestFit_WhatWholeValuesLeaveIsUsed(t *testing.T) {
	t.Parallel()
	d, _ := encodeLoss(t, Config{}, withMetadata(30_000, 30_000, 5_400)) // in total nearly as long as a document
	whole, cut, bytes := wholeValues(t, d.In("metadata", "n"))
	if whole != 2 || cut != 1 || bytes < 4_000 || len(d.JSON) < used {
		t.Errorf("got %d whole and %d cut values, %d bytes of it, in %d bytes, want 2, 1, and more than 4000 in more than %d", whole, cut, bytes, len(d.JSON), used)
	}
}

func TestFit_FewFramesAreSaidToBeLost(t *testing.T) {
	t.Parallel()
	s := newSpan(internal)
	stack := strings.Repeat("main.f(0x1)\n\t/var/task/"+strings.Repeat("f", 100)+".go:1 +0x1d\n", 100)
	for range 8 {
		s.Events = append(s.Events, Event{Name: ExceptionEvent, Attributes: attrs{ExceptionStacktrace.String(stack)}})
	}
	d, lost := encodeLoss(t, Config{}, s)
	if got, want := lost.String(), "a document has at most 65477 bytes"; got != want || len(exceptions(d)) != 8 {
		t.Errorf("got %d exceptions and the limits %q, want 8 and %q", len(exceptions(d)), got, want)
	}
}

// A value that is not longer than a cut text stays JSON.
func TestFit_ShortValuesAreNotTexts(t *testing.T) {
	t.Parallel()
	e := &encoder{limits: limits{text: 100, whole: 50}}
	for n, want := range map[int]bool{100: true, 101: false} {
		if got := e.keeps(n); got != want {
			t.Errorf("%d bytes: got %v, want %v", n, got, want)
		}
	}
}

func TestShort_IsWholeCharactersOfADocument(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want int // bytes
	}{
		"short":      {"é", 2},
		"as long":    {strings.Repeat("x", MaxDocument), MaxDocument},
		"characters": {strings.Repeat("é", MaxDocument), MaxDocument - 1},
		"no UTF-8":   {strings.Repeat("\x80", 2*MaxDocument), MaxDocument},
	} {
		if got := Short(c.text); len(got) != c.want || !strings.HasPrefix(c.text, got) {
			t.Errorf("%s: got %d bytes, want the first %d", name, len(got), c.want)
		}
	}
}

func TestFit_TheBeginningOfAValueIsLeft(t *testing.T) {
	t.Parallel()
	d, lost := encodeLoss(t, Config{}, withMetadata(100_000))
	if whole, cut, bytes := wholeValues(t, d.In("metadata", "n")); whole != 0 || cut != 1 || bytes < used-1024 {
		t.Errorf("got %d whole and %d cut values with %d bytes, want one with more than %d", whole, cut, bytes, used-1024)
	}
	if got, want := lost.String(), "a document has at most 65477 bytes"; got != want {
		t.Errorf("got the limits %q, want %q", got, want)
	}
	d, _ = encodeLoss(t, Config{}, newSpan(internal, str("aws.xray.metadata.n", string(jsonText(100_000)))))
	if text, _ := d.In("metadata", "n", "cut").(string); len(text) < used-1024 || !strings.HasSuffix(text, cutMark) {
		t.Errorf("got %d bytes of a namespace, want more than %d and a mark", len(text), used-1024)
	}
}

// Long texts are all cut to the same length. Shorter texts stay whole.
func TestFit_LongTextsAreCutToTheSameLength(t *testing.T) {
	t.Parallel()
	s := newSpan(internal, str("short", strings.Repeat("y", 900)), str("medium", strings.Repeat("y", 4_000)))
	for i := range 10 {
		s.Attributes = append(s.Attributes, str(fmt.Sprint("long", i), strings.Repeat("x", 10_000+i)))
	}
	d, lost := encodeLoss(t, Config{}, s)
	values := d.In("metadata", "default").(map[string]any)
	lengths := make(map[int]int)
	for key, v := range values {
		if strings.HasPrefix(key, "long") {
			lengths[len(v.(string))]++
		}
	}
	if len(lengths) != 1 || slices.Max(slices.Collect(maps.Keys(lengths))) < 5_800 {
		t.Errorf("got the lengths %v, want one of about 6000", lengths)
	}
	if len(values["short"].(string)) != 900 || len(values["medium"].(string)) != 4_000 || len(d.JSON) < used || !lost.Cut() {
		t.Errorf("got %d bytes, and short texts of %d and %d, want more than %d and whole ones", len(d.JSON), len(values["short"].(string)), len(values["medium"].(string)), used)
	}
}

func TestFit_TextsAndValuesShareADocument(t *testing.T) {
	t.Parallel()
	s := withMetadata(20_000)
	for i := range 10 {
		s.Attributes = append(s.Attributes, str(fmt.Sprint("long", i), strings.Repeat("x", 10_000)))
	}
	d, _ := encodeLoss(t, Config{}, s)
	if whole, _, _ := wholeValues(t, d.In("metadata", "n")); whole != 1 || len(d.JSON) < used {
		t.Errorf("got %d whole values in %d bytes, want one in more than %d", whole, len(d.JSON), used)
	}
}

// A document of escaped characters is as full as any other.
func TestFit_EscapedTextsFillTheDocument(t *testing.T) {
	t.Parallel()
	for name, text := range hostile {
		s := newSpan(internal, str("a", text), str("b", text))
		if d, _ := encodeLoss(t, Config{}, s); len(d.JSON) < MaxDocument*9/10 {
			t.Errorf("%s: got %d bytes, want more than %d", name, len(d.JSON), MaxDocument*9/10)
		}
	}
}

func TestFit_CharactersAreNotCutInTwo(t *testing.T) {
	t.Parallel()
	s := newSpan(internal)
	for _, text := range []string{strings.Repeat("é", 50_000), "x" + strings.Repeat("é", 50_000), strings.Repeat("🙂", 20_000)} {
		s.Attributes = append(s.Attributes, str(fmt.Sprint(len(s.Attributes)), text))
	}
	d, lost := encodeLoss(t, Config{}, s)
	if strings.Contains(string(d.JSON), "\ufffd") || !lost.Cut() {
		t.Error("got part of a character, want whole characters")
	}
}

// A value with line breaks is encoded again, and may become longer.
func TestFit_ValuesThatGrow(t *testing.T) {
	t.Parallel()
	s := newSpan(internal)
	for i := range 30 {
		text, _ := json.Marshal(map[string]string{"a": "x"})
		s.Metadata = append(s.Metadata, Metadata{"n", fmt.Sprint(i), append(append(text[:6:6], strings.Repeat("<", 3000)...), "\"\n}"...)})
	}
	encode(t, Config{}, s)
}

// However much a span holds, the encoder stops one value after the document is full. Each byte
// of this value may take six.
func TestFit_EffortIsBounded(t *testing.T) {
	t.Parallel()
	attributes, values, namespaces, texts, events, linked := newSpan(internal), newSpan(internal), newSpan(internal), newSpan(internal), newSpan(internal), newSpan(internal)
	var elements []attribute.Value
	for i := range 40 {
		key := fmt.Sprint("k", i)
		list := attrs{str(key, hostile["control"])}
		attributes.Attributes = append(attributes.Attributes, list...)
		values.Metadata = append(values.Metadata, Metadata{"n", key, jsonText(60_000)})
		namespaces.Metadata = append(namespaces.Metadata, Metadata{key, key, jsonText(60_000)})
		texts.Attributes = append(texts.Attributes, str("aws.xray.metadata."+key, string(jsonText(60_000))))
		events.Events = append(events.Events, Event{Name: "e", Attributes: list})
		linked.Links = append(linked.Links, link(byte(i+1), list...))
		elements = append(elements, list[0].Value)
	}
	lists := newSpan(internal, attribute.KeyValue{Key: "a", Value: attribute.SliceValue(elements...)})
	for name, s := range map[string]*Span{"attributes": attributes, "values": values, "namespaces": namespaces, "texts": texts, "events": events, "links": linked, "lists": lists} {
		e := new(encoder)
		e.cfg, e.span = new(Config), s
		e.fit()
		if got, most := cap(e.buf), 12*MaxDocument; got > most {
			t.Errorf("%s: got a buffer of %d bytes, want at most %d", name, got, most)
		}
	}
}

func TestValue_DepthIsBounded(t *testing.T) {
	t.Parallel()
	list, object := attribute.IntValue(1), attribute.IntValue(1)
	for depth := 1; depth <= 1_000; depth++ {
		list, object = attribute.SliceValue(list), attribute.MapValue(attribute.KeyValue{Key: "a", Value: object})
		if depth != maxDepth && depth != maxDepth+1 && depth != 1_000 {
			continue
		}
		for _, v := range []attribute.Value{list, object} {
			d, lost := encodeLoss(t, Config{}, newSpan(internal, attribute.KeyValue{Key: "v", Value: v}, str("after", "x")))
			if lost.Cut() != (depth > maxDepth) || strings.Contains(string(d.JSON), cutMark) != (depth > maxDepth) || d.At("metadata.default.after") != "x" {
				t.Errorf("%d levels: got cuts for %q in %.300s", depth, lost, d.JSON)
			}
		}
	}
}

// Loss names each limit that a value was cut for, and no other limit.
func TestLoss_NamesTheLimit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3_000)
	tables := make([]string, 1_001)
	for i := range tables {
		tables[i] = fmt.Sprint(i)
	}
	linked, causes, annotated, named := newSpan(internal), newSpan(internal), newSpan(internal), newSpan(internal)
	for i := range 33 {
		linked.Links = append(linked.Links, link(byte(i+1)))
		causes.Events = append(causes.Events, Event{Name: ExceptionEvent, Attributes: attrs{ExceptionMessage.String("m")}})
	}
	annotated.Annotations = attrs{str("a", long)}
	named.Name = long
	for want, s := range map[string]*Span{
		"":                                  newSpan(internal, str("a", long)),
		"a name has at most 200 characters": named,
		"a URL has at most 2048 bytes":      newSpan(client, str("http.method", "GET"), str("url.full", "https://h/"+long)),
		"an annotation has at most 1000 characters":                                               annotated,
		"a key has at most 500 bytes":                                                             newSpan(internal, str(long, "x")),
		"a span has at most 20 links":                                                             linked,
		"a span has at most 32 exceptions":                                                        causes,
		"a document has at most 65477 bytes":                                                      newSpan(internal, str("a", hostile["plain"])),
		"a list of names has at most 1000 elements":                                               newSpan(client, str("rpc.system", "aws-api"), strs("aws.dynamodb.table_names", tables...)),
		"a member such as an operation has at most 250 bytes":                                     newSpan(client, str("aws.region", long)),
		"keys are not the same after 500 bytes or with other characters replaced":                 newSpan(internal, num("\xff", 1), num("\xfe", 2)),
		"a member such as an operation has at most 250 bytes, a document has at most 65477 bytes": newSpan(client, str("aws.region", long), str("a", hostile["plain"])),
	} {
		if _, lost := encodeLoss(t, Config{Links: true}, s); lost.String() != want {
			t.Errorf("got %q, want %q", lost, want)
		}
	}
	all := newSpan(client, str("rpc.system", "aws-api"), strs("aws.dynamodb.table_names", tables[:1_000]...))
	if _, lost := encodeLoss(t, Config{}, all); lost.String() != "" {
		t.Errorf("1,000 names: got %q, want no limit", lost)
	}
	e := &encoder{limits: limits{text: maxURL}}
	if got := e.limitOf(maxURL); got != limitDocument {
		t.Errorf("got limit %d of a text that is as long as a URL, want %d", got, limitDocument)
	}
	key := attribute.Key(long)
	annotated.Annotations = attrs{key.Int(1)}
	if _, lost := encodeLoss(t, Config{}, annotated); lost.String() != "a key has at most 500 bytes" {
		t.Errorf("annotation: got %q, want the limit of keys", lost)
	}
}
