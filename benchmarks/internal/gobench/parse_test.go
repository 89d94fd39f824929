package gobench_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/benchmarks/internal/gobench"
)

const output = `goos: linux
pkg: example.com/p
BenchmarkLine16/lambdakit-2         	 2041928	       581.5 ns/op	       0 B/op	       0 allocs/op
BenchmarkLine16/aws-lambda-go-2     	  441928	      2730 ns/op	     120 B/op	       4 allocs/op	  12.5 lines/s
BenchmarkText/floor/clock-2         	  441928	      47.20 ns/op
BenchmarkOdd
    odd_test.go:7: Benchmark says hello to you
PASS
`

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := gobench.Parse(strings.NewReader(output), 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i].NS = math.Round(got[i].NS*1e3) / 1e3 // from seconds
	}
	want := []gobench.Result{
		{Name: "Line16/lambdakit", NS: 581.5},
		{Name: "Line16/aws-lambda-go", NS: 2730, Allocs: 4, Bytes: 120},
		{Name: "Text/floor/clock", NS: 47.2},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestParseOneProcessor(t *testing.T) {
	t.Parallel()
	got, err := gobench.Parse(strings.NewReader("BenchmarkX/utf-8 	 1	 5 ns/op\n"), 1)
	if err != nil || len(got) != 1 || got[0].Name != "X/utf-8" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"BenchmarkX-2 	 1	 five ns/op\n",
		"BenchmarkX-2 	 1	 5 MB/s\n",
		"BenchmarkX-2 	 ten	 5 ns/op\n",
	} {
		if got, err := gobench.Parse(strings.NewReader(text), 2); err == nil {
			t.Errorf("%q: %v, no error", text, got)
		}
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"Document"}, "^Document$"},
		{[]string{"Line16/zerolog", "Line16/bare+slog"}, `^Line16$/^(zerolog|bare\+slog)$`},
		{[]string{"Text/floor/clock", "Text/floor/else", "Text/x"}, "^Text$/^(floor|x)$"},
	} {
		if got := gobench.Pattern(c.names); got != strings.Replace(c.want, "^", "^Benchmark", 1) {
			t.Errorf("%v: %s, want %s", c.names, got, c.want)
		}
	}
}
