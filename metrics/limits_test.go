package metrics_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emftest"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/metrics"
)

// longest returns a text of n bytes.
func longest(n int) string { return strings.Repeat("x", n) }

func TestLimits_Names(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		metric, dimension, value string
		ok                       bool
	}{
		"longest metric name":             {longest(255), "d", "v", true},
		"metric name too long":            {longest(256), "d", "v", false},
		"blank metric name":               {" \t", "d", "v", false},
		"metric name of spaces":           {"  ", "d", "v", false},
		"metric name with DEL":            {"a\x7f", "d", "v", false},
		"metric name with a unit sep.":    {"a\x1f", "d", "v", false},
		"metric name that is not UTF-8":   {"a\xff", "d", "v", false},
		"metric name with a space":        {"a b", "d", "v", true},
		"metric name in another script":   {"é", "d", "v", true},
		"longest dimension name":          {"m", longest(250), "v", true},
		"dimension name too long":         {"m", longest(251), "v", false},
		"dimension without a name":        {"m", "", "v", false},
		"blank dimension name":            {"m", "  ", "v", false},
		"dimension name with a colon":     {"m", "a:", "v", true},
		"dimension name begins with one":  {"m", ":a", "v", false},
		"dimension name of EMF":           {"m", "_aws", "v", false},
		"dimension name not ASCII":        {"m", "é", "v", false},
		"longest dimension value":         {"m", "d", longest(1024), true},
		"dimension value too long":        {"m", "d", longest(1025), false},
		"empty dimension value":           {"m", "d", "", false},
		"blank dimension value":           {"m", "d", "   ", false},
		"dimension value not ASCII":       {"m", "d", "é", false},
		"dimension value with DEL":        {"m", "d", "a\x7f", false},
		"dimension value with a newline":  {"m", "d", "a\n", false},
		"first and last of ASCII's signs": {"m", " ~", "~ ", true},
	} {
		docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			m.Counter(c.metric).With(c.dimension, c.value).Add(ctx, 1)
			return nil
		})
		if len(docs) == 0 {
			docs = []*emftest.Document{{}}
		}
		value, has := docs[0].DimensionValues[c.dimension]
		complete := len(docs) == 1 && docs[0].Values[c.metric] != nil && has && value == c.value
		if complete != c.ok || (len(reported) == 0) != c.ok {
			t.Errorf("%s: written in full: got %v, want %v, reported %.300q", name, complete, c.ok, reported)
		}
	}
}

func TestLimits_Namespace(t *testing.T) {
	t.Parallel()
	for ns, ok := range map[string]bool{
		longest(255): true, longest(256): false, "  ": false, "AWS/x": false, "aws/x": true, "AWSx": true, "azAZ09.-_/#: ": true, "a:": true, ":": false, ":a": false,
		"a$": false, "a\n": false, "é": false, "a@": false, "a[": false, "a`": false, "a{": false, "a;": false,
	} {
		docs, reported := run(t, metrics.Options{Namespace: ns}, func(ctx context.Context, m *metrics.Meter) error {
			m.Counter("N").Add(ctx, 1)
			return nil
		})
		want := ns
		if !ok {
			want = metrics.DefaultNamespace
		}
		if docs[0].Namespace != want || (len(reported) == 0) != ok {
			t.Errorf("%.60q: got %.60q, want %.60q, reported %.200q", ns, docs[0].Namespace, want, reported)
		}
	}
}

