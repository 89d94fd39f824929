package fakedynamodb

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
)

// Attribute is a value in the JSON protocol of DynamoDB: an object with one member, whose name is
// the type.
type Attribute map[string]any

// Item is an item of a table.
type Item map[string]Attribute

func (v Attribute) String() string { return JSON(v) }

func (it Item) String() string { return JSON(it) }

// JSON returns v as JSON without escaped HTML.
func JSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Kind returns the type and the content.
func (v Attribute) Kind() (string, any) {
	for name, inner := range v {
		return name, inner
	}
	return "", nil
}

// Text returns the content of a String.
func (v Attribute) Text() string {
	s, _ := v["S"].(string)
	return s
}

// Number returns the number, or nil.
func (v Attribute) Number() *big.Rat {
	s, _ := v["N"].(string)
	n, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil
	}
	return n
}

// compare compares values of the same type.
func (v Attribute) compare(w Attribute) (order int, comparable bool) {
	kind, inner := v.Kind()
	other, ok := w[kind]
	if !ok {
		return 0, false
	}
	if kind == "N" {
		return v.Number().Cmp(w.Number()), true
	}
	a, isText := inner.(string)
	b, _ := other.(string)
	if !isText {
		return map[bool]int{true: 0, false: 1}[reflect.DeepEqual(inner, other)], true
	}
	return strings.Compare(a, b), true
}

// Equal compares values, and numbers by their numeric value.
func (v Attribute) Equal(w Attribute) bool { return sameValue(map[string]any(v), map[string]any(w)) }

func sameValue(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		if n, ok := a["N"].(string); ok && len(a) == 1 && b["N"] != nil {
			m, _ := b["N"].(string)
			return sameNumber(n, m)
		}
		for name, v := range a {
			if w, ok := b[name]; !ok || !sameValue(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameValue)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(a.String(), b.String())
	}
	return a == b
}

func sameNumber(a, b string) bool {
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok && ok2 && x.Cmp(y) == 0
}

// SameJSON compares two texts as JSON values.
func SameJSON(a, b []byte) bool {
	x, err := DecodeNumbers(a)
	y, err2 := DecodeNumbers(b)
	return err == nil && err2 == nil && sameValue(x, y)
}

// DecodeNumbers decodes JSON and keeps numbers as json.Number.
func DecodeNumbers(text []byte) (v any, err error) {
	if !json.Valid(text) { // a Decoder would stop at the end of the value
		return nil, fmt.Errorf("not JSON: %s", text)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// check panics if DynamoDB would refuse the value: numbers with more than 38 digits or too large,
// empty sets, and too many levels.
func (v Attribute) check(depth int) {
	kind, inner := v.Kind()
	if len(v) != 1 {
		fail("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	switch kind {
	case "N":
		checkNumber(inner.(string))
	case "NS", "SS", "BS":
		list := inner.([]any)
		if len(list) == 0 {
			fail("One or more parameter values were invalid: An set may not be empty")
		}
		for _, e := range list {
			if kind == "NS" {
				checkNumber(e.(string))
			}
		}
	case "L", "M":
		if depth >= 32 {
			fail("Nesting Levels have exceeded supported limits")
		}
		for _, e := range v.Elements() {
			e.check(depth + 1)
		}
	case "S", "B", "BOOL", "NULL":
	default:
		fail("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
}

func checkNumber(s string) {
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits := strings.Trim(strings.NewReplacer("-", "", "+", "", ".", "").Replace(mantissa), "0")
	n, ok := new(big.Rat).SetString(s)
	if !ok {
		fail("The parameter cannot be converted to a numeric Value: %s", s)
	}
	limit, _ := new(big.Rat).SetString("1e126")
	tiny, _ := new(big.Rat).SetString("1e-130")
	switch n.Abs(n); {
	case len(digits) > 38:
		fail("Attempting to store more than 38 significant digits in a Number")
	case n.Cmp(limit) >= 0:
		fail("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case n.Sign() != 0 && n.Cmp(tiny) < 0:
		fail("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
}

// Elements returns the values in a list or a map.
func (v Attribute) Elements() []Attribute {
	var all []Attribute
	list, _ := v["L"].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		all = append(all, m)
	}
	members, _ := v["M"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		m, _ := members[name].(map[string]any)
		all = append(all, m)
	}
	return all
}

// Size returns the size of a value by the rules of DynamoDB, in bytes.
func (v Attribute) Size() int {
	kind, inner := v.Kind()
	switch kind {
	case "S":
		return len(inner.(string))
	case "B":
		b, _ := base64.StdEncoding.DecodeString(inner.(string))
		return len(b)
	case "N":
		return len(inner.(string))/2 + 2
	case "L", "M":
		n := 3
		for _, e := range v.Elements() {
			n += 1 + e.Size()
		}
		members, _ := inner.(map[string]any)
		for name := range members {
			n += len(name)
		}
		return n
	case "SS", "NS", "BS":
		n := 0
		for _, e := range inner.([]any) {
			n += len(e.(string))
		}
		return n
	}
	return 1
}

// Equal compares items with all attributes.
func (it Item) Equal(o Item) bool {
	for name, v := range it {
		if o[name] == nil || !v.Equal(o[name]) {
			return false
		}
	}
	return len(it) == len(o)
}

// Size returns the size of an item by the rules of DynamoDB, in bytes.
func (it Item) Size() int {
	n := 0
	for name, v := range it {
		n += len(name) + v.Size()
	}
	return n
}
