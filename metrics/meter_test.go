package metrics_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emftest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders", Dimensions: map[string]string{"stage": "prod"}})
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
		emftest.Decode(t, res.Output)
	})
}

func TestRecord_NamesMadeAtRunTime(t *testing.T) {
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
		t.Errorf("got %d documents and reports %q, want 5 and none", len(docs), reported)
	}
}

func TestDocument_SplitKeepsDimensionsMetadataAndTimestamp(t *testing.T) {
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
		if d.Key() != "service=s" || d.Members["id"] != "x" || time.Since(time.UnixMilli(d.Timestamp)).Round(time.Minute) != time.Hour {
			t.Errorf("got dimensions %s, id %v, timestamp %v, want service=s, x and an hour ago", d.Key(), d.Members["id"], d.Timestamp)
		}
		for name, v := range d.Values {
			if name == "Many" {
				many = append(many, v...)
			} else {
				sum += v[0]
			}
		}
	}
	slices.Sort(many)
	if sum != 249*250/2 || len(many) != 250 || many[249] != 249 || len(reported) > 0 {
		t.Errorf("got a sum of %v, %d values, reports %q, want %d, 250 and none", sum, len(many), reported, 249*250/2)
	}
}

func TestDocument_SplitAtMaxDocumentBytes(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{MaxDocumentBytes: 8000}, func(ctx context.Context, m *metrics.Meter) error {
		for i := range 300 {
			m.Record(ctx, fmt.Sprint(strings.Repeat("m", 200), i), metrics.Count, math.Pi)
		}
		return nil
	})
	n := 0
	for _, d := range docs {
		n += len(d.Values)
		if d.Size > 8000 {
			t.Errorf("got %d bytes, want at most 8,000", d.Size)
		}
	}
	if n != 300 {
		t.Errorf("got %d metrics, want 300", n)
	}
}

// The values of a metric keep their order and appear once if a document has room for some of them.
func TestDocument_SplitInsideAMetric(t *testing.T) {
	t.Parallel()
	want := func(i int) float64 { return -1.2345678901234567e-100 * float64(i+1) }
	docs, _ := run(t, metrics.Options{MaxDocumentBytes: 8000}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddMetadata(ctx, "m", strings.Repeat("x", 5500))
		for i := range 100 {
			m.Record(ctx, "D", metrics.None, want(i))
			m.Record(ctx, "E", metrics.None, 1)
		}
		return nil
	})
	got := map[string][]float64{}
	for _, d := range docs {
		if d.Size > 8000 {
			t.Errorf("got %d bytes, want at most 8,000", d.Size)
		}
		for name, values := range d.Values {
			got[name] = append(got[name], values...)
		}
	}
	for i, v := range got["D"] {
		if v != want(i) {
			t.Fatalf("value %d: got %v, want %v", i, v, want(i))
		}
	}
	if len(docs) < 2 || len(docs[0].Values["D"]) == 100 || len(got["D"]) != 100 || len(got["E"]) != 100 {
		t.Errorf("got %d documents, the first with %d values, with %d and %d values, want 100 and 100, and fewer in the first", len(docs), len(docs[0].Values["D"]), len(got["D"]), len(got["E"]))
	}
}

func TestMeter_ReportsBadInput(t *testing.T) {
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
			t.Errorf("got reports %q, want one with %q", reported, want)
		}
		if !slices.ContainsFunc(docs, func(d *emftest.Document) bool { return d.Values["fine"] != nil }) {
			t.Errorf("%s: got no document with the metric fine, want it", want)
		}
	}
}

