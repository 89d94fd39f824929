package lambdatest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// orders is a handler for the tests of requests.
func orders() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: r.PathValue("id")})
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%v %s %s %s", httpapi.KindOf(r.Context()), r.PathValue("id"), r.FormValue("q"), body)
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first,")
		w.(http.Flusher).Flush()
		io.WriteString(w, "second")
	})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("ouch") })
	mux.HandleFunc("GET /down", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "down", http.StatusServiceUnavailable) })
	return mux
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

func TestRequest_AllKinds(t *testing.T) {
	t.Parallel()
	for kind := httpapi.RestAPI; kind <= httpapi.Lattice; kind++ {
		for name, handler := range map[string]any{"whole": httpapi.Wrap(orders()), "stream": httpapi.WrapStream(orders())} {
			resp := lambdatest.Request(t, handler, httptest.NewRequest("PUT", "/orders/a%2Db?q=%C3%A9", strings.NewReader("\xff")), kind)
			if got, want := text(t, resp), fmt.Sprintf("%v a-b é \xff", kind); resp.StatusCode != 201 || got != want || len(resp.Cookies()) != 1 {
				t.Errorf("%v, %s: got %d %q and the cookies %v, want 201 %q", kind, name, resp.StatusCode, got, resp.Cookies(), want)
			}
		}
	}
}

func TestRequest_Stream(t *testing.T) {
	t.Parallel()
	resp := lambdatest.Request(t, httpapi.WrapStream(orders()), httptest.NewRequest("GET", "/stream", nil), httpapi.FunctionURL)
	if got := text(t, resp); got != "first,second" || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("got %q %v, want first,second as text", got, resp.Header)
	}
}

func TestRequest_LoadBalancerWithLists(t *testing.T) {
	t.Parallel()
	h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Query()["q"]) }))
	for multi, want := range map[bool]string{false: "[2]", true: "[1 2]"} {
		harness := lambdatest.New(t, h, &lambdatest.Options{MultiValueHeaders: multi})
		resp, _ := harness.Request(httptest.NewRequest("GET", "/?q=1&q=2", nil), httpapi.LoadBalancer)
		if got := text(t, resp); got != want {
			t.Errorf("got %s with MultiValueHeaders %v, want %s", got, multi, want)
		}
	}
}

func TestHarnessRequest_Result(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		slog.New(logs).InfoContext(r.Context(), "asked")
	})
	resp, res := lambdatest.New(t, httpapi.Wrap(mux, logs.Middleware), nil).Request(httptest.NewRequest("GET", "/", nil), httpapi.HTTPAPI)
	if res.Log("asked").Level() != "INFO" || resp.StatusCode != 200 || res.Err != nil {
		t.Errorf("got %d, %s and %v, want 200, a line and no error", resp.StatusCode, res.Output, res.Err)
	}
}

func TestHarnessRequest_AnsweredFailure(t *testing.T) {
	t.Parallel()
	resp, res := lambdatest.New(t, httpapi.Wrap(orders()), nil).Request(httptest.NewRequest("GET", "/down", nil), httpapi.RestAPI)
	var status *httpapi.StatusError
	if got := text(t, resp); resp.StatusCode != 503 || got != "down\n" || !errors.As(res.Err, &status) || status.Route != "/down" {
		t.Errorf("got %d %q and %v, want 503 down and a StatusError", resp.StatusCode, got, res.Err)
	}
	if resp := lambdatest.Request(t, httpapi.Wrap(orders()), httptest.NewRequest("GET", "/down", nil), httpapi.RestAPI); resp.StatusCode != 503 {
		t.Errorf("got %d, want 503", resp.StatusCode)
	}
}

func TestHarnessRequest_FailuresAre502(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]any{
		"panic":     httpapi.Wrap(orders()),
		"stream":    httpapi.WrapStream(orders()),
		"error":     func() error { return errors.New("ouch") },
		"malformed": func() (string, error) { return "ouch", nil },
	} {
		resp, res := lambdatest.New(t, handler, nil).Request(httptest.NewRequest("GET", "/panic", nil), httpapi.RestAPI)
		if resp.StatusCode != 502 || text(t, resp) != `{"message":"Internal server error"}` || res.Err == nil {
			t.Errorf("%s: got %d and the error %v, want 502 and an error", name, resp.StatusCode, res.Err)
		}
	}
}

func TestRequest_FailureFailsTheTest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler any
		want    string
	}{
		"panic":     {httpapi.Wrap(orders()), "the handler panicked: ouch\ngoroutine "},
		"malformed": {func() (string, error) { return "ouch", nil }, "GET /panic: the client gets 502 Bad Gateway: the answer of the function is malformed: it is not a JSON object"},
	} {
		f := &failing{T: t}
		lambdatest.Request(f, c.handler, httptest.NewRequest("GET", "/panic", nil), httpapi.RestAPI)
		if !strings.Contains(f.text, c.want) {
			t.Errorf("%s: got the failure %q, want one with %q", name, f.text, c.want)
		}
	}
}

func TestRequest_Claims(t *testing.T) {
	t.Parallel()
	type in struct {
		User string `auth:"sub"`
	}
	op := httpapi.Func(func(_ context.Context, in in) (string, error) { return in.User, nil })
	h := lambdatest.New(t, httpapi.Wrap(op), &lambdatest.Options{Claims: map[string]string{"sub": "u-1"}})
	for _, kind := range []httpapi.Kind{httpapi.RestAPI, httpapi.HTTPAPI, httpapi.HTTPAPI1} {
		resp, _ := h.Request(httptest.NewRequest("GET", "/", nil), kind)
		if got := text(t, resp); resp.StatusCode != 200 || got != "u-1" {
			t.Errorf("%v: got %d %q, want 200 and the claim u-1", kind, resp.StatusCode, got)
		}
		if resp := lambdatest.Request(t, httpapi.Wrap(op), httptest.NewRequest("GET", "/", nil), kind); resp.StatusCode != 401 {
			t.Errorf("%v without claims: got %d, want 401", kind, resp.StatusCode)
		}
	}
}
