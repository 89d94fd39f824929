package metrics

import (
	"errors"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// collect lists the sets of dimensions of g.
func (d *document) collect(g *group) {
	d.dims, d.ends, d.size, d.passes = d.dims[:0], d.ends[:0], 0, 0
	if len(g.bound.labels)+g.labels.n > 0 || len(g.bound.sets) == 0 {
		d.add(d.m.defaults, 0)
		d.add(g.bound.labels, 0)
		for i := range g.labels.n {
			d.addOne(*g.labels.at(i), 0)
		}
		d.ends = append(d.ends, len(d.dims))
	}
	base := len(d.dims)
	for _, set := range g.bound.sets {
		first := len(d.dims)
		for _, l := range d.m.defaults {
			// What was set for the invocation wins over a default.
			if i := slices.IndexFunc(d.dims[:base], func(o label) bool { return o.name == l.name }); i >= 0 {
				l.value = d.dims[i].value
			}
			d.addOne(l, first)
		}
		d.add(set, first)
		d.ends = append(d.ends, len(d.dims))
	}
	d.left = len(d.ends)
	d.done = append(d.done[:0], make([]bool, len(d.ends))...)
}

// encodeSets encodes the first set that is left and those that agree with it.
func (d *document) encodeSets() {
	d.names, d.members, d.chosen = append(d.names[:0], '['), d.members[:0], d.chosen[:0]
	d.passes++
	first := 0
	for i, end := range d.ends {
		set := d.dims[first:end]
		first = end
		if d.done[i] || slices.ContainsFunc(set, d.contradicts) {
			continue
		}
		d.done[i] = true
		d.left--
		if d.listed(i, set) {
			continue
		}
		d.endSet(set)
		for _, l := range set {
			if !slices.Contains(d.chosen, l) {
				d.chosen = append(d.chosen, l)
				d.member(l)
			}
		}
	}
	d.names[len(d.names)-1] = ']' // the last comma
}

// contradicts reports whether a chosen dimension has the name of l and another value.
func (d *document) contradicts(l label) bool {
	return slices.ContainsFunc(d.chosen, func(o label) bool { return o.name == l.name && o.value != l.value })
}

// listed reports whether a set before the i-th is the same.
func (d *document) listed(i int, set []label) bool {
	first := 0
	for _, end := range d.ends[:i] {
		if sameSet(d.dims[first:end], set) {
			return true
		}
		first = end
	}
	return false
}

func (d *document) add(labels []label, first int) {
	for _, l := range labels {
		d.addOne(l, first)
	}
}

// addOne adds a dimension to the set that begins at first; a later value of a name
// replaces an earlier one.
func (d *document) addOne(l label, first int) {
	err := checkDimension(l.name, l.value)
	if err == nil && d.m.level != "" && (l.name == "level" || l.name == "timestamp") {
		err = errors.New("its name is that of a member for Lambda's log filter (see Options.NoLevel)")
	}
	if err != nil {
		d.m.problem("dimension "+shortened(l.name), "dimension %.60q: %v; it is left out", l.name, err)
		return
	}
	for i := first; i < len(d.dims); i++ {
		if d.dims[i].name == l.name {
			d.dims[i].value = l.value
			return
		}
	}
	if len(d.dims)-first == maxDimensions {
		d.m.problem("dimensions "+l.name, "dimension %q: a set has at most %d dimensions (EMF specification); it is left out", l.name, maxDimensions)
		return
	}
	size := 2*escapedSize(l.name) + escapedSize(l.value) + 10 // names stand twice
	if d.size+size > d.m.maxBytes/2 {
		d.m.problem("dimension size "+l.name, "dimension %q: the dimensions fill half of a document of %d bytes; it is left out", l.name, d.m.maxBytes)
		return
	}
	d.size += size
	d.dims = append(d.dims, l)
}

func (d *document) endSet(set []label) {
	d.names = append(d.names, '[')
	for _, l := range set {
		d.names = jsonenc.AppendString(d.names, l.name)
		d.names = append(d.names, ',')
	}
	if len(set) > 0 {
		d.names = d.names[:len(d.names)-1]
	}
	d.names = append(d.names, ']', ',')
}

func (d *document) member(l label) {
	d.members = jsonenc.AppendString(d.members, l.name)
	d.members = append(d.members, ':')
	d.members = jsonenc.AppendString(d.members, l.value)
	d.members = append(d.members, ',')
}

// escapedSize returns the size of a printable text in JSON without its quotation marks.
func escapedSize(s string) int { return len(s) + strings.Count(s, `"`) + strings.Count(s, `\`) }
