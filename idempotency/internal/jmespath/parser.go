package jmespath

// parser is a Pratt parser: a token that starts an expression says how to go on, and each
// operator takes its left side as long as it binds more tightly than the calling operator.
type parser struct {
	text   string
	tokens []token
	at     int
}

func (p *parser) parse() (node, error) {
	n, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.peek() != end {
		return nil, p.expected("operator or end of expression")
	}
	return n, nil
}

// peek returns the kind of the next token.
func (p *parser) peek() kind { return p.tokens[p.at].kind }

// next returns the next token and goes past it, unless it is the end.
func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

// follows reports whether a token of this kind is next, and goes past it.
func (p *parser) follows(k kind) bool {
	if p.peek() != k {
		return false
	}
	p.at++
	return true
}

func (p *parser) match(k kind) error {
	if !p.follows(k) {
		return p.expected(k.String())
	}
	return nil
}

// expected returns the error for the next token.
func (p *parser) expected(what string) error {
	t := p.tokens[p.at]
	return p.fail(t, "expected "+what+", found "+t.kind.String())
}

func (p *parser) fail(t token, problem string) error {
	return &SyntaxError{Expression: p.text, Offset: t.offset, Problem: problem}
}

// expression reads an expression up to the first operator that binds no more tightly than
// power.
func (p *parser) expression(power int) (node, error) {
	left, err := p.prefix()
	for err == nil && power < p.peek().power() {
		left, err = p.infix(left)
	}
	return left, err
}

// prefix reads what starts an expression.
func (p *parser) prefix() (node, error) {
	switch p.peek() {
	case identifier:
		t := p.next()
		if p.peek() == openParen {
			return p.call(t)
		}
		return &fieldNode{name: t.text}, nil
	case quoted:
		t := p.next()
		if p.peek() == openParen {
			return nil, p.expected("operator after a quoted identifier, which names no function")
		}
		return &fieldNode{name: t.text}, nil
	case literal:
		return &literalNode{value: p.next().value}, nil
	case current:
		p.at++
		return currentNode{}, nil
	case not:
		p.at++
		operand, err := p.expression(notPower)
		return &notNode{operand: operand}, err
	case openParen:
		p.at++
		n, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		return n, p.match(closeParen)
	case star, flattener, filterer:
		return p.infixOf(p.next().kind, currentNode{})
	case openBracket:
		p.at++
		switch k := p.peek(); {
		case k == number || k == colon || k == star && p.tokens[p.at+1].kind == closeBracket:
			return p.brackets(currentNode{})
		}
		return p.multiList()
	case openBrace:
		p.at++
		return p.multiHash()
	}
	return nil, p.expected("expression")
}

// infix reads the next operator and its right side.
func (p *parser) infix(left node) (node, error) {
	return p.infixOf(p.next().kind, left)
}

func (p *parser) infixOf(operator kind, left node) (node, error) {
	switch operator {
	case dot:
		if p.follows(star) {
			each, err := p.projected(dot.power())
			return &objectProjection{source: left, each: each}, err
		}
		right, err := p.afterDot(dot.power())
		return chain(left, right), err
	case star: // at the start of an expression
		each, err := p.projected(starPower)
		return &objectProjection{source: left, each: each}, err
	case flattener:
		each, err := p.projected(flattener.power())
		return &listProjection{source: &flattenNode{source: left}, each: each}, err
	case filterer:
		return p.filter(left)
	case openBracket:
		return p.brackets(left)
	}
	right, err := p.expression(operator.power())
	if err != nil {
		return nil, err
	}
	switch operator {
	case pipe:
		return chain(left, right), nil
	case oror:
		return &orNode{left: left, right: right}, nil
	case andand:
		return &andNode{left: left, right: right}, nil
	}
	return &comparison{operator: operator, left: left, right: right}, nil
}

// afterDot reads the node after a dot. It does not read a star after an expression.
func (p *parser) afterDot(power int) (node, error) {
	switch p.peek() {
	case identifier, quoted, star:
		return p.expression(power)
	case openBracket:
		p.at++
		return p.multiList()
	case openBrace:
		p.at++
		return p.multiHash()
	}
	return nil, p.expected(`identifier, function, "*", "[" or "{" after "."`)
}

// projected reads the right side of a projection, which is the value itself if an operator
// follows that ends projections.
func (p *parser) projected(power int) (node, error) {
	switch k := p.peek(); {
	case k.power() < projectionEnd:
		return currentNode{}, nil
	case k == openBracket || k == filterer:
		return p.expression(power)
	case k == dot:
		p.at++
		return p.afterDot(power)
	}
	return nil, p.expected(`".", "[" or end of the projection`)
}
