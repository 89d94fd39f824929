package httpapi

import (
	"fmt"
	"net/http"
)

// Recover is a middleware of net/http that answers a panic with 500, and marks the invocation as failed
// with it. Without it a panic ends the process. If the response has begun, Recover aborts it with
// http.ErrAbortHandler, because half a response must not look whole. http.ErrAbortHandler goes on.
func Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &tracked{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			err := fmt.Errorf("httpapi: the handler of %s %s panicked: %.1024v", r.Method, route(r), v)
			fail(r.Context(), err)
			if t.begun {
				abort(r.Context(), err)
			}
			(&Error{Status: http.StatusInternalServerError}).write(w)
		}()
		next.ServeHTTP(t, r)
	})
}

// tracked is an http.ResponseWriter that knows whether the response has begun.
type tracked struct {
	http.ResponseWriter
	begun bool
}

func (t *tracked) WriteHeader(status int) {
	t.begun = t.begun || status >= 200 || status == http.StatusSwitchingProtocols
	t.ResponseWriter.WriteHeader(status)
}

func (t *tracked) Write(p []byte) (int, error) {
	t.begun = true
	return t.ResponseWriter.Write(p)
}

// Flush implements http.Flusher.
func (t *tracked) Flush() {
	t.begun = true
	http.NewResponseController(t.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }
