package xray

import (
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	s := newSpan(consumer)
	s.Links = []trace.Link{link(1), link(2, str("a.b", "c"))}
	d := encode(t, Config{Links: true}, s)
	check(t, d, members{
		"links": `[{"trace_id":"1-ab000000-000000000000000000000001","id":"0000000000000001"},
			{"trace_id":"1-ab000000-000000000000000000000002","id":"0000000000000002","attributes":{"a.b":"c"}}]`,
		"metadata": ``,
	})
	d = encode(t, Config{}, s)
	check(t, d, members{"links": ``})
	equal(t, "metadata", d.In("metadata", "default", "otel.links"), `[{"trace_id":"1-ab000000-000000000000000000000001","span_id":"0000000000000001"},
			{"trace_id":"1-ab000000-000000000000000000000002","span_id":"0000000000000002","attributes":{"a.b":"c"}}]`)

	s.Links = nil
	for n := range 25 {
		s.Links = append(s.Links, link(byte(n+1)))
	}
	d, lost := encodeLoss(t, Config{Links: true}, s)
	if list := d.At("links").([]any); len(list) != 20 || !lost.Cut() {
		t.Errorf("got %d links and losses %+v, want 20 and cuts", len(list), lost)
	}
	d, lost = encodeLoss(t, Config{}, s)
	if list := d.In("metadata", "default", "otel.links").([]any); len(list) != 25 || lost.Cut() {
		t.Errorf("got %d links in metadata and losses %+v, want 25 and no cuts", len(list), lost)
	}
}
