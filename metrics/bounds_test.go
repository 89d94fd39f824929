package metrics

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unsafe"
)

func quiet(o Options) *Metrics {
	o.Namespace, o.Writer, o.OnError = "N", io.Discard, func(error) {}
	return New(&o)
}

func TestBounds_KnownMetrics(t *testing.T) {
	t.Parallel()
	m := quiet(Options{})
	for i := range maxKnown + 10 {
		if m.metric(fmt.Sprint("n", i), None, false) == nil {
			t.Fatal("a metric is refused")
		}
	}
	if len(m.metrics) != maxKnown {
		t.Errorf("got %d metrics that are remembered, want %d", len(m.metrics), maxKnown)
	}
	for range 10 { // known ones stay known
		m.metric("n1", None, false)
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
		"few": {1, 1, true}, "most groups": {maxKeptGroups, 1, true}, "too many groups": {maxKeptGroups + 1, 1, false},
		"most series": {1, maxKeptSeries, true}, "too many series": {1, maxKeptSeries + 1, false},
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
	for i := range 10 * maxBounds {
		sc.rebind(func(b *bound) bool {
			b.timestamp = time.Unix(int64(i), 0)
			return false
		})
		if len(sc.bounds) > maxBounds {
			t.Fatalf("got %d, want %d at most", len(sc.bounds), maxBounds)
		}
	}
	last := sc.bound
	sc.rebind(func(b *bound) bool { b.timestamp = time.Unix(int64(10*maxBounds-2), 0); return false })
	sc.rebind(func(b *bound) bool { b.timestamp = last.timestamp; return false })
	if sc.bound != last {
		t.Error("dimensions that come again are not those of before")
	}
}
