package image

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// decoder reads an image from its start to its end.
type decoder struct {
	text  []byte
	i     int // index of the next byte
	depth int // attribute values that are open
}

// space skips white space and returns the index of the next byte.
func (d *decoder) space() int {
	for d.i < len(d.text) && (d.text[d.i] == ' ' || d.text[d.i] == '\n' || d.text[d.i] == '\t' || d.text[d.i] == '\r') {
		d.i++
	}
	return d.i
}

// next consumes the delimiter c, and reports false if another byte follows.
func (d *decoder) next(c byte) bool {
	if i := d.space(); i >= len(d.text) || d.text[i] != c {
		return false
	}
	d.i++
	return true
}

// skip consumes a JSON value and returns its text.
func (d *decoder) skip() ([]byte, error) {
	start := d.space()
	end, ok := jsonscan.Skip(d.text, start)
	if !ok {
		return nil, errSyntax
	}
	d.i = end
	return d.text[start:end], nil
}

// bool consumes true or false.
func (d *decoder) bool() (bool, error) {
	text, err := d.skip()
	if is := string(text) == "true"; is || string(text) == "false" {
		return is, err
	}
	return false, errSyntax
}

// string consumes a JSON string and returns its decoded text, which may be a part of the image.
func (d *decoder) string() ([]byte, error) {
	if i := d.space(); i >= len(d.text) || d.text[i] != '"' {
		return nil, errSyntax
	}
	quoted, err := d.skip()
	if err != nil {
		return nil, err
	}
	inner := quoted[1 : len(quoted)-1]
	plain := utf8.Valid(inner)
	for _, c := range inner {
		plain = plain && c != '\\' && c >= ' '
	}
	if plain {
		return inner, nil
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return nil, errSyntax
	}
	return []byte(s), nil
}

// members consumes an object and calls f at each value.
func (d *decoder) members(f func(name []byte) error) error {
	if !d.next('{') {
		return errSyntax
	}
	for first := true; !d.next('}'); first = false {
		if !first && !d.next(',') {
			return errSyntax
		}
		name, err := d.string()
		if err != nil {
			return err
		}
		if !d.next(':') {
			return errSyntax
		}
		if err := f(name); err != nil {
			return err
		}
	}
	return nil
}

// elements consumes an array and calls f at each element.
func (d *decoder) elements(f func() error) error {
	if !d.next('[') {
		return errSyntax
	}
	for first := true; !d.next(']'); first = false {
		if !first && !d.next(',') {
			return errSyntax
		}
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}