func TestLimits_DimensionsOfASet(t *testing.T) {
	t.Parallel()
	pairs := func(prefix string, n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprint(prefix, i), "v")
		}
		return all
	}
	for name, c := range map[string]struct {
		want, reports int
		record        func(ctx context.Context, c metrics.Counter)
	}{
		"With":           {30, 0, func(ctx context.Context, c metrics.Counter) { c.With(pairs("a", 30)...).Add(ctx, 1) }},
		"With, one more": {30, 1, func(ctx context.Context, c metrics.Counter) { c.With(pairs("a", 31)...).Add(ctx, 1) }},
		"AddDimensions": {30, 0, func(ctx context.Context, c metrics.Counter) {
			metrics.AddDimensions(ctx, pairs("a", 30)...)
			c.Add(ctx, 1)
		}},
		"AddDimensions, 31": {30, 1, func(ctx context.Context, c metrics.Counter) {
			metrics.AddDimensions(ctx, pairs("a", 31)...)
			c.Add(ctx, 1)
		}},
		"one by one, 31": {30, 1, func(ctx context.Context, c metrics.Counter) {
			for i := range 31 {
				metrics.AddDimensions(ctx, fmt.Sprint("a", i), "v")
			}
			metrics.AddDimensions(ctx, "a0", "w") // known
			c.Add(ctx, 1)
		}},
		"both": {30, 1, func(ctx context.Context, c metrics.Counter) {
			metrics.AddDimensions(ctx, pairs("a", 15)...)
			c.With(pairs("b", 16)...).Add(ctx, 1)
		}},
		"AddDimensionSet, 31": {30, 1, func(ctx context.Context, c metrics.Counter) {
			metrics.AddDimensionSet(ctx, pairs("a", 31)...)
			c.Add(ctx, 1)
		}},
	} {
		docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			c.record(ctx, m.Counter("N"))
			return nil
		})
		if len(docs) != 1 || len(docs[0].Dimensions) != 1 || len(docs[0].Dimensions[0]) != c.want || len(reported) != c.reports {
			t.Errorf("%s: got %v, reported %q, want %d dimensions and %d reports", name, docs[0].Dimensions, reported, c.want, c.reports)
		}
	}
}

func TestLimits_SetsOfAnInvocation(t *testing.T) {
	t.Parallel()
	for _, n := range []int{10, 11} {
		docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			for i := range n {
				metrics.AddDimensionSet(ctx, fmt.Sprint("a", i), "v")
			}
			m.Counter("N").Add(ctx, 1)
			return nil
		})
		if len(docs) != 1 || len(docs[0].Dimensions) != 10 || len(reported) != n-10 {
			t.Errorf("%d sets: got %d, reported %q", n, len(docs[0].Dimensions), reported)
		}
	}
}

func TestLimits_Timestamps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		age time.Duration
		ok  bool
	}{
		{14 * 24 * time.Hour, true}, {14*24*time.Hour + time.Second, false}, {-2 * time.Hour, true}, {-2*time.Hour - time.Second, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now()
			docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
				metrics.SetTimestamp(ctx, now.Add(-c.age))
				m.Counter("N").Add(ctx, 1)
				return nil
			})
			want := now
			if c.ok {
				want = now.Add(-c.age)
			}
			if got := docs[0].Timestamp; got != want.UnixMilli() || (len(reported) == 0) != c.ok {
				t.Errorf("%v ago: got %d, want %d, reported %q", c.age, got, want.UnixMilli(), reported)
			}
		})
	}
}

func TestLimits_MetricsAndValuesOfADocument(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ metrics, values, documents int }{{100, 1, 1}, {101, 1, 2}, {200, 1, 2}, {1, 100, 1}, {1, 101, 2}, {1, 1, 1}} {
		docs, _ := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			for i := range c.metrics {
				for range c.values {
					m.Record(ctx, fmt.Sprint("m", i), metrics.None, 1)
				}
			}
			return nil
		})
		if len(docs) != c.documents {
			t.Errorf("%d metrics with %d values: got %d documents, want %d", c.metrics, c.values, len(docs), c.documents)
		}
	}
}

func TestLimits_MaxDocumentBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ option, want, reports int }{{0, 64_000, 0}, {1, 8000, 1}, {7999, 8000, 1}, {8000, 8000, 0}, {1_000_000, 1_000_000, 0}, {1_000_001, 1_000_000, 1}} {
		each := min(c.want/10_000+3, 99) // values of a metric
		docs, reported := run(t, metrics.Options{MaxDocumentBytes: c.option}, func(ctx context.Context, m *metrics.Meter) error {
			metrics.AddMetadata(ctx, "m", strings.Repeat("x", c.want*3/4-1000))
			for i := range 100 {
				for range each {
					m.Record(ctx, fmt.Sprint(longest(200), i), metrics.None, 12345678.12345678)
				}
			}
			return nil
		})
		largest, values := 0, 0
		for _, d := range docs {
			largest = max(largest, d.Size)
			for _, v := range d.Values {
				values += len(v)
			}
		}
		if values != 100*each {
			t.Errorf("MaxDocumentBytes %d: got %d values, want %d", c.option, values, 100*each)
		}
		if largest > c.want || largest < c.want*9/10 || len(reported) != c.reports {
			t.Errorf("MaxDocumentBytes %d: got documents of %d bytes, want nearly %d, reported %.200q", c.option, largest, c.want, reported)
		}
	}
}

