package main

// claim is one row of the report.
type claim struct {
	what string

	// ours, peers and floor are names of measurements. Of the peers the quickest is shown.
	ours  string
	peers []string
	floor string // optional

	goal   goal
	allocs *allocsGoal // optional
	unit   unit

	short bool // in the short table as well
}

// unit is what is measured in.
type unit int

const (
	nanoseconds unit = iota
	sizeInBytes
)

// goal says what a claim's figure is, and what it may be at most.
type goal struct {
	kind  kind
	limit float64
	than  string // what the measurement is compared with; "" for absolute

	// plus and minus are measurements, optional, whose difference is added to the limit:
	// work that the goal leaves out.
	plus, minus string
}

type kind int

const (
	absolute   kind = iota // ours <= limit
	ratio                  // ours / than <= limit
	difference             // ours - than <= limit
)

func atMost(limit float64) goal             { return goal{kind: absolute, limit: limit} }
func times(limit float64, than string) goal { return goal{kind: ratio, limit: limit, than: than} }
func over(than string, limit float64) goal  { return goal{kind: difference, limit: limit, than: than} }

// without leaves out of a goal what plus takes over minus.
func (g goal) without(plus, minus string) goal {
	g.plus, g.minus = plus, minus
	return g
}

// allocsGoal says how many allocations there may be, over those of another measurement
// unless that is "".
type allocsGoal struct {
	limit float64
	than  string
}

func allocs(limit float64) *allocsGoal                  { return &allocsGoal{limit, ""} }
func allocsOver(than string, limit float64) *allocsGoal { return &allocsGoal{limit, than} }

// names returns all measurements that the claim needs.
func (c claim) names() []string {
	names := append([]string{c.ours}, c.peers...)
	for _, name := range []string{c.floor, c.goal.than, c.goal.plus, c.goal.minus} {
		if name != "" {
			names = append(names, name)
		}
	}
	if c.allocs != nil && c.allocs.than != "" {
		names = append(names, c.allocs.than)
	}
	return names
}
