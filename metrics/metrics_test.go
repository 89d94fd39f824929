package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/jsontest"
	"github.com/lambdakit/lambdakit/internal/sandbox"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

// TestMain clears what the developer's own environment says about metrics.
func TestMain(m *testing.M) {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "AWS_LAMBDA_") {
			os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

// emf is a document, decoded and checked.
type emf struct {
	stamp           int64
	namespace       string
	dimensions      [][]string
	dimensionValues map[string]string
	units           map[string]string
	high            []string
	values          map[string][]float64
	root            map[string]any
	size            int
}

// key identifies what the document's metrics are recorded under.
func (d *emf) key() string {
	var sets []string
	for _, set := range d.dimensions {
		var names []string
		for _, n := range set {
			names = append(names, n+"="+d.dimensionValues[n])
		}
		slices.Sort(names)
		sets = append(sets, strings.Join(names, ","))
	}
	return strings.Join(sets, "|")
}

// documents decodes the documents of an output and fails the test for each one that
// CloudWatch would refuse. The module internal/schematest checks them against the schema of EMF.
func documents(t testing.TB, b []byte) []*emf {
	t.Helper()
	var all []*emf
	for line := range bytes.Lines(b) {
		jsontest.Collect("emf", line) // for internal/schematest
		for _, problem := range jsontest.Problems(line) {
			t.Errorf("%s: %.500s", problem, line)
		}
		var doc struct {
			AWS struct {
				Timestamp         *int64
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct {
						Name, Unit        string
						StorageResolution int
					}
				}
			} `json:"_aws"`
		}
		d := &emf{dimensionValues: map[string]string{}, units: map[string]string{}, values: map[string][]float64{}, size: len(line)}
		if err := json.Unmarshal(line, &doc); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		json.Unmarshal(line, &d.root)
		if strings.Count(string(line), `"_aws"`) != 1 || doc.AWS.Timestamp == nil || len(doc.AWS.CloudWatchMetrics) != 1 {
			t.Fatalf("no directive: %s", line)
		}
		directive := doc.AWS.CloudWatchMetrics[0]
		d.stamp, d.namespace, d.dimensions = *doc.AWS.Timestamp, directive.Namespace, directive.Dimensions
		if n := len(directive.Metrics); n < 1 || n > 100 || len(d.dimensions) == 0 || d.namespace == "" {
			t.Fatalf("%d metrics: %s", n, line)
		}
		for _, set := range d.dimensions {
			if len(set) > 30 {
				t.Fatalf("%d dimensions: %s", len(set), line)
			}
			for _, name := range set {
				value, ok := d.root[name].(string)
				if !ok || value == "" || len(value) > 1024 || strings.TrimSpace(value) == "" {
					t.Fatalf("dimension %q: %v: %s", name, d.root[name], line)
				}
				d.dimensionValues[name] = value
			}
		}
		for _, m := range directive.Metrics {
			if _, ok := d.units[m.Name]; ok || m.Name == "" || len(m.Name) > 255 || d.dimensionValues[m.Name] != "" {
				t.Fatalf("metric %q: %s", m.Name, line)
			}
			d.units[m.Name] = m.Unit
			if _, err := metrics.ParseUnit(m.Unit); err != nil {
				t.Fatal(err)
			}
			if m.StorageResolution == 1 {
				d.high = append(d.high, m.Name)
			}
			switch v := d.root[m.Name].(type) {
			case float64:
				d.values[m.Name] = []float64{v}
			case []any:
				if len(v) < 2 || len(v) > 100 {
					t.Fatalf("%d values: %s", len(v), line)
				}
				for _, x := range v {
					d.values[m.Name] = append(d.values[m.Name], x.(float64))
				}
			default:
				t.Fatalf("metric %q has no value: %s", m.Name, line)
			}
		}
		for name, values := range d.values {
			if slices.ContainsFunc(values, refused) {
				t.Errorf("metric %q has a value that CloudWatch refuses: %v", name, values)
			}
		}
		all = append(all, d)
	}
	return all
}

// refused reports whether CloudWatch refuses a value (PutMetricData, MetricDatum).
func refused(v float64) bool {
	return math.IsNaN(v) || math.Abs(v) > 0x1p360 || v != 0 && math.Abs(v) < 0x1p-360
}