// TestLimits_ValuesOfAnInvocation records more than an invocation collects and checks that
// documents are written before its end.
func TestLimits_ValuesOfAnInvocation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, last int // values that are held, and the first that is not
		record       func(ctx context.Context, m *metrics.Meter, i int)
	}{
		"values": {99, 100, func(ctx context.Context, m *metrics.Meter, _ int) { m.Record(ctx, "m", metrics.None, 1) }},
		"metrics": {999, 1000, func(ctx context.Context, m *metrics.Meter, i int) {
			m.Record(ctx, fmt.Sprint("m", i), metrics.None, 1)
		}},
		"counters": {999, 1000, func(ctx context.Context, m *metrics.Meter, i int) { m.Counter(fmt.Sprint("m", i)).Add(ctx, 1) }},
		"dimensions": {999, 1000, func(ctx context.Context, m *metrics.Meter, i int) {
			m.Counter("m").With("d", fmt.Sprint(i)).Add(ctx, 1)
		}},
	} {
		var b bytes.Buffer
		m := metrics.New(&metrics.Options{Namespace: "Shop"})
		ctx := execenv.NewContext(t.Context(), &execenv.Environment{Stdout: &b})
		lambdakit.WrapFunc(func(ctx context.Context) {
			for i := range c.before {
				c.record(ctx, m, i)
			}
			if b.Len() > 0 {
				t.Errorf("%s: got a document after %d, want none", name, c.before)
			}
			c.record(ctx, m, c.last)
			if b.Len() == 0 {
				t.Errorf("%s: got no document after %d, want one", name, c.last)
			}
			b.Reset()
		}, m.Middleware).Invoke(ctx, nil)
		if b.Len() > 0 {
			t.Errorf("%s: got %.200s at the end, want nothing twice", name, &b)
		}
	}
}

func TestLevel_NamesOfItsMembers(t *testing.T) {
	for _, level := range []string{"INFO", "WARN"} {
		t.Setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
		t.Setenv("AWS_LAMBDA_LOG_LEVEL", level)
		docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			for _, name := range []string{"level", "timestamp", "own"} {
				m.Counter(name).Add(ctx, 1)
				m.Counter("N").With(name, "mine").Add(ctx, 1)
			}
			return nil
		})
		_, withoutLevel := runLine(t, func(ctx context.Context, m *metrics.Meter) {
			for _, name := range []string{"level", "timestamp", "own"} {
				metrics.AddMetadata(ctx, name, "mine")
			}
			m.Counter("N").Add(ctx, 1)
		})
		dimensions, values := map[string]bool{}, map[string]bool{}
		for _, d := range docs {
			for name := range d.DimensionValues {
				dimensions[name] = true
			}
			for name := range d.Values {
				values[name] = true
			}
		}
		free := level == "INFO" // documents have no level then
		for _, name := range []string{"level", "timestamp"} {
			if dimensions[name] != free || values[name] != free || strings.Contains(withoutLevel, `"`+name+`":"mine"`) != free {
				t.Errorf("%s, %s: got dimension %v, metric %v, line %s, want them: %v", level, name, dimensions[name], values[name], withoutLevel, free)
			}
		}
		if !dimensions["own"] || !values["own"] || (len(reported) == 0) != free {
			t.Errorf("%s: got %v, %v, reported %q", level, dimensions, values, reported)
		}
	}
}

func TestNew_DisabledReportsNothing(t *testing.T) {
	t.Parallel()
	reports := 0
	m := metrics.New(&metrics.Options{Disabled: new(true), MaxDocumentBytes: 1, OnError: func(error) { reports++ }})
	m.Counter("N").Add(t.Context(), 1)
	if reports > 0 {
		t.Errorf("got %d reports, want none", reports)
	}
}

func TestNew_WithoutOptions(t *testing.T) {
	t.Setenv("POWERTOOLS_METRICS_NAMESPACE", "Env")
	var b bytes.Buffer
	ctx := execenv.NewContext(t.Context(), &execenv.Environment{Stdout: &b})
	m := metrics.New(nil)
	lambdakit.WrapFunc(func(ctx context.Context) { m.Counter("N").Add(ctx, 1) }, m.Middleware).Invoke(ctx, nil)
	if docs := emftest.Decode(t, b.Bytes()); len(docs) != 1 || docs[0].Namespace != "Env" {
		t.Errorf("got %s", &b)
	}
}
