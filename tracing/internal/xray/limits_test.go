package xray

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/lambdakit/lambdakit/internal/xraytest"
)

func TestMaxDocument(t *testing.T) {
	t.Parallel()
	if MaxDocument != xraytest.MaxDocument {
		t.Errorf("got %d, want %d", MaxDocument, xraytest.MaxDocument)
	}
	datagram, _ := new(Config).AppendDatagram([]byte("x"), newSpan(internal))
	if !strings.HasPrefix(string(datagram), "x{\"format\":\"json\",\"version\":1}\n{\"id\":") {
		t.Errorf("got %s, want the daemon's header and a document", datagram)
	}
}

// hostile holds texts that take many more bytes in a document than they have.
var hostile = map[string]string{
	"plain":             strings.Repeat("x", 64<<10),
	"control":           strings.Repeat("\x01", 64<<10),
	"quotes":            strings.Repeat(`"`, 64<<10),
	"invalid":           strings.Repeat("\xff", 64<<10),
	"continuation":      strings.Repeat("\x80", 64<<10),
	"separators":        strings.Repeat("\u2028", 20<<10),
	"four bytes":        strings.Repeat("🙂", 16<<10),
	"letters of four":   strings.Repeat("𐐀", 16<<10),
	"names with a mark": strings.Repeat("名\u0301", 10<<10),
}

// TestHugeTexts uses each hostile text as the value of every member.
func TestHugeTexts(t *testing.T) {
	t.Parallel()
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(client, everywhere(text)...)
			s.Name, s.Description, s.Status = text, text, codes.Error
			for i := range 128 - len(s.Attributes) {
				s.Attributes = append(s.Attributes, str(fmt.Sprintf("a%d", i), text))
			}
			if _, lost := encodeLoss(t, Config{Indexed: []string{"indexed"}}, s); !lost.Cut() {
				t.Error("got no loss, want cuts")
			}
			s = newSegment(server, s.Attributes...)
			s.Resource, s.Name, s.Description, s.Status = s.Attributes, text, text, codes.Error
			s.Function = &Function{text, text, text, text}
			encode(t, Config{Indexed: []string{"indexed"}}, s)
		})
	}
}

// TestHugeEvents fills events, links and metadata with hostile texts.
func TestHugeEvents(t *testing.T) {
	t.Parallel()
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(internal)
			for range 16 {
				s.Events = append(s.Events, Event{Name: text, Time: start, Attributes: attrs{str(text, text)}})
			}
			for i := range 16 {
				s.Metadata = append(s.Metadata, Metadata{text, fmt.Sprint(text, i), []byte(`"` + strings.Repeat("x", 64<<10) + `"`)})
			}
			d, lost := encodeLoss(t, Config{}, s)
			if !lost.Cut() || d.At("metadata") == nil {
				t.Errorf("got losses %+v, want cuts and metadata in the document", lost)
			}
		})
	}
}

// TestHugeAnnotations has as many annotations as X-Ray indexes: 50 with 1,000 characters each.
func TestHugeAnnotations(t *testing.T) {
	t.Parallel()
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(internal)
			for i := range 50 {
				s.Annotations = append(s.Annotations, str(fmt.Sprintf("k%0499d", i), text))
			}
			d, lost := encodeLoss(t, Config{}, s)
			if n := len(d.At("annotations").(map[string]any)); n != 50 || lost.Annotations != 0 {
				t.Errorf("got %d annotations and losses %+v, want 50 and none left out", n, lost)
			}
		})
	}
}

func TestManyValues(t *testing.T) {
	t.Parallel()
	list := make([]string, 100_000)
	numbers := make([]int64, 100_000)
	values := make([]attribute.Value, 1_000)
	for i := range values {
		values[i] = attribute.StringValue(strings.Repeat("\x01", 1000))
	}
	s := newSpan(internal, strs("strings", list...), attribute.Int64Slice("ints", numbers), attribute.KeyValue{Key: "values", Value: attribute.SliceValue(values...)})
	for i := range 70_000 {
		s.Attributes = append(s.Attributes, num(fmt.Sprintf("key%d", i), i))
	}
	encode(t, Config{}, s)
}

// A stack has at most 100 frames in a document, and the number of the other frames.
func TestLongStacks(t *testing.T) {
	t.Parallel()
	stack := func(n int, label string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "main.%s%d(0x1)\n\t/var/task/%s.go:%d +0x1d\n", label, i, label, i)
		}
		return b.String()
	}
	for n, want := range map[int]struct{ frames, truncated int }{100: {100, 0}, 101: {100, 1}, 1000: {100, 900}} {
		s := newSpan(internal)
		s.Events = []Event{{Name: ExceptionEvent, Attributes: attrs{ExceptionStacktrace.String(stack(n, "f"))}}}
		x := encode(t, Config{}, s).At("cause.exceptions").([]any)[0].(map[string]any)
		if got, _ := x["truncated"].(float64); len(x["stack"].([]any)) != want.frames || int(got) != want.truncated {
			t.Errorf("%d frames: got %d and %v truncated, want %d and %d", n, len(x["stack"].([]any)), got, want.frames, want.truncated)
		}
	}
	for name, text := range hostile {
		text = strings.NewReplacer("\n", "", "\t", "").Replace(text[:600])
		s := newSpan(internal)
		for range 8 {
			s.Events = append(s.Events, Event{Name: ExceptionEvent, Attributes: attrs{
				ExceptionStacktrace.String(stack(150, text)), ExceptionMessage.String(text), ExceptionType.String(text)}})
		}
		if _, lost := encodeLoss(t, Config{}, s); !lost.Cut() {
			t.Errorf("%s: got no loss, want cuts", name)
		}
	}
}

