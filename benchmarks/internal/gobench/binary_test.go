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
