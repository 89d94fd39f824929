package schema

import (
	"slices"
	"strconv"
	"strings"
)

// writer is a set of documents: those that all nodes accept by their own keywords. References, allOf and
// alternatives are resolved.
type writer struct {
	nodes []*node
	kinds kinds // of the documents
	open  bool  // members may occur that no node describes
}

// writers returns the documents that all nodes of a list accept, a writer for each combination of
// alternatives.
func (c *containment) writers(list []*node) (all []writer) {
	var add func(w writer, todo []*node, alternatives [][]*node, seen map[int]bool)
	add = func(w writer, todo []*node, alternatives [][]*node, seen map[int]bool) {
		if c.spend(1 + (len(w.nodes)+len(alternatives))/10); c.exhausted {
			return
		}
		w.nodes, todo, alternatives = slices.Clone(w.nodes), slices.Clone(todo), slices.Clone(alternatives)
		for i := 0; i < len(todo); i++ {
			n := todo[i]
			if seen[n.id] {
				continue // a schema of itself has at least the documents of the rest
			}
			seen[n.id] = true
			c.spend(1)
			if n.none {
				return
			}
			w.nodes = append(w.nodes, n)
			w.kinds &= n.kinds
			w.open = w.open || n.opens()
			todo = append(todo, n.allOf...)
			alternatives = append(alternatives, n.alternatives...)
			if n.ref != "" {
				if target, ok := n.target(); ok {
					todo = append(todo, target)
				} else {
					w.open = true
				}
			}
		}
		if len(alternatives) == 0 {
			all = append(all, w)
			return
		}
		for _, n := range alternatives[0] {
			copied := make(map[int]bool, len(seen)+1)
			c.spend(len(seen))
			for id := range seen {
				copied[id] = true
			}
			add(w, []*node{n}, alternatives[1:], copied)
		}
	}
	add(writer{kinds: allKinds}, list, nil, map[int]bool{})
	return all
}

// key returns a text that is the same for the same writer.
func (w *writer) key() string {
	ids := make([]int, len(w.nodes))
	for i, n := range w.nodes {
		ids[i] = n.id
	}
	slices.Sort(ids)
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(strconv.Itoa(id))
		b.WriteByte(' ')
	}
	return b.String() + strconv.Itoa(int(w.kinds)) + strconv.FormatBool(w.open)
}

// restrict leaves documents of some kinds. It returns the values that the documents are limited to, nil
// if they are not.
func (w *writer) restrict(k kinds, spend func(int)) (set values) {
	w.kinds &= k
	var of dialect
	for _, n := range w.nodes {
		spend(len(n.values) / 50)
		of = n.doc.dialect
		set = set.both(n.values)
	}
	switch {
	case set != nil:
	case w.kinds == kindNull:
		return values{key(nil): nil}
	case w.kinds&^(kindNull|kindBoolean) == 0:
		set = values{key(nil): nil, key(true): true, key(false): false}
	default:
		return nil
	}
	kept, has := values{}, kinds(0)
	for name, v := range set {
		if kind := of.kindOf(v) & w.kinds; kind != 0 {
			kept[name] = v
			has |= kind
		}
	}
	w.kinds = has
	w.open = w.open || has&kindObject != 0
	return kept
}

// limit returns the strictest limit of a keyword, and the node that has it.
func (w *writer) limit(keyword string) (strictest limit, of *node) {
	for _, n := range w.nodes {
		if l, ok := n.limits[keyword]; ok && (of == nil || l.implies(strictest, keyword)) {
			strictest, of = l, n
		}
	}
	return strictest, of
}

// implies reports whether values within l are within m.
func (l limit) implies(m limit, keyword string) bool {
	order := l.compare(m.number)
	if strings.HasPrefix(keyword, "max") {
		order = -order
	}
	return order > 0 || order == 0 && (l.exclusive || !m.exclusive)
}

// with returns a node that has a keyword; nil if none has it.
func (w *writer) with(keyword string) *node {
	for _, n := range w.nodes {
		if n.has(keyword) {
			return n
		}
	}
	return nil
}

// items returns the schemas of all elements of lists.
func (w *writer) items() (list []*node) {
	for _, n := range w.nodes {
		if n.items != nil && !slices.Contains(n.opaque, "prefixItems") {
			list = append(list, n.items)
		}
	}
	return list
}

// described returns the names of the members that a node describes.
func (w *writer) described() []string {
	names := make(map[string]bool)
	for _, n := range w.nodes {
		for name := range n.properties {
			names[name] = true
		}
	}
	return sortedNames(names)
}

// member returns the schemas of a member.
func (w *writer) member(name string) (list []*node) {
	for _, n := range w.nodes {
		if p, ok := n.properties[name]; ok {
			list = append(list, p)
		} else if n.additional != nil && !slices.Contains(n.opaque, "patternProperties") {
			list = append(list, n.additional)
		}
	}
	return list
}

// others returns the schemas of the members that no node describes, and whether they may occur. See
// "Members that are not described" in the package comment.
func (w *writer) others() (list []*node, occur bool) {
	closed, open := false, w.open
	for _, n := range w.nodes {
		patterns := slices.Contains(n.opaque, "patternProperties")
		switch {
		case n.additional != nil && !patterns:
			if n.additional.none {
				return nil, false
			}
			list, open = append(list, n.additional), true
		case n.properties != nil && !patterns:
			closed = true
		}
	}
	return list, open || !closed
}
