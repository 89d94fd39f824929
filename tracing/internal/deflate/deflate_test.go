package deflate_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/tracing/internal/deflate"
)

// wantSame decompresses with package compress/gzip, which also checks the sum and the length.
func wantSame(t *testing.T, src []byte) {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(deflate.AppendGzip(nil, src)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, src) {
		t.Fatalf("got %d bytes and the error %v, want the same %d bytes", len(got), err, len(src))
	}
}

func TestAppendGzip_AllLengthsAndDistances(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 40_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for n := range 300 {
		wantSame(t, append(noise[:n:n], noise[:n]...)) // a match of n bytes at the distance n
		wantSame(t, bytes.Repeat([]byte{byte(n)}, n))  // overlapping matches
	}
	for _, distance := range []int{1, 2, 3, 4, 5, 8, 9, 1000, 1024, 1025, 32<<10 - 1, 32 << 10, 32<<10 + 1, 40_000} {
		wantSame(t, append(noise[:distance:distance], noise[:100]...))
	}
}

func TestAppendGzip_RepetitionsBecomeSmall(t *testing.T) {
	t.Parallel()
	src := []byte(strings.Repeat("http.request.method=GET url.path=/orders/1 ", 100))
	if n := len(deflate.AppendGzip(nil, src)); n > len(src)/20 {
		t.Errorf("got %d bytes of %d, want at most a twentieth", n, len(src))
	}
}

func FuzzAppendGzip(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("abcdabcdabcdabcd\xff\xfe"))
	f.Fuzz(wantSame)
}
