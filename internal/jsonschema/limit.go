package jsonschema

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
)

// Limit adds the constraints of a tag. Constraints of a list's length are its own, and others are of its
// elements.
func (g *Generator) Limit(x *Schema, tag reflect.StructTag) {
	number := func(name string) *float64 {
		if !isFinite(tag.Get(name)) {
			return nil
		}
		f, _ := strconv.ParseFloat(tag.Get(name), 64)
		return &f
	}
	count := func(name string) *int {
		n, err := strconv.Atoi(tag.Get(name))
		if err != nil {
			return nil
		}
		return &n
	}
	if n := count("minItems"); n != nil {
		x.MinItems = n
	}
	if n := count("maxItems"); n != nil {
		x.MaxItems = n
	}
	one := x
	if x.Items != nil {
		one = x.Items
	} else if x.Ref != "" {
		one = new(Schema) // of the elements of a named list
	}
	if f := number("minimum"); f != nil && (one.Minimum == nil || *f > *one.Minimum) {
		one.Minimum = f
	}
	if f := number("maximum"); f != nil && (one.Maximum == nil || *f < *one.Maximum) {
		one.Maximum = f
	}
	if f := number("exclusiveMinimum"); f != nil {
		if one.ExclusiveMinimum = *f; g.Dialect.old() {
			if one.ExclusiveMinimum = nil; one.Minimum == nil || *f >= *one.Minimum {
				one.Minimum, one.ExclusiveMinimum = f, true
			}
		}
	}
	if f := number("exclusiveMaximum"); f != nil {
		if one.ExclusiveMaximum = *f; g.Dialect.old() {
			if one.ExclusiveMaximum = nil; one.Maximum == nil || *f <= *one.Maximum {
				one.Maximum, one.ExclusiveMaximum = f, true
			}
		}
	}
	one.MinLength, one.MaxLength = count("minLength"), count("maxLength")
	if text, ok := tag.Lookup("pattern"); ok {
		one.Pattern = text
	}
	if text, ok := tag.Lookup("enum"); ok {
		for e := range strings.SplitSeq(text, ",") {
			one.Enum = append(one.Enum, e)
		}
	}
	if x.Ref != "" && !reflect.DeepEqual(*one, Schema{}) {
		x.Items = one
	}
}

// checkTags sets Err if the field has a constraint that its type cannot have.
func (g *Generator) checkTags(f reflect.StructField) {
	t := indirect(f.Type)
	element := t
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		element = indirect(t.Elem())
	}
	isText := element.Kind() == reflect.String || either[encoding.TextMarshaler, encoding.TextUnmarshaler](element)
	isNumber := element.Kind() >= reflect.Int && element.Kind() <= reflect.Float64
	for _, c := range []struct {
		tags   string
		fits   bool
		reader func(text string) bool
	}{
		{"minimum maximum exclusiveMinimum exclusiveMaximum", isNumber, isFinite},
		{"minLength maxLength", isText, isCount},
		{"minItems maxItems", t.Kind() == reflect.Slice, isCount},
		{"enum pattern", isText, func(string) bool { return true }},
	} {
		for tag := range strings.FieldsSeq(c.tags) {
			if text, ok := f.Tag.Lookup(tag); ok && !(c.fits && c.reader(text)) {
				g.fail("the tag %s:%q does not fit the type %v", tag, text, f.Type)
			}
		}
	}
}

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func isFinite(text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && f-f == 0
}

func isCount(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 0
}