// run runs fn in an invocation and returns the documents that it led to.
func run(t testing.TB, o metrics.Options, fn func(ctx context.Context, m *metrics.Meter) error) ([]*emf, []string) {
	t.Helper()
	var reported []string
	if o.OnError == nil {
		o.OnError = func(err error) { reported = append(reported, err.Error()) }
	}
	if o.Namespace == "" {
		o.Namespace = "Shop"
	}
	m := metrics.New(&o)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error { return fn(ctx, m) }, m.Middleware), `{}`)
	return documents(t, res.Output), reported
}

func TestDocument(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders", Dimensions: []string{"stage", "prod"}})
		accepted, size, wait := m.Counter("Accepted"), m.Distribution("Size", metrics.Bytes), m.Duration("Wait").HighResolution()
		res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
			accepted.With("channel", "web").Add(ctx, 1)
			accepted.With("channel", "web").Add(ctx, 2)
			size.With("channel", "web").Record(ctx, 10)
			size.With("channel", "web").Record(ctx, 20.5)
			timer := wait.Start(ctx)
			time.Sleep(1500 * time.Microsecond)
			timer.Stop()
			metrics.AddMetadata(ctx, "order", map[string]int{"id": 1})
		}, m.Middleware), `{}`)
		const at = "946684800001"
		want := `{"function_request_id":"` + res.RequestID + `","service":"orders","stage":"prod","channel":"web","order":{"id":1},"Accepted":3,"Size":[10,20.5],` +
			`"_aws":{"Timestamp":` + at + `,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service","stage","channel"]],"Metrics":[{"Name":"Accepted","Unit":"Count"},{"Name":"Size","Unit":"Bytes"}]}]}}` + "\n" +
			`{"function_request_id":"` + res.RequestID + `","service":"orders","stage":"prod","order":{"id":1},"Wait":1.5,` +
			`"_aws":{"Timestamp":` + at + `,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service","stage"]],"Metrics":[{"Name":"Wait","Unit":"Milliseconds","StorageResolution":1}]}]}}` + "\n"
		if string(res.Output) != want {
			t.Errorf("got  %s\nwant %s", res.Output, want)
		}
		documents(t, res.Output)
	})
}

func TestDimensionsBindWhenTheyAreAdded(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{Service: "s"}, func(ctx context.Context, m *metrics.Meter) error {
		c := m.Counter("N")
		acme := c.With("tenant", "acme")
		c.Add(ctx, 1)
		metrics.AddDimensions(ctx, "region", "eu")
		c.Add(ctx, 2)
		acme.Add(ctx, 4)
		acme.With("tenant", "other").Add(ctx, 8)
		metrics.AddDimensionSet(ctx, "region", "us", "zone", "z")
		c.Add(ctx, 16)
		return nil
	})
	got := map[string]float64{}
	for _, d := range docs {
		got[d.key()] += d.values["N"][0]
	}
	want := map[string]float64{
		"service=s": 1, "region=eu,service=s": 2 + 16, "region=eu,service=s,tenant=acme": 4, "region=eu,service=s,tenant=other": 8,
		"region=us,service=s,zone=z": 16, // in a document of its own, where region has another value
	}
	if !maps.Equal(got, want) || len(reported) > 0 {
		t.Errorf("got %v, want %v, reported %v", got, want, reported)
	}
}

func TestSetsOfDimensions(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{Service: "s"}, func(ctx context.Context, m *metrics.Meter) error {
		c := m.Counter("N")
		metrics.AddDimensionSet(ctx, "region", "eu", "zone", "a")
		metrics.AddDimensionSet(ctx, "zone", "a", "region", "eu") // the same
		metrics.AddDimensionSet(ctx, "region", "us")
		c.Add(ctx, 1)
		c.With("tenant", "x").Add(ctx, 2)
		return nil
	})
	var got []string
	for _, d := range docs {
		got = append(got, fmt.Sprint(d.key(), " ", d.values["N"]))
	}
	slices.Sort(got)
	want := []string{
		"region=eu,service=s,zone=a [1]", "region=us,service=s [1]",
		"region=us,service=s [2]", "service=s,tenant=x|region=eu,service=s,zone=a [2]",
	}
	if !slices.Equal(got, want) || len(reported) > 0 {
		t.Errorf("got %q\nwant %q, reported %v", got, want, reported)
	}
}

