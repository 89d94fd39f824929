package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/jmespath/go-jmespath"

	"github.com/lambdakit/lambdakit/idempotency"
)

// event is an event of 1 KB, as an API gateway or a queue delivers it.
var event = json.RawMessage(`{"version":"2.0","routeKey":"POST /orders","rawPath":"/orders","rawQueryString":"",` +
	`"headers":{"accept":"application/json","content-length":"139","content-type":"application/json","host":"a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",` +
	`"user-agent":"curl/8.5.0","x-amzn-trace-id":"Root=1-6740a5c2-4f1e2d3c4b5a69788796a5b4","x-forwarded-for":"203.0.113.7","x-forwarded-port":"443","idempotency-key":"k-1001","cache-control":"no-cache"},` +
	`"requestContext":{"accountId":"123456789012","apiId":"a1b2c3d4e5","http":{"method":"POST","path":"/orders","protocol":"HTTP/1.1","sourceIp":"203.0.113.7"},` +
	`"requestId":"JKJaXmPLvHcESHA=","stage":"$default","timeEpoch":1732285890123},` +
	`"order":{"id":"o-1001","customer":{"id":"c-7","tier":3},"items":[{"sku":"abc-1","quantity":2,"price":9.99},{"sku":"abc-2","quantity":1,"price":9.97}],"note":"leave it at the door, please, and ring twice; the neighbours take it as well","coupon":null,"gift":false,"channel":"web","currency":"EUR"},` +
	`"isBase64Encoded":false}`)

const path = "order.id"

func newOnce(b testing.TB, o idempotency.Options) *idempotency.Guard {
	o.Prefix = "orders"
	once, err := idempotency.New(idempotency.NewMemoryStore(nil), &o)
	if err != nil {
		b.Fatal(err)
	}
	return once
}

func key(b *testing.B, once *idempotency.Guard) {
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := once.Key(context.Background(), event); err != nil {
			b.Fatal(err)
		}
	}
}

// sum makes the key of a text. Each of the compared ways ends with it.
func sum(text []byte) string {
	digest := sha256.Sum256(text)
	return "orders#" + hex.EncodeToString(digest[:])
}

func BenchmarkKeyWholeEvent(b *testing.B) {
	b.Run("lambdakit", func(b *testing.B) { key(b, newOnce(b, idempotency.Options{})) })
	b.Run("decode-encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decodeAndEncode(b)
		}
	})
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sum(event)
		}
	})
}

func decodeAndEncode(b testing.TB) string {
	var v any
	if err := json.Unmarshal(event, &v); err != nil {
		b.Fatal(err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	return sum(text)
}

func BenchmarkKeyPath(b *testing.B) {
	b.Run("lambdakit", func(b *testing.B) { key(b, newOnce(b, idempotency.Options{Key: idempotency.Path(path)})) })
	b.Run("lambdakit-jmespath", func(b *testing.B) { key(b, newOnce(b, idempotency.Options{Key: idempotency.JMESPath(path)})) })
	b.Run("go-jmespath", func(b *testing.B) {
		x := jmespath.MustCompile(path)
		b.ReportAllocs()
		for b.Loop() {
			searchDecoded(b, x)
		}
	})
	b.Run("floor", func(b *testing.B) {
		text := []byte(`"o-1001"`)
		b.ReportAllocs()
		for b.Loop() {
			sum(text)
		}
	})
}

func searchDecoded(b testing.TB, x *jmespath.JMESPath) string {
	var v any
	if err := json.Unmarshal(event, &v); err != nil {
		b.Fatal(err)
	}
	found, err := x.Search(v)
	if err != nil {
		b.Fatal(err)
	}
	text, err := json.Marshal(found)
	if err != nil {
		b.Fatal(err)
	}
	return sum(text)
}

type receipt struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

// replay calls the function again and gets the stored result. Its first call runs the function.
func replay(b testing.TB, once *idempotency.Guard) {
	if r, err := idempotency.Call(context.Background(), once, "o-1001", func(context.Context) (receipt, error) {
		return receipt{"p-1", 29.95}, nil
	}); err != nil || r.ID != "p-1" {
		b.Error(r, err)
	}
}

func BenchmarkReplayParallel(b *testing.B) {
	once := newOnce(b, idempotency.Options{})
	replay(b, once) // runs the function
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			replay(b, once)
		}
	})
}

func BenchmarkReplay(b *testing.B) {
	once, cached := newOnce(b, idempotency.Options{}), newOnce(b, idempotency.Options{MaxCacheRecords: 10})
	for _, v := range []struct {
		name string
		once *idempotency.Guard
	}{{"lambdakit", once}, {"lambdakit-local-cache", cached}} {
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				replay(b, v.once)
			}
		})
	}
	b.Run("floor", func(b *testing.B) {
		text := []byte(`{"id":"p-1","total":29.95}`)
		b.ReportAllocs()
		for b.Loop() {
			var r receipt
			if err := json.Unmarshal(text, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkKeyParallel makes keys of whole events in as many goroutines as there are processors.
func BenchmarkKeyParallel(b *testing.B) {
	once := newOnce(b, idempotency.Options{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := once.Key(context.Background(), event); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkDisabled measures a Call if the environment disables idempotency.
func BenchmarkDisabled(b *testing.B) {
	b.Setenv("POWERTOOLS_IDEMPOTENCY_DISABLED", "true")
	once := newOnce(b, idempotency.Options{OnError: func(error) {}}) // for the warning
	b.ReportAllocs()
	for b.Loop() {
		replay(b, once)
	}
}

func BenchmarkFirstRun(b *testing.B) {
	once := newOnce(b, idempotency.Options{})
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		if _, err := idempotency.Call(context.Background(), once, n, func(context.Context) (receipt, error) { return receipt{}, nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// TestWaysAgree checks that all ways compute the same keys, except the floors.
func TestWaysAgree(t *testing.T) {
	t.Parallel()
	picked, err := newOnce(t, idempotency.Options{Key: idempotency.Path(path)}).Key(t.Context(), event)
	if other := searchDecoded(t, jmespath.MustCompile(path)); err != nil || picked != other || picked != sum([]byte(`"o-1001"`)) {
		t.Errorf("%s, %v, go-jmespath %s", picked, err, other)
	}
	// encoding/json escapes HTML and writes some numbers in another form. This event has neither.
	whole, err := newOnce(t, idempotency.Options{}).Key(t.Context(), event)
	if other := decodeAndEncode(t); err != nil || whole != other {
		t.Errorf("%s, %v, decoded and encoded %s", whole, err, other)
	}
	if n := len(event); n < 950 || n > 1100 {
		t.Errorf("the event has %d bytes", n)
	}
}
