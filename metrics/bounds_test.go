package metrics

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unsafe"
)

func quiet(o Options) *Meter {
	o.Namespace, o.Writer, o.OnError = "N", io.Discard, func(error) {}
	return New(&o)
}

func TestBounds_KnownMetrics(t *testing.T) {
	t.Parallel()
	m := quiet(Options{})
	const most = 10_000
	for i := range most + 10 {
		if m.metric(fmt.Sprint("n", i), None, false) == nil {
			t.Fatal("a metric is refused")
		}
	}
	if len(m.metrics) != most {
		t.Errorf("got %d metrics that are remembered, want %d", len(m.metrics), most)
	}
	for range 10 { // known ones stay known
		m.metric("n1", None, false)
	}
	if m = quiet(Options{}); m.metric("n1", "Parsecs", false) != m.metric("n1", "Parsecs", false) {
		t.Error("a metric with a bad unit is not found again")
	}
	if m.metric("n1", None, false) != m.metric("n1", None, false) || m.metric("n1", None, true) == m.metric("n1", None, false) {
		t.Error("a known metric is not found again")
	}
}

func TestBounds_KnownMetricsKeepNothingElse(t *testing.T) {
	t.Parallel()
	m := quiet(Options{})
	large := strings.Repeat("x", 1<<20)
	x := m.metric(large[:10], None, false)
	if !strings.HasPrefix(large, x.name) || x.key.name != x.name {
		t.Fatalf("got %q", x.name)
	}
	for key := range m.metrics {
		if unsafe.StringData(key.name) == unsafe.StringData(large) {
			t.Error("the name keeps the text that it is a part of")
		}
	}
}

func TestBounds_CollectorsThatAreKept(t *testing.T) {
	t.Parallel()
	m := quiet(Options{})
	for name, c := range map[string]struct {
		groups, series int
		kept           bool
	}{
		"few": {1, 1, true}, "most groups": {64, 1, true}, "too many groups": {64 + 1, 1, false},
		"most series": {1, 128, true}, "too many series": {1, 128 + 1, false},
	} {
		x := new(collector)
		for g := range c.groups {
			var l labels
			l.add("group", fmt.Sprint(g))
			for s := range c.series {
				x.record(none, &l, m.metric(fmt.Sprint("m", s), None, false), 1, false)
			}
		}
		x.release()
		// One that is kept is empty.
		if kept := x.n == 0 && x.series == 0; kept != c.kept {
			t.Errorf("%s: kept: got %v, want %v", name, kept, c.kept)
		}
		for i := range x.groups {
			if x.groups[i].bound != nil || x.groups[i].labels.n != 0 || x.groups[i].series[0].metric != nil {
				t.Errorf("%s: what was recorded is kept", name)
			}
		}
	}
}

func TestBounds_EarlierDimensions(t *testing.T) {
	t.Parallel()
	sc := &scope{m: quiet(Options{}), bound: none}
	const most = 64
	for i := range 10 * most {
		sc.rebind(func(b *bound) bool {
			b.timestamp = time.Unix(int64(i), 0)
			return false
		})
		if len(sc.bounds) > most {
			t.Fatalf("got %d, want %d at most", len(sc.bounds), most)
		}
	}
	last := sc.bound
	sc.rebind(func(b *bound) bool { b.timestamp = time.Unix(int64(10*most-2), 0); return false })
	sc.rebind(func(b *bound) bool { b.timestamp = last.timestamp; return false })
	if sc.bound != last {
		t.Error("dimensions that come again are not those of before")
	}
}

func TestBounds_MetadataThatFitExactly(t *testing.T) {
	t.Parallel()
	m := quiet(Options{MaxDocumentBytes: 8000})
	for more, fits := range map[int]bool{0: true, 1: false} {
		sc := &scope{m: m}
		text := []byte(strings.Repeat("1", m.metadataRoom()-len(`"x":,`)+more))
		if got := sc.addMetadata("x", text); (got == taken) != fits {
			t.Errorf("%d more than fit: got %v, want it taken: %v", more, got, fits)
		}
		d := document{m: m, names: []byte(`[[]]`)}
		d.fitMetadata(nil)
		room := m.metadataRoom() - d.metaLen - len(d.names)
		d.fitMetadata([]metadata{{"x", make([]byte, room+more)}, {"y", nil}})
		if wants := map[bool]int{true: 2, false: 1}[fits]; len(d.meta) != wants {
			t.Errorf("%d more than there is room: got %d members, want %d", more, len(d.meta), wants)
		}
	}
}

// TestBounds_DocumentsAreNotLarger writes documents whose parts are as large as they can be.
func TestBounds_DocumentsAreNotLarger(t *testing.T) {
	t.Parallel()
	m := quiet(Options{MaxDocumentBytes: 8000})
	m.level = "ERROR"
	b := &bound{}
	for i := range 3 {
		b.labels = append(b.labels, label{fmt.Sprint(strings.Repeat(`"`, 200), i), strings.Repeat(`\`, 350)})
	}
	c := new(collector)
	for i := range 20 {
		for range 90 {
			c.record(b, new(labels), m.metric(fmt.Sprint(strings.Repeat(`"`, 240), i), Count, true), -1.2345678901234567e-100, false)
		}
	}
	d := &document{m: m, id: strings.Repeat("\x01", 36)}
	md := []metadata{{"x", []byte(`"x":"` + strings.Repeat("x", 1500) + `",`)}}
	documents := 0
	for i := range c.groups[:c.n] {
		d.begin(&c.groups[i], md, time.Now())
		d.group(&c.groups[i], func() {
			documents++
			if line := d.finish(time.Now()); len(line) > 8000 {
				t.Errorf("got %d bytes, want 8,000 at most", len(line))
			}
		})
	}
	if documents < 5 {
		t.Errorf("got %d documents, want several", documents)
	}
}