func TestLabelsHaveNoOrder(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		c := m.Counter("N")
		c.With("a", "1", "b", "2").Add(ctx, 1)
		c.With("b", "2", "a", "1").Add(ctx, 1)
		c.With("b", "3").With("a", "1").With("b", "2").Add(ctx, 1)
		wide := c.With("a", "1", "b", "2", "c", "3", "d", "4", "e", "5")
		wide.With("e", "6").Add(ctx, 1)
		wide.Add(ctx, 1)
		return nil
	})
	if len(docs) != 3 || docs[0].values["N"][0] != 3 || docs[1].dimensionValues["e"] != "6" || docs[2].dimensionValues["e"] != "5" {
		t.Errorf("%d documents", len(docs))
	}
}

func TestReportsMayRecord(t *testing.T) {
	t.Parallel()
	var m *metrics.Meter
	var running context.Context
	o := metrics.Options{OnError: func(error) { m.Counter("Problems").Add(running, 1) }}
	docs, _ := run(t, o, func(ctx context.Context, made *metrics.Meter) error {
		m, running = made, ctx
		metrics.AddDimensions(ctx, "odd")
		for i := range 1100 {
			metrics.AddMetadata(ctx, fmt.Sprint("m", i), i)
		}
		metrics.AddMetadata(ctx, "panics", panicky{})
		return nil
	})
	if len(docs) == 0 {
		t.Error("nothing is written")
	}
}

type panicky struct{}

func (panicky) MarshalJSON() ([]byte, error) { panic("MarshalJSON") }

func TestLoopsOverDimensionsStaySmall(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		c := m.Counter("N")
		for i := range 3000 {
			metrics.AddDimensions(ctx, "queue", fmt.Sprint("q", i%3))
			c.Add(ctx, 1)
		}
		for i := range 100 {
			metrics.AddDimensionSet(ctx, "set", "same")
			metrics.AddDimensionSet(ctx, fmt.Sprint("set", i), "other")
		}
		return nil
	})
	if len(docs) != 3 || docs[0].values["N"][0] != 1000 || len(reported) != 1 || !strings.Contains(reported[0], "more than 10 sets") {
		t.Errorf("%d documents, reported %v", len(docs), reported)
	}
}

func TestLateValuesKeepWhatTheInvocationAdds(t *testing.T) {
	t.Parallel()
	m := metrics.New(&metrics.Options{Namespace: "Shop"})
	release, done := make(chan struct{}), make(chan struct{})
	var b bytes.Buffer
	ctx := sandbox.NewContext(t.Context(), &sandbox.Sandbox{Stdout: &b})
	lambdakit.WrapFunc(func(ctx context.Context) {
		metrics.AddDimensions(ctx, "tenant", "acme")
		metrics.AddMetadata(ctx, "order", 1)
		go func() {
			defer close(done)
			<-release
			m.Counter("Late").Add(ctx, 1)
			m.Single(ctx, "Single", metrics.Count, 1)
		}()
	}, m.Middleware).Invoke(ctx, nil)
	close(release)
	<-done
	docs := documents(t, b.Bytes())
	if len(docs) != 2 || docs[0].key() != "tenant=acme" || docs[0].root["order"] != 1.0 || docs[1].key() != "" {
		t.Errorf("%s", &b)
	}
}

func TestCountersAreOneValue(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		c, d := m.Counter("C"), m.Distribution("D", metrics.None)
		for i := range 250 {
			c.Add(ctx, 1)
			d.Record(ctx, float64(i))
		}
		return nil
	})
	counts, values := []float64{}, 0
	for _, d := range docs {
		counts = append(counts, d.values["C"]...)
		values += len(d.values["D"])
	}
	if len(counts) != 1 || counts[0] != 250 || values != 250 {
		t.Errorf("counter %v, %d values", counts, values)
	}
}

func TestMiddlewareThatIsCalledTwice(t *testing.T) {
	t.Parallel()
	m := metrics.New(&metrics.Options{Namespace: "Shop", ColdStart: true})
	twice := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			next(ctx, inv)
			return next(ctx, inv)
		}
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) { m.Counter("N").Add(ctx, 1) }, twice, m.Middleware), `{}`)
	if docs := documents(t, res.Output); len(docs) != 2 || docs[1].values["N"][0] != 2 {
		t.Errorf("%s", res.Output)
	}
}

func TestManyNamesMadeUpAtRunTime(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		for i := range 10_000 {
			m.Counter(fmt.Sprint("n", i))
		}
		for range 500 {
			m.Record(ctx, "new", metrics.None, 1)
		}
		return nil
	})
	if len(docs) != 5 || len(reported) > 0 {
		t.Errorf("%d documents, reported %v", len(docs), reported)
	}
}

