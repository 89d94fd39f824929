package jsontree

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxValues is the number of values in a text given to [Parse]. A value takes some 30 to 100 bytes
// of memory, and the largest event of Lambda (6 MB) could have three million of them. A million is
// more than 6 MB of objects with members of six bytes have.
const maxValues = 1 << 20

// MaxDepth is how deep arrays and objects may be nested in the text given to [Parse]: the
// same as in encoding/json, far beyond any event, and far below the limit of a
// goroutine's stack.
const MaxDepth = 10_000

// A SyntaxError says where [Parse] found that a text is not JSON. It holds no part of the
// text, since events hold secrets and errors end up in logs.
type SyntaxError struct {
	Offset  int    // bytes before the place of the error
	Problem string // a constant of this package
}

// Error returns the problem and its place.
func (e *SyntaxError) Error() string {
	return "jsontree: " + e.Problem + " at offset " + strconv.Itoa(e.Offset)
}

// Parse returns the value that a JSON text (RFC 8259) holds. White space around it is
// allowed, anything else is an error, and so are bytes that are not UTF-8. The tree keeps a
// copy of the text, never text itself. Errors are of type [*SyntaxError].
//
// In an object a name that occurs again keeps the place of the first and takes the last
// value, as with JSON.parse in JavaScript and json.loads in Python.
func Parse(text []byte) (Value, error) { return ParseString(string(text)) }

// ParseString is [Parse] for a text that is a string already. The tree keeps it.
func ParseString(text string) (Value, error) {
	v, _, err := ParseMost(text, maxValues)
	return v, err
}

// ParseMost is [ParseString] for a text that must not have more than this many values. It
// returns how many it has.
func ParseMost(text string, values int) (Value, int, error) {
	p := parser{text: text, left: values}
	if exceeds(text, values) {
		return Value{}, 0, p.fail(len(text), tooMany) // before anything is allocated for them
	}
	v, err := p.parse()
	return v, values - p.left, err
}

func (p *parser) parse() (Value, error) {
	text := p.text
	if !utf8.ValidString(text) {
		return Value{}, p.fail(firstInvalid(text), "invalid UTF-8")
	}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	p.space()
	if p.pos < len(text) {
		return Value{}, p.fail(p.pos, "unexpected text after the value")
	}
	return v, nil
}

const tooMany = "too many values"

func firstInvalid(text string) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}

// parser reads one text. Strings without escapes and numbers are parts of the text, and
// nodes and members come from blocks, which leaves a handful of allocations for an event.
type parser struct {
	text string
	pos  int
	left int // values that may still follow

	// The elements and members of all open arrays and objects, innermost last. They move to
	// a place of their exact size when their array or object ends.
	elements []Value
	members  []Member

	blocks blocks
}

func (p *parser) fail(offset int, problem string) error {
	return &SyntaxError{Offset: offset, Problem: problem}
}

// unexpected returns the error for the character at the parser's position, or for the end of the
// text.
func (p *parser) unexpected(problem string) error {
	if p.pos >= len(p.text) {
		problem = "unexpected end of text"
	}
	return p.fail(p.pos, problem)
}

func (p *parser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// take consumes c if it is next.
func (p *parser) take(c byte) bool {
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) value(depth int) (Value, error) {
	if p.pos >= len(p.text) {
		return Value{}, p.unexpected("")
	}
	p.left-- // exceeds has checked that there are enough
	switch c := p.text[p.pos]; c {
	case '"':
		s, err := p.string()
		return Value{kind: String, text: s}, err
	case '{', '[':
		if depth >= MaxDepth {
			return Value{}, p.fail(p.pos, "too deeply nested value")
		}
		p.pos++
		if c == '{' {
			return p.object(depth + 1)
		}
		return p.array(depth + 1)
	case 't':
		return NewBool(true), p.word("true")
	case 'f':
		return NewBool(false), p.word("false")
	case 'n':
		return Value{}, p.word("null")
	default:
		return p.number()
	}
}

func (p *parser) word(word string) error {
	for i := range len(word) {
		if !p.take(word[i]) {
			return p.unexpected("invalid literal")
		}
	}
	return nil
}

// number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (p *parser) number() (Value, error) {
	start := p.pos
	negative := p.take('-')
	if !p.take('0') && !p.digits() {
		if negative {
			return Value{}, p.unexpected("invalid number")
		}
		return Value{}, p.unexpected("unexpected character")
	}
	if p.take('.') && !p.digits() {
		return Value{}, p.unexpected("invalid number")
	}
	if p.take('e') || p.take('E') {
		if !p.take('+') {
			p.take('-')
		}
		if !p.digits() {
			return Value{}, p.unexpected("invalid number")
		}
	}
	return Value{kind: Number, text: p.text[start:p.pos]}, nil
}

// digits goes past all digits that are next, and reports whether there was one.
func (p *parser) digits() bool {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos]-'0' <= 9 {
		p.pos++
	}
	return p.pos > start
}

func (p *parser) array(depth int) (Value, error) {
	base := len(p.elements)
	p.space()
	if p.take(']') {
		return p.blocks.array(nil), nil
	}
	for {
		v, err := p.value(depth)
		if err != nil {
			return Value{}, err
		}
		p.elements = append(roomy(p.elements), v)
		p.space()
		if p.take(',') {
			p.space()
			continue
		}
		if !p.take(']') {
			return Value{}, p.unexpected("expected a comma or a closing bracket")
		}
		v = p.blocks.array(p.elements[base:])
		p.elements = p.elements[:base]
		return v, nil
	}
}

func (p *parser) object(depth int) (Value, error) {
	base := len(p.members)
	p.space()
	if p.take('}') {
		return p.blocks.object(nil), nil
	}
	names := nameSet{}
	for {
		if p.pos >= len(p.text) || p.text[p.pos] != '"' {
			return Value{}, p.unexpected("expected a name")
		}
		name, err := p.string()
		if err != nil {
			return Value{}, err
		}
		p.space()
		if !p.take(':') {
			return Value{}, p.unexpected("expected a colon")
		}
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return Value{}, err
		}
		if i := names.find(p.members[base:], name); i >= 0 {
			p.members[base+i].Value = v
		} else {
			p.members = append(roomy(p.members), Member{Name: name, Value: v})
		}
		p.space()
		if p.take(',') {
			p.space()
			continue
		}
		if !p.take('}') {
			return Value{}, p.unexpected("expected a comma or a closing brace")
		}
		v = p.blocks.object(p.members[base:])
		p.members = p.members[:base]
		return v, nil
	}
}

// roomy returns a full stack that is large with room for as much again: append adds a quarter,
// so that all the stacks on the way to a large one take several times its memory.
func roomy[T any](stack []T) []T {
	if len(stack) == cap(stack) && len(stack) >= 1024 {
		return slices.Grow(stack, len(stack))
	}
	return stack
}
