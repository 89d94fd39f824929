package insightstest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Query is a parsed query.
type Query struct {
	Commands []string // their names
	Fields   []string // fields of log events that it reads, without the names that it defines itself; sorted
	Limit    int      // of the last command limit; 0 without one
}

// Parse parses a query.
func Parse(query string) (*Query, error) {
	tokens, err := scan(query)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, defined: make(map[string]bool), fields: make(map[string]bool)}
	return p.query()
}

// syntaxError unwinds the parser.
type syntaxError struct{ error }

type parser struct {
	tokens  []token
	at      int
	defined map[string]bool // names that the query defines
	fields  map[string]bool
}

// functions are the functions of expressions, with the least and the most number of arguments.
var functions = map[string][2]int{
	"abs": {1, 1}, "ceil": {1, 1}, "floor": {1, 1}, "greatest": {1, 99}, "least": {1, 99}, "log": {1, 1}, "sqrt": {1, 1},
	"ispresent": {1, 1}, "coalesce": {1, 99},
	"isempty": {1, 1}, "isblank": {1, 1}, "concat": {1, 99}, "ltrim": {1, 2}, "rtrim": {1, 2}, "trim": {1, 2}, "strlen": {1, 1},
	"toupper": {1, 1}, "tolower": {1, 1}, "substr": {2, 3}, "replace": {3, 3}, "strcontains": {2, 2},
	"bin": {1, 1}, "datefloor": {2, 2}, "dateceil": {2, 2}, "fromMillis": {1, 1}, "toMillis": {1, 1},
}

// aggregates are the functions of the command stats.
var aggregates = map[string][2]int{
	"avg": {1, 1}, "count": {0, 1}, "count_distinct": {1, 1}, "max": {1, 1}, "min": {1, 1}, "pct": {2, 2}, "stddev": {1, 1}, "sum": {1, 1},
	"earliest": {1, 1}, "latest": {1, 1}, "sortsFirst": {1, 1}, "sortsLast": {1, 1},
}

// keywords cannot be the names of fields without backticks.
var keywords = strings.Fields("as asc by desc in like and or not fields filter stats sort limit parse display dedup unnest pattern diff anomaly join lookup source")

// periods are the units of a period, and the most of each in bin.
var periods = map[string]int{"ms": 1000, "s": 60, "m": 60, "h": 24, "d": 1 << 20, "w": 1 << 20}

var periodText = regexp.MustCompile(`^([0-9]+)([a-z]+)$`)

func (p *parser) query() (q *Query, err error) {
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(syntaxError)
			if !ok {
				panic(v)
			}
			q, err = nil, e.error
		}
	}()
	q = new(Query)
	for {
		name := p.next()
		if name.kind != word {
			p.fail("want a command, got %q", name.text)
		}
		q.Commands = append(q.Commands, name.text)
		switch name.text {
		case "fields", "display":
			p.list(func() { p.aliased(false) })
		case "filter":
			p.expression(false)
		case "stats":
			p.stats()
		case "sort":
			p.list(func() {
				p.expression(false)
				if !p.accept("asc") {
					p.accept("desc")
				}
			})
		case "limit":
			q.Limit = p.number()
			if q.Limit < 1 || q.Limit > 10_000 {
				p.fail("limit %d is not between 1 and 10,000", q.Limit)
			}
		case "dedup":
			p.list(func() { p.name() })
		default:
			p.fail("unknown command %q", name.text)
		}
		if p.peek().kind == end {
			break
		}
		p.want("|")
	}
	for name := range p.fields {
		q.Fields = append(q.Fields, name)
	}
	slices.Sort(q.Fields)
	return q, nil
}

