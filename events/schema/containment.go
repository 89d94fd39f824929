package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a comparison. Beyond them the schemas cannot be compared.
const (
	maxSteps  = 200_000
	maxBreaks = 100
)

// containment checks whether a reader accepts the documents of a writer.
type containment struct {
	backward  bool // the reader is the new schema
	steps     int
	exhausted bool

	// running are the pairs that are being compared, by their keys. Documents are finite, so a pair
	// that is met again inside itself, at a part of the documents, adds nothing.
	running map[string]running
	done    map[string][]Break
	depth   int // of parts of the documents
	lowest  int // the lowest running pair that the result depends on
}

type running struct{ index, depth int }

// check compares the whole schemas.
func check(old, current *document, backward bool) []Break {
	c := &containment{backward: backward, running: make(map[string]running), done: make(map[string][]Break), lowest: maxSteps}
	reader, w := old.root, current.root
	if backward {
		reader, w = w, reader
	}
	breaks := c.reads(reader, []*node{w})
	if c.exhausted {
		breaks = []Break{c.broken("", "the schemas are too complex and cannot be compared")}
	}
	return breaks
}

func (c *containment) spend(steps int) {
	c.steps += steps
	c.exhausted = c.exhausted || c.steps > maxSteps
}

func (c *containment) broken(at, format string, args ...any) Break {
	return Break{Pointer: at, Change: fmt.Sprintf(format, args...), Backward: c.backward, Forward: !c.backward}
}

// add appends breaks that are not in the list yet.
func (c *containment) add(list, more []Break) []Break {
	for _, b := range more {
		if c.spend(len(list) / 10); len(list) < maxBreaks && !slices.Contains(list, b) {
			list = append(list, b)
		}
	}
	return list
}

// changed says how a keyword changed. reader and writer are its texts in the two schemas.
func (c *containment) changed(reader, writer string) string {
	if c.backward {
		return fmt.Sprintf("was %s, is %s", shorten(writer), shorten(reader))
	}
	return fmt.Sprintf("was %s, is %s", shorten(reader), shorten(writer))
}

func shorten(text string) string {
	const most = 100
	if text == "" {
		return "not there"
	}
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// at returns the pointer of a keyword of a reader in the new schema, or in the old one if the new one
// does not have it.
func (c *containment) at(reader *node, w *writer, keyword string) string {
	if n := w.with(keyword); !c.backward && n != nil {
		return join(n.at, keyword)
	}
	return join(reader.at, keyword)
}

// reads returns the reasons for which a reader does not accept all documents that the nodes of a list
// accept.
func (c *containment) reads(reader *node, list []*node) (breaks []Break) {
	if len(list) == 1 && len(reader.opaque) > 0 && c.equal(reader.raw, list[0].raw) {
		return nil
	}
	for _, w := range c.writers(list) {
		breaks = c.add(breaks, c.accepts(reader, w, allKinds))
	}
	return breaks
}

// part is reads for a part of the documents, such as a member.
func (c *containment) part(reader *node, list []*node) []Break {
	c.depth++
	defer func() { c.depth-- }()
	return c.reads(reader, list)
}

// equal reports whether parts of two documents are equal and do not depend on the rest.
func (c *containment) equal(a, b any) bool {
	x, y := key(a), key(b)
	c.spend(len(x)/100 + len(y)/100)
	return x == y && !hasReference(a)
}

// accepts is reads for a writer, and documents of some kinds.
func (c *containment) accepts(reader *node, w writer, k kinds) (breaks []Break) {
	set := w.restrict(k, c.spend)
	if w.kinds == 0 || c.exhausted {
		return nil
	}
	c.spend(1 + len(w.nodes))
	pair := strconv.Itoa(reader.id) + ":" + w.key()
	if known, ok := c.done[pair]; ok {
		return known
	}
	if r, ok := c.running[pair]; ok {
		if r.depth == c.depth {
			return []Break{c.broken(reader.at, "a schema that refers to itself cannot be compared")}
		}
		c.lowest = min(c.lowest, r.index)
		return nil
	}
	index, outer := len(c.running), c.lowest
	c.running[pair] = running{index, c.depth}
	c.lowest = maxSteps
	breaks = c.conjunction(reader, &w, set, make(map[int]bool))
	delete(c.running, pair)
	if len(breaks) > 0 || c.lowest >= index {
		c.done[pair] = breaks
		if c.lowest >= index {
			c.lowest = maxSteps
		}
	}
	c.lowest = min(c.lowest, outer)
	return breaks
}

// conjunction checks a schema of the reader and those that it refers to. visited has the schemas that
// are checked; false means that they are being checked.
func (c *containment) conjunction(r *node, w *writer, set values, visited map[int]bool) (breaks []Break) {
	if checked, ok := visited[r.id]; ok && checked || c.exhausted {
		return nil
	} else if ok {
		return []Break{c.broken(r.at, "a schema that refers to itself cannot be compared")}
	}
	visited[r.id] = false
	c.spend(1)
	breaks = c.add(breaks, c.own(r, w, set))
	for _, n := range r.allOf {
		breaks = c.add(breaks, c.conjunction(n, w, set, visited))
	}
	if r.ref != "" {
		if target, ok := r.target(); ok {
			breaks = c.add(breaks, c.conjunction(target, w, set, visited))
		} else {
			breaks = c.add(breaks, []Break{c.broken(c.at(r, w, "$ref"), "the reference %s cannot be compared", shorten(r.ref))})
		}
	}
	if r.has("anyOf") {
		breaks = c.add(breaks, c.anyOf(r, r.alternatives[0], w)) // alternatives of oneOf are behind
	}
	visited[r.id] = true
	return breaks
}

// anyOf checks that the documents of each kind are accepted by a schema of the list.
func (c *containment) anyOf(r *node, list []*node, w *writer) (breaks []Break) {
	for _, n := range list {
		if len(c.accepts(n, *w, allKinds)) == 0 {
			return nil
		}
	}
	for k := kindNull; k < allKinds; k <<= 1 {
		if w.kinds&k == 0 {
			continue
		}
		var fit []*node // the alternatives for the kind
		accepted := false
		for _, n := range list {
			if accepted = accepted || len(c.accepts(n, *w, k)) == 0; readable(n)&k != 0 {
				fit = append(fit, n)
			}
		}
		switch {
		case accepted:
		case len(fit) == 1:
			breaks = c.add(breaks, c.accepts(fit[0], *w, k))
		default:
			breaks = c.add(breaks, []Break{c.broken(c.at(r, w, "anyOf"), "no schema of the list reads each %v", k)})
		}
	}
	return breaks
}

// readable returns the kinds of documents that a schema may accept.
func readable(n *node) kinds {
	k := kinds(allKinds)
	for range 20 { // references
		if k &= n.kinds; n.none {
			return 0
		}
		target, ok := n.target()
		switch {
		case n.ref != "" && ok:
			n = target
		case len(n.allOf) > 0:
			n = n.allOf[0]
		default:
			return k
		}
	}
	return k
}