func TestNew_OptionsAndEnvironment(t *testing.T) {
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
		{"POWERTOOLS_SERVICE_NAME=s", metrics.Options{Namespace: "N", Dimensions: map[string]string{"a": "b"}}, "a=b,service=s", "N", ""},
		{"POWERTOOLS_METRICS_DISABLED=true", metrics.Options{Namespace: "N"}, "none", "", ""},
		{"POWERTOOLS_DEV=true", metrics.Options{Namespace: "N"}, "none", "", ""},
		{"POWERTOOLS_DEV=true POWERTOOLS_METRICS_DISABLED=false", metrics.Options{Namespace: "N"}, "", "N", ""},
		{"POWERTOOLS_METRICS_DISABLED=true", metrics.Options{Namespace: "N", Disabled: new(false)}, "", "N", ""},
		{"POWERTOOLS_METRICS_DISABLED=perhaps", metrics.Options{Namespace: "N"}, "", "N", "not a switch"},
		{"AWS_LAMBDA_LOG_FORMAT=JSON AWS_LAMBDA_LOG_LEVEL=ERROR", metrics.Options{Namespace: "N"}, "ERROR", "N", ""},
		{"AWS_LAMBDA_LOG_FORMAT=JSON AWS_LAMBDA_LOG_LEVEL=ERROR", metrics.Options{Namespace: "N", DisableLevel: true}, "", "N", ""},
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
			m.Counter("C").Add(t.Context(), 1) // outside an invocation: written immediately
			m.Single(t.Context(), "S", metrics.Bytes, 2, "only", "this")
			docs := emftest.Decode(t, b.Bytes())
			if (c.r == "") != (reported == "") || !strings.Contains(reported, c.r) {
				t.Errorf("got reports %q, want %q", reported, c.r)
			}
			if c.key == "none" {
				if len(docs) != 0 {
					t.Errorf("got %s, want nothing", &b)
				}
				return
			}
			if len(docs) != 2 || docs[0].Namespace != c.ns || docs[1].DimensionValues["only"] != "this" {
				t.Fatalf("got %s, want two documents in %s", &b, c.ns)
			}
			if c.key == "ERROR" {
				_, err := time.Parse(time.RFC3339, fmt.Sprint(docs[0].Members["timestamp"]))
				if docs[0].Members["level"] != "ERROR" || err != nil {
					t.Errorf("got %s, want level ERROR and a timestamp", &b)
				}
			} else if docs[0].Key() != c.key || docs[0].Members["level"] != nil {
				t.Errorf("got dimensions %q in %s, want %q and no level", docs[0].Key(), &b, c.key)
			}
		})
	}
}

func TestParseUnit(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]metrics.Unit{"count": metrics.Count, " Bytes/Second ": metrics.BytesPerSecond, "None": metrics.None} {
		if got, err := metrics.ParseUnit(in); got != want || err != nil {
			t.Errorf("%q: got %v, %v, want %v", in, got, err, want)
		}
	}
	if _, err := metrics.ParseUnit("x"); err == nil || strings.Count(err.Error(), ",") != 26 {
		t.Errorf("got error %v, want one that lists 27 units", err)
	}
}

func TestHighResolution_OfEachInstrument(t *testing.T) {
	t.Parallel()
	_, text := runLine(t, func(ctx context.Context, m *metrics.Meter) {
		m.Counter("C").HighResolution().Add(ctx, 1)
		m.Distribution("D", metrics.Bytes).HighResolution().Record(ctx, 1)
		m.Duration("T").HighResolution().Record(ctx, time.Second)
	})
	want := `[{"Name":"C","Unit":"Count","StorageResolution":1},{"Name":"D","Unit":"Bytes","StorageResolution":1},{"Name":"T","Unit":"Milliseconds","StorageResolution":1}]`
	if !strings.Contains(text, want) {
		t.Errorf("got %s, want the metrics %s", text, want)
	}
}

func TestInstruments_WithABadNameDoNothing(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		m.Counter("").HighResolution().With("a", "b").Add(ctx, 1)
		m.Distribution("", metrics.Bytes).HighResolution().With("a", "b").Record(ctx, 1)
		m.Duration("").HighResolution().With("a", "b").Record(ctx, time.Second)
		m.Single(ctx, "", metrics.Count, 1, "a", "b")
		return nil
	})
	if len(docs) != 0 || len(reported) != 1 {
		t.Errorf("got %d documents and reports %q, want none and one about the name", len(docs), reported)
	}
}

func TestInstruments_ZeroValuesDoNothing(t *testing.T) {
	t.Parallel()
	var c metrics.Counter
	c.With("odd").HighResolution().Add(t.Context(), 1)
	var d metrics.Duration
	d.With("odd").HighResolution().Start(t.Context()).Stop()
	var x metrics.Distribution
	x.With("odd").HighResolution().Record(t.Context(), 1)
}
