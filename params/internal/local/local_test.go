package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answers is a transport that gives its answers one after another.
type answers struct {
	list   []any // a status, an error, or a body
	calls  int
	closed int // bodies
	header http.Header
}

// closer counts bodies that are closed.
type closer struct {
	io.Reader
	a *answers
}

func (c closer) Close() error { c.a.closed++; return nil }

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.calls++
	a.header = r.Header
	next := a.list[min(a.calls, len(a.list))-1]
	w := httptest.NewRecorder()
	switch next := next.(type) {
	case io.Reader: // see below
	case error:
		return nil, next
	case int:
		w.WriteHeader(next)
		fmt.Fprintf(w, "body of %d", next)
	}
	res := w.Result()
	if body, ok := next.(io.Reader); ok {
		res.Body = io.NopCloser(body)
	}
	res.Body = closer{res.Body, a}
	return res, nil
}

// broken is a body that ends early.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestGet_TriesAgain(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	for name, test := range map[string]struct {
		answers []any
		calls   int
		waits   time.Duration
		want    string // the body, or a part of the error
	}{
		"fine":                    {[]any{200}, 1, 0, "body of 200"},
		"500 once":                {[]any{500, 200}, 2, 100e6, "body of 200"},
		"503 and 429":             {[]any{503, 429, 200}, 3, 300e6, "body of 200"},
		"reset":                   {[]any{reset, reset, 200}, 3, 300e6, "body of 200"},
		"half an answer for ever": {[]any{broken{io.ErrUnexpectedEOF}}, 3, 300e6, "request to the server: unexpected EOF"},
		"half an answer":          {[]any{broken{io.ErrUnexpectedEOF}, 200}, 2, 100e6, "body of 200"},
		"500 for ever":            {[]any{500}, 3, 300e6, "body of 500"},
		"reset for ever":          {[]any{reset}, 3, 300e6, "connection reset"},
		"404":                     {[]any{404, 200}, 1, 0, "body of 404"},
		"400":                     {[]any{400, 200}, 1, 0, "body of 400"},
		"transient 4xx":           {[]any{418, 200}, 2, 100e6, "body of 200"},
		"redirect":                {[]any{302, 200}, 1, 0, "body of 302"},
		"larger than bound":       {[]any{strings.NewReader(strings.Repeat("x", 21)), 200}, 1, 0, "larger than 20 bytes"},
		"at the bound":            {[]any{strings.NewReader(strings.Repeat("x", 20))}, 1, 0, strings.Repeat("x", 20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &answers{list: test.answers}
				start := time.Now()
				_, body, err := Get(t.Context(), Client(&http.Client{Transport: a}), Request{
					Server: "the server", URL: "http://localhost", MaxBody: 20, Header: http.Header{"X": {"y"}},
					Transient: func(body []byte) bool { return string(body) == "body of 418" || string(body) == "body of 200" },
				})
				if got := string(body) + fmt.Sprint(err); !strings.Contains(got, test.want) {
					t.Errorf("got %q, %v, want %s", body, err, test.want)
				}
				if waited := time.Since(start); a.calls != test.calls || waited != test.waits {
					t.Errorf("got %d requests and waits of %v, want %d and %v", a.calls, waited, test.calls, test.waits)
				}
				bodies := 0
				for i := range a.calls {
					if test.answers[min(i, len(test.answers)-1)] != any(reset) {
						bodies++
					}
				}
				if a.closed != bodies || a.header.Get("X") != "y" {
					t.Errorf("got %d of %d bodies closed, header %v", a.closed, bodies, a.header)
				}
			})
		})
	}
}

func TestGet_DoesNotWaitPastTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
		defer cancel()
		a := &answers{list: []any{500}}
		start := time.Now()
		res, _, err := Get(ctx, Client(&http.Client{Transport: a}), Request{URL: "http://localhost", MaxBody: 1000})
		if err == nil && res.StatusCode != 500 || time.Since(start) != 150*time.Millisecond || a.calls != 2 {
			t.Errorf("got %v, %v after %v and %d requests, want the last answer after 150 ms and 2", res, err, time.Since(start), a.calls)
		}
	})
}

func TestGet_ErrorsHoldNoURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://localhost/?secret", "gopher://localhost/secret"} {
		synctest.Test(t, func(t *testing.T) {
			client := Client(&http.Client{Transport: &answers{list: []any{errors.New("down")}}})
			if _, _, err := Get(t.Context(), client, Request{Server: "the server", URL: url}); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "the server") {
				t.Errorf("got %v, want an error without the URL", err)
			}
		})
	}
}

func TestGet_AURLThatIsNone(t *testing.T) {
	t.Parallel()
	a := &answers{list: []any{200}}
	if _, _, err := Get(t.Context(), Client(&http.Client{Transport: a}), Request{URL: "http://[::1"}); err == nil || a.calls != 0 {
		t.Errorf("got %v after %d requests, want an error without one", err, a.calls)
	}
}

func TestClient_FollowsNoRedirect(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]*http.Client{"own": nil, "given": {}} {
		hits := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hits++
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}))
		res, _, err := Get(t.Context(), Client(client), Request{URL: server.URL, MaxBody: 1000})
		if err != nil || res.StatusCode != http.StatusFound || hits != 1 {
			t.Errorf("%s: got %v, %v after %d requests, want the redirect", name, res, err, hits)
		}
		server.Close()
	}
}

func TestClient_LeavesTheGivenOneAsItIs(t *testing.T) {
	t.Parallel()
	given := &http.Client{}
	if Client(given); given.CheckRedirect != nil {
		t.Error("the caller's client was changed")
	}
}