// A document has at most 32 exceptions, however many errors the span has.
func TestManyErrors(t *testing.T) {
	t.Parallel()
	wide := make([]error, 1000)
	for i := range wide {
		wide[i] = fmt.Errorf("%d: %s", i, hostile["control"][:2000])
	}
	for name, s := range map[string]*Span{
		"joined":       failed(errors.Join(wide...)),
		"events":       failed(wide[:128]...),
		"joined, each": failed(errors.Join(wide...), errors.Join(wide...)),
	} {
		d, lost := encodeLoss(t, Config{}, s)
		if n := len(exceptions(d)); n == 0 || n > 32 || !lost.Cut() {
			t.Errorf("%s: got %d exceptions and losses %+v, want 1 to 32 and cuts", name, n, lost)
		}
	}
}

// The last set of limits fits even if every member holds as many bytes as it can.
func TestAlwaysFits(t *testing.T) {
	t.Parallel()
	control := strings.Repeat("\x01", 4096)
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprintf("%0200d", i)
	}
	full := func() *Span {
		s := newSpan(client, everywhere(control)...)
		s.Name = control
		for i := range 50 {
			s.Annotations = append(s.Annotations, str(fmt.Sprintf("k%0499d", i), control))
		}
		frame := strings.Repeat("\x01", 300) + "\n\t" + strings.Repeat("\x01", 300) + ":1\n"
		for range 2 {
			s.Events = append(s.Events, Event{Name: ExceptionEvent, Attributes: attrs{
				ExceptionMessage.String(control), ExceptionType.String(control), ExceptionStacktrace.String(strings.Repeat(frame, 20))}})
		}
		return s
	}
	annotations, stacks := full(), full()
	annotations.Events, stacks.Annotations = nil, nil
	linked := newSpan(internal)
	for range 20 {
		linked.Links = append(linked.Links, link(1))
		for i := range 128 {
			l := &linked.Links[len(linked.Links)-1]
			l.Attributes = append(l.Attributes, str(fmt.Sprint("a", i), control))
		}
	}
	// A segment has the most members, and each holds as much as it can.
	hostileNames := make([]string, 1000)
	for i := range hostileNames {
		hostileNames[i] = fmt.Sprint(i, control)
	}
	segment := full()
	segment.Name = hostile["letters of four"]
	for i := range segment.Annotations { // the keys differ within the bytes that are kept
		segment.Annotations[i].Key = attribute.Key(fmt.Sprintf("k%d_%0490d", i, 0))
	}
	segment.Segment, segment.Links, segment.Function = true, linked.Links, &Function{control, control, control, control}
	segment.Attributes = append(segment.Attributes, str("client.address", "fe80::1%"+control), num("http.status_code", math.MaxInt),
		strs("aws.dynamodb.table_names", hostileNames...), num("aws.retries", math.MinInt), num("http.response.body.size", math.MinInt))
	segment.Resource = attrs{str("telemetry.sdk.name", control), str("telemetry.sdk.language", control), str("telemetry.sdk.version", control),
		strs("aws.log.group.names", hostileNames...), strs("aws.log.group.arns", hostileNames...), str("service.name", control)}
	for name, s := range map[string]*Span{
		"segment":                 segment,
		"members and annotations": annotations,
		"members and stacks":      stacks,
		"all":                     full(),
		"tables":                  newSpan(client, str("rpc.system", "aws-api"), strs("aws.dynamodb.table_names", names...)),
		"attributes of links":     linked,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encode(t, Config{Links: true}, s)
		})
	}
}

// Every cut is in the Loss.
func TestCutsAreTold(t *testing.T) {
	t.Parallel()
	annotation, label, key := newSpan(internal), newSpan(internal), newSpan(internal, num(strings.Repeat("k", 501), 1))
	annotation.Annotations = attrs{str("a", strings.Repeat("x", 1001))}
	label.Events = []Event{{Name: ExceptionEvent, Attributes: attrs{ExceptionStacktrace.String(strings.Repeat("é", 200) + "\n\t/a.go:1\n")}}}
	for name, s := range map[string]*Span{"annotation": annotation, "label": label, "key": key} {
		d, lost := encodeLoss(t, Config{}, s)
		if !lost.Cut() {
			t.Errorf("%s: got losses %+v, want cuts", name, lost)
		}
		if strings.Contains(string(d.JSON), "\ufffd") {
			t.Errorf("%s: got part of a character, want whole characters", name)
		}
	}
}
