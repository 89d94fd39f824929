package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"sync"

	"github.com/lambdakit/lambdakit"
)

// WrapStream returns a function for lambda.Start that runs h for every HTTP event and streams its
// response. It wraps h in mw, outermost first. See the package comment for the front ends that stream.
//
// WrapStream panics if h or a middleware is nil.
func WrapStream(h http.Handler, mw ...lambdakit.Middleware) func(context.Context, json.RawMessage) (*lambdakit.Stream, error) {
	return (&Adapter{Handler: h}).WrapStream(mw...)
}

// WrapStream returns a function as the function [WrapStream] does. Adapter.Other gets events that are
// not HTTP requests; its response is not streamed.
func (a *Adapter) WrapStream(mw ...lambdakit.Middleware) func(context.Context, json.RawMessage) (*lambdakit.Stream, error) {
	if a.Handler == nil {
		panic("httpapi: WrapStream: the handler is nil")
	}
	return lambdakit.WrapStream(func(ctx context.Context, p payload) (io.Reader, error) {
		r, f, err := a.request(ctx, p.bytes)
		switch {
		case err != nil && a.Other != nil && errors.Is(err, ErrNotHTTP):
			out, err := a.Other.Invoke(ctx, p.bytes)
			return whole{bytes.NewReader(out)}, err
		case err != nil:
			return nil, err
		case f.kind != FunctionURL && f.kind != RestAPI:
			out, err := a.serve(ctx, r, f)
			return whole{bytes.NewReader(out)}, err
		}
		return a.stream(ctx, r, f)
	}, mw...)
}

// payload is an event that is not decoded.
type payload struct{ bytes []byte }

func (p *payload) UnmarshalEvent(b []byte) error {
	p.bytes = b
	return nil
}

// whole is a response that is not streamed.
type whole struct{ io.Reader }

func (whole) ContentType() string { return "application/json" }

// held is the size of the beginning of a body after which the prelude leaves.
const held = 2 << 10

// streamed is the http.ResponseWriter of a stream.
type streamed struct {
	answer
	ctx   context.Context
	front *front
	first []byte // of the body, until the prelude leaves
	pipe  *io.PipeWriter

	once    sync.Once
	started chan struct{} // closed when the prelude leaves, or when the handler has ended before
	prelude []byte
}

// ended is how the handler ended.
type ended struct {
	panicked any
	stack    []uintptr // of the panic
	err      error
}

// goOn lets the panic of the handler go on.
func (e *ended) goOn(ctx context.Context) {
	if inv := lambdakit.FromContext(ctx); inv != nil {
		inv.SetPanicStack(e.stack)
	}
	panic(e.panicked)
}

// stream runs the handler in a goroutine, and returns its response as soon as the prelude may leave. A
// panic before that goes on in the caller. As in net/http, the context of the request ends with it.
func (a *Adapter) stream(ctx context.Context, r *http.Request, f *front) (io.Reader, error) {
	read, write := io.Pipe()
	requestCtx, cancel := context.WithCancel(r.Context())
	r = r.WithContext(requestCtx)
	w := &streamed{answer: answer{request: r}, ctx: ctx, front: f, pipe: write, started: make(chan struct{})}
	out := &streamReader{ctx: ctx, cancel: cancel, pipe: read, end: make(chan ended, 1)}
	go func() {
		defer cancel()
		var e ended
		returned := false
		defer func() {
			if !returned {
				if e.panicked = recover(); e.panicked != nil {
					const own = 3 // runtime.Callers, this function, panic
					e.stack = make([]uintptr, 64)
					e.stack = e.stack[:runtime.Callers(own, e.stack)]
				}
				e.err = lambdakit.ErrGoexit
			}
			out.end <- e
			if e.err == nil {
				w.start()
			} else {
				w.once.Do(func() { close(w.started) })
			}
			write.Close()
		}()
		e.err = f.serveHTTP(a.Handler, w, r)
		returned = true
	}()
	<-w.started
	if w.prelude == nil {
		e := <-out.end
		if e.panicked != nil {
			e.goOn(ctx)
		}
		return nil, e.err
	}
	out.prelude = w.prelude
	return out, nil
}

// start lets the prelude and the beginning of the body leave.
func (w *streamed) start() {
	w.once.Do(func() {
		w.finish(w.first)
		w.prelude = w.front.appendPrelude(nil, &w.answer)
		if w.request.Method != http.MethodHead {
			w.prelude = append(w.prelude, w.first...)
		}
		w.record(w.ctx)
		close(w.started)
	})
}

func (w *streamed) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.bodyAllowed() {
		return 0, http.ErrBodyNotAllowed
	}
	if w.prelude == nil {
		w.first = append(w.first, p...)
		if len(w.first) >= held {
			w.start()
		}
		return len(p), nil
	}
	if w.request.Method == http.MethodHead {
		return len(p), nil
	}
	return w.pipe.Write(p)
}

func (w *streamed) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// Flush implements http.Flusher.
func (w *streamed) Flush() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.start()
}

// streamReader is the response of a stream.
type streamReader struct {
	ctx     context.Context
	cancel  context.CancelFunc // of the request
	prelude []byte
	pipe    *io.PipeReader
	end     chan ended
}

func (*streamReader) ContentType() string {
	return "application/vnd.awslambda.http-integration-response"
}

// Read returns the prelude and the body. A panic of the handler goes on here.
func (s *streamReader) Read(p []byte) (int, error) {
	if len(s.prelude) > 0 {
		n := copy(p, s.prelude)
		s.prelude = s.prelude[n:]
		return n, nil
	}
	n, err := s.pipe.Read(p)
	if err != io.EOF {
		return n, err
	}
	select {
	case e := <-s.end:
		if e.panicked != nil {
			e.goOn(s.ctx)
		}
		if e.err != nil {
			return n, e.err
		}
	default:
	}
	return n, io.EOF
}

// Close ends the request: further writes of the handler fail, and its context is canceled.
func (s *streamReader) Close() error {
	err := s.pipe.Close()
	s.cancel()
	return err
}