func TestLargeDimensionsFit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{8000, 64_000} {
		docs, reported := run(t, metrics.Options{MaxDocumentBytes: limit}, func(ctx context.Context, m *metrics.Meter) error {
			c := m.Counter("N")
			for i := range 30 {
				c = c.With(fmt.Sprint(strings.Repeat("d", 240), i), strings.Repeat(`"`, 1024))
			}
			c.Add(ctx, 1)
			return nil
		})
		if len(docs) != 1 || docs[0].size > limit || len(reported) == 0 || !strings.Contains(reported[0], "half of a document") {
			t.Errorf("limit %d: %d documents, reported %.200q", limit, len(docs), reported)
		}
	}
}

func TestLevelAndDimensionsOfItsName(t *testing.T) {
	t.Setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "WARN")
	docs, reported := run(t, metrics.Options{Dimensions: []string{"timestamp", "x"}}, func(ctx context.Context, m *metrics.Meter) error {
		m.Counter("N").With("level", "gold").Add(ctx, 1)
		return nil
	})
	if len(docs) != 1 || docs[0].root["level"] != "WARN" || docs[0].key() != "" || len(reported) != 2 {
		t.Errorf("reported %q", reported)
	}
}

func TestWhatIsSetWinsOverDefaults(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{Service: "s"}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddDimensions(ctx, "service", "mine")
		metrics.AddDimensionSet(ctx, "region", "eu")
		m.Counter("N").Add(ctx, 1)
		return nil
	})
	if len(docs) != 1 || docs[0].key() != "service=mine|region=eu,service=mine" {
		t.Errorf("%s", docs[0].key())
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]func(ctx context.Context) error{
		"success": func(context.Context) error { return nil },
		"error":   func(context.Context) error { return fmt.Errorf("x") },
		"panic":   func(context.Context) error { panic("x") },
	} {
		docs, _ := run(t, metrics.Options{ColdStart: true}, func(ctx context.Context, m *metrics.Meter) error {
			m.Counter("N").Add(ctx, 1)
			return fn(ctx)
		})
		if len(docs) != 2 || docs[0].values["ColdStart"] == nil || docs[0].key() != "function_name=function" || docs[1].values["N"] == nil {
			t.Errorf("%s: %d documents", name, len(docs))
		}
	}
}

func TestNearDeadlineCountsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New(&metrics.Options{Namespace: "Shop"})
		c := m.Counter("N")
		h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
			c.Add(ctx, 1)
			time.Sleep(950 * time.Millisecond)
			c.Add(ctx, 2)
		}, m.Middleware), &lambdatest.Options{Timeout: time.Second})
		docs := documents(t, h.Invoke(`{}`).Output)
		if len(docs) != 2 || docs[0].values["N"][0] != 1 || docs[1].values["N"][0] != 2 {
			t.Errorf("%d documents", len(docs))
		}
	})
}

