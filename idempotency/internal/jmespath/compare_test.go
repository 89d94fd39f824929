package jmespath_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestNumbers_Order compares each two of numbers that are in order, every other one of them
// an integer.
func TestNumbers_Order(t *testing.T) {
	t.Parallel()
	ordered := []string{
		"-1e400", "-1" + strings.Repeat("0", 399), "-1e30", "-123456789012345678901", "-12345678901234567890", "-9007199254740993", "-9007199254740992.0", "-9007199254740991",
		"-10", "-9.5", "-9", "-1", "-0.5", "0", "0.5", "1", "1.5", "2", "9", "9.5", "10", "100000000000000", "999999999999999", "999999999999999.5", "1000000000000000", "1000000000000001",
		"9007199254740991", "9007199254740992.0", "9007199254740993", "12345678901234567890", "12345678901234567891", "123456789012345678901", "1e30", "1" + strings.Repeat("0", 399), "1e400",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			got, err := search(t, "[a < b, a <= b, a > b, a >= b, a == b, a != b]", fmt.Sprintf(`{"a":%s,"b":%s}`, a, b))
			want := fmt.Sprintf("[%v,%v,%v,%v,%v,%v]", i < j, i <= j, i > j, i >= j, i == j, i != j)
			if err != nil || got != want {
				t.Errorf("%.30s and %.30s: got %s, %v, want %s", a, b, got, err, want)
			}
		}
	}
}

func TestNumbers_Equal(t *testing.T) {
	t.Parallel()
	for _, equal := range [][]string{{"0", "-0", "0.0", "-0.0", "0e5"}, {"1", "1.0", "1e0", "10e-1"}, {"-100", "-100.00", "-1e2"}, {"9007199254740992", "9007199254740992.0"}} {
		for _, a := range equal {
			for _, b := range equal {
				if got, err := search(t, "[a == b, a < b, a >= b]", fmt.Sprintf(`{"a":%s,"b":%s}`, a, b)); err != nil || got != "[true,false,true]" {
					t.Errorf("%s and %s: got %s, %v, want [true,false,true]", a, b, got, err)
				}
			}
		}
	}
}

func TestEqual_ObjectsInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 23, 24, 25, 100} { // from some number on they have an index
		var forward []string
		for i := range n {
			forward = append(forward, fmt.Sprintf(`"m%d":%d`, i, i))
		}
		backward := slices.Clone(forward)
		slices.Reverse(backward)
		other := slices.Clone(backward)
		other[0] = `"m0":-1`
		renamed := slices.Clone(backward)
		renamed[0] = `"x":0`
		for text, want := range map[string]string{strings.Join(backward, ","): "true", strings.Join(other, ","): "false", strings.Join(renamed, ","): "false", strings.Join(backward[1:], ","): "false"} {
			if got, err := search(t, "a == b", `{"a":{`+strings.Join(forward, ",")+`},"b":{`+text+`}}`); err != nil || got != want {
				t.Errorf("%d members: got %s, %v, want %s", n, got, err, want)
			}
		}
	}
}

func TestJoin_SurrogatesThatMeet(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		`["\ud83d","\ude00"]`: `"😀"`, `["x\ud83d","\ude00y"]`: `"x😀y"`, `["\ud83d","x","\ude00"]`: `"\ud83dx\ude00"`, `["\ude00","\ud83d"]`: `"\ude00\ud83d"`,
		`["\ud83d","\ud83d\ude00"]`: `"\ud83d😀"`, `["\ud83d","\ud83d"]`: `"\ud83d\ud83d"`, `["\ude00","\ude00"]`: `"\ude00\ude00"`, `["\ud83d","\ud7ff"]`: "\"\\ud83d\ud7ff\"",
		`["\ud7ff","\ude00"]`: "\"\ud7ff\\ude00\"", `["\ud83d","é"]`: `"\ud83dé"`, `["\ud83d","\ude00","\ud83d","\ude00"]`: `"😀😀"`, `["\ud800","\udc00"]`: "\"\U00010000\"",
		`["\udbff","\udfff"]`: "\"\U0010FFFF\"", `["\ud83d",""]`: `"\ud83d"`, `["\ud83d","\uffff"]`: "\"\\ud83d\uffff\"",
	} {
		if got, err := search(t, "join('', @)", list); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", list, got, err, want)
		}
	}
}
