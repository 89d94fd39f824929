package lambdakit

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"sync"

	"github.com/aws/aws-lambda-go/lambda/handlertrace"
)

// maxPooled is the size up to which a buffer goes back into its pool, so that
// one large response does not keep its memory for the life of the sandbox.
const maxPooled = 64 << 10

type responseEncoder struct {
	buf bytes.Buffer
	enc *json.Encoder
}

var responseEncoders = sync.Pool{New: func() any {
	e := new(responseEncoder)
	e.enc = json.NewEncoder(&e.buf)
	e.enc.SetEscapeHTML(false)
	return e
}}

// encode makes v, which the user's function has returned, the response, and takes note where
// that fails. It is shown to who traces handlers first.
func (inv *Invocation) encode(ctx context.Context, trace handlertrace.HandlerTrace, v any) error {
	encoded := false
	defer func() {
		if !encoded { // or trace, or a method of v, panicked
			inv.setUnencoded()
		}
	}()
	if trace.ResponseEvent != nil {
		trace.ResponseEvent(ctx, v)
	}
	err := inv.encodeValue(v)
	encoded = err == nil
	return err
}

// encodeValue encodes v as JSON without escaped HTML and without a trailing newline, in bytes
// of its own. A v whose dynamic type is an io.Reader without a JSON form of its own is read to
// its end instead, as aws-lambda-go does it.
func (inv *Invocation) encodeValue(v any) error {
	if v == nil {
		inv.SetResponse([]byte("null"))
		return nil
	}
	e := responseEncoders.Get().(*responseEncoder)
	err := e.enc.Encode(v)
	if err == nil {
		text := e.buf.Bytes()
		if r, ok := v.(io.Reader); ok && bytes.HasPrefix(text, []byte("{}")) {
			err = inv.readResponse(r)
		} else {
			inv.SetResponse(bytes.Clone(text[:len(text)-1]))
		}
		if e.buf.Cap() <= maxPooled {
			e.buf.Reset()
			responseEncoders.Put(e)
		}
		return err
	}
	// An encoder that failed once fails for ever, so this one is not reused.
	if r, ok := v.(io.Reader); ok {
		return inv.readResponse(r)
	}
	return err
}

func (inv *Invocation) readResponse(r io.Reader) error {
	if c, ok := r.(io.Closer); ok {
		defer c.Close()
	}
	response, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	inv.SetResponse(response)
	return nil
}
