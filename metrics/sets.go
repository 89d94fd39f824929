package metrics

import (
	"slices"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// dimensionSets encodes the sets of dimensions of one group after another.
type dimensionSets struct {
	dimensions []dimension // set after set
	ends       []int       // of the sets in dimensions; the last set may still be open
	size       int         // bytes that dimensions take in a document, at most

	encoded []bool // for each set
	pending int    // sets that are not encoded

	// The sets of the next documents, and their dimensions, each name once.
	chosen  []dimension
	names   []byte // [["service","channel"],["service"]]
	members []byte // "service":"orders","channel":"web",

	// source says which dimensions names and members have; its Meter is nil if they lack some.
	source struct {
		meter    *Meter
		settings *settings
		bindings bindings
	}
}

// next encodes the sets of the next documents of g and reports whether there are more. Sets
// that disagree about the value of a name cannot share a document, which has one value for
// each name.
func (s *dimensionSets) next(m *Meter, g *group) (more bool) {
	if s.pending == 0 {
		if s.source.meter == m && s.source.settings == g.settings && s.source.bindings.equal(&g.bindings) {
			return false // as often, the documents before had the same dimensions
		}
		s.collect(m, g)
	}
	first := s.pending == len(s.ends)
	s.encode()
	more = s.pending > 0
	s.source.meter, s.source.settings, s.source.bindings = m, g.settings, g.bindings
	if more || !first {
		s.source.meter = nil
	}
	return more
}

// start returns the index of the first dimension of the last set.
func (s *dimensionSets) start() int {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
}

// collect lists the sets of g.
func (s *dimensionSets) collect(m *Meter, g *group) {
	s.dimensions, s.ends, s.size = s.dimensions[:0], s.ends[:0], 0
	if len(g.settings.dimensions)+g.bindings.count > 0 || len(g.settings.sets) == 0 {
		s.addAll(m, m.defaults)
		s.addAll(m, g.settings.dimensions)
		for i := range g.bindings.count {
			s.add(m, *g.bindings.at(i))
		}
		s.ends = append(s.ends, len(s.dimensions))
	}
	own := len(s.dimensions)
	for _, set := range g.settings.sets {
		for _, d := range m.defaults {
			// A value of AddDimensions or With wins over a default.
			if i := slices.IndexFunc(s.dimensions[:own], func(o dimension) bool { return o.name == d.name }); i >= 0 {
				d.value = s.dimensions[i].value
			}
			s.add(m, d)
		}
		s.addAll(m, set)
		s.ends = append(s.ends, len(s.dimensions))
	}
	s.pending = len(s.ends)
	s.encoded = append(s.encoded[:0], make([]bool, len(s.ends))...)
}

// encode encodes the first pending set and the sets that agree with it.
func (s *dimensionSets) encode() {
	s.names, s.members, s.chosen = append(s.names[:0], '['), s.members[:0], s.chosen[:0]
	start := 0
	for i, end := range s.ends {
		set := s.dimensions[start:end]
		start = end
		if s.encoded[i] || slices.ContainsFunc(set, s.contradicts) {
			continue
		}
		s.encoded[i] = true
		s.pending--
		if s.repeats(i, set) {
			continue
		}
		s.appendNames(set)
		for _, d := range set {
			if !slices.Contains(s.chosen, d) {
				s.chosen = append(s.chosen, d)
				s.appendMember(d)
			}
		}
	}
	s.names[len(s.names)-1] = ']' // the last comma
}

// contradicts reports whether a chosen dimension has the name of d and another value.
func (s *dimensionSets) contradicts(d dimension) bool {
	return slices.ContainsFunc(s.chosen, func(o dimension) bool { return o.name == d.name && o.value != d.value })
}

// repeats reports whether a set before the i-th has the same dimensions.
func (s *dimensionSets) repeats(i int, set []dimension) bool {
	start := 0
	for _, end := range s.ends[:i] {
		if sameSet(s.dimensions[start:end], set) {
			return true
		}
		start = end
	}
	return false
}

// has reports whether a chosen dimension has the name.
func (s *dimensionSets) has(name string) bool {
	for i := range s.chosen {
		if s.chosen[i].name == name {
			return true
		}
	}
	return false
}

// appendNames appends a set to names.
func (s *dimensionSets) appendNames(set []dimension) {
	s.names = append(s.names, '[')
	for _, d := range set {
		s.names = jsonenc.AppendString(s.names, d.name)
		s.names = append(s.names, ',')
	}
	if len(set) > 0 {
		s.names = s.names[:len(s.names)-1]
	}
	s.names = append(s.names, ']', ',')
}

// appendMember appends a dimension to members.
func (s *dimensionSets) appendMember(d dimension) {
	s.members = jsonenc.AppendString(s.members, d.name)
	s.members = append(s.members, ':')
	s.members = jsonenc.AppendString(s.members, d.value)
	s.members = append(s.members, ',')
}
