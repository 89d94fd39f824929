package segment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/segment"
)

func TestTree(t *testing.T) {
	t.Parallel()
	type d = segment.Document
	for _, c := range []struct {
		name      string
		documents []d
		want      string // id, depth, and ! for the last of its siblings
	}{
		{name: "nothing"},
		{"siblings by their starts, each below its parent",
			[]d{{ID: "c", ParentID: "a", StartTime: 3}, {ID: "x", ParentID: "b", StartTime: 4}, {ID: "b", ParentID: "a", StartTime: 2}, {ID: "a", StartTime: 1}},
			"a0! b1 x2! c1!"},
		{"siblings that start together keep their order",
			[]d{{ID: "a"}, {ID: "c", ParentID: "a", StartTime: 1}, {ID: "b", ParentID: "a", StartTime: 1}},
			"a0! c1 b1!"},
		{"subsegments inside",
			[]d{{ID: "a", Subsegments: []d{{ID: "c", StartTime: 2, Subsegments: []d{{ID: "d"}}}, {ID: "b", StartTime: 1}}}},
			"a0! b1 c1! d2!"},
		{"an unknown parent",
			[]d{{ID: "b", ParentID: "elsewhere", StartTime: 2}, {ID: "c", ParentID: "b"}, {ID: "a", StartTime: 1}},
			"a0 b0! c1!"},
		{"its own parent", []d{{ID: "a", ParentID: "a"}, {ID: "b", ParentID: "a"}}, "a0! b1!"},
		{"a circle", []d{{ID: "a", ParentID: "b"}, {ID: "b", ParentID: "a"}, {ID: "c", ParentID: "a"}}, ""},
	} {
		var got []string
		for _, n := range segment.Tree(c.documents) {
			text := fmt.Sprint(n.ID, n.Depth)
			if n.Last {
				text += "!"
			}
			got = append(got, text)
		}
		if c.name == "a circle" { // it may begin anywhere
			if len(got) != 3 {
				t.Errorf("%s: got %q, want each document once", c.name, got)
			}
			continue
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: got %s, want %s", c.name, text, c.want)
		}
	}
}

func TestTree_LaterDocumentCounts(t *testing.T) {
	t.Parallel()
	nodes := segment.Tree([]segment.Document{{ID: "a", Name: "in progress", StartTime: 1}, {ID: "b", StartTime: 2}, {ID: "a", Name: "complete", StartTime: 1}})
	if len(nodes) != 2 || nodes[0].Name != "complete" || nodes[1].ID != "b" {
		t.Errorf("got %+v, want the complete document and b", nodes)
	}
}

func TestException_StackText(t *testing.T) {
	t.Parallel()
	frames := []segment.Frame{{Path: "main.go", Line: 7, Label: "main.handle"}, {Path: "lib.go", Line: 9, Label: "lib.Call"}}
	for want, x := range map[string]segment.Exception{
		"": {},
		"main.handle\n\tmain.go:7\nlib.Call\n\tlib.go:9\n": {Stack: frames},
		"goroutine 1": {Trace: "goroutine 1", Stack: frames},
	} {
		if got := x.StackText(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
