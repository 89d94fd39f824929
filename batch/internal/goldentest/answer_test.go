package goldentest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// answer is what came of an invocation.
type answer struct {
	err       bool
	reported  []string
	calls     set
	succeeded set
	failed    set // every record that is not done
	payloads  map[int]any
}

type set map[int]bool

func setOf(list ...int) set {
	s := set{}
	for _, i := range list {
		s[i] = true
	}
	return s
}

func (s set) String() string { return fmt.Sprint(slices.Sorted(maps.Keys(s))) }

func (a *answer) String() string {
	payloads, _ := json.Marshal(plainPayloads(a.payloads))
	return fmt.Sprintf("error %v, reported %q, called %v, succeeded %v, failed %v, payloads %s", a.err, a.reported, a.calls, a.succeeded, a.failed, payloads)
}

func plainPayloads(payloads map[int]any) map[int]any {
	out := make(map[int]any, len(payloads))
	for i, v := range payloads {
		out[i] = plain(v)
	}
	return out
}

func (a *answer) clone() answer {
	c := *a
	c.calls, c.succeeded, c.failed = maps.Clone(a.calls), maps.Clone(a.succeeded), maps.Clone(a.failed)
	c.reported, c.payloads = slices.Clone(a.reported), maps.Clone(a.payloads)
	return c
}
