package httpapi

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// constraints are the limits of a value. Their tags have the names of JSON Schema.
type constraints struct {
	minimum, maximum, above, below *float64
	minLength, maxLength           *int // characters of a text
	minItems, maxItems             *int
	enum                           []string
	pattern                        func(string) bool
	patternText                    string
	required                       bool // of a member of the body
}

// constraintsOf reads the tags of a field of type t. owner names it in panics.
func constraintsOf(owner string, t reflect.Type, tag reflect.StructTag) (c constraints) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	element := t
	if t.Kind() == reflect.Slice {
		element = t.Elem()
		for element.Kind() == reflect.Pointer {
			element = element.Elem()
		}
	}
	number := func(name string) *float64 {
		text, ok := tag.Lookup(name)
		if !ok {
			return nil
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || !isNumber(element) {
			panic(fmt.Sprintf("httpapi: %s: the tag %s:%q needs a number, and a field that is one", owner, name, text))
		}
		return &f
	}
	count := func(name string, ok bool) *int {
		text, has := tag.Lookup(name)
		if !has {
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || !ok {
			panic(fmt.Sprintf("httpapi: %s: the tag %s:%q needs a count, and a field that has a length", owner, name, text))
		}
		return &n
	}
	c.minimum, c.maximum = number("minimum"), number("maximum")
	c.above, c.below = number("exclusiveMinimum"), number("exclusiveMaximum")
	isText := element.Kind() == reflect.String
	c.minLength, c.maxLength = count("minLength", isText), count("maxLength", isText)
	c.minItems, c.maxItems = count("minItems", t.Kind() == reflect.Slice), count("maxItems", t.Kind() == reflect.Slice)
	if text, ok := tag.Lookup("enum"); ok {
		if !isText {
			panic(fmt.Sprintf("httpapi: %s: the tag enum:%q is for texts", owner, text))
		}
		c.enum = strings.Split(text, ",")
	}
	if text, ok := tag.Lookup("pattern"); ok {
		if !isText || compilePattern == nil {
			panic(fmt.Sprintf("httpapi: %s: the tag pattern:%q is for texts, and needs an import of github.com/lambdakit/lambdakit/httpapi/pattern", owner, text))
		}
		match, err := compilePattern(text)
		if err != nil {
			panic(fmt.Sprintf("httpapi: %s: the tag pattern:%q is no regular expression: %v", owner, text, err))
		}
		c.pattern, c.patternText = match, text
	}
	c.required = tag.Get("required") == "true"
	return c
}

// compilePattern is set by package pattern.
var compilePattern func(text string) (func(string) bool, error)

// SetPatternCompiler is for package pattern, which links package regexp.
func SetPatternCompiler(compile func(text string) (match func(string) bool, err error)) {
	compilePattern = compile
}

func isNumber(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return t != durationType
	}
	return false
}

func (c *constraints) any() bool {
	return c.minimum != nil || c.maximum != nil || c.above != nil || c.below != nil || c.minLength != nil || c.maxLength != nil ||
		c.minItems != nil || c.maxItems != nil || c.enum != nil || c.pattern != nil
}

// check returns the fault of a value; empty if it has none.
func (c *constraints) check(v reflect.Value) string {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Slice {
		return c.checkOne(v)
	}
	switch n := v.Len(); {
	case c.minItems != nil && n < *c.minItems:
		return fmt.Sprintf("must have at least %d values", *c.minItems)
	case c.maxItems != nil && n > *c.maxItems:
		return fmt.Sprintf("must have at most %d values", *c.maxItems)
	}
	for i := range v.Len() { // their own lengths have no limits
		element := v.Index(i)
		for element.Kind() == reflect.Pointer {
			element = element.Elem() // of nil: a value without a kind, which has no limits
		}
		if problem := c.checkOne(element); problem != "" {
			return problem
		}
	}
	return ""
}

func (c *constraints) checkOne(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.String:
		return c.checkText(v.String())
	case v.CanInt():
		return c.checkNumber(float64(v.Int()))
	case v.CanUint():
		return c.checkNumber(float64(v.Uint()))
	case v.Kind() == reflect.Float32: // the shortest decimal, as the tag and the client write it
		f, _ := strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, 32), 64)
		return c.checkNumber(f)
	case v.CanFloat():
		return c.checkNumber(v.Float())
	}
	return ""
}

func (c *constraints) checkNumber(f float64) string {
	switch {
	case c.minimum != nil && f < *c.minimum:
		return mustBe("at least ", *c.minimum)
	case c.maximum != nil && f > *c.maximum:
		return mustBe("at most ", *c.maximum)
	case c.above != nil && f <= *c.above:
		return mustBe("greater than ", *c.above)
	case c.below != nil && f >= *c.below:
		return mustBe("less than ", *c.below)
	}
	return ""
}

//go:noinline
func mustBe(relation string, limit float64) string {
	return "must be " + relation + strconv.FormatFloat(limit, 'g', -1, 64)
}

func (c *constraints) checkText(s string) string {
	if c.minLength != nil || c.maxLength != nil {
		switch n := utf8.RuneCountInString(s); {
		case c.minLength != nil && n < *c.minLength:
			return fmt.Sprintf("must have at least %d characters", *c.minLength)
		case c.maxLength != nil && n > *c.maxLength:
			return fmt.Sprintf("must have at most %d characters", *c.maxLength)
		}
	}
	switch {
	case c.enum != nil && !slices.Contains(c.enum, s):
		return "must be one of " + strings.Join(c.enum, ", ")
	case c.pattern != nil && !c.pattern(s):
		return "must match " + c.patternText
	}
	return ""
}
