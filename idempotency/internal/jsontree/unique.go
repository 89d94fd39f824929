package jsontree

// indexFrom is the number of members from which names are looked up in a map: below it, a
// comparison with each of them is faster than the map's allocation.
const indexFrom = 24

// unique removes repeated names in place: the first occurrence keeps its place and takes
// the value of the last.
func unique(members []Member) []Member {
	names := nameSet{}
	kept := members[:0]
	for _, m := range members {
		if i := names.find(kept, m.Name); i >= 0 {
			kept[i].Value = m.Value
		} else {
			kept = append(kept, m)
		}
	}
	clear(members[len(kept):])
	return kept
}

// A nameSet finds repeated names while one object is read. It makes an index for an object
// with many, since 100,000 names in one object must not take 100,000 squared comparisons.
type nameSet struct {
	index   map[string]int
	indexed int // how many members the index has
}

// find returns the place of a name in members, or -1. From call to call members may only
// grow.
func (s *nameSet) find(members []Member, name string) int {
	if len(members) < indexFrom {
		for i := range members {
			if members[i].Name == name {
				return i
			}
		}
		return -1
	}
	if s.index == nil {
		s.index = make(map[string]int, 2*indexFrom)
	}
	for ; s.indexed < len(members); s.indexed++ {
		s.index[members[s.indexed].Name] = s.indexed
	}
	if i, ok := s.index[name]; ok {
		return i
	}
	return -1
}
