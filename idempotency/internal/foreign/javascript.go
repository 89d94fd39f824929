package foreign

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/lambdakit/lambdakit/idempotency/internal/canon"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// AppendJavaScript appends v as JSON.stringify does after Powertools for TypeScript has sorted
// it: members are sorted by their names in lower case, but names that are array indices come first,
// as in every object of JavaScript.
func AppendJavaScript(dst []byte, v jsontree.Value) []byte {
	switch v.Kind() {
	case jsontree.Number:
		f, _ := strconv.ParseFloat(v.Text(), 64)
		if math.IsInf(f, 0) {
			return append(dst, "null"...)
		}
		return canon.AppendFloat(dst, f)
	case jsontree.String:
		return jsontree.AppendString(dst, v.Text())
	case jsontree.Array:
		dst = append(dst, '[')
		for i, e := range v.Elements() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJavaScript(dst, e)
		}
		return append(dst, ']')
	case jsontree.Object:
		dst = append(dst, '{')
		for i, m := range sorted(v.Members()) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(jsontree.AppendString(dst, m.member.Name), ':')
			dst = AppendJavaScript(dst, m.member.Value)
		}
		return append(dst, '}')
	}
	return jsontree.Append(dst, v) // null, true and false
}

// sortable is a member with its sort keys.
type sortable struct {
	member  jsontree.Member
	index   uint32 // its name, if that is an array index
	isIndex bool
	lower   []uint16 // its name in lower case
}

func sorted(members []jsontree.Member) []sortable {
	all := make([]sortable, 0, len(members))
	for _, m := range members {
		if m.Name == "__proto__" {
			continue // assigning it to an object, as the library does, makes no member
		}
		s := sortable{member: m}
		if s.index, s.isIndex = arrayIndex(m.Name); !s.isIndex {
			s.lower = slices.Collect(units(toLower(m.Name)))
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b sortable) int {
		switch {
		case a.isIndex && b.isIndex:
			return cmp.Compare(a.index, b.index)
		case a.isIndex:
			return -1
		case b.isIndex:
			return 1
		}
		return slices.Compare(a.lower, b.lower)
	})
	return all
}

// arrayIndex returns the name as a number if it is an array index of JavaScript: the decimal form
// of 0 to 2^32-2.
func arrayIndex(name string) (uint32, bool) {
	n, err := strconv.ParseUint(name, 10, 32)
	if err != nil || n == math.MaxUint32 || name[0] == '+' || name[0] == '0' && name != "0" {
		return 0, false
	}
	return uint32(n), true
}
