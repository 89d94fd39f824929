package jmespath

import (
	"math"
	"strconv"
)

// filter reads a filter after its [?.
func (p *parser) filter(source node) (node, error) {
	condition, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if err := p.match(closeBracket); err != nil {
		return nil, err
	}
	each, err := p.projected(filterer.power())
	return &filterProjection{source: source, condition: condition, each: each}, err
}

// brackets reads an index, a slice or a wildcard after its opening bracket.
func (p *parser) brackets(left node) (node, error) {
	switch p.peek() {
	case star:
		p.at++
		if err := p.match(closeBracket); err != nil {
			return nil, err
		}
		each, err := p.projected(starPower)
		return &listProjection{source: left, each: each}, err
	case number, colon:
	default:
		return nil, p.expected(`number, ":" or "*"`)
	}

	var bounds [3]bound
	at := 0
	for !p.follows(closeBracket) {
		switch {
		case p.peek() == number && !bounds[at].set:
			bounds[at] = bound{n: integer(p.next().text), set: true}
		case p.peek() == colon && at < 2:
			p.at++
			at++
		default:
			return nil, p.expected(`"]"`)
		}
	}
	if at == 0 {
		return chain(left, &indexNode{index: bounds[0].n}), nil
	}
	each, err := p.projected(starPower)
	slice := &sliceNode{start: bounds[0], stop: bounds[1], step: bounds[2]}
	return &listProjection{source: chain(left, slice), each: each}, err
}

// integer returns the value of an index. The ones too large for any array become the
// largest with which adding and negating cannot overflow.
func integer(digits string) int {
	const most = math.MaxInt32
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil && digits[0] == '-' {
		return -most
	}
	return int(max(min(n, most), -most))
}

// multiList reads [a, b] after its opening bracket.
func (p *parser) multiList() (node, error) {
	n := &multiList{}
	for {
		item, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
		if p.follows(closeBracket) {
			return n, nil
		}
		if !p.follows(comma) {
			return nil, p.expected(`"," or "]"`)
		}
	}
}

// multiHash reads {a: b, c: d} after its opening brace.
func (p *parser) multiHash() (node, error) {
	n := &multiHash{}
	for {
		if k := p.peek(); k != identifier && k != quoted {
			return nil, p.expected("identifier as name of a member")
		}
		n.names = append(n.names, p.next().text)
		if err := p.match(colon); err != nil {
			return nil, err
		}
		item, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
		if p.follows(closeBrace) {
			return n, nil
		}
		if !p.follows(comma) {
			return nil, p.expected(`"," or "}"`)
		}
	}
}

// call reads the arguments of the function that name names. The opening parenthesis is
// next.
func (p *parser) call(name token) (node, error) {
	f := functionNamed(name.text)
	if f == noFunction {
		return nil, p.fail(name, "expected the name of a function, found "+name.text)
	}
	s := f.signature()
	n := &callNode{function: f}
	p.at++
	for !p.follows(closeParen) {
		if len(n.args) > 0 {
			if !p.follows(comma) {
				return nil, p.expected(`"," or ")"`)
			}
		}
		isReference := len(n.args)+1 == s.reference
		switch {
		case isReference && !p.follows(ampersand):
			return nil, p.expected(`"&" and an expression as argument ` + strconv.Itoa(s.reference) + " of " + name.text)
		case !isReference && p.peek() == ampersand:
			return nil, p.expected("argument of " + name.text + ", which takes no expression reference there")
		}
		arg, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, arg)
	}
	if count := len(n.args); count < s.arguments || count > s.arguments && !s.variadic {
		want := strconv.Itoa(s.arguments) + " arguments"
		if s.arguments == 1 {
			want = "1 argument"
		}
		if s.variadic {
			want += " or more"
		}
		return nil, p.fail(name, "expected "+want+" of "+name.text+", found "+strconv.Itoa(count))
	}
	return n, nil
}
