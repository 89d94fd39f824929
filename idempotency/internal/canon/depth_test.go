package canon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// deep returns a text of about size bytes that nests this deep, the names of each level out
// of order.
func deep(depth, size int) string {
	fill := `"z":"` + strings.Repeat("x", size/depth) + `",`
	return strings.Repeat("{"+fill+`"a":`, depth) + "1" + strings.Repeat("}", depth)
}

func TestAppend_CopiesEachByteAFewTimesAtAnyDepth(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 4, 5, 10, 400} {
		text := deep(depth, 200_000)
		e := new(encoder)
		got, err := e.append(nil, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if most := 5 * len(text); e.copied > most {
			t.Errorf("depth %d: got %d bytes copied, want %d at most", depth, e.copied, most)
		}
		if wants := depth > 4; (len(e.disorders) > 0) != wants {
			t.Errorf("depth %d: got %d objects that were noted, want some: %v", depth, len(e.disorders), wants)
		}
		if len(got) != len(text) || !bytes.HasPrefix(got, []byte(strings.Repeat(`{"a":`, depth)+`1,"z":"x`)) {
			t.Errorf("depth %d: got %.100s", depth, got)
		}
	}
}

func TestAppend_WritesNothingTwiceIfNamesAreInOrder(t *testing.T) {
	t.Parallel()
	e := new(encoder)
	if _, err := e.append(nil, []byte(`{"a":{"a":1,"b":[{"c":1,"d":2}]},"b":2}`)); err != nil || e.copied != 0 || len(e.text) != 0 {
		t.Errorf("got %d bytes copied, %v, want none", e.copied, err)
	}
}

// TestAppend_ReordersObjectsInObjects compares with encoding/json, which sorts ASCII names in
// the same order.
func TestAppend_ReordersObjectsInObjects(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"[" + strings.Repeat(`{"b":{"d":1,"c":2},"a":3},`, 20) + "{}]",
		`{"b":{"d":1,"c":2},"a":{"f":[{"z":1,"y":{"q":1,"p":2}}],"e":3}}`,
		`[{"b":1,"a":2},{"a":1,"b":2},{"b":{"b":1,"a":{"b":1,"a":2}},"a":2}]`,
		`{"a":{"b":1,"a":2},"b":{"b":1,"a":2},"c":[]}`,
		`{"b":{"b":{"b":{"b":{"b":{"b":{"b":1,"a":2},"a":2},"a":2},"a":2},"a":[{"b":{"b":1,"a":2},"a":2}]},"a":2},"a":{"b":1,"a":2}}`,
		`{"c":{"a":1,"b":2},"b":[{"b":1,"a":2},{"b":3,"a":4}],"a":{}}`,
		deep(50, 1000),
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		want, _ := json.Marshal(v)
		for _, dst := range []string{"", "prefix"} {
			got, err := Append([]byte(dst), []byte(text))
			if err != nil || string(got) != dst+string(want) {
				t.Errorf("%.60s: got %s, %v, want %s", text, got, err, dst+string(want))
			}
		}
	}
}

func TestAppend_Depth(t *testing.T) {
	t.Parallel()
	for depth, ok := range map[int]bool{500: true, 501: false} {
		for _, brackets := range []string{"[]", `{"a":}`} {
			left, right := brackets[:len(brackets)-1], brackets[len(brackets)-1:]
			text := strings.Repeat(left, depth) + "1" + strings.Repeat(right, depth)
			if got, err := Append(nil, []byte(text)); (err == nil) != ok || ok && string(got) != text {
				t.Errorf("%d times %s: got %v, want success: %v", depth, brackets, err, ok)
			}
		}
	}
}

func TestRelease_KeepsSmallBuffersOnly(t *testing.T) {
	t.Parallel()
	const most = 64 << 10
	large := func(n int) *encoder { return &encoder{text: make([]byte, n), src: []byte("x")} }
	for name, c := range map[string]struct {
		e    *encoder
		kept bool
	}{
		"small":     {large(most), true},
		"text":      {large(most + 1), false},
		"names":     {&encoder{names: make([]byte, most+1)}, false},
		"members":   {&encoder{members: make([]member, 1025)}, false},
		"disorders": {&encoder{disorders: make([]disorder, 1025)}, false},
		"spans":     {&encoder{spans: make([]span, 8193)}, false},
		"all small": {&encoder{names: make([]byte, most), members: make([]member, 1024), disorders: make([]disorder, 1024), spans: make([]span, 8192)}, true},
	} {
		if kept := c.e.release(); kept != c.kept || c.e.src != nil {
			t.Errorf("%s: kept: got %v, want %v", name, kept, c.kept)
		}
	}
}

func TestAppend_RandomObjectsAsEncodingJSON(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var object func(depth int) string
	object = func(depth int) string {
		if depth == 0 {
			return "1"
		}
		var members []string
		for _, i := range r.Perm(12)[:r.IntN(4)] {
			value := object(depth - 1 - r.IntN(2)*r.IntN(depth))
			if r.IntN(3) == 0 {
				value = "[" + value + "," + object(min(depth-1, 2)) + "]"
			}
			members = append(members, fmt.Sprintf(`"a rather long name %d":%s`, i, value))
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	for range 500 {
		text := object(12)
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		want, _ := json.Marshal(v)
		if got, err := Append(nil, []byte(text)); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%.300s: got %.300s, %v, want %.300s", text, got, err, want)
		}
	}
}

func TestAppend_SiblingsAreNoLevels(t *testing.T) {
	t.Parallel()
	e := new(encoder)
	text := `{"z":[` + strings.Repeat(`{"b":{"d":1,"c":2},"a":3},`, 20) + `{}],"y":{"b":1,"a":2},"x":1}`
	if _, err := e.append(nil, []byte(text)); err != nil || len(e.disorders) > 0 {
		t.Errorf("got %d objects that were noted, %v, want none", len(e.disorders), err)
	}
}
