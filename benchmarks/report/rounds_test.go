package main

import (
	"reflect"
	"slices"
	"testing"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	groups, functions := plan([]string{
		"logging/Line16/ours", "coldstart/full/init", "own/metrics/Document", "logging/Below/ours",
		"logging/Line16/floor/x", "logging/Line16/ours", "coldstart/bare/init", "coldstart/full/bytes",
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
	if want := []string{"full", "bare"}; !slices.Equal(functions, want) {
		t.Errorf("functions %v, want %v", functions, want)
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
