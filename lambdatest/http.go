package lambdatest

import (
	"net/http"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/httpevent"
)

// Request invokes handler with the event that the front end makes of r, in a new execution environment
// with default [Options], and returns the response that a client of the front end gets. It fails the
// test if the handler returns an error or panics, or if the front end does not understand its answer. A
// status of 500 or more does not fail the test.
//
// The request may be one of http.NewRequest or of httptest.NewRequest.
//
//	r := httptest.NewRequest("GET", "/orders/o-1", nil)
//	resp := lambdatest.Request(t, httpapi.Wrap(mux), r, httpapi.FunctionURL)
//
// See [Harness.Request] for log lines, metrics and spans, for claims of a caller (Options.Claims), and
// for tests of handlers that fail.
func Request(t testing.TB, handler any, r *http.Request, kind httpapi.Kind) *http.Response {
	t.Helper()
	resp, res := New(t, handler, nil).Request(r, kind)
	if res.answered {
		return resp
	}
	if p, ok := res.Err.(*PanicError); ok {
		t.Fatalf("lambdatest: %s %s: %v\n%s", r.Method, r.URL, p, p.Stack)
	}
	t.Fatalf("lambdatest: %s %s: the client gets %s: %v", r.Method, r.URL, resp.Status, res.Err)
	return nil
}

// Request makes one invocation with the event that the front end makes of r. It returns the response
// that a client of the front end gets, and the outcome of the invocation. If the handler returns an
// error or panics, or if the front end does not understand its answer, the response is a 502, and
// Result.Err is the reason.
//
// The response of a handler that streams is complete when Request returns.
func (h *Harness) Request(r *http.Request, kind httpapi.Kind) (*http.Response, *Result) {
	h.t.Helper()
	front := httpevent.Front{Kind: kind, MultiValue: h.o.MultiValueHeaders, Claims: h.o.Claims}
	event, err := front.Encode(r)
	if err != nil {
		h.t.Fatalf("lambdatest: %v", err)
	}
	res := h.Invoke(event)
	if !res.answered {
		return front.Failure(r), res
	}
	resp, err := front.Decode(r, res.Response)
	if err != nil {
		res.Err, res.answered = err, false
	}
	return resp, res
}
