package metrics

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
)

// BenchmarkDocument writes a document of three metrics, two dimensions and two members
// of metadata, from recording to the line.
func BenchmarkDocument(b *testing.B) {
	m := New(&Options{Namespace: "Shop", Service: "orders", Writer: io.Discard})
	n, t, s := m.Counter("Accepted").With("route", "/orders"), m.Duration("Latency").With("route", "/orders"), m.Distribution("Size", Bytes).With("route", "/orders")
	md := []metadata{{"request_id", []byte(`"c6af9ac6-7b61-11e6-9a41-93e812345678"`)}, {"attempt", []byte("1")}}
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		c := collectors.Get().(*collector)
		c.record(noSettings, &n.bindings, n.metric, 1, true)
		c.record(noSettings, &t.bindings, t.metric, 12.5, false)
		c.record(noSettings, &s.bindings, s.metric, 2048, false)
		m.write(nil, "", c, md, now)
		c.release()
	}
}

// BenchmarkRecord records one value with dimensions bound.
func BenchmarkRecord(b *testing.B) {
	m := New(&Options{Namespace: "Shop", Service: "orders", Writer: io.Discard})
	c := m.Counter("Accepted").With("route", "/orders", "channel", "web")
	lambdakit.WrapFunc(func(ctx context.Context) {
		b.ReportAllocs()
		for b.Loop() {
			c.Add(ctx, 1)
		}
	}, m.Middleware).Invoke(b.Context(), nil)
}
