package eventstest_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/eventstest"
)

// recorder is a testing.TB that keeps failures.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// golden returns the failures of Golden.
func golden[T any](t *testing.T, d *events.Definition[T], sample T) []string {
	r := &recorder{TB: t}
	eventstest.Golden(r, d, sample)
	return r.failures
}

func wantFailures(t *testing.T, got []string, wants ...string) {
	t.Helper()
	if len(got) != len(wants) {
		t.Fatalf("got the failures %q, want %q", got, wants)
	}
	for i, want := range wants {
		if !strings.Contains(filepath.ToSlash(got[i]), want) {
			t.Errorf("got the failure %q, want %q", got[i], want)
		}
	}
}

type (
	line struct {
		SKU string `json:"sku"`
	}
	v1 struct {
		Total int    `json:"total"`
		Lines []line `json:"lines"`
	}
	v2 struct {
		Cents int    `json:"cents"`
		Note  string `json:"note,omitempty"`
	}
)

var (
	first  = events.Define[v1]("shop/orders", "Confirmed")
	second = events.Define[v2]("shop/orders", "Confirmed", events.Version(2), events.Upcast(1, func(old v1) (v2, error) {
		if old.Total < 0 {
			return v2{}, errors.New("negative")
		}
		return v2{Cents: old.Total * 100}, nil
	}))
)

const (
	file1 = "testdata/events/shop%2Forders.Confirmed.v1.json"
	file2 = "testdata/events/shop%2Forders.Confirmed.v2.json"
)

func TestGolden_WritesTheCurrentVersionOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	sample := v1{3, []line{{"a"}, {"b"}}}
	wantFailures(t, golden(t, first, sample), file1+" was missing and is written now: commit it")
	text, err := os.ReadFile(file1)
	if err != nil {
		t.Fatal(err)
	}
	e, err := first.Decode(text)
	if err != nil || e.Data.Total != 3 || len(e.Data.Lines) != 2 || e.Version != 1 || e.ID != first.New("golden", sample).ID {
		t.Errorf("got %+v and %v from %s, want the sample", e, err, text)
	}
	wantFailures(t, golden(t, first, sample))
	if again, _ := os.ReadFile(file1); string(again) != string(text) {
		t.Errorf("got %s, want the first recording %s", again, text)
	}

	wantFailures(t, golden(t, second, v2{Cents: 1}), file2+" was missing and is written now")
	wantFailures(t, golden(t, second, v2{Cents: 1}))
	wantFailures(t, golden(t, second, v2{Cents: 1, Note: "an additional member"}))
}

func TestGolden_Failures(t *testing.T) {
	t.Chdir(t.TempDir())
	golden(t, first, v1{3, []line{{"a"}}})
	wantFailures(t, golden(t, first, v1{4, []line{{"b"}}}),
		`data.lines[0].sku was "a", and is "b" in the sample`,
		"data.total was 3, and is 4 in the sample: restore it in the type and the sample, or define version 2 with an Upcast of version 1")
	wantFailures(t, golden(t, first, v1{3, []line{{"a"}, {"b"}}}), `data.lines was [{"sku":"a"}], and is [{"sku":"a"},{"sku":"b"}] in the sample`)
	wantFailures(t, golden(t, first, v1{3, nil}), `data.lines was [{"sku":"a"}], and is null in the sample`)

	type renamed struct {
		Sum   int    `json:"sum"`
		Lines []line `json:"lines"`
	}
	wantFailures(t, golden(t, events.Define[renamed]("shop/orders", "Confirmed"), renamed{3, []line{{"a"}}}), "the sample has no member data.total")

	type retyped struct {
		Total string `json:"total"`
	}
	wantFailures(t, golden(t, events.Define[retyped]("shop/orders", "Confirmed"), retyped{"3"}), file1+" cannot be read: correct the type, or the Upcast of version 1")
}

func TestGolden_FilesOfOlderVersions(t *testing.T) {
	t.Chdir(t.TempDir())
	golden(t, second, v2{Cents: 1})
	wantFailures(t, golden(t, second, v2{Cents: 1}), file1+" is missing: restore it")
	for text, want := range map[string]string{
		`{"metadata":{"source":"shop/orders","type":"Confirmed","version":1},"data":{"total":-1}}`: "events: upgrade version 1 of Confirmed: negative",
		`{"metadata":{"source":"shop/orders","type":"Confirmed","version":2},"data":{"cents":1}}`:  "is not an event of version 1",
		`{"metadata":{"source":"shop","type":"Confirmed","version":1},"data":{}}`:                  "unknown type",
		`{"total":1}`: "is not an event of version 1",
		`{`:           "is not an event of version 1",
	} {
		if err := os.WriteFile(filepath.FromSlash(file1), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		wantFailures(t, golden(t, second, v2{Cents: 1}), want)
	}
}

func TestGolden_SampleThatCannotBePublished(t *testing.T) {
	t.Chdir(t.TempDir())
	d := events.Define[v1]("shop", "Checked", events.Check(func([]byte) error { return errors.New("no") }))
	wantFailures(t, golden(t, d, v1{}), "publish the sample of Checked")
	if _, err := os.Stat("testdata"); !os.IsNotExist(err) {
		t.Errorf("got error %v, want no files", err)
	}
}