func TestSplits(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{Service: "s"}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddMetadata(ctx, "id", "x")
		metrics.SetTimestamp(ctx, time.Now().Add(-time.Hour))
		for i := range 250 {
			m.Record(ctx, fmt.Sprint("metric", i), metrics.Count, float64(i))
		}
		d := m.Distribution("Many", metrics.Bytes)
		for i := range 250 {
			d.Record(ctx, float64(i))
		}
		return nil
	})
	sum, many := 0.0, []float64{}
	for _, d := range docs {
		if d.key() != "service=s" || d.root["id"] != "x" || time.Since(time.UnixMilli(d.stamp)).Round(time.Minute) != time.Hour {
			t.Errorf("%s %v %v", d.key(), d.root["id"], d.stamp)
		}
		for name, v := range d.values {
			if name == "Many" {
				many = append(many, v...)
			} else {
				sum += v[0]
			}
		}
	}
	slices.Sort(many)
	if sum != 249*250/2 || len(many) != 250 || many[249] != 249 || len(reported) > 0 {
		t.Errorf("sum %v, %d values, reported %v", sum, len(many), reported)
	}
	docs, _ = run(t, metrics.Options{MaxDocumentBytes: 8000}, func(ctx context.Context, m *metrics.Meter) error {
		for i := range 300 {
			m.Record(ctx, fmt.Sprint(strings.Repeat("m", 200), i), metrics.Count, math.Pi)
		}
		return nil
	})
	n := 0
	for _, d := range docs {
		n += len(d.values)
		if d.size > 8000 {
			t.Errorf("%d bytes", d.size)
		}
	}
	if n != 300 {
		t.Errorf("%d metrics", n)
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	for want, fn := range map[string]func(ctx context.Context, m *metrics.Meter){
		`metric name "" is not 1 to 255`: func(ctx context.Context, m *metrics.Meter) { m.Counter("").Add(ctx, 1) },
		`is not 1 to 255 characters`: func(ctx context.Context, m *metrics.Meter) {
			m.Record(ctx, strings.Repeat("x", 256), metrics.Count, 1)
		},
		`has control characters`:              func(ctx context.Context, m *metrics.Meter) { m.Counter("a\nb").Add(ctx, 1) },
		`a name that EMF uses itself`:         func(ctx context.Context, m *metrics.Meter) { m.Counter("_aws").Add(ctx, 1) },
		`unit "Parsecs" is none of Seconds, `: func(ctx context.Context, m *metrics.Meter) { m.Distribution("D", "Parsecs").Record(ctx, 1) },
		`the value NaN is not a number`: func(ctx context.Context, m *metrics.Meter) {
			m.Distribution("D", metrics.None).Record(ctx, math.NaN())
		},
		`the value -Inf is infinite`:          func(ctx context.Context, m *metrics.Meter) { m.Counter("C").Add(ctx, math.Inf(-1)) },
		`beyond 2^360`:                        func(ctx context.Context, m *metrics.Meter) { m.Counter("C").Add(ctx, 1e200) },
		`the last name "odd" has no value`:    func(ctx context.Context, m *metrics.Meter) { m.Counter("C").With("a", "b", "odd").Add(ctx, 1) },
		`dimension "empty": its value is not`: func(ctx context.Context, m *metrics.Meter) { m.Counter("C").With("empty", "").Add(ctx, 1) },
		`dimension ":colon": its name begins`: func(ctx context.Context, m *metrics.Meter) { m.Counter("C").With(":colon", "x").Add(ctx, 1) },
		`printable ASCII`:                     func(ctx context.Context, m *metrics.Meter) { m.Counter("C").With("a", "é").Add(ctx, 1) },
		`more than two weeks ago`:             func(ctx context.Context, m *metrics.Meter) { metrics.SetTimestamp(ctx, time.Unix(0, 0)) },
		`metric "C" has the name of a dim`:    func(ctx context.Context, m *metrics.Meter) { m.Counter("C").With("C", "x").Add(ctx, 1) },
		`metadata "fine" have the name`:       func(ctx context.Context, m *metrics.Meter) { metrics.AddMetadata(ctx, "fine", 1) },
		`metadata "ch" cannot be encoded`:     func(ctx context.Context, m *metrics.Meter) { metrics.AddMetadata(ctx, "ch", make(chan int)) },
		`do not fit into a document`: func(ctx context.Context, m *metrics.Meter) {
			metrics.AddMetadata(ctx, "x", strings.Repeat("x", 64_000))
		},
		`metric "C" is recorded with several`: func(ctx context.Context, m *metrics.Meter) {
			m.Record(ctx, "C", metrics.Count, 1)
			m.Record(ctx, "C", metrics.Bytes, 2)
		},
		`a set has at most 30 dimensions`: func(ctx context.Context, m *metrics.Meter) {
			c := m.Counter("C")
			for i := range 31 {
				c = c.With(fmt.Sprint("d", i), "x")
			}
			c.Add(ctx, 1)
		},
	} {
		docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			for range 2 {
				fn(ctx, m)
			}
			m.Counter("fine").Add(ctx, 1)
			return nil
		})
		if len(reported) != 1 || !strings.Contains(reported[0], want) || !strings.HasPrefix(reported[0], "metrics: ") {
			t.Errorf("%s: reported %q", want, reported)
		}
		if !slices.ContainsFunc(docs, func(d *emf) bool { return d.values["fine"] != nil }) {
			t.Errorf("%s: the rest is not written", want)
		}
	}
}

