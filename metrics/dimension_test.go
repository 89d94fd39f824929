package metrics_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emftest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

func TestDimensions_BindWhenTheyAreAdded(t *testing.T) {
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
		got[d.Key()] += d.Values["N"][0]
	}
	want := map[string]float64{
		"service=s": 1, "region=eu,service=s": 2 + 16, "region=eu,service=s,tenant=acme": 4, "region=eu,service=s,tenant=other": 8,
		"region=us,service=s,zone=z": 16, // in another document, in which region has another value
	}
	if !maps.Equal(got, want) || len(reported) > 0 {
		t.Errorf("got %v, want %v, reported %v", got, want, reported)
	}
}

func TestAddDimensionSet_SeveralSets(t *testing.T) {
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
		got = append(got, fmt.Sprint(d.Key(), " ", d.Values["N"]))
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

func TestDimensions_HaveNoOrder(t *testing.T) {
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
	if len(docs) != 3 || docs[0].Values["N"][0] != 3 || docs[1].DimensionValues["e"] != "6" || docs[2].DimensionValues["e"] != "5" {
		t.Errorf("got %d documents, want one with 3 and one for each value of e", len(docs))
	}
}

// Instruments that are made from one do not get each other's dimensions, however many it has.
func TestDimensions_BelongToOneInstrument(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		docs, _ := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			c := m.Counter("N")
			for i := range n {
				c = c.With(fmt.Sprint("d", i), "x")
			}
			first, second := c.With("tenant", "first"), c.With("region", "second")
			first.Add(ctx, 1)
			second.Add(ctx, 2)
			return nil
		})
		for i, want := range []map[string]string{{"tenant": "first"}, {"region": "second"}} {
			for name, value := range want {
				if got := docs[i].DimensionValues; got[name] != value || len(got) != n+1 {
					t.Errorf("%d dimensions: got %v, want these and %s=%s", n, got, name, value)
				}
			}
		}
	}
}

func TestDimensions_LoopsShareDocuments(t *testing.T) {
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
	if len(docs) != 3 || docs[0].Values["N"][0] != 1000 || len(reported) != 1 || !strings.Contains(reported[0], "more than 10 sets") {
		t.Errorf("got %d documents and reports %q, want 3 and one about sets", len(docs), reported)
	}
}

func TestAddDimensions_WithoutPairsChangesNothing(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		c := m.Counter("N")
		c.Add(ctx, 1)
		metrics.AddDimensions(ctx)
		c.Add(ctx, 1)
		return nil
	})
	if len(docs) != 1 {
		t.Errorf("got %d documents, want 1", len(docs))
	}
}

// A meter may refuse a set that another meter of the invocation takes.
func TestAddDimensionSet_EachMeterDecides(t *testing.T) {
	t.Setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "WARN")
	var refuses, takes bytes.Buffer
	quiet := func(error) {}
	strict := metrics.New(&metrics.Options{Namespace: "Test", Writer: &refuses, OnError: quiet})
	open := metrics.New(&metrics.Options{Namespace: "Test", Writer: &takes, OnError: quiet, DisableLevel: true})
	for _, order := range [][]lambdakit.Middleware{{strict.Middleware, open.Middleware}, {open.Middleware, strict.Middleware}} {
		refuses.Reset()
		takes.Reset()
		lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
			metrics.AddDimensionSet(ctx, "level", "gold")
			strict.Counter("N").Add(ctx, 1)
			open.Counter("N").Add(ctx, 1)
			return nil
		}, order...), `{}`)
		if got, want := emftest.Decode(t, refuses.Bytes())[0].Key()+" "+emftest.Decode(t, takes.Bytes())[0].Key(), " level=gold"; got != want {
			t.Errorf("got the dimensions %q, want %q", got, want)
		}
	}
}

func TestDimensions_FillAtMostHalfOfADocument(t *testing.T) {
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
		if len(docs) != 1 || docs[0].Size > limit || len(reported) == 0 || !strings.Contains(reported[0], "half of a document") {
			t.Errorf("limit %d: got %d documents and reports %.200q, want one that fits and a report about half of a document", limit, len(docs), reported)
		}
	}
}

func TestLevel_DimensionsOfItsName(t *testing.T) {
	t.Setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "WARN")
	docs, reported := run(t, metrics.Options{Dimensions: map[string]string{"timestamp": "x"}}, func(ctx context.Context, m *metrics.Meter) error {
		m.Counter("N").With("level", "gold").Add(ctx, 1)
		return nil
	})
	if len(docs) != 1 || docs[0].Members["level"] != "WARN" || docs[0].Key() != "" || len(reported) != 2 {
		t.Errorf("got %d documents and reports %q, want one without dimensions and 2 reports", len(docs), reported)
	}
}

func TestAddDimensions_WinOverDefaults(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{Service: "s"}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddDimensions(ctx, "service", "mine")
		metrics.AddDimensionSet(ctx, "region", "eu")
		m.Counter("N").Add(ctx, 1)
		return nil
	})
	if want := "service=mine|region=eu,service=mine"; len(docs) != 1 || docs[0].Key() != want {
		t.Errorf("got %d documents, the first with %s, want one with %s", len(docs), docs[0].Key(), want)
	}
}
