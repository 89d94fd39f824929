package fakedynamodb

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Condition is a parsed condition expression, with its placeholders replaced by their values. The
// names of placeholders do not count in comparisons.
type Condition struct {
	Op    string // OR, AND, NOT, a function or a comparator; "name" or "value" for an operand
	Args  []*Condition
	Name  string
	Value Attribute
}

func (c *Condition) String() string {
	if c == nil {
		return "always"
	}
	switch c.Op {
	case "name":
		return fmt.Sprintf("%q", c.Name)
	case "value":
		return c.Value.String()
	}
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = a.String()
	}
	return c.Op + "(" + strings.Join(args, ", ") + ")"
}

// Equal compares conditions. The order of operands counts.
func (c *Condition) Equal(o *Condition) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.Op == o.Op && c.Name == o.Name && c.Value.Equal(o.Value) && slices.EqualFunc(c.Args, o.Args, (*Condition).Equal)
}

// Holds reports whether the condition holds for an item, which may be nil.
func (c *Condition) Holds(it Item) bool {
	if c == nil {
		return true
	}
	switch c.Op {
	case "OR":
		return slices.ContainsFunc(c.Args, func(a *Condition) bool { return a.Holds(it) })
	case "AND":
		return !slices.ContainsFunc(c.Args, func(a *Condition) bool { return !a.Holds(it) })
	case "NOT":
		return !c.Args[0].Holds(it)
	case "attribute_exists":
		return it[c.Args[0].Name] != nil
	case "attribute_not_exists":
		return it[c.Args[0].Name] == nil
	}
	a, b := c.Args[0].operand(it), c.Args[1].operand(it)
	if a == nil || b == nil {
		return false
	}
	order, comparable := a.compare(b)
	switch c.Op {
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

func (c *Condition) operand(it Item) Attribute {
	if c.Op == "value" {
		return c.Value
	}
	return it[c.Name]
}

var tokens = regexp.MustCompile(`\s*(#\w+|:\w+|\w+|<=|>=|<>|[=<>(),])\s*`)

// parser parses the expressions of one request. It accepts names only as placeholders, because
// DynamoDB reserves many names.
type parser struct {
	names  map[string]string
	values map[string]Attribute
	used   map[string]bool
	rest   []string
}

// invalid is the panic value of the parser.
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

// unused panics if a placeholder is not used, because DynamoDB refuses it.
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

func (p *parser) value() Attribute {
	t := p.next()
	v, ok := p.values[t]
	if !ok {
		fail("An expression attribute value used in expression is not defined: %s", t)
	}
	p.used[t] = true
	return v
}

func (p *parser) condition(text string) *Condition {
	p.start(text)
	c := p.chain("OR", func() *Condition { return p.chain("AND", p.term) })
	p.end()
	return c
}

func (p *parser) chain(op string, operand func() *Condition) *Condition {
	args := []*Condition{operand()}
	for p.accept(op) {
		args = append(args, operand())
	}
	if len(args) == 1 {
		return args[0]
	}
	return &Condition{Op: op, Args: args}
}

func (p *parser) term() *Condition {
	switch t := p.peek(); t {
	case "NOT":
		p.next()
		return &Condition{Op: t, Args: []*Condition{p.term()}}
	case "(":
		p.next()
		c := p.chain("OR", func() *Condition { return p.chain("AND", p.term) })
		p.want(")")
		return c
	case "attribute_exists", "attribute_not_exists":
		p.next()
		p.want("(")
		c := &Condition{Op: t, Args: []*Condition{{Op: "name", Name: p.name()}}}
		p.want(")")
		return c
	}
	left := p.operand()
	op := p.next()
	if !slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, op) {
		fail("Invalid ConditionExpression: Syntax error; token: %q", op)
	}
	return &Condition{Op: op, Args: []*Condition{left, p.operand()}}
}

func (p *parser) operand() *Condition {
	if strings.HasPrefix(p.peek(), ":") {
		return &Condition{Op: "value", Value: p.value()}
	}
	return &Condition{Op: "name", Name: p.name()}
}

// update parses an update expression. It returns the attributes to set and to remove.
func (p *parser) update(text string) (set Item, remove []string) {
	p.start(text)
	set = Item{}
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
