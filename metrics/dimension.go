package metrics

import (
	"errors"
	"slices"
	"strings"
)

// dimension is a name and a value that CloudWatch groups metrics by.
type dimension struct{ name, value string }

// sameSet reports whether two sets have the same dimensions, in any order.
func sameSet(a, b []dimension) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(d dimension) bool { return !slices.Contains(b, d) })
}

// appendPairs appends the dimensions of pairs. It reports a last name without a value.
func (m *Meter) appendPairs(dst []dimension, pairs []string) []dimension {
	if len(pairs)%2 != 0 {
		m.reportOddPairs(pairs[len(pairs)-1])
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		dst = append(dst, dimension{pairs[i], pairs[i+1]})
	}
	return dst
}

func (m *Meter) reportOddPairs(last string) {
	m.problem("odd "+shortened(last), "dimensions are pairs of name and value; the last name %.60q has no value and is left out", last)
}

// checkedSet returns a set without the dimensions that CloudWatch would refuse, which it
// reports. If a name repeats, its last value counts.
func (m *Meter) checkedSet(dimensions []dimension) []dimension {
	var s dimensionSets
	s.addAll(m, dimensions)
	return s.dimensions
}

// add adds a dimension to the last set. A later value of a name replaces an earlier one. A
// dimension that CloudWatch would refuse is reported and left out.
func (s *dimensionSets) add(m *Meter, d dimension) {
	err := checkDimension(d.name, d.value)
	if err == nil && m.isLevelMember(d.name) {
		err = errors.New("its name belongs to a member for Lambda's log filter (see Options.DisableLevel)")
	}
	if err != nil {
		m.problem("dimension "+shortened(d.name), "dimension %.60q: %v; it is left out", d.name, err)
		return
	}
	set := s.dimensions[s.start():]
	if i := slices.IndexFunc(set, func(o dimension) bool { return o.name == d.name }); i >= 0 {
		set[i].value = d.value
		return
	}
	if len(set) == maxDimensions {
		m.problem("dimensions "+d.name, "dimension %q: a set has at most %d dimensions (EMF specification); it is left out", d.name, maxDimensions)
		return
	}
	size := 2*escapedSize(d.name) + escapedSize(d.value) + 10 // a document has the name twice
	if s.size+size > m.maxBytes/2 {
		m.problem("dimension size "+d.name, "dimension %q: the dimensions fill half of a document of %d bytes; it is left out", d.name, m.maxBytes)
		return
	}
	s.size += size
	s.dimensions = append(s.dimensions, d)
}

func (s *dimensionSets) addAll(m *Meter, dimensions []dimension) {
	for _, d := range dimensions {
		s.add(m, d)
	}
}

// escapedSize returns the size of a printable text in JSON without its quotation marks.
func escapedSize(s string) int { return len(s) + strings.Count(s, `"`) + strings.Count(s, `\`) }
