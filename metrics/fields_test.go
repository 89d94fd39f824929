package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emftest"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

// runLine runs fn in an invocation and returns the documents that it led to, also as text.
func runLine(t *testing.T, fn func(ctx context.Context, m *metrics.Meter)) ([]*emftest.Document, string) {
	t.Helper()
	m := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) { fn(ctx, m) }, m.Middleware), `{}`)
	return emftest.Decode(t, res.Output), string(res.Output)
}

// fields returns the names of the fields that CloudWatch Logs Insights finds in a line, in
// their order: a field for each value, with the path to it.
func fields(t *testing.T, line []byte) (names []string) {
	t.Helper()
	var walk func(text []byte, path string)
	walk = func(text []byte, path string) {
		switch text[0] {
		case '{':
			jsonscan.Members(text, func(key []byte, start, end int) bool {
				name, _ := jsonscan.String(key)
				walk(text[start:end], strings.TrimPrefix(path+"."+name, "."))
				return true
			})
		case '[':
			i := 0
			jsonscan.Elements(text, func(start, end int) bool {
				walk(text[start:end], fmt.Sprint(path, ".", i))
				i++
				return true
			})
		default:
			names = append(names, path)
		}
	}
	if !json.Valid(line) {
		t.Fatalf("got %s, want JSON", line)
	}
	walk(bytes.TrimSpace(line), "")
	return names
}

func TestDocument_InsightsReadsWhatMatters(t *testing.T) {
	t.Setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "ERROR")
	_, text := runLine(t, func(ctx context.Context, m *metrics.Meter) {
		metrics.AddDimensions(ctx, "tenant", "acme")
		metrics.AddMetadata(ctx, "order", map[string]int{"id": 1})
		for i := range 100 {
			m.Counter(fmt.Sprint("m", i)).Add(ctx, 1)
		}
	})
	lines := strings.SplitAfter(strings.TrimSpace(text), "\n")
	if len(lines) != 1 {
		t.Fatalf("got %d lines, want 1", len(lines))
	}
	all := fields(t, []byte(lines[0]))
	if len(all) <= 200 {
		t.Fatalf("got %d fields, want more than Insights reads", len(all))
	}
	seen := map[string]bool{}
	for _, name := range all[:200] {
		seen[name] = true
	}
	want := []string{"level", "timestamp", "function_request_id", "service", "tenant", "order.id"}
	for i := range 100 {
		want = append(want, fmt.Sprint("m", i))
	}
	for _, name := range want {
		if !seen[name] {
			t.Errorf("%s: got a place after the first 200 fields, want one before", name)
		}
	}
	for i, name := range want[:5] {
		if all[i] != name {
			t.Errorf("field %d: got %s, want %s", i, all[i], name)
		}
	}
}

func TestDocument_SmallestValues(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		d, c := m.Distribution("D", metrics.None), m.Counter("C")
		for _, v := range []float64{0, 0x1p-360, -0x1p-360, math.Nextafter(0x1p-360, 0), -0x1p-361, math.SmallestNonzeroFloat64, 1} {
			d.Record(ctx, v)
		}
		for range 2 {
			c.Add(ctx, 0x1p-361) // together large enough
		}
		m.Counter("S").Add(ctx, 1e-200)
		m.Single(ctx, "One", metrics.None, 1e-200)
		return nil
	})
	got := map[string][]float64{}
	for _, d := range docs {
		for name, v := range d.Values {
			got[name] = append(got[name], v...)
		}
	}
	want := map[string][]float64{"D": {0, 0x1p-360, -0x1p-360, 0, 0, 0, 1}, "C": {0x1p-360}, "S": {0}, "One": {0}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(reported) != 3 || !strings.Contains(strings.Join(reported, "\n"), `metric "D": the value 4.2579`) {
		t.Errorf("got reports %q, want 3, one of them for D", reported)
	}
}

func TestDocument_LargestValues(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		d, c := m.Distribution("D", metrics.None), m.Counter("C")
		for _, v := range []float64{0x1p360, -0x1p360, math.Nextafter(0x1p360, math.Inf(1)), -0x1p361, 1} {
			d.Record(ctx, v)
		}
		for range 2 {
			c.Add(ctx, 0x1p360) // together too large
		}
		return nil
	})
	if len(docs) != 1 || fmt.Sprint(docs[0].Values["D"]) != fmt.Sprint([]float64{0x1p360, -0x1p360, 1}) || docs[0].Values["C"] != nil {
		t.Errorf("got %v, want the largest values and 1", docs[0].Values)
	}
	if len(reported) != 2 {
		t.Errorf("got reports %q, want 2", reported)
	}
}

func TestAddDimensionSet_WithoutPairsRollsUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		service string
		sets    [][]string
		own     []string
		want    string
	}{
		"alone":              {"", [][]string{{}}, nil, `[[]]`},
		"before another":     {"", [][]string{{}, {"a", "1"}}, nil, `[[],["a"]]`},
		"after another":      {"", [][]string{{"a", "1"}, {}}, nil, `[["a"],[]]`},
		"twice":              {"", [][]string{{}, {"a", "1"}, {}}, nil, `[[],["a"]]`},
		"beside With":        {"", [][]string{{}}, []string{"a", "1"}, `[["a"],[]]`},
		"with defaults":      {"s", [][]string{{}, {"a", "1"}}, nil, `[["service"],["service","a"]]`},
		"the same by With":   {"", [][]string{{"a", "1"}, {"b", "2"}}, []string{"a", "1"}, `[["a"],["b"]]`},
		"With, and defaults": {"s", [][]string{{}}, []string{"a", "1"}, `[["service","a"],["service"]]`},
	} {
		docs, reported := run(t, metrics.Options{Service: c.service}, func(ctx context.Context, m *metrics.Meter) error {
			for _, set := range c.sets {
				metrics.AddDimensionSet(ctx, set...)
			}
			m.Counter("N").With(c.own...).Add(ctx, 1)
			return nil
		})
		if len(docs) != 1 || len(reported) > 0 {
			t.Fatalf("%s: got %d documents, reported %q", name, len(docs), reported)
		}
		got, _ := json.Marshal(docs[0].Dimensions)
		if string(got) != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestAddDimensionSet_OfBadPairsIsNone(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddDimensionSet(ctx, "a", "1")
		metrics.AddDimensionSet(ctx, "b", "")
		metrics.AddDimensionSet(ctx, "odd")
		m.Counter("N").Add(ctx, 1)
		return nil
	})
	if len(docs) != 1 || docs[0].Key() != "a=1" || len(reported) != 2 {
		t.Errorf("got %q, reported %q", docs[0].Key(), reported)
	}
}

func TestDocument_TwoUnitsUnderSetsThatContradict(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddDimensionSet(ctx, "region", "eu")
		metrics.AddDimensionSet(ctx, "region", "us")
		m.Record(ctx, "m", metrics.Count, 1)
		m.Record(ctx, "m", metrics.Bytes, 2)
		return nil
	})
	got := map[string]bool{}
	for _, d := range docs {
		got[d.Key()+" "+d.Units["m"]] = true
	}
	for _, want := range []string{"region=eu Count", "region=us Count", "region=eu Bytes", "region=us Bytes"} {
		if !got[want] {
			t.Errorf("got %v, want %s too", got, want)
		}
	}
}
