package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// TestResponse_EventOfEachFrontEnd compares the bytes of responses.
func TestResponse_EventOfEachFrontEnd(t *testing.T) {
	t.Parallel()
	const (
		rest    = `{"httpMethod":"GET","path":"/","requestContext":{"stage":"prod"}}`
		elb     = `{"httpMethod":"GET","path":"/","headers":{},"requestContext":{"elb":{}}}`
		elbMany = `{"httpMethod":"GET","path":"/","multiValueHeaders":{},"requestContext":{"elb":{}}}`
		lattice = `{"method":"GET","path":"/","requestContext":{"serviceNetworkArn":"n"}}`
	)
	lines := func(w http.ResponseWriter) {
		w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
		w.Header()["X-A"] = []string{" 1\n", "2"}
		w.Header()["Connection"] = []string{"close"}
		w.Header()["x y"] = []string{"invalid"}
		w.Header()["Trailer:X"] = []string{"later"}
		w.Header().Set("Content-Type", "text/x")
		w.WriteHeader(201)
		w.Header().Set("X-Late", "1")
		w.WriteHeader(202)
		w.Write([]byte("hi"))
	}
	for _, c := range []struct {
		what, event string
		handler     func(w http.ResponseWriter)
		want        string
	}{
		{"HTTP API", getEvent, lines, `{"statusCode":201,"headers":{"Content-Type":"text/x","X-A":"1, 2"},"cookies":["a=1","b=2"],"body":"hi","isBase64Encoded":false}`},
		{"REST API", rest, lines, `{"statusCode":201,"multiValueHeaders":{"Content-Type":["text/x"],"Set-Cookie":["a=1","b=2"],"X-A":["1","2"]},"body":"hi","isBase64Encoded":false}`},
		{"load balancer", elb, lines, `{"statusCode":201,"statusDescription":"201 Created","headers":{"Content-Type":"text/x","Set-Cookie":"b=2","X-A":"1, 2"},"body":"hi","isBase64Encoded":false}`},
		{"load balancer, lists", elbMany, lines, `{"statusCode":201,"statusDescription":"201 Created","multiValueHeaders":{"Content-Type":["text/x"],"Set-Cookie":["a=1","b=2"],"X-A":["1","2"]},"body":"hi","isBase64Encoded":false}`},
		{"Lattice", lattice, lines, `{"statusCode":201,"statusDescription":"201 Created","headers":{"Content-Type":"text/x","Set-Cookie":"b=2","X-A":"1, 2"},"body":"hi","isBase64Encoded":false}`},
		{"nothing", getEvent, func(http.ResponseWriter) {}, `{"statusCode":200,"headers":{},"body":"","isBase64Encoded":false}`},
		{"an unknown status", elb, func(w http.ResponseWriter) { w.WriteHeader(999) }, `{"statusCode":999,"statusDescription":"999","headers":{},"body":"","isBase64Encoded":false}`},
		{"an early hint", getEvent, func(w http.ResponseWriter) { w.WriteHeader(103); w.WriteHeader(404) }, `{"statusCode":404,"headers":{},"body":"","isBase64Encoded":false}`},
		{"a switch of protocols", getEvent, func(w http.ResponseWriter) { w.WriteHeader(101); w.Write([]byte("x")) }, `{"statusCode":101,"headers":{},"body":"","isBase64Encoded":false}`},
		{"no content", getEvent, func(w http.ResponseWriter) { w.WriteHeader(204); w.Write([]byte("x")) }, `{"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}`},
		{"not modified", getEvent, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/x")
			w.Header().Set("Etag", "e")
			w.WriteHeader(304)
		}, `{"statusCode":304,"headers":{"Etag":"e"},"body":"","isBase64Encoded":false}`},
		{"a type by the body", getEvent, func(w http.ResponseWriter) { w.Write([]byte("<html>")) }, `{"statusCode":200,"headers":{"Content-Type":"text/html; charset=utf-8"},"body":"\u003chtml\u003e","isBase64Encoded":false}`},
		{"no type at all", getEvent, func(w http.ResponseWriter) { w.Header()["Content-Type"] = nil; w.Write([]byte("x")) }, `{"statusCode":200,"headers":{},"body":"x","isBase64Encoded":false}`},
		{"bytes", getEvent, func(w http.ResponseWriter) { w.Header().Set("Content-Type", "x"); w.Write([]byte("\xff")) }, `{"statusCode":200,"headers":{"Content-Type":"x"},"body":"/w==","isBase64Encoded":true}`},
		{"an encoded text", getEvent, func(w http.ResponseWriter) { w.Header().Set("Content-Encoding", "x"); w.Write([]byte("hi")) }, `{"statusCode":200,"headers":{"Content-Encoding":"x"},"body":"aGk=","isBase64Encoded":true}`},
		{"an empty encoding", getEvent, func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "")
			w.Header().Set("Content-Type", "x")
			w.Write([]byte("hi"))
		}, `{"statusCode":200,"headers":{"Content-Encoding":"","Content-Type":"x"},"body":"hi","isBase64Encoded":false}`},
	} {
		h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.handler(w) }))
		out, err := h.Invoke(t.Context(), []byte(c.event))
		if got := strings.NewReplacer("<", `\u003c`, ">", `\u003e`).Replace(string(out)); err != nil || got != c.want {
			t.Errorf("%s: got %v and\n%s\nwant\n%s", c.what, err, got, c.want)
		}
	}
}