func TestOptionsAndEnvironment(t *testing.T) {
	for _, c := range []struct {
		env        string
		o          metrics.Options
		key, ns, r string
	}{
		{"", metrics.Options{}, "", metrics.DefaultNamespace, "no namespace"},
		{"POWERTOOLS_METRICS_NAMESPACE=Env", metrics.Options{}, "", "Env", ""},
		{"POWERTOOLS_METRICS_NAMESPACE=Env", metrics.Options{Namespace: "Code"}, "", "Code", ""},
		{"", metrics.Options{Namespace: "AWS/Lambda"}, "", metrics.DefaultNamespace, `begins with "AWS/"`},
		{"", metrics.Options{Namespace: "a$b"}, "", metrics.DefaultNamespace, "characters other than"},
		{"POWERTOOLS_SERVICE_NAME=s", metrics.Options{Namespace: "N", Dimensions: []string{"a", "b"}}, "a=b,service=s", "N", ""},
		{"POWERTOOLS_METRICS_DISABLED=true", metrics.Options{Namespace: "N"}, "none", "", ""},
		{"POWERTOOLS_DEV=true", metrics.Options{Namespace: "N"}, "none", "", ""},
		{"POWERTOOLS_DEV=true POWERTOOLS_METRICS_DISABLED=false", metrics.Options{Namespace: "N"}, "", "N", ""},
		{"POWERTOOLS_METRICS_DISABLED=true", metrics.Options{Namespace: "N", Disabled: new(false)}, "", "N", ""},
		{"POWERTOOLS_METRICS_DISABLED=perhaps", metrics.Options{Namespace: "N"}, "", "N", "not a switch"},
		{"AWS_LAMBDA_LOG_FORMAT=JSON AWS_LAMBDA_LOG_LEVEL=ERROR", metrics.Options{Namespace: "N"}, "ERROR", "N", ""},
		{"AWS_LAMBDA_LOG_FORMAT=JSON AWS_LAMBDA_LOG_LEVEL=ERROR", metrics.Options{Namespace: "N", NoLevel: true}, "", "N", ""},
		{"AWS_LAMBDA_LOG_FORMAT=Text AWS_LAMBDA_LOG_LEVEL=ERROR", metrics.Options{Namespace: "N"}, "", "N", ""},
		{"AWS_LAMBDA_LOG_FORMAT=JSON AWS_LAMBDA_LOG_LEVEL=INFO", metrics.Options{Namespace: "N"}, "", "N", ""},
	} {
		t.Run(c.env+c.o.Namespace, func(t *testing.T) {
			for _, kv := range strings.Fields(c.env) {
				k, v, _ := strings.Cut(kv, "=")
				t.Setenv(k, v)
			}
			var b bytes.Buffer
			reported := ""
			c.o.Writer, c.o.OnError = &b, func(err error) { reported += err.Error() }
			m := metrics.New(&c.o)
			m.Counter("C").Add(t.Context(), 1) // outside an invocation: written at once
			m.Single(t.Context(), "S", metrics.Bytes, 2, "only", "this")
			docs := documents(t, b.Bytes())
			if (c.r == "") != (reported == "") || !strings.Contains(reported, c.r) {
				t.Errorf("got reports %q, want %q", reported, c.r)
			}
			if c.key == "none" {
				if len(docs) != 0 {
					t.Errorf("%s", &b)
				}
				return
			}
			if len(docs) != 2 || docs[0].namespace != c.ns || docs[1].dimensionValues["only"] != "this" {
				t.Fatalf("%s", &b)
			}
			if c.key == "ERROR" {
				_, err := time.Parse(time.RFC3339, fmt.Sprint(docs[0].root["timestamp"]))
				if docs[0].root["level"] != "ERROR" || err != nil {
					t.Errorf("%s", &b)
				}
			} else if docs[0].key() != c.key || docs[0].root["level"] != nil {
				t.Errorf("%s: %s", docs[0].key(), &b)
			}
		})
	}
}

func TestParseUnit(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]metrics.Unit{"count": metrics.Count, " Bytes/Second ": metrics.BytesPerSecond, "None": metrics.None} {
		if got, err := metrics.ParseUnit(in); got != want || err != nil {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	if _, err := metrics.ParseUnit("x"); err == nil || strings.Count(err.Error(), ",") != 26 {
		t.Error(err)
	}
}

func TestZeroInstrumentsDoNothing(t *testing.T) {
	t.Parallel()
	var c metrics.Counter
	c.With("odd").HighResolution().Add(t.Context(), 1)
	var d metrics.Duration
	d.Start(t.Context()).Stop()
}
