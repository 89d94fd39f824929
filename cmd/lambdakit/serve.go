package main

import (
	"context"
	"net/http"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/viewer"
)

// server takes events over HTTP, as Lambda's API does.
type server struct{ *exchanges }

// serve takes events until ctx is done.
func (r *runner) serve(ctx context.Context) error {
	s := &server{r.exchanges(ctx)}
	defer s.end()
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
