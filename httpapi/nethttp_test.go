package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// half is a file whose second half cannot be read.
type half struct{ io.Reader }

func newHalf() half {
	return half{io.MultiReader(strings.NewReader("first half"), iotest.ErrReader(errReset))}
}

func (half) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		return 1000, nil
	}
	return offset, nil
}

// upstream answers with half of a body.
type upstream struct{}

func (upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"text/plain"}},
		Body: io.NopCloser(newHalf()), ContentLength: -1, Request: r}, nil
}

// A client of net/http gets an unexpected EOF.
func TestWrap_HalfAResponseIsNone(t *testing.T) {
	t.Parallel()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "upstream"})
	proxy.Transport, proxy.ErrorLog = upstream{}, nil
	for name, h := range map[string]http.HandlerFunc{
		"proxy": proxy.ServeHTTP,
		"file": func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.txt", time.Time{}, newHalf())
		},
		"too short": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "5")
			io.WriteString(w, "abc")
		},
		"too long": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "2")
			io.WriteString(w, "abc")
		},
	} {
		res := lambdatest.Run(t, httpapi.Wrap(h), getEvent)
		if !errors.Is(res.Err, http.ErrAbortHandler) || res.Response != nil {
			t.Errorf("%s: got %v and %s, want http.ErrAbortHandler and no answer", name, res.Err, res.Response)
		}
		if name == "proxy" {
			if res := lambdatest.Run(t, httpapi.WrapStream(h), urlEvent); !errors.Is(res.Err, http.ErrAbortHandler) {
				t.Errorf("%s, streamed: got %v, want http.ErrAbortHandler", name, res.Err)
			}
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"whole": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "abc")
		},
		"no body": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "3")
			w.WriteHeader(http.StatusNotModified)
		},
		"a negative one": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "-1") // of a response whose length is unknown
			io.WriteString(w, "abc")
		},
		"no number": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "x")
			io.WriteString(w, "abc")
		},
	} {
		if res := lambdatest.Run(t, httpapi.Wrap(h), getEvent); res.Err != nil {
			t.Errorf("%s: got %v, want an answer", name, res.Err)
		}
	}
}

func TestWrap_HeaderNamesThatAreNotCanonical(t *testing.T) {
	t.Parallel()
	h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["set-cookie"] = []string{"a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"}
		w.Header()["content-length"] = []string{"2"}
		w.Header()["content-type"] = []string{"text/x"}
		io.WriteString(w, "ok")
	}))
	const want = `"cookies":["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT","b=2"]`
	if res := lambdatest.Run(t, h, getEvent); !strings.Contains(string(res.Response), want) || strings.Contains(strings.ToLower(string(res.Response)), "content-length") {
		t.Errorf("got %s, want %s and no length", res.Response, want)
	}
}

func TestFunc_BodiesBeyondTheLimitOfTheUser(t *testing.T) {
	t.Parallel()
	op := httpapi.Func(func(context.Context, struct{ Body []string }) (string, error) { return "", nil })
	w := httptest.NewRecorder()
	http.MaxBytesHandler(op, 10).ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader(`["0123456789"]`)))
	if want := "body  must have at most 10 bytes"; w.Code != http.StatusRequestEntityTooLarge || strings.ReplaceAll(problemsOf(w.Body.String()), "  ", " ") != strings.ReplaceAll(want, "  ", " ") {
		t.Errorf("got %d %s, want 413 and %s", w.Code, w.Body, want)
	}
}

func TestFunc_TheHostIsAHeader(t *testing.T) {
	t.Parallel()
	op := httpapi.Func(func(_ context.Context, in struct {
		Host string `header:"host"`
	}) (string, error) {
		return in.Host, nil
	})
	if w := do(op, "GET", "http://shop.example/", ""); w.Body.String() != "shop.example" {
		t.Errorf("got %d %s, want the host", w.Code, w.Body)
	}
}
