package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/viewer"
)

// maxRequests bounds the requests that wait or run: each may hold an event of 6 MB.
const maxRequests = 1000

// server takes events over HTTP, as Lambda's API does.
type server struct {
	*runner
	ctx   context.Context
	slots chan struct{} // one for each request under way
	async sync.WaitGroup
}

// serve takes events until ctx is done.
func (r *runner) serve(ctx context.Context) error {
	s := &server{runner: r, ctx: ctx, slots: make(chan struct{}, maxRequests)}
	defer s.async.Wait()
	return r.serveAt(ctx, r.options.serve, s.handler(), "/2015-03-31/functions/function/invocations",
		func(s *viewer.State, url string) { s.InvokeURL = url })
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", s.limited(s.invoke))
	mux.HandleFunc("POST /2021-11-15/functions/{name}/response-streaming-invocations", s.limited(s.invokeStream))
	return mux
}

// limited refuses a request beyond maxRequests.
func (s *server) limited(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if !s.enter() {
			refuse(w, &emulator.RequestError{Status: http.StatusTooManyRequests, Type: "TooManyRequestsException", Message: "Rate Exceeded."})
			return
		}
		defer s.leave()
		h(w, req)
	}
}

func (s *server) enter() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s *server) leave() { <-s.slots }
