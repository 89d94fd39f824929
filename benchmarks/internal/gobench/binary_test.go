package gobench

import (
	"slices"
	"testing"
)

func TestLasts(t *testing.T) {
	t.Parallel()
	got := lasts([]Result{{Name: "A/x", NS: 9}, {Name: "A/x", NS: 5}, {Name: "A/y", NS: 8}, {Name: "A/y", NS: 6}})
	if want := []Result{{Name: "A/x", NS: 5}, {Name: "A/y", NS: 6}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCommand_NumberOfOperations(t *testing.T) {
	t.Parallel()
	b := &Binary{path: "x.test", dir: "/tmp"}
	cmd := b.Command(t.Context(), "Line16/zerolog", 600)
	got := cmd.Args[1 : len(cmd.Args)-1]
	want := []string{"-test.run=^$", "-test.bench=^BenchmarkLine16$/^(zerolog)$", "-test.benchtime=600x", "-test.count=1"}
	if !slices.Equal(got, want) || cmd.Dir != "/tmp" {
		t.Errorf("got %q in %s, want %q in /tmp", got, cmd.Dir, want)
	}
}
