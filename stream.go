package lambdakit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"sync"

	"github.com/aws/aws-lambda-go/lambda/handlertrace"
	"github.com/aws/aws-lambda-go/lambda/messages"
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
		if err := decodeEvent(inv.payload, &in); err != nil {
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
			return inv.encode(nil)
		}
		inv.SetStream(out, "")
		return nil
	}, mw)

	return func(ctx context.Context, event json.RawMessage) (*Stream, error) {
		inv := begin(ctx, event)
		inv.run(handler)
		if inv.err != nil {
			inv.finish()
			return nil, inv.err
		}
		return newStream(inv), nil
	}
}

func isNil(r io.Reader) bool {
	if r == nil {
		return true
	}
	v := reflect.ValueOf(r)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// Stream is a response on its way. aws-lambda-go reads and closes it.
type Stream struct {
	inv         *Invocation
	r           io.Reader
	contentType string

	once sync.Once

	mu       sync.Mutex // reading and closing may happen in two goroutines
	failed   error      // why reading cannot go on
	panicked *Panic
}

func newStream(inv *Invocation) *Stream {
	s := &Stream{inv: inv, r: inv.stream, contentType: inv.contentType}
	switch {
	case s.r == nil: // answered with bytes
		response, _ := inv.answer()
		s.r, s.contentType = bytes.NewReader(response), "application/json"
	case s.contentType != "":
	default:
		s.contentType = "application/octet-stream"
		if c, ok := s.r.(interface{ ContentType() string }); ok {
			s.contentType = c.ContentType()
		}
	}
	return s
}

// ContentType returns the media type of the response.
func (s *Stream) ContentType() string { return s.contentType }

// Read reads from the user's reader and ends the invocation with it.
func (s *Stream) Read(p []byte) (n int, err error) {
	if err := s.failure(); err != nil {
		return 0, err
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			s.once.Do(s.inv.exited)
			return
		}
		s.inv.recordPanic(v)
		s.mu.Lock()
		s.panicked = s.inv.panicked
		s.mu.Unlock()
		n, err = 0, panicError(v)
		s.end(err)
	}()
	n, err = s.r.Read(p)
	returned = true
	if err != nil {
		s.end(err)
	}
	return n, err
}

// Close closes the user's reader, ends the invocation if its end was not read, and
// lets a panic of Read go on.
func (s *Stream) Close() error {
	var err error
	if c, ok := s.r.(io.Closer); ok {
		err = c.Close()
	}
	s.end(io.ErrClosedPipe)
	s.mu.Lock()
	p := s.panicked
	s.mu.Unlock()
	if p != nil {
		panic(p.Value)
	}
	return err
}

func (s *Stream) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

func (s *Stream) end(err error) {
	s.once.Do(func() {
		s.mu.Lock()
		s.failed = err
		// A stream closed early is no failure of the function.
		if err != io.EOF && err != io.ErrClosedPipe && s.panicked == nil {
			s.inv.err = err
		}
		s.mu.Unlock()
		s.inv.finish()
	})
}

// panicError is how aws-lambda-go describes the panic v to Lambda.
func panicError(v any) error {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return messages.InvokeResponse_Error{Message: fmt.Sprint(v), Type: t.Name()}
}