func TestResponse_InvalidStatusPanics(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]any{99: "invalid WriteHeader code 99", 1000: "invalid WriteHeader code 1000", 200: nil, 100: nil, 999: nil} {
		var got any
		h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() { got = recover() }()
			w.WriteHeader(status)
		}))
		h.Invoke(t.Context(), []byte(getEvent))
		if got != want {
			t.Errorf("%d: got the panic %v, want %v", status, got, want)
		}
	}
}

// A middleware may call the handler with a context of its own, so that the invocation is unknown.
func TestWrap_ContextWithoutAnInvocation(t *testing.T) {
	t.Parallel()
	alone := func(next lambdakit.Handler) lambdakit.Handler {
		return func(_ context.Context, inv *lambdakit.Invocation) error { return next(context.Background(), inv) }
	}
	for what, c := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"a failure":      {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) }), `{"statusCode":500,`},
		"a large answer": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(strings.Repeat("x", 7<<20))) }), `{"statusCode":500,`},
		"an operation":   {httpapi.Func(func(context.Context, struct{}) (any, error) { return nil, errors.New("no") }), `{"statusCode":500,`},
		"a panic":        {httpapi.Recover(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })), `{"statusCode":500,`},
	} {
		out, err := httpapi.Wrap(c.handler, alone).Invoke(t.Context(), []byte(getEvent))
		if err != nil || !strings.HasPrefix(string(out), c.want) {
			t.Errorf("%s: got %.100s and %v, want %s", what, out, err, c.want)
		}
	}
}

// A load balancer takes less than the other front ends.
func TestWrap_LimitsOfResponses(t *testing.T) {
	t.Parallel()
	const elb = `{"httpMethod":"GET","path":"/","headers":{},"requestContext":{"elb":{}}}`
	for _, c := range []struct {
		event       string
		limit, rest int // bytes of an answer, and of its event without the body
	}{
		{getEvent, 6_291_556, len(`{"statusCode":200,"headers":{"Content-Type":"x"},"body":"","isBase64Encoded":false}`)},
		{elb, 1 << 20, len(`{"statusCode":200,"statusDescription":"200 OK","headers":{"Content-Type":"x"},"body":"","isBase64Encoded":false}`)},
	} {
		for _, more := range []int{0, 1} {
			h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "x")
				w.Write([]byte(strings.Repeat("x", c.limit-c.rest+more)))
			}))
			out, err := h.Invoke(t.Context(), []byte(c.event))
			if tooLarge := strings.Contains(string(out), "The response is too large."); err != nil || tooLarge != (more == 1) || !tooLarge && len(out) != c.limit {
				t.Errorf("%d bytes of %d: got %d bytes and %v, too large: %v", c.limit+more, c.limit, len(out), err, tooLarge)
			}
		}
	}
}

// OnProblem gets the causes, which the client does not see.
func TestOnProblem_GetsTheCauses(t *testing.T) {
	t.Parallel()
	type in struct {
		N int `query:"n"`
	}
	mapped, own, other := errors.New("mapped"), &httpapi.Error{Status: 404, Detail: "none", Err: errors.New("secret")}, errors.New("other")
	for query, want := range map[string]string{
		"n=1": "httpapi: 409 Conflict: mapped: order: mapped", "n=2": "httpapi: 404 Not Found: none: secret", "n=3": "httpapi: 500 Internal Server Error: other",
		"n=x": "httpapi: 400 Bad Request; query n must be an integer of 64 bits", "n=4": "",
	} {
		got, answered := "", 0
		h := httpapi.Func(func(_ context.Context, in in) (any, error) {
			return nil, []error{nil, fmt.Errorf("order: %w", mapped), own, other, nil}[in.N]
		}, httpapi.OnError(mapped, 409), httpapi.OnError(other, 500), httpapi.OnProblem(func(_ context.Context, e *httpapi.Error) { got, answered = e.Error(), e.Status }))
		if query == "n=3" {
			want = "httpapi: 500 Internal Server Error: other: other"
		}
		w := do(h, "GET", "/?"+query, "")
		if got != want || want != "" && w.Code != answered || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: got %q and the answer %d %s, want %q", query, got, w.Code, w.Body, want)
		}
	}
}

// A handler that returns is not changed by Recover.
func TestRecover_HandlerThatReturns(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, httpapi.Wrap(httpapi.Recover(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "x")
		w.WriteHeader(201)
		w.Write([]byte("hi"))
	}))), getEvent)
	if want := `{"statusCode":201,"headers":{"Content-Type":"x"},"body":"hi","isBase64Encoded":false}`; res.Err != nil || string(res.Response) != want {
		t.Errorf("got %v and %s, want %s", res.Err, res.Response, want)
	}
}

// A group serves like its API.
func TestAPI_GroupServesTheWholeAPI(t *testing.T) {
	t.Parallel()
	var a httpapi.API
	group := a.Group("/v1")
	a.Handle("GET /x", httpapi.Func(func(context.Context, struct{}) (string, error) { return "x", nil }))
	if w := do(group, "GET", "/x", ""); w.Body.String() != "x" {
		t.Errorf("got %d %s, want x", w.Code, w.Body)
	}
}

// An answer has at most 20 problems.
func TestFunc_ProblemsAreBounded(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(context.Context, struct{ Body []line }) (string, error) { return "", nil })
	for n, want := range map[int]int{19: 19, 20: 20, 21: 20, 100: 20} {
		w := do(h, "POST", "/", "["+strings.TrimSuffix(strings.Repeat(`{"sku":"ab"},`, n), ",")+"]")
		if got := strings.Count(w.Body.String(), `"is required"`); got != want || w.Code != 422 {
			t.Errorf("%d problems: got %d and the status %d, want %d and 422", n, got, w.Code, want)
		}
	}
}
