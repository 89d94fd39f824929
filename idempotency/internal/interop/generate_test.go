package interop_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// choices is where a generator gets its decisions from. It returns a number from 0 to n-1.
// The first of several alternatives has to be a leaf, since a fuzzer's choices end with an
// endless row of zeros.
type choices func(n int) int

// randomly returns the choices of a seed.
func randomly(seed uint64) choices { return rand.New(rand.NewPCG(seed, 0)).IntN }

// from returns the choices that bytes stand for.
func from(data []byte) choices {
	return func(n int) int {
		if len(data) == 0 {
			return 0
		}
		c := int(data[0])
		data = data[1:]
		return c % n
	}
}

// generator writes documents and expressions.
type generator struct {
	choose choices

	// ordered allows what depends on the order of an object's members, which the oracles'
	// maps have not got. No object has more than one member then.
	ordered bool
}

func (g *generator) pick(of ...string) string { return of[g.choose(len(of))] }

var names = []string{"a", "b", "c", "d"} // sorted, as the oracles write members

// document returns the text of a JSON document.
func (g *generator) document(depth int) string {
	if depth == 0 {
		return g.scalar()
	}
	switch g.choose(8) {
	case 0:
		return g.scalar()
	case 1, 2, 3:
		return "[" + g.list(g.choose(5), func() string { return g.document(depth - 1) }) + "]"
	case 4: // of one type, as many functions want it
		item := g.pick("number", "string", "object")
		return "[" + g.list(g.choose(5), func() string {
			switch item {
			case "number":
				return g.number()
			case "string":
				return g.text()
			}
			return g.object(depth - 1)
		}) + "]"
	}
	return g.object(depth)
}

func (g *generator) object(depth int) string {
	var members []string
	most := len(names)
	if g.ordered {
		most = 1
	}
	start := g.choose(len(names))
	for i := start; i < len(names) && len(members) < most; i += 1 + g.choose(2) {
		members = append(members, strconv.Quote(names[i])+":"+g.document(max(depth-1, 0)))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (g *generator) scalar() string {
	switch g.choose(6) {
	case 0:
		return "null"
	case 1:
		return "true"
	case 2:
		return "false"
	case 3:
		return g.text()
	}
	return g.number()
}

func (g *generator) number() string {
	return g.pick("0", "1", "2", "3", "-1", "10", "1.5", "-0.5", "2.25", "100", "0.125")
}

func (g *generator) text() string {
	return g.pick(`""`, `"a"`, `"b"`, `"ab"`, `"é"`, `"1"`, `"2.5"`, `"[1]"`, `"😀x"`)
}

func (g *generator) list(n int, item func() string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item()
	}
	return strings.Join(items, ",")
}

// expression returns the text of an expression.
func (g *generator) expression(depth int) string {
	if depth == 0 {
		return g.leaf()
	}
	sub := func() string { return g.expression(depth - 1) }
	switch g.choose(16) {
	case 0, 1:
		return g.leaf()
	case 2, 3:
		return sub() + "." + g.afterDot(depth-1)
	case 4, 5:
		return sub() + g.brackets(depth-1)
	case 6:
		return sub() + g.brackets(depth-1) + "." + g.afterDot(depth-1)
	case 7:
		return sub() + " | " + sub()
	case 8:
		return sub() + g.pick(" || ", " && ") + sub()
	case 9, 10:
		return sub() + g.pick(" == ", " != ", " < ", " <= ", " > ", ">=") + sub()
	case 11:
		return "!" + sub()
	case 12:
		return "(" + sub() + ")"
	case 13:
		return g.brackets(depth - 1)
	}
	return g.afterDot(depth)
}

func (g *generator) leaf() string {
	switch g.choose(8) {
	case 0:
		return "@"
	case 1:
		return "`" + g.document(g.choose(2)) + "`"
	case 2:
		return g.pick("''", "'a'", "'ab'", "'é'", "'1'")
	}
	return g.name()
}

func (g *generator) name() string {
	return g.pick("a", "b", "c", "d", `"a"`, `"b"`, "missing")
}

// afterDot returns what may follow a dot.
func (g *generator) afterDot(depth int) string {
	sub := func() string { return g.expression(max(depth-1, 0)) }
	switch g.choose(9) {
	case 0, 1:
		return g.name()
	case 2:
		return "[" + g.list(1+g.choose(3), sub) + "]"
	case 3:
		return g.hash(sub)
	case 4:
		if g.ordered {
			return "*"
		}
		return g.name()
	}
	return g.function(sub)
}

func (g *generator) hash(sub func() string) string {
	n := 1 + g.choose(3)
	if g.ordered {
		n = 1
	}
	var members []string
	for _, name := range names[:n] {
		members = append(members, name+": "+sub())
	}
	return "{" + strings.Join(members, ", ") + "}"
}

func (g *generator) brackets(depth int) string {
	switch g.choose(8) {
	case 0, 1:
		return "[" + g.index() + "]"
	case 2:
		return "[*]"
	case 3, 4:
		return "[]"
	case 5:
		slice := "[" + g.bound() + ":" + g.bound()
		if g.choose(2) == 1 {
			slice += ":" + g.bound()
		}
		return slice + "]"
	}
	return "[?" + g.expression(depth) + "]"
}

func (g *generator) index() string { return g.pick("0", "1", "2", "-1", "-2", "7") }

func (g *generator) bound() string { return g.pick("", "0", "1", "2", "-1", "-2", "9", "-9") }

func (g *generator) function(sub func() string) string {
	one := []string{"abs", "avg", "ceil", "floor", "length", "max", "min", "not_null", "reverse", "sort", "sum", "to_array", "to_number", "to_string", "type"}
	if g.ordered {
		one = append(one, "keys", "values")
	} else {
		one = append(one, "merge")
	}
	switch g.choose(6) {
	case 0, 1, 2:
		return g.pick(one...) + "(" + sub() + ")"
	case 3:
		return g.pick("contains", "ends_with", "starts_with", "join", "not_null") + "(" + sub() + ", " + sub() + ")"
	case 4:
		return "map(&" + sub() + ", " + sub() + ")"
	}
	return g.pick("sort_by", "max_by", "min_by") + "(" + sub() + ", &" + sub() + ")"
}
