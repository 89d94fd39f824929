// Package jsontree holds JSON text as an ordered tree that keeps what decoding to Go maps
// loses: the order of an object's members, the literal text of a number, and lone
// surrogates in strings. A key that is hashed from an event has to be the same as the one
// that another language's library hashes, and those libraries tell 1 from 1.0 and keep the
// order that the text has.
//
//	v, err := jsontree.Parse(text)
//	id, ok := v.Lookup("id")
//	out := jsontree.Append(nil, id)
//
// A [Value] is immutable: all that hand out its parts say so, and any number of goroutines
// may read one tree.
package jsontree

// A Kind says which of JSON's six kinds a [Value] is.
type Kind uint8

// The kinds of JSON values. The zero [Value] is of the kind Null.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String returns the name that JSON Schema and JMESPath have for the kind: "null",
// "boolean", "number", "string", "array" or "object".
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "boolean"
	case Number:
		return "number"
	case String:
		return "string"
	case Array:
		return "array"
	case Object:
		return "object"
	}
	return "invalid"
}

// A Value is one JSON value: four words, passed by value. The zero Value is null. Values
// hold pointers, so that == does not compare them as JSON.
type Value struct {
	kind  Kind
	truth bool
	text  string
	node  *node
}

// node holds what only arrays and objects have, which keeps a Value small.
type node struct {
	elements []Value
	members  []Member
}

// A Member is one name and value of an object.
type Member struct {
	Name  string
	Value Value
}

// NewBool returns the value true or false.
func NewBool(b bool) Value { return Value{kind: Bool, truth: b} }

// NewNumber returns the number with this literal text, which has to be a number in JSON's
// grammar: NewNumber does not check it, and [Append] writes it as it is.
func NewNumber(literal string) Value { return Value{kind: Number, text: literal} }

// NewString returns the string with this content: UTF-8, or WTF-8 if it has lone surrogates
// (each as the three bytes that UTF-8 would give its code point). A high
// surrogate right before a low one is not WTF-8: such a pair has to be one character.
func NewString(s string) Value { return Value{kind: String, text: s} }

// NewArray returns the array of these elements. It keeps the slice, which the caller must not
// change afterwards.
func NewArray(elements []Value) Value {
	return Value{kind: Array, node: &node{elements: elements}}
}

// NewObject returns the object with these members. It keeps the slice, which the caller must not
// change or read afterwards. A name that occurs again keeps the place of the first and
// takes the last value, as in [Parse].
func NewObject(members []Member) Value {
	return Value{kind: Object, node: &node{members: unique(members)}}
}

// Kind returns the value's kind.
func (v Value) Kind() Kind { return v.kind }

// Bool reports whether the value is true. It is false for every other value.
func (v Value) Bool() bool { return v.truth }

// Text returns a string's content, in UTF-8 or WTF-8, or a number's literal as it was
// written. It is empty for every other kind.
func (v Value) Text() string { return v.text }

// Elements returns an array's elements, which the caller must not change. It is nil for
// every other kind.
func (v Value) Elements() []Value {
	if v.kind != Array {
		return nil
	}
	return v.node.elements
}

// Members returns an object's members in their order, each name once, which the caller
// must not change. It is nil for every other kind.
func (v Value) Members() []Member {
	if v.kind != Object {
		return nil
	}
	return v.node.members
}

// Lookup returns the value of the member with this name, and whether there is one. It is
// null and false for every kind but an object. It takes time in proportion to the number of
// members: a caller that looks up many names of a large object builds an index.
func (v Value) Lookup(name string) (Value, bool) {
	for i := range v.Members() {
		if m := &v.node.members[i]; m.Name == name {
			return m.Value, true
		}
	}
	return Value{}, false
}
