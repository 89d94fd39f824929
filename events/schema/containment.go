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

// own checks the reader's own keywords.
func (c *containment) own(r *node, w *writer, set values) (breaks []Break) {
	problem := func(keyword, format string, args ...any) {
		breaks = c.add(breaks, []Break{c.broken(c.at(r, w, keyword), format, args...)})
	}
	if r.none {
		return []Break{c.broken(r.at, "nothing is accepted on one side; the other has the type %v", w.kinds)}
	}
	if w.kinds&^r.kinds != 0 {
		problem("type", "type %s", c.changed(r.kinds.String(), w.kinds.String()))
		return breaks
	}
	c.values(r, w, set, problem)
	for _, l := range limits {
		if bound, ok := r.limits[l.keyword]; ok && w.kinds&l.kind != 0 {
			c.bound(l.keyword, l.kind, bound, w, set, problem)
		}
	}
	if r.pattern != "" && w.kinds&kindString != 0 && !slices.ContainsFunc(w.nodes, func(n *node) bool { return n.pattern == r.pattern }) {
		written := ""
		if n := w.with("pattern"); n != nil {
			written = n.pattern
		}
		problem("pattern", "pattern %s", c.changed(r.pattern, written))
	}
	if r.items != nil && w.kinds&kindArray != 0 {
		breaks = c.add(breaks, c.part(r.items, w.items()))
	}
	if w.kinds&kindObject != 0 {
		c.required(r, w, problem)
		breaks = c.add(breaks, c.members(r, w))
	}
	for _, keyword := range r.opaque {
		if about := opaque[keyword]; about.kinds&w.kinds != 0 && !c.same(r, w, keyword, about.group) {
			problem(keyword, "%s cannot be compared", keyword)
		}
	}
	return breaks
}

// values checks enum and const.
func (c *containment) values(r *node, w *writer, set values, problem func(keyword, format string, args ...any)) {
	if r.values == nil {
		return
	}
	keyword := "enum"
	if !r.has(keyword) {
		keyword = "const"
	}
	if set == nil {
		word := map[bool]string{true: "added", false: "removed"}[c.backward]
		problem(keyword, "%s was %s", keyword, word)
		return
	}
	word := map[bool]string{true: "removed", false: "added"}[c.backward]
	c.spend(len(set) / 10)
	for _, k := range sortedNames(set) {
		if _, ok := r.values[k]; !ok {
			problem(keyword, "the value %s was %s", shorten(valueText(set[k])), word)
		}
	}
}

// bound checks a limit.
func (c *containment) bound(keyword string, kind kinds, bound limit, w *writer, set values, problem func(keyword, format string, args ...any)) {
	place := keyword
	if n := "exclusive" + strings.ToUpper(keyword[:1]) + keyword[1:]; bound.exclusive && kind == kindNumber {
		place = n
	}
	if set != nil && kind&(kindNumber|kindString) != 0 {
		for _, v := range set {
			if x, ok := measure(v, kind); ok && !(limit{number: x}).implies(bound, keyword) {
				problem(place, "%s %s", keyword, c.changed(bound.text, ""))
				return
			}
		}
		return
	}
	written, of := w.limit(keyword)
	if of == nil || !written.implies(bound, keyword) {
		if text := written.text; bound.number.digits != "" || !strings.HasPrefix(keyword, "min") || kind == kindNumber {
			problem(place, "%s %s", keyword, c.changed(bound.text, text))
		}
	}
}

// measure returns the number of a value that limits of a kind are about.
func measure(v any, kind kinds) (number, bool) {
	switch v := v.(type) {
	case string:
		return length(v), kind == kindString
	case interface{ String() string }: // json.Number
		x, _ := parseNumber(v.String())
		return x, kind == kindNumber
	}
	return number{}, false
}

// required checks that the documents have the members that the reader requires.
func (c *containment) required(r *node, w *writer, problem func(keyword, format string, args ...any)) {
	word := map[bool]string{true: "is required now", false: "is not required any more"}[c.backward]
	c.spend(len(r.required) / 10)
	for _, name := range r.required {
		if !slices.ContainsFunc(w.nodes, func(n *node) bool { return n.requires[name] }) {
			problem("required", "the member %s %s", shorten(strconv.Quote(name)), word)
		}
	}
}

// members checks the members of objects.
func (c *containment) members(r *node, w *writer) (breaks []Break) {
	described := w.described()
	c.spend(len(described))
	for _, name := range described {
		if p := r.member(name); p != nil {
			breaks = c.add(breaks, c.member(r, p, name, w, w.member(name)))
		}
	}
	others, occur := w.others()
	if !occur {
		return breaks
	}
	for _, name := range sortedNames(r.properties) {
		if _, ok := slices.BinarySearch(described, name); !ok {
			breaks = c.add(breaks, c.part(r.properties[name], others))
		}
	}
	if r.additional != nil {
		breaks = c.add(breaks, c.member(r, r.additional, "", w, others))
	}
	return breaks
}

// member checks a member that the reader describes with p. The name of other members is empty.
func (c *containment) member(r, p *node, name string, w *writer, list []*node) []Break {
	found := c.part(p, list)
	if len(found) == 0 || !p.none || p != r.additional {
		return found
	}
	what := "other members are"
	if name != "" {
		what = "the member " + shorten(strconv.Quote(name)) + " is"
	}
	return []Break{c.broken(c.at(r, w, "additionalProperties"), "%s not accepted by the %s schema", what, map[bool]string{true: "new", false: "old"}[c.backward])}
}

// member returns the schema of a member; nil if the reader ignores it.
func (n *node) member(name string) *node {
	if p, ok := n.properties[name]; ok {
		return p
	}
	return n.additional
}

// same reports whether a node of the writer has the keyword of the reader, and the keywords of its group.
func (c *containment) same(r *node, w *writer, keyword, group string) bool {
	if slices.Contains(contextual, keyword) {
		return false
	}
	if group == "" {
		group = keyword
	}
	return slices.ContainsFunc(w.nodes, func(n *node) bool {
		for k := range strings.FieldsSeq(group) {
			if n.has(k) != r.has(k) || !c.equal(n.keywords[k], r.keywords[k]) {
				return false
			}
		}
		return true
	})
}
