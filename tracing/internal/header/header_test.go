package header

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func TestSpanContext(t *testing.T) {
	t.Parallel()
	const root, parent = "Root=1-5759e988-bd862e3fe1be46a994272793", "Parent=557abcec3ee5a047"
	for text, want := range map[string]struct{ valid, sampled bool }{
		root + ";" + parent + ";Sampled=1": {true, true},
		root + ";" + parent + ";Sampled=0": {true, false},
		root + ";" + parent + ";Sampled=?": {true, false},
		root + ";Sampled=1":                {false, true},
		parent:                             {false, false},
	} {
		h := Parse(text)
		sc := h.SpanContext()
		if sc.IsValid() != want.valid || sc.IsSampled() != want.sampled || !sc.IsRemote() {
			t.Errorf("%s: got %+v, want valid %v, sampled %v and remote", text, sc, want.valid, want.sampled)
		}
		if got := string(Append(nil, sc, h.Extra)); want.valid && !strings.Contains(text, "?") && got != text {
			t.Errorf("got %s, want %s", got, text)
		}
	}
}

func TestTraceParent(t *testing.T) {
	t.Parallel()
	const good = "00-5759e988bd862e3fe1be46a994272793-557abcec3ee5a047-01"
	sc := ParseTraceParent(good)
	if !sc.IsValid() || !sc.IsSampled() || !sc.IsRemote() || string(AppendTraceParent(nil, sc)) != good {
		t.Errorf("got %+v, want the sampled remote span of %s", sc, good)
	}
	if sc := ParseTraceParent(good[:53] + "00"); !sc.IsValid() || sc.IsSampled() || string(AppendTraceParent(nil, sc)) != good[:53]+"00" {
		t.Errorf("got %+v, want a span that is not sampled", sc)
	}
	if sc := ParseTraceParent(good[:53] + "ff"); sc.TraceFlags() != trace.FlagsSampled {
		t.Errorf("got flags %v, want only the one of sampling", sc.TraceFlags())
	}
	if !ParseTraceParent("cc" + good[2:] + "-what-comes").IsValid() {
		t.Error("later version: got an invalid span, want a valid one")
	}
	for _, bad := range []string{"", good[:54], good + "-x", "ff" + good[2:], strings.Replace(good, "-", "_", 1), "0x" + good[2:],
		"00-00000000000000000000000000000000-557abcec3ee5a047-01", "00-5759e988bd862e3fe1be46a994272793-0000000000000000-01", "cc" + good[2:] + "x"} {
		if sc := ParseTraceParent(bad); sc.IsValid() {
			t.Errorf("%q: got %+v, want an invalid span", bad, sc)
		}
	}
}
