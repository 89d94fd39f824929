package jmespath

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// maxInflated is the most that powertools_base64_gzip decompresses: some kilobytes can hold
// gigabytes. Lambda's largest event has 6 MB.
const maxInflated = 10 << 20

// invalid returns the error for data that a function cannot decode.
func (f function) invalid(problem string) error {
	return &EvalError{Function: f.String(), Problem: problem, Err: ErrInvalidData}
}

// json returns the value of powertools_json. The cause of an error is where the text is no
// JSON.
func (r *run) json(text string) (jsontree.Value, error) {
	if err := r.madeText(len(text)); err != nil {
		return null, err
	}
	v, err := jsontree.ParseString(text)
	if err != nil {
		return null, &EvalError{Function: jsonFunction.String(), Problem: "expected JSON", Err: fmt.Errorf("%w: %w", ErrInvalidData, err)}
	}
	return v, nil
}

func (r *run) base64(text string) (jsontree.Value, error) {
	const f = base64Function
	data, none, err := f.decode(text)
	if err != nil || none {
		return null, err
	}
	return r.textOf(f, data)
}

func (r *run) base64Gzip(text string) (jsontree.Value, error) {
	const f = base64GzipFunction
	data, none, err := f.decode(text)
	if err != nil || none {
		return null, err
	}
	if len(data) == 0 {
		return jsontree.NewString(""), nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return null, f.invalid("expected gzip")
	}
	inflated, err := io.ReadAll(io.LimitReader(reader, maxInflated+1))
	if err != nil {
		return null, f.invalid("expected gzip")
	}
	if len(inflated) > maxInflated {
		return null, f.invalid("expected at most 10 MB of decompressed data")
	}
	return r.textOf(f, inflated)
}

func (r *run) textOf(f function, data []byte) (jsontree.Value, error) {
	if !utf8.Valid(data) {
		return null, f.invalid("expected UTF-8 as decoded data")
	}
	return jsontree.NewString(string(data)), r.madeText(len(data))
}

// decode decodes standard base64 as Python's b64decode does: it ignores characters that are
// not of the alphabet, and ends at the padding, which has to be there. A text that has
// characters, but none of the alphabet, is no data: the libraries for Python and TypeScript
// both find no idempotency key in it.
func (f function) decode(text string) (data []byte, none bool, err error) {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return nil, false, f.invalid("expected base64, found characters that are not ASCII")
		}
	}
	data = make([]byte, 0, len(text)/4*3+2)
	bits, count, pads := uint32(0), 0, 0
	for i := range len(text) {
		c := text[i]
		if c == '=' {
			if pads++; count%4 >= 2 && count%4+pads >= 4 {
				return data, false, nil
			}
			continue
		}
		value, ok := sextet(c)
		if !ok {
			continue
		}
		pads = 0
		bits = bits<<6 | uint32(value)
		switch count++; count % 4 {
		case 2:
			data = append(data, byte(bits>>4))
		case 3:
			data = append(data, byte(bits>>2))
		case 0:
			data = append(data, byte(bits))
		}
	}
	if count%4 != 0 {
		return nil, false, f.invalid("expected base64 with its padding")
	}
	return data, count == 0 && text != "", nil
}

// sextet returns the six bits that a character of the alphabet stands for.
func sextet(c byte) (byte, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26, true
	case isDigit(c):
		return c - '0' + 52, true
	case c == '+':
		return 62, true
	case c == '/':
		return 63, true
	}
	return 0, false
}
