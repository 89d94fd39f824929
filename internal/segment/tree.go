package segment

import (
	"cmp"
	"slices"
)

// Node is a document in a tree.
type Node struct {
	Document
	Depth int  // 0 for a document whose parent is not among the others
	Last  bool // of its siblings
}

// Tree puts documents, and the subsegments inside them, in the order of a waterfall: each below its parent,
// siblings by their starts. Of two documents with the same id the later one counts: the complete one
// follows the one in progress.
func Tree(documents []Document) []Node {
	byID := make(map[string]int)
	var all []Document
	for _, outermost := range documents {
		for _, d := range outermost.All() {
			if i, ok := byID[d.ID]; ok {
				all[i] = d
			} else {
				byID[d.ID] = len(all)
				all = append(all, d)
			}
		}
	}
	children := make(map[string][]Document)
	for _, d := range all {
		parent := d.ParentID
		if _, ok := byID[parent]; !ok || parent == d.ID {
			parent = ""
		}
		children[parent] = append(children[parent], d)
	}
	nodes := make([]Node, 0, len(all))
	var add func(parent string, depth int)
	add = func(parent string, depth int) {
		list := children[parent]
		delete(children, parent) // also ends circles
		slices.SortStableFunc(list, func(a, b Document) int { return cmp.Compare(a.StartTime, b.StartTime) })
		for i, d := range list {
			nodes = append(nodes, Node{d, depth, i == len(list)-1})
			add(d.ID, depth+1)
		}
	}
	add("", 0)
	for parent := range children { // circles
		add(parent, 0)
	}
	return nodes
}
