package httpapi

import (
	"fmt"
	"net/http"

	"github.com/lambdakit/lambdakit"
)

// Recover is a middleware of net/http that answers a panic with 500, and marks the invocation as failed
// with it. Without it a panic ends the process. http.ErrAbortHandler goes on.
func Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			if inv := lambdakit.FromContext(r.Context()); inv != nil {
				inv.Fail(fmt.Errorf("httpapi: the handler of %s %s panicked: %.1024v", r.Method, route(r), v))
			}
			(&Error{Status: http.StatusInternalServerError}).write(w)
		}()
		next.ServeHTTP(w, r)
	})
}
