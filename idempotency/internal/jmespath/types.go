package jmespath

import (
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// types is a set of the types that an argument may have; the zero value is any type.
type types uint8

const (
	isNumber types = 1 << iota
	isString
	isArray
	isObject
	isNumbers // an array of nothing but numbers
	isStrings // an array of nothing but strings

	isAny types = 0
)

// has reports whether the set contains the type of a value.
func (t types) has(v jsontree.Value) bool {
	switch v.Kind() {
	case jsontree.Number:
		return t&isNumber != 0
	case jsontree.String:
		return t&isString != 0
	case jsontree.Object:
		return t&isObject != 0
	case jsontree.Array:
		return t&isArray != 0 ||
			t&isNumbers != 0 && allOf(v.Elements(), jsontree.Number) ||
			t&isStrings != 0 && allOf(v.Elements(), jsontree.String)
	}
	return false
}

func allOf(elements []jsontree.Value, kind jsontree.Kind) bool {
	for i := range elements {
		if elements[i].Kind() != kind {
			return false
		}
	}
	return true
}

// String returns the types as an error message calls them.
func (t types) String() string {
	var names []string
	for bit := isNumber; bit <= isStrings; bit <<= 1 {
		if t&bit != 0 {
			names = append(names, bit.name())
		}
	}
	return strings.Join(names, " or ")
}

func (t types) name() string {
	switch t {
	case isNumber:
		return "number"
	case isString:
		return "string"
	case isArray:
		return "array"
	case isObject:
		return "object"
	case isNumbers:
		return "array of numbers"
	}
	return "array of strings"
}

// found returns the type of a value for an error message. For an array it includes the types of the
// elements if they matter.
func (t types) found(v jsontree.Value) string {
	if v.Kind() != jsontree.Array || t&(isNumbers|isStrings) == 0 {
		return v.Kind().String()
	}
	var seen [jsontree.Object + 1]bool
	var names []string
	for _, e := range v.Elements() {
		if k := e.Kind(); !seen[k] {
			seen[k] = true
			names = append(names, k.String())
		}
	}
	return "array of " + strings.Join(names, " and ")
}

// check returns the error for arguments that the function does not take.
func (f function) check(s signature, args []jsontree.Value) error {
	for i, arg := range args {
		allowed := s.types[0]
		if !s.variadic {
			allowed = s.types[i]
		}
		if allowed == isAny || allowed.has(arg) {
			continue
		}
		problem := "expected " + allowed.String() + ", found " + allowed.found(arg)
		if s.variadic || s.arguments > 1 {
			problem = "argument " + strconv.Itoa(i+1) + ": " + problem
		}
		return &EvalError{Function: f.String(), Problem: problem}
	}
	return nil
}
