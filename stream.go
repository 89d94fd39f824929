package lambdakit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"

	"github.com/aws/aws-lambda-go/lambda/handlertrace"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit/internal/errtype"
)

// WrapStream returns a function for lambda.Start that calls fn and streams its response. It
// wraps fn in mw, outermost first.
//
// The response is sent while it is read from Out. The invocation ends at the io.EOF of Out, at a
// read error, or when the response is closed. If Out is an io.Closer, it is closed. If it has a
// method ContentType() string, the method gives the media type; the default is
// application/octet-stream. If Out is nil, the response is null.
//
// Streamed responses work on function URLs with invoke mode RESPONSE_STREAM, and on API Gateway
// REST APIs with response transfer mode STREAM.
//
// If the Read method of Out panics, the stream fails, and the panic is reported like any other
// panic. When aws-lambda-go closes the response, the panic continues and ends the process.
//
// aws-lambda-go checks that the event is valid JSON before any middleware runs. Hooks of
// lambda/handlertrace get the event twice: first undecoded, then decoded.
//
// WrapStream panics if fn or a middleware is nil.
func WrapStream[In any, Out io.Reader](fn func(context.Context, In) (Out, error), mw ...Middleware) func(context.Context, json.RawMessage) (*Stream, error) {
	if fn == nil {
		panic("lambdakit: WrapStream: the handler function is nil")
	}
	handler := chain(func(ctx context.Context, inv *Invocation) error {
		var in In
		if err := inv.decodeEvent(&in); err != nil {
			return err
		}
		if trace := handlertrace.FromContext(ctx); trace.RequestEvent != nil {
			trace.RequestEvent(ctx, in)
		}
		out, err := call(ctx, inv, fn, in)
		if err != nil {
			return err
		}
		if isNil(out) {
			inv.SetResponse([]byte("null"))
			return nil
		}
		inv.SetStream(out, "")
		return nil
	}, mw)

	return func(ctx context.Context, event json.RawMessage) (*Stream, error) {
		inv := begin(ctx, event)
		inv.fromWrapStream = true
		var s *Stream
		err := inv.run(func(ctx context.Context, inv *Invocation) error {
			err := handler(ctx, inv)
			if err == nil {
				s = newStream(inv)
			}
			return err
		})
		if err != nil {
			inv.end()
			return nil, errtype.Wire(err)
		}
		return s, nil
	}
}

func isNil(r io.Reader) bool {
	if r == nil {
		return true
	}
	switch v := reflect.ValueOf(r); v.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Slice, reflect.Chan:
		return v.IsNil()
	}
	return false
}

// Stream is the response of a function made by [WrapStream]. aws-lambda-go reads and closes it.
type Stream struct {
	inv         *Invocation
	reader      io.Reader
	contentType string

	mu       sync.Mutex // two goroutines may read and close
	failed   error      // the error of later reads; set once
	panicked *Panic
}

// errClosed is the error of Read after Close.
var errClosed = errors.New("lambdakit: the response stream is closed")

// newStream is called inside inv.run, which handles panics of the user's ContentType method.
func newStream(inv *Invocation) *Stream {
	r := inv.Stream()
	if r == nil { // the response is bytes
		return &Stream{inv: inv, reader: bytes.NewReader(inv.answer()), contentType: "application/json"}
	}
	inv.mu.Lock()
	contentType := inv.readUncommon().contentType
	inv.mu.Unlock()
	if contentType == "" {
		contentType = "application/octet-stream"
		if c, ok := r.(interface{ ContentType() string }); ok {
			contentType = c.ContentType()
		}
	}
	inv.mu.Lock()
	inv.responseKind = responseStreaming
	inv.mu.Unlock()
	return &Stream{inv: inv, reader: r, contentType: contentType}
}

// ContentType returns the media type of the response.
func (s *Stream) ContentType() string { return s.contentType }

// Read reads from the user's reader. It ends the invocation at an error or at io.EOF.
func (s *Stream) Read(p []byte) (n int, err error) {
	s.mu.Lock()
	failed := s.failed
	s.mu.Unlock()
	if failed != nil {
		return 0, failed
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			s.endByGoexit()
			return
		}
		n, err = 0, panicError(v)
		if p := newPanic(v, 0); !s.end(err, p) {
			fmt.Fprintf(os.Stderr, "lambdakit: the response stream's Read panicked after the stream had ended: %v\n", v)
			s.inv.exitProcess("lambdakit: a panic cannot go on in net/http")
		}
	}()
	n, err = s.reader.Read(p)
	returned = true
	if err != nil {
		s.end(err, nil)
	}
	return n, errtype.Wire(err)
}

// Close closes the user's reader and ends the invocation, if Read has not done so. If Read
// recovered a panic, Close panics again with the same value.
func (s *Stream) Close() error {
	err := s.closeReader()
	s.end(errClosed, nil)
	s.mu.Lock()
	p := s.panicked
	s.mu.Unlock()
	if p != nil {
		panic(p.Value)
	}
	return err
}

// closeReader calls the Close method of the user's reader. If it panics, closeReader ends the
// invocation and lets the panic go on.
func (s *Stream) closeReader() error {
	c, ok := s.reader.(io.Closer)
	if !ok {
		return nil
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			s.endByGoexit()
			return
		}
		s.end(panicError(v), newPanic(v, 0))
		panic(v)
	}()
	err := c.Close()
	returned = true
	return err
}

// endByGoexit ends the invocation if the reader called runtime.Goexit. aws-lambda-go cannot answer
// Lambda then, so the process exits.
func (s *Stream) endByGoexit() {
	s.end(ErrGoexit, nil)
	s.inv.exitProcess(ErrGoexit.Error() + " in its response stream")
}

// end ends the invocation. It reports whether this call was the first.
func (s *Stream) end(err error, p *Panic) bool {
	s.mu.Lock()
	if s.failed != nil {
		s.mu.Unlock()
		return false
	}
	s.failed, s.panicked = err, p
	s.mu.Unlock()
	switch {
	case p != nil:
		s.inv.setPanic(p)
	case err != io.EOF && err != errClosed: // a stream that is closed early is not a failure
		s.inv.setErr(err)
	}
	s.inv.end()
	return true
}

// panicError returns the error that aws-lambda-go would report to Lambda for the panic v.
func panicError(v any) error {
	return messages.InvokeResponse_Error{Message: fmt.Sprint(v), Type: errtype.OfPanic(v)}
}
