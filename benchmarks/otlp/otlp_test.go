package otlp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/benchmarks/internal/environ"
	"github.com/lambdakit/lambdakit/internal/otlpspan"
)

func TestMain(m *testing.M) {
	if os.Getenv(serves) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	environ.Clear()
	os.Setenv("AWS_LAMBDA_FUNCTION_NAME", functionName) // package tracing makes spans only in Lambda
	os.Exit(m.Run())
}

// span is the content of a span, independent of the library.
type span struct {
	name          string
	kind          string
	belowHandler  bool
	customer      any
	attempt       any
	express       any
	endsAfterward bool
}

// TestSameSpans keeps the comparison fair: each library sends the handler span and a span below it in
// one request, and gives the same response.
func TestSameSpans(t *testing.T) {
	for _, lib := range libraries {
		t.Run(lib.name, func(t *testing.T) {
			requests, url := capture(t)
			tr := lib.use(t, url, nil)
			invoke(t, tr.handler(accept(tr.span)), newContext(t))
			if got := len(*requests); got != 1 {
				t.Fatalf("got %d requests, want 1", got)
			}
			documents, err := otlpspan.Read((*requests)[0])
			if err != nil {
				t.Fatal(err)
			}
			var got []span
			for _, d := range documents {
				got = append(got, span{
					d.Name, d.Type, len(documents) == 2 && d.ParentID == documents[1].ID,
					d.Annotations["customer"], d.Annotations["attempt"], d.Annotations["express"], d.EndTime >= d.StartTime,
				})
			}
			want := []span{
				{spanName, "subsegment", true, customer, int64(attempt), express, true},
				{functionName, "", false, nil, nil, nil, true},
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("spans\n got %+v\nwant %+v", got, want)
			}
		})
	}
}

// capture returns the bodies of the requests that a server gets. They are complete when a library has
// flushed.
func capture(tb testing.TB) (requests *[][]byte, url string) {
	requests = new([][]byte)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			tb.Error(err)
		}
		*requests = append(*requests, body)
	}))
	tb.Cleanup(s.Close)
	return requests, s.URL
}

func invoke(tb testing.TB, h lambda.Handler, ctx context.Context) {
	got, err := h.Invoke(ctx, event)
	if err != nil {
		tb.Fatal(err)
	}
	if string(got) != response {
		tb.Errorf("got the response %s, want %s", got, response)
	}
}

func BenchmarkInvocation(b *testing.B) {
	url := startBackend(b)
	b.Run("bare", func(b *testing.B) { serial(b, lambda.NewHandler(accept(nil))) })
	for _, lib := range libraries {
		b.Run(lib.name, func(b *testing.B) { serial(b, lib.use(b, url, nil).handler(accept(nil))) })
	}
	b.Run("floor", func(b *testing.B) {
		requests, other := capture(b)
		invoke(b, useLambdakit(b, other, nil).handler(accept(nil)), newContext(b))
		body := (*requests)[0]
		b.ReportAllocs()
		for b.Loop() {
			r, err := http.Post(url, "application/x-protobuf", bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
	})
}

func serial(b *testing.B, h lambda.Handler) {
	ctx := newContext(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Invoke(ctx, event); err != nil {
			b.Fatal(err)
		}
	}
}

// spansEach is the number of spans of an invocation.
const spansEach = 50

func BenchmarkSpan(b *testing.B) {
	for _, lib := range libraries {
		b.Run(lib.name, func(b *testing.B) {
			tr := lib.use(b, "http://127.0.0.1:1", &http.Client{Transport: discard{}})
			ctx, done := newContext(b), false
			h := tr.handler(accept(func(ctx context.Context) {
				for range spansEach {
					if done = !b.Loop(); done {
						return
					}
					tr.span(ctx)
				}
			}))
			b.ReportAllocs()
			for !done {
				if _, err := h.Invoke(ctx, event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
