package lambdakit

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"sync"

	"github.com/aws/aws-lambda-go/lambda/handlertrace"
)

// maxPooled is the size of the largest buffer in bytes that goes back into the pool. One large
// response must not occupy its memory as long as the execution environment exists.
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

// encode encodes v, the result of the user's function, as the response. It passes v to the hook of
// lambda/handlertrace first. If it fails, it marks the invocation as unencoded.
func (inv *Invocation) encode(ctx context.Context, trace handlertrace.HandlerTrace, v any) error {
	encoded := false
	defer func() {
		if !encoded { // an error, or a panic of the hook or of a method of v
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

// encodeValue encodes v as JSON into new bytes, without escaped HTML and without a trailing newline.
// If v is an io.Reader that encodes as {} or not at all, encodeValue reads it to its end instead,
// as aws-lambda-go does.
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
	// A json.Encoder that failed once always fails, so it does not go back into the pool.
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
