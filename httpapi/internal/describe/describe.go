// Package describe has the description of an operation of package httpapi, from which package openapi
// makes a document.
package describe

import "reflect"

// Operation is the description of an operation.
type Operation struct {
	ID, Summary, Description string
	Tags                     []string
	Deprecated               bool

	Parameters []Parameter
	Body       *Body // nil: the body is not read
	Validates  bool  // the input or the body has a method Validate
	Output     Output
	Errors     []Error
}

// Parameter is a field of an input that a part of the request sets.
type Parameter struct {
	In, Name string // In is path, query, header, cookie or auth
	Required bool
	Type     reflect.Type
	Tag      reflect.StructTag
	Default  any // nil if there is none
}

// Body is the body of a request.
type Body struct {
	Media    string
	Type     reflect.Type
	Required bool
	Strict   bool // members that the type does not have are refused
}

// Output is a response of the function.
type Output struct {
	Status int
	Media  string // empty: no body
	Type   reflect.Type
}

// Error is an error of the function that has a status.
type Error struct {
	Status int
	Text   string
}
