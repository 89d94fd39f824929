package main

import (
	"reflect"
	"slices"
	"testing"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	groups, functions, backends := plan([]string{
		"logging/Line16/ours", "coldstart/full/init", "own/metrics/Document", "logging/Below/ours",
		"logging/Line16/floor/x", "logging/Line16/ours", "coldstart/bare/init", "coldstart/full/bytes",
		"backend/slow/otlp/response", "backend/slow/bare/first",
	})
	var got []group
	for _, g := range groups {
		got = append(got, *g)
	}
	want := []group{
		{"logging", []string{"Line16/ours", "Line16/floor/x"}},
		{"own/metrics", []string{"Document"}},
		{"logging", []string{"Below/ours"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("groups\n got %v\nwant %v", got, want)
	}
	got = nil
	for _, g := range whole(groups, []string{"metrics/Record", "logging/Below"}) {
		got = append(got, *g)
	}
	want = []group{
		{"logging", []string{"Line16"}}, {"own/metrics", []string{"Document"}}, {"logging", []string{"Below"}}, {"metrics", []string{"Record"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("whole groups\n got %v\nwant %v", got, want)
	}
	if want := []string{"full", "bare", "otlp"}; !slices.Equal(functions, want) {
		t.Errorf("functions %v, want %v", functions, want)
	}
	if want := []string{"otlp", "bare"}; !slices.Equal(backends, want) {
		t.Errorf("functions with backends %v, want %v", backends, want)
	}
}

func TestImportPath(t *testing.T) {
	t.Parallel()
	for pkg, want := range map[string]string{"logging": "./logging", "own/metrics": "github.com/lambdakit/lambdakit/metrics"} {
		if got := importPath(pkg); got != want {
			t.Errorf("%s: %s, want %s", pkg, got, want)
		}
	}
}

func TestVariant(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"logging/Line16/zerolog":     "zerolog",
		"params/Text/floor/clock":    "floor/clock",
		"own/metrics/Document":       "Document",
		"coldstart/full/init":        "full",
		"backend/slow/otlp/response": "otlp",
	} {
		if got := variant(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
