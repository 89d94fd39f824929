package otlp

import "github.com/lambdakit/lambdakit/tracing/internal/deflate"

// minGzip is the size of the largest request that is not compressed. A smaller one becomes little
// smaller.
const minGzip = 1 << 10

// compress returns body in gzip.
func compress(body []byte) []byte {
	return deflate.AppendGzip(make([]byte, 0, len(body)/2), body)
}
