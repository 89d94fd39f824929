package batch

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsondec"
)

// Decoder decodes the payload of a record into the pointer v. The text of its error is logged, so
// the text must not repeat the payload. A record that cannot be decoded fails permanently, unless
// the error is [Transient].
type Decoder func(data []byte, v any) error

// JSON is the default [Decoder]. It decodes as encoding/json does: it ignores unknown members.
func JSON(data []byte, v any) error {
	if err := jsondec.Unmarshal(data, v); err != nil {
		return &jsonError{err}
	}
	return nil
}

// jsonError is an error of encoding/json, whose text may repeat the payload.
type jsonError struct{ err error }

func (e *jsonError) Error() string { return "the payload cannot be decoded by encoding/json" }
func (e *jsonError) Unwrap() error { return e.err }

// StrictJSON is a [Decoder] for JSON that refuses members that the type does not have.
func StrictJSON(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if strings.HasPrefix(err.Error(), "json: unknown field ") { // encoding/json has no type for it
			return problem("it has a member that the type does not have")
		}
		return &jsonError{err}
	}
	if _, err := d.Token(); err != io.EOF {
		return problem("there is text after the JSON value")
	}
	return nil
}

// Text is a [Decoder] for bodies of type string.
func Text(data []byte, v any) error {
	s, ok := v.(*string)
	if !ok {
		return problem("batch.Text decodes into a string only")
	}
	*s = string(data)
	return nil
}

// Bytes is a [Decoder] for bodies of type []byte.
func Bytes(data []byte, v any) error {
	b, ok := v.(*[]byte)
	if !ok {
		return problem("batch.Bytes decodes into a []byte only")
	}
	*b = data
	return nil
}

// maxInflated bounds a decompressed payload.
const maxInflated = 32 << 20

// Gzip returns a [Decoder] that decompresses a payload before d decodes it, such as the data that
// CloudWatch Logs sends to a stream. A payload that is not compressed goes to d as it is. A payload
// of more than 32 MB fails.
func Gzip(d Decoder) Decoder {
	return func(data []byte, v any) error {
		if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			return d(data, v)
		}
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return problem("it is not gzip, although it begins like it")
		}
		plain, err := io.ReadAll(io.LimitReader(r, maxInflated+1))
		switch {
		case err != nil:
			return problem("its compressed data are broken")
		case len(plain) > maxInflated:
			return problem("it has more than %d MB when it is decompressed", maxInflated>>20)
		}
		return d(plain, v)
	}
}

// isSyntaxError reports whether err says that a text is not JSON.
func isSyntaxError(err error) bool {
	_, ok := errors.AsType[*json.SyntaxError](err)
	return ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