func (p *parser) fail(format string, args ...any) {
	panic(syntaxError{fmt.Errorf(format, args...)})
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

// accept takes a keyword or an operator if it is next.
func (p *parser) accept(text string) bool {
	t := p.peek()
	ok := t.kind == operator && t.text == text || t.kind == word && strings.EqualFold(t.text, text)
	if ok {
		p.at++
	}
	return ok
}

func (p *parser) want(text string) {
	if !p.accept(text) {
		p.fail("want %q, got %q", text, p.peek().text)
	}
}

func (p *parser) list(element func()) {
	for {
		element()
		if !p.accept(",") {
			return
		}
	}
}

func (p *parser) number() int {
	t := p.next()
	n, err := strconv.Atoi(t.text)
	if t.kind != number || err != nil {
		p.fail("want a number, got %q", t.text)
	}
	return n
}

// stats parses aggregates and their groups.
func (p *parser) stats() {
	p.list(func() { p.aliased(true) })
	if p.accept("by") {
		p.list(func() { p.aliased(false) })
	}
}

// aliased parses an expression with an optional name.
func (p *parser) aliased(inStats bool) {
	p.expression(inStats)
	if p.accept("as") {
		t := p.next()
		if t.kind != word && t.kind != quoted || slices.Contains(keywords, t.text) {
			p.fail("want a name after as, got %q", t.text)
		}
		p.defined[strings.Trim(t.text, "`")] = true
	}
}

// name parses the name of a field.
func (p *parser) name() {
	t := p.next()
	name := strings.Trim(t.text, "`")
	switch {
	case t.kind != word && t.kind != quoted:
		p.fail("want a field, got %q", t.text)
	case t.kind == word && slices.Contains(keywords, strings.ToLower(name)):
		p.fail("the keyword %q must stand in backticks to be a field", t.text)
	}
	if !p.defined[name] {
		p.fields[name] = true
	}
}

// levels are the binary operators, by their binding: the loosest first.
var levels = [][]string{{"or"}, {"and"}, {"=", "!=", "<", "<=", ">", ">=", "=~", "like", "in", "not"}, {"+", "-"}, {"*", "/", "%"}, {"^"}}

func (p *parser) expression(inStats bool) { p.binary(0, inStats) }

func (p *parser) binary(level int, inStats bool) {
	if level == len(levels) {
		p.unary(inStats)
		return
	}
	if level == 2 && p.accept("not") {
		p.binary(level, inStats)
		return
	}
	p.binary(level+1, inStats)
	for {
		i := slices.IndexFunc(levels[level], p.accept)
		if i < 0 {
			return
		}
		switch op := levels[level][i]; op {
		case "like", "=~":
			if t := p.next(); t.kind != str && t.kind != regex {
				p.fail("want a string or a regular expression, got %q", t.text)
			}
		case "not":
			if p.accept("like") {
				p.next()
				continue
			}
			p.want("in")
			p.set()
		case "in":
			p.set()
		default:
			p.binary(level+1, inStats)
		}
	}
}

// set parses a list of values.
func (p *parser) set() {
	p.want("[")
	p.list(func() {
		if t := p.next(); t.kind != str && t.kind != number {
			p.fail("want a value, got %q", t.text)
		}
	})
	p.want("]")
}

func (p *parser) unary(inStats bool) {
	t := p.peek()
	switch {
	case p.accept("("):
		p.expression(inStats)
		p.want(")")
	case t.kind == str:
		p.next()
	case t.kind == number:
		p.next()
		if _, err := strconv.ParseFloat(t.text, 64); err != nil {
			p.fail("%q is not a number", t.text)
		}
	case t.kind == word && p.tokens[p.at+1].text == "(":
		p.call(inStats)
	default:
		p.name()
	}
}

func (p *parser) call(inStats bool) {
	name := p.next().text
	arity, ok := functions[name]
	inner := inStats
	if inStats && !ok {
		arity, ok = aggregates[name]
		inner = false // an aggregate has no aggregate in it
	}
	if !ok {
		p.fail("unknown function %q here", name)
	}
	p.want("(")
	if name == "bin" {
		p.period()
		p.want(")")
		return
	}
	n := 0
	if !p.accept(")") {
		p.list(func() {
			n++
			if name == "count" && p.accept("*") {
				return
			}
			if name == "pct" && n == 2 {
				if percent := p.number(); percent > 100 {
					p.fail("pct of %d", percent)
				}
				return
			}
			p.expression(inner)
		})
		p.want(")")
	}
	if n < arity[0] || n > arity[1] {
		p.fail("%s has %d arguments", name, n)
	}
}

func (p *parser) period() {
	m := periodText.FindStringSubmatch(p.next().text)
	if m == nil || periods[m[2]] == 0 {
		p.fail("want a period such as 5m")
	}
	if n, err := strconv.Atoi(m[1]); err != nil || n < 1 || n > periods[m[2]] {
		p.fail("a period of %s%s; the most is %d%s", m[1], m[2], periods[m[2]], m[2])
	}
}
