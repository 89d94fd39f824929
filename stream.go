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

// WrapStream returns fn, with mw around it, as a function for lambda.Start whose
// response leaves while it is read from Out. The invocation ends when Out does:
// at its io.EOF, at a read error, or when it is closed. Out is closed when it is an
// io.Closer, and its ContentType() string is used when it has one.
//
// Streamed responses work on function URLs with invoke mode RESPONSE_STREAM and on
// API Gateway REST APIs with response transfer mode STREAM. A nil Out answers null.
//
// A panic in Out's Read fails the stream, is reported like any other panic, and
// goes on when the response is closed, which ends the process.
//
// The result takes the undecoded event: that it is valid JSON is checked by
// aws-lambda-go before any middleware runs, and hooks of lambda/handlertrace see
// the event undecoded first, and then decoded.
//
// WrapStream panics where fn or a middleware is nil.
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
		inv.streams = true
		var s *Stream
		err := inv.run(func(ctx context.Context, inv *Invocation) error {
			err := handler(ctx, inv)
			if err == nil {
				s = newStream(inv)
			}
			return err
		})
		if err != nil {
			inv.finish()
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

// Stream is a response on its way. aws-lambda-go reads and closes it.
type Stream struct {
	inv         *Invocation
	r           io.Reader
	contentType string

	mu       sync.Mutex // reading and closing may happen in two goroutines
	failed   error      // why reading cannot go on; set once
	panicked *Panic
}

// errClosed is what reading fails with after Close.
var errClosed = errors.New("lambdakit: the response stream is closed")

// newStream is called under inv.run, which looks after panics of the user's methods.
func newStream(inv *Invocation) *Stream {
	r := inv.Stream()
	if r == nil { // answered with bytes
		return &Stream{inv: inv, r: bytes.NewReader(inv.answer()), contentType: "application/json"}
	}
	inv.mu.Lock()
	contentType := inv.contentType
	inv.mu.Unlock()
	if contentType == "" {
		contentType = "application/octet-stream"
		if c, ok := r.(interface{ ContentType() string }); ok {
			contentType = c.ContentType()
		}
	}
	inv.mu.Lock()
	inv.streaming = true
	inv.mu.Unlock()
	return &Stream{inv: inv, r: r, contentType: contentType}
}

// ContentType returns the media type of the response.
func (s *Stream) ContentType() string { return s.contentType }

// Read reads from the user's reader and ends the invocation with it.
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
			s.exited()
			return
		}
		n, err = 0, panicError(v)
		if p := newPanic(v, 0); !s.end(err, p) {
			fmt.Fprintf(os.Stderr, "lambdakit: the response stream's Read panicked after the stream had ended: %v\n", v)
			s.inv.exit("lambdakit: a panic cannot go on in net/http")
		}
	}()
	n, err = s.r.Read(p)
	returned = true
	if err != nil {
		s.end(err, nil)
	}
	return n, errtype.Wire(err)
}

// Close closes the user's reader, ends the invocation if its end was not read, and
// lets a panic of Read go on.
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

// closeReader calls the user's Close. A panic in it ends the invocation and goes on.
func (s *Stream) closeReader() error {
	c, ok := s.r.(io.Closer)
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
			s.exited()
			return
		}
		s.end(panicError(v), newPanic(v, 0))
		panic(v)
	}()
	err := c.Close()
	returned = true
	return err
}

// exited is for a reader that calls runtime.Goexit: nobody would answer Lambda.
func (s *Stream) exited() {
	s.end(ErrGoexit, nil)
	s.inv.exit(ErrGoexit.Error() + " in its response stream")
}

// end ends the invocation, and reports whether it had not ended before.
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
	case err != io.EOF && err != errClosed: // closed early is no failure of the function
		s.inv.setErr(err)
	}
	s.inv.finish()
	return true
}

// panicError is how aws-lambda-go describes the panic v to Lambda.
func panicError(v any) error {
	return messages.InvokeResponse_Error{Message: fmt.Sprint(v), Type: errtype.OfPanic(v)}
}
