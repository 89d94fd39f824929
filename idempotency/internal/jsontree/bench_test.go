package jsontree_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// event is a text of about one kilobyte with the shape of an API's event.
func event() []byte {
	var b strings.Builder
	b.WriteString(`{"version":"2.0","requestContext":{"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","http":{"method":"POST","path":"/orders"}},"headers":{`)
	for i := range 10 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"x-header-%d":"the value of header %d"`, i, i)
	}
	b.WriteString(`},"items":[`)
	for i := range 8 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"price":%d.5,"ok":true}`, i, i)
	}
	b.WriteString(`],"body":"{\"user\":{\"id\":1}}"}`)
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	text := event()
	b.Run("jsontree", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := jsontree.Parse(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := json.Unmarshal(text, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
