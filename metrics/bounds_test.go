package metrics

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/lambdakit/lambdakit/internal/sink"
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
			t.Fatalf("metric %d: got nil, want a metric", i)
		}
	}
	if len(m.metrics) != most {
		t.Errorf("got %d known metrics, want %d", len(m.metrics), most)
	}
}

func TestMetric_IsFoundAgain(t *testing.T) {
	t.Parallel()
	m := quiet(Options{})
	for _, key := range []metricKey{{"n", None, false}, {"n", None, true}, {"n", Bytes, false}, {"bad unit", "Parsecs", false}} {
		first := m.metric(key.name, key.unit, key.high)
		if got := m.metric(key.name, key.unit, key.high); got != first {
			t.Errorf("%v: got another metric, want the first one", key)
		}
	}
	if m.metric("n", None, true) == m.metric("n", None, false) {
		t.Error("got one metric for two resolutions, want two")
	}
}

func TestBounds_KnownMetricsKeepNothingElse(t *testing.T) {
	t.Parallel()
	m := quiet(Options{})
	large := strings.Repeat("x", 1<<20)
	x := m.metric(large[:10], None, false)
	if !strings.HasPrefix(large, x.name) || x.key.name != x.name {
		t.Fatalf("got %q, want %q", x.name, large[:10])
	}
	for key := range m.metrics {
		if unsafe.StringData(key.name) == unsafe.StringData(large) {
			t.Error("got a name that keeps the large text in memory, want a copy")
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
			var b bindings
			b.add("group", fmt.Sprint(g))
			for s := range c.series {
				x.record(noSettings, &b, m.metric(fmt.Sprint("m", s), None, false), 1, false)
			}
		}
		kept := x.reset()
		if empty := x.used == 0 && x.seriesCount == 0; kept != c.kept || empty != c.kept {
			t.Errorf("%s: kept %v, empty %v: want %v for both", name, kept, empty, c.kept)
		}
		for i := range x.groups {
			if x.groups[i].settings != nil || x.groups[i].bindings.count != 0 || x.groups[i].series[0].metric != nil {
				t.Errorf("%s: got a group with dimensions or metrics, want it empty", name)
			}
		}
	}
}

// A collector that is reused many times must not grow.
func TestBounds_CollectorsDoNotGrow(t *testing.T) {
	t.Parallel()
	m := quiet(Options{})
	var c collector
	for range 20 {
		for _, unit := range []Unit{Count, Bytes} { // in a group each
			c.record(noSettings, new(bindings), m.metric("m", unit, false), 1, false)
		}
		c.reset()
	}
	if len(c.groups) != 2 || len(c.groups[0].series) != 1 {
		t.Errorf("got %d groups with %d series, want 2 with 1", len(c.groups), len(c.groups[0].series))
	}
}

// Not parallel: the pool is of the whole process.
func TestBounds_LargeBuffersAreNotKept(t *testing.T) {
	for range 20 {
		p := packers.Get().(*packer)
		p.doc.out, p.doc.values = make([]byte, 0, maxPooled/2+1), make([]byte, 0, maxPooled/2+1)
		p.release()
		p = packers.Get().(*packer)
		if got := cap(p.doc.out) + cap(p.doc.values); got > maxPooled {
			t.Fatalf("got buffers of %d bytes out of the pool, want at most %d", got, maxPooled)
		}
		p.release()
	}
}

func TestBounds_EarlierDimensions(t *testing.T) {
	t.Parallel()
	sc := &scope{meter: quiet(Options{}), settings: noSettings}
	const most = 64
	for i := range 10 * most {
		sc.change(func(s *settings) bool {
			s.timestamp = time.Unix(int64(i), 0)
			return false
		})
		if len(sc.earlier) > most {
			t.Fatalf("got %d, want %d at most", len(sc.earlier), most)
		}
	}
	last := sc.settings
	sc.change(func(s *settings) bool { s.timestamp = time.Unix(int64(10*most-2), 0); return false })
	sc.change(func(s *settings) bool { s.timestamp = last.timestamp; return false })
	if sc.settings != last {
		t.Error("got new settings, want the earlier ones that are equal")
	}
}

func TestBounds_MetadataThatFitExactly(t *testing.T) {
	t.Parallel()
	m := quiet(Options{MaxDocumentBytes: 8000})
	for more, fits := range map[int]bool{0: true, 1: false} {
		sc := &scope{meter: m}
		text := []byte(strings.Repeat("1", m.maxMetadataBytes()-len(`"x":,`)+more))
		if got := sc.addMetadata("x", text); (got == kept) != fits {
			t.Errorf("%d more than fit: got %v, want it kept: %v", more, got, fits)
		}
		const dimensionBytes = 4
		var f fittingMetadata
		f.fit(m, nil, "", dimensionBytes)
		available := m.maxMetadataBytes() - f.size - dimensionBytes
		f.fit(m, []metadata{{"x", make([]byte, available+more)}, {"y", nil}}, "", dimensionBytes)
		if want := map[bool]int{true: 2, false: 1}[fits]; len(f.members) != want {
			t.Errorf("%d more than fit: got %d members, want %d", more, len(f.members), want)
		}
	}
}

// TestBounds_DocumentsAreNotLarger writes documents whose parts are as large as they can be.
func TestBounds_DocumentsAreNotLarger(t *testing.T) {
	t.Parallel()
	m := quiet(Options{MaxDocumentBytes: 8000})
	m.level = "ERROR"
	set := &settings{}
	for i := range 3 {
		set.dimensions = append(set.dimensions, dimension{fmt.Sprint(strings.Repeat(`"`, 200), i), strings.Repeat(`\`, 350)})
	}
	c := new(collector)
	for i := range 20 {
		for range 90 {
			c.record(set, new(bindings), m.metric(fmt.Sprint(strings.Repeat(`"`, 240), i), Count, true), -1.2345678901234567e-100, false)
		}
	}
	var lines countingLines
	m.out = sink.New(&lines, "metrics", m.report)
	md := []metadata{{"x", []byte(`"x":"` + strings.Repeat("x", 1500) + `",`)}}
	m.write(nil, strings.Repeat("\x01", 36), c, md, time.Now())
	if lines.longest > 8000 {
		t.Errorf("got a document of %d bytes, want 8,000 at most", lines.longest)
	}
	if lines.n < 5 {
		t.Errorf("got %d documents, want at least 5", lines.n)
	}
}

// countingLines counts calls of Write and keeps the length of the longest one.
type countingLines struct{ n, longest int }

func (l *countingLines) Write(p []byte) (int, error) {
	l.n++
	l.longest = max(l.longest, len(p))
	return len(p), nil
}
