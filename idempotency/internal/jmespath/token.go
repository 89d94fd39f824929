package jmespath

import "github.com/lambdakit/lambdakit/idempotency/internal/jsontree"

type kind uint8

const (
	end kind = iota
	identifier
	quoted
	literal
	number
	dot
	star
	flattener // []
	filterer  // [?
	openBracket
	closeBracket
	openBrace
	closeBrace
	openParen
	closeParen
	comma
	colon
	pipe
	oror
	andand
	not
	equal
	unequal
	less
	lessEqual
	greater
	greaterEqual
	current
	ampersand
)

// token is one token of an expression.
type token struct {
	kind   kind
	offset int
	text   string         // name of an identifier, digits of a number
	value  jsontree.Value // of a literal
}

// String returns the kind as an error message calls it.
func (k kind) String() string {
	switch k {
	case end:
		return "end of expression"
	case identifier:
		return "identifier"
	case quoted:
		return "quoted identifier"
	case literal:
		return "literal"
	case number:
		return "number"
	case dot:
		return `"."`
	case star:
		return `"*"`
	case flattener:
		return `"[]"`
	case filterer:
		return `"[?"`
	case openBracket:
		return `"["`
	case closeBracket:
		return `"]"`
	case openBrace:
		return `"{"`
	case closeBrace:
		return `"}"`
	case openParen:
		return `"("`
	case closeParen:
		return `")"`
	case comma:
		return `","`
	case colon:
		return `":"`
	case pipe:
		return `"|"`
	case oror:
		return `"||"`
	case andand:
		return `"&&"`
	case not:
		return `"!"`
	case equal:
		return `"=="`
	case unequal:
		return `"!="`
	case less:
		return `"<"`
	case lessEqual:
		return `"<="`
	case greater:
		return `">"`
	case greaterEqual:
		return `">="`
	case current:
		return `"@"`
	case ampersand:
		return `"&"`
	}
	return "invalid token"
}

const (
	// projectionEnd is the power from which on an operator belongs to the right side of a
	// projection. The ones below take the projection's whole result.
	projectionEnd = 10

	// The power on the right side of two tokens that have no left side.
	starPower = 20
	notPower  = 45
)

// power returns how tightly an operator binds its left side. It is 0 if the token has no left
// side.
func (k kind) power() int {
	switch k {
	case pipe:
		return 1
	case oror:
		return 2
	case andand:
		return 3
	case equal, unequal, less, lessEqual, greater, greaterEqual:
		return 5
	case flattener:
		return 9
	case filterer:
		return 21
	case dot:
		return 40
	case openBracket:
		return 55
	}
	return 0
}
