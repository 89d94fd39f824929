package path

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse compiles a path.
func Parse(text string) (Path, error) {
	if !utf8.ValidString(text) {
		return Path{}, fmt.Errorf("path %q is not valid UTF-8", text)
	}
	p := parser{text: text}
	n, err := p.path(0)
	if err == nil && p.i < len(text) {
		err = p.expected("the end")
	}
	if err != nil {
		return Path{}, err
	}
	return Path{n}, nil
}

// maxDepth bounds the nesting of a path.
const maxDepth = 100

type parser struct {
	text string
	i    int
}

func (p *parser) path(depth int) (node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("path %q is nested too deeply", p.text)
	}
	p.space()
	var n node
	var err error
	if p.peek() == '[' && p.isIndex() {
		n, err = p.index()
	} else {
		n, err = p.first(depth)
	}
	for err == nil {
		p.space()
		var then node
		switch p.peek() {
		case '.':
			p.i++
			p.space()
			then, err = p.step(depth)
		case '[':
			then, err = p.index()
		default:
			return n, nil
		}
		n = chain{n, then}
	}
	return nil, err
}

// first reads the first node of a path.
func (p *parser) first(depth int) (node, error) {
	if p.peek() == '@' {
		p.i++
		return current{}, nil
	}
	return p.step(depth)
}

// step reads the node after a dot.
func (p *parser) step(depth int) (node, error) {
	switch c := p.peek(); {
	case c == '"':
		name, err := p.quoted()
		return member{name}, err
	case c == '[':
		return p.list(depth)
	case c == '{':
		return p.object(depth)
	case isLetter(c):
		name := p.identifier()
		if p.peek() == '(' {
			return p.call(name, depth)
		}
		return member{name}, nil
	}
	return nil, p.expected("a name")
}

func (p *parser) call(name string, depth int) (node, error) {
	if !isFunction(name) {
		return nil, p.expected("powertools_json, powertools_base64 or powertools_base64_gzip before")
	}
	p.i++
	arg, err := p.path(depth + 1)
	if err != nil {
		return nil, err
	}
	return call{name, arg}, p.closing(')')
}

func (p *parser) list(depth int) (node, error) {
	var l list
	for {
		p.i++ // the bracket, or a comma
		n, err := p.path(depth + 1)
		if err != nil {
			return nil, err
		}
		l = append(l, n)
		if p.space(); p.peek() != ',' {
			return l, p.closing(']')
		}
	}
}

func (p *parser) object(depth int) (node, error) {
	var o object
	for {
		p.i++ // the brace, or a comma
		p.space()
		var name string
		switch c := p.peek(); {
		case c == '"':
			var err error
			if name, err = p.quoted(); err != nil {
				return nil, err
			}
		case isLetter(c):
			name = p.identifier()
		default:
			return nil, p.expected("a name")
		}
		if p.space(); p.peek() != ':' {
			return nil, p.expected("a colon")
		}
		p.i++
		n, err := p.path(depth + 1)
		if err != nil {
			return nil, err
		}
		o.add(name, n)
		if p.space(); p.peek() != ',' {
			return o, p.closing('}')
		}
	}
}

// add adds a member. A name that exists keeps its place and gets the new value.
func (o *object) add(name string, n node) {
	for i := range o.names {
		if o.names[i] == name {
			o.values[i] = n
			return
		}
	}
	o.names, o.values = append(o.names, name), append(o.values, n)
}

// isIndex reports whether the bracket at i holds a number, rather than a list.
func (p *parser) isIndex() bool {
	rest := strings.TrimLeft(p.text[p.i+1:], " \t\r\n")
	return rest != "" && (rest[0] == '-' || rest[0] >= '0' && rest[0] <= '9')
}

func (p *parser) index() (node, error) {
	p.i++
	p.space()
	end := strings.IndexByte(p.text[p.i:], ']')
	if end < 0 {
		return nil, p.expected("an index and ]")
	}
	n, err := strconv.Atoi(strings.TrimRight(p.text[p.i:p.i+end], " \t\r\n"))
	if err != nil || p.text[p.i] == '+' {
		return nil, p.expected("an index such as 0")
	}
	p.i += end + 1
	return element{n}, nil
}

func (p *parser) quoted() (string, error) {
	for end := p.i + 1; end < len(p.text); end++ {
		switch p.text[end] {
		case '\\':
			end++
		case '"':
			var name string
			if json.Unmarshal([]byte(p.text[p.i:end+1]), &name) != nil || strings.ContainsRune(name, utf8.RuneError) {
				// U+FFFD would also find a name that has half of a surrogate pair there.
				return "", p.expected("a name of Unicode characters in quotation marks")
			}
			p.i = end + 1
			return name, nil
		}
	}
	return "", p.expected("a quotation mark at the end of the name")
}

func (p *parser) identifier() string {
	start := p.i
	for p.i < len(p.text) && (isLetter(p.text[p.i]) || p.text[p.i] >= '0' && p.text[p.i] <= '9') {
		p.i++
	}
	return p.text[start:p.i]
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func (p *parser) closing(bracket byte) error {
	if p.space(); p.peek() != bracket {
		return p.expected(string(rune(bracket)))
	}
	p.i++
	return nil
}

func (p *parser) space() {
	for p.i < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.i]) >= 0 {
		p.i++
	}
}

func (p *parser) peek() byte {
	if p.i < len(p.text) {
		return p.text[p.i]
	}
	return 0
}

func (p *parser) expected(what string) error {
	if strings.IndexByte("-$/", p.peek()) >= 0 && p.i < len(p.text) {
		return fmt.Errorf(`path %q: at %d: a name with %q in it stands in quotation marks, as in headers."x-id"`, p.text, p.i, p.peek())
	}
	return fmt.Errorf("path %q: at %d: expected %s; for more than names, indices, lists and powertools_ functions use JMESPath", p.text, p.i, what)
}
