package schema

import (
	"slices"
	"strconv"
	"strings"
)

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
