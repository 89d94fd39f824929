package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/lambdakit/lambdakit/internal/eventsource"
)

var spacesBeforeEnd = regexp.MustCompile(`(?m) +$`)

// manyMessages is the number of messages above which the table leaves out the uneventful ones.
const manyMessages = 50

// table returns what became of the messages.
func (p *player) table(outcomes []eventsource.Outcome) string {
	var b strings.Builder
	groups := slices.ContainsFunc(outcomes, func(o eventsource.Outcome) bool { return o.Group != "" })
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(id, group, attempts, outcome, reason string) {
		cells := []string{id, group, attempts, outcome, reason}
		if !groups {
			cells = slices.Delete(cells, 1, 2)
		}
		for i, c := range cells {
			cells[i] = oneLine(cut(c, maxCell))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	column := "key"
	if p.options.queue.kind.IsQueue() {
		column = "group"
	}
	row("message", column, "attempts", "outcome", "last error or remark")
	var order []string // of outcomes
	counts := make(map[string]int)
	left := 0
	for i, o := range outcomes {
		what := o.State.String()
		if o.Blocked {
			what = "blocked"
		}
		if counts[what]++; counts[what] == 1 {
			order = append(order, what)
		}
		if len(outcomes) > manyMessages && o.State == eventsource.Done && o.Attempts == 1 && o.Reason == "" {
			left++
			continue
		}
		if death := p.deaths[i]; death != "" && o.State == eventsource.Done {
			what += " after " + death
		}
		row(o.ID, o.Group, fmt.Sprint(o.Attempts), what, o.Reason)
	}
	table.Flush()
	if left > 0 {
		fmt.Fprintf(&b, "(and %d messages that were done at the first attempt)\n", left)
	}
	for i, what := range order {
		order[i] = fmt.Sprintf("%d %s", counts[what], what)
	}
	return fmt.Sprintf("%d messages: %s\n%s", len(outcomes), strings.Join(order, ", "), spacesBeforeEnd.ReplaceAllString(b.String(), ""))
}
