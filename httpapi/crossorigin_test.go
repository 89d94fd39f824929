package httpapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
)

// The advice of Func for APIs that authenticate by cookies: a page of another origin cannot send a
// body without a Content-Type.
func TestCrossOriginProtection(t *testing.T) {
	type in struct{ Body struct{ Name string } }
	called := 0
	op := httpapi.Func(func(context.Context, in) (struct{}, error) {
		called++
		return struct{}{}, nil
	})
	h := http.NewCrossOriginProtection().Handler(op)
	for _, c := range []struct {
		site   string
		status int
		called int
	}{{"cross-site", http.StatusForbidden, 0}, {"same-origin", http.StatusNoContent, 1}} {
		called = 0
		r := httptest.NewRequest("POST", "/", strings.NewReader(`{"Name":"a"}`))
		r.Header.Set("Sec-Fetch-Site", c.site)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || called != c.called {
			t.Errorf("%s: got status %d and %d calls, want %d and %d", c.site, w.Code, called, c.status, c.called)
		}
	}
}
