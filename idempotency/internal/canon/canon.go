// Package canon writes JSON text in the canonical form of RFC 8785, so that two texts of
// the same value give the same bytes: members sorted by name, numbers and strings in one
// form, no white space.
//
// It differs from the RFC, whose numbers are IEEE 754 doubles, in one point: an integer beyond
// 2^53 without fraction and exponent keeps its digits. Otherwise two different ids of twenty
// digits could become equal.
package canon

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
)

// Errors of Append. Their texts contain no part of the input.
var (
	errTruncated = errors.New("the JSON text is cut short")
	errTooLong   = errors.New("the JSON text is too long")
	errDepth     = errors.New("the JSON text is nested too deeply")
)

// maxDepth is how deep a text may nest, which bounds the stack of this package and of its
// output's readers.
const maxDepth = 500

// maxPooled is the size up to which buffers are kept for the next call.
const maxPooled = 64 << 10

// Append appends the canonical form of the JSON text src to dst. It fails if src is not exactly one
// valid JSON value, or if src has an object with two members of the same name, a string with half
// of a surrogate pair, or a number beyond the range of a double, because readers disagree about
// these.
func Append(dst, src []byte) ([]byte, error) {
	e := encoders.Get().(*encoder)
	dst, err := e.append(dst, src)
	e.release()
	return dst, err
}

func (e *encoder) append(dst, src []byte) ([]byte, error) {
	e.src, e.i, e.out = src, 0, slices.Grow(dst, len(src))
	e.levels, e.copied = 0, 0
	if len(src) >= math.MaxInt32/6-len(dst) { // an escape at most makes one byte six
		return dst, errTooLong
	}
	err := e.document()
	if err == nil {
		e.reorder(len(dst))
	}
	return e.out, err
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// encoder is one call of Append.
type encoder struct {
	src []byte
	i   int // of the next byte of src
	out []byte

	members []member // of the objects that are open, the innermost last
	names   []byte   // names that have escapes, unescaped

	levels    int    // of objects in the one that is read that were not in order
	text      []byte // the text of out from base on, before members are moved
	base      int32
	copied    int // bytes of text, which a test counts
	disorders []disorder
	spans     []span // of the members of disorders
}

// member is a member of an object, as written to out.
type member struct {
	start, end         int32 // of the member: "name":value
	nameStart, nameEnd int32 // of its name without quotation marks: in out, or in names
	escaped            bool
	sign               sign
}

// release makes the encoder available to other calls, unless its buffers are large.
func (e *encoder) release() (kept bool) {
	e.src, e.out = nil, nil
	if cap(e.members) > maxPooled/64 || cap(e.names) > maxPooled || cap(e.text) > maxPooled ||
		cap(e.disorders) > maxPooled/64 || cap(e.spans) > maxPooled/8 {
		return false
	}
	e.members, e.names, e.disorders, e.spans = e.members[:0], e.names[:0], e.disorders[:0], e.spans[:0]
	encoders.Put(e)
	return true
}

func (e *encoder) document() error {
	if err := e.value(0); err != nil {
		return err
	}
	if e.space(); e.i < len(e.src) {
		return e.unexpected()
	}
	return nil
}

func (e *encoder) value(depth int) error {
	e.space()
	if e.i >= len(e.src) {
		return errTruncated
	}
	if depth > maxDepth {
		return errDepth
	}
	switch c := e.src[e.i]; {
	case c == '"':
		_, err := e.string()
		return err
	case c == '{':
		return e.object(depth)
	case c == '[':
		return e.array(depth)
	case c == '-' || c >= '0' && c <= '9':
		return e.number()
	case c == 't':
		return e.literal("true")
	case c == 'f':
		return e.literal("false")
	case c == 'n':
		return e.literal("null")
	}
	return e.unexpected()
}

func (e *encoder) literal(s string) error {
	if len(e.src)-e.i < len(s) {
		return errTruncated
	}
	if string(e.src[e.i:e.i+len(s)]) != s {
		return e.unexpected()
	}
	e.out = append(e.out, s...)
	e.i += len(s)
	return nil
}

func (e *encoder) array(depth int) error {
	e.i++
	e.out = append(e.out, '[')
	for first := true; ; first = false {
		end, err := e.next(']', first)
		if end || err != nil {
			return err
		}
		if err := e.value(depth + 1); err != nil {
			return err
		}
	}
}

func (e *encoder) object(depth int) error {
	e.i++
	e.out = append(e.out, '{')
	open, names, levels := len(e.members), len(e.names), e.levels
	e.levels = 0
	for first := true; ; first = false {
		end, err := e.next('}', first)
		if err != nil {
			return err
		}
		if end {
			err := e.order(e.members[open:])
			e.members, e.names, e.levels = e.members[:open], e.names[:names], max(e.levels, levels)
			return err
		}
		if err := e.member(depth); err != nil {
			return err
		}
	}
}

func (e *encoder) member(depth int) error {
	if e.src[e.i] != '"' {
		return e.unexpected()
	}
	m := member{start: int32(len(e.out)), nameStart: int32(len(e.out) + 1)}
	escaped, err := e.string()
	if err != nil {
		return err
	}
	m.nameEnd = int32(len(e.out) - 1)
	if escaped {
		e.unescapeName(&m)
	}
	m.sign = signOf(e.name(m))
	e.space()
	if e.i >= len(e.src) {
		return errTruncated
	}
	if e.src[e.i] != ':' {
		return e.unexpected()
	}
	e.i++
	e.out = append(e.out, ':')
	if err := e.value(depth + 1); err != nil {
		return err
	}
	m.end = int32(len(e.out))
	e.members = append(e.members, m)
	return nil
}

// next goes to the next element or member, writing the comma before it, or over the
// bracket at the end, writing that.
func (e *encoder) next(bracket byte, first bool) (end bool, err error) {
	e.space()
	if e.i >= len(e.src) {
		return false, errTruncated
	}
	switch c := e.src[e.i]; {
	case c == bracket:
		e.i++
		e.out = append(e.out, bracket)
		return true, nil
	case first:
		return false, nil
	case c != ',':
		return false, e.unexpected()
	}
	e.i++
	e.out = append(e.out, ',')
	if e.space(); e.i >= len(e.src) {
		return false, errTruncated
	}
	return false, nil
}

func (e *encoder) space() {
	for e.i < len(e.src) {
		switch e.src[e.i] {
		case ' ', '\n', '\t', '\r':
			e.i++
		default:
			return
		}
	}
}

func (e *encoder) unexpected() error {
	return fmt.Errorf("the JSON text is invalid at byte %d", e.i)
}
