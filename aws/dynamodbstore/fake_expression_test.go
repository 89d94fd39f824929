package dynamodbstore_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// condition is a parsed condition expression, with its placeholders resolved: two that mean
// the same are equal, whatever their placeholders are called.
type condition struct {
	op    string // OR, AND, NOT, a function, a comparator; "name" or "value" of an operand
	args  []*condition
	name  string
	value attribute
}

func (c *condition) String() string {
	if c == nil {
		return "always"
	}
	switch c.op {
	case "name":
		return fmt.Sprintf("%q", c.name)
	case "value":
		return c.value.String()
	}
	args := make([]string, len(c.args))
	for i, a := range c.args {
		args[i] = a.String()
	}
	return c.op + "(" + strings.Join(args, ", ") + ")"
}

// equal compares conditions that are written in the same order.
func (c *condition) equal(o *condition) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.op == o.op && c.name == o.name && c.value.equal(o.value) && slices.EqualFunc(c.args, o.args, (*condition).equal)
}

// holds reports whether the condition holds for an item, which is nil where there is none.
func (c *condition) holds(it item) bool {
	if c == nil {
		return true
	}
	switch c.op {
	case "OR":
		return slices.ContainsFunc(c.args, func(a *condition) bool { return a.holds(it) })
	case "AND":
		return !slices.ContainsFunc(c.args, func(a *condition) bool { return !a.holds(it) })
	case "NOT":
		return !c.args[0].holds(it)
	case "attribute_exists":
		return it[c.args[0].name] != nil
	case "attribute_not_exists":
		return it[c.args[0].name] == nil
	}
	a, b := c.args[0].operand(it), c.args[1].operand(it)
	if a == nil || b == nil {
		return false
	}
	order, comparable := a.compare(b)
	switch c.op {
	case "=":
		return comparable && order == 0
	case "<>":
		return !comparable || order != 0
	case "<":
		return comparable && order < 0
	case "<=":
		return comparable && order <= 0
	case ">":
		return comparable && order > 0
	}
	return comparable && order >= 0
}

func (c *condition) operand(it item) attribute {
	if c.op == "value" {
		return c.value
	}
	return it[c.name]
}

var tokens = regexp.MustCompile(`\s*(#\w+|:\w+|\w+|<=|>=|<>|[=<>(),])\s*`)

// parser reads the expressions of one request. It takes names by placeholder only, since any
// of them may be one that DynamoDB reserves.
type parser struct {
	names  map[string]string
	values map[string]attribute
	used   map[string]bool
	rest   []string
}

// invalid is what the parser panics with.
type invalid string

func fail(format string, args ...any) { panic(invalid(fmt.Sprintf(format, args...))) }

func (p *parser) start(text string) {
	p.rest = p.rest[:0]
	for text != "" {
		m := tokens.FindStringSubmatch(text)
		if m == nil || !strings.HasPrefix(text, m[0]) {
			fail("Invalid expression: Syntax error; near: %q", text)
		}
		p.rest = append(p.rest, m[1])
		text = text[len(m[0]):]
	}
}

func (p *parser) peek() string {
	if len(p.rest) == 0 {
		return ""
	}
	return p.rest[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t == "" {
		fail("Invalid expression: it ends too early")
	}
	p.rest = p.rest[1:]
	return t
}

func (p *parser) accept(t string) bool {
	if p.peek() == t {
		p.rest = p.rest[1:]
		return true
	}
	return false
}

func (p *parser) want(t string) {
	if got := p.next(); got != t {
		fail("Invalid expression: Syntax error; token: %q, want %q", got, t)
	}
}

func (p *parser) end() {
	if t := p.peek(); t != "" {
		fail("Invalid expression: Syntax error; token: %q", t)
	}
}

// unused refuses what no expression has used, as DynamoDB does.
func (p *parser) unused() {
	for _, name := range slices.Concat(slices.Collect(maps.Keys(p.names)), slices.Collect(maps.Keys(p.values))) {
		if !p.used[name] {
			fail("Value provided in ExpressionAttributeNames or ExpressionAttributeValues unused in expressions: %s", name)
		}
	}
}

func (p *parser) name() string {
	t := p.next()
	name, ok := p.names[t]
	if !ok {
		fail("An expression attribute name used in the document path is not defined: %s", t)
	}
	p.used[t] = true
	return name
}

func (p *parser) value() attribute {
	t := p.next()
	v, ok := p.values[t]
	if !ok {
		fail("An expression attribute value used in expression is not defined: %s", t)
	}
	p.used[t] = true
	return v
}

func (p *parser) condition(text string) *condition {
	p.start(text)
	c := p.chain("OR", func() *condition { return p.chain("AND", p.term) })
	p.end()
	return c
}

func (p *parser) chain(op string, operand func() *condition) *condition {
	args := []*condition{operand()}
	for p.accept(op) {
		args = append(args, operand())
	}
	if len(args) == 1 {
		return args[0]
	}
	return &condition{op: op, args: args}
}

func (p *parser) term() *condition {
	switch t := p.peek(); t {
	case "NOT":
		p.next()
		return &condition{op: t, args: []*condition{p.term()}}
	case "(":
		p.next()
		c := p.chain("OR", func() *condition { return p.chain("AND", p.term) })
		p.want(")")
		return c
	case "attribute_exists", "attribute_not_exists":
		p.next()
		p.want("(")
		c := &condition{op: t, args: []*condition{{op: "name", name: p.name()}}}
		p.want(")")
		return c
	}
	left := p.operand()
	op := p.next()
	if !slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, op) {
		fail("Invalid ConditionExpression: Syntax error; token: %q", op)
	}
	return &condition{op: op, args: []*condition{left, p.operand()}}
}

func (p *parser) operand() *condition {
	if strings.HasPrefix(p.peek(), ":") {
		return &condition{op: "value", value: p.value()}
	}
	return &condition{op: "name", name: p.name()}
}

// update reads an update expression: what it sets and removes.
func (p *parser) update(text string) (set item, remove []string) {
	p.start(text)
	set = item{}
	for p.peek() != "" {
		switch clause := p.next(); clause {
		case "SET":
			for more := true; more; more = p.accept(",") {
				name := p.name()
				p.want("=")
				if set[name] != nil {
					fail("Invalid UpdateExpression: Two document paths overlap with each other: %s", name)
				}
				set[name] = p.value()
			}
		case "REMOVE":
			for more := true; more; more = p.accept(",") {
				remove = append(remove, p.name())
			}
		default:
			fail("Invalid UpdateExpression: Syntax error; token: %q", clause)
		}
	}
	return set, remove
}
