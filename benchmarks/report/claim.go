package main

// claim is one claim about the toolkit, and one row of the report.
type claim struct {
	what string

	// ours, peers and floor are names of measurements. The report shows the fastest peer.
	ours  string
	peers []string
	floor string // optional

	less string // optional: a measurement that is subtracted from ours

	goal   goal
	allocs *allocsGoal // optional
	unit   unit

	short bool // also in the short table
}

// unit is the unit of a measurement.
type unit int

const (
	nanoseconds unit = iota
	sizeInBytes
)

// goal describes the figure of a claim, and its limit.
type goal struct {
	kind  kind
	limit float64
	than  string // the measurement to compare with; "" if absolute

	// plus and minus are two optional measurements. Their difference is added to the limit: it
	// is the time of work that the goal does not count.
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

// without returns the goal without the time that plus takes longer than minus.
func (g goal) without(plus, minus string) goal {
	g.plus, g.minus = plus, minus
	return g
}

// allocsGoal limits the allocations. If than is not "", it limits how many more there may be
// than in that measurement.
type allocsGoal struct {
	limit float64
	than  string
}

func allocs(limit float64) *allocsGoal                  { return &allocsGoal{limit, ""} }
func allocsOver(than string, limit float64) *allocsGoal { return &allocsGoal{limit, than} }

// names returns all measurements that the claim needs.
func (c claim) names() []string {
	names := append([]string{c.ours}, c.peers...)
	for _, name := range []string{c.less, c.floor, c.goal.than, c.goal.plus, c.goal.minus} {
		if name != "" {
			names = append(names, name)
		}
	}
	if c.allocs != nil && c.allocs.than != "" {
		names = append(names, c.allocs.than)
	}
	return names
}
