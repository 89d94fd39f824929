package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// The backend of the work waits until the client has the response and has closed its connection.
func TestAfterResponse_ClientsDoNotWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, mode, answer, path, body string
		status                         int
		text                           string
	}{
		{"HTTP", "-http", "", "/", "", 200, `"ok"`},
		{"HTTP, no body", "-http", "empty", "/", "", 202, ""},
		{"HTTP, stream", "-http", "stream", "/", "", 200, "ok"},
		{"invoke", "-serve", "", "/2015-03-31/functions/function/invocations", "{}", 200, `"ok"`},
		{"invoke, stream", "-serve", "stream", "/2021-11-15/functions/function/response-streaming-invocations",
			`{"version":"2.0","rawPath":"/","requestContext":{"domainName":"x.lambda-url.eu-west-1.on.aws","http":{"method":"GET"}}}`, 200, "ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			answered := make(chan struct{})
			backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if requests.Add(1) == 1 {
					return // the first event of an extension may come late, and then the work runs before the response
				}
				select {
				case <-answered:
				case <-r.Context().Done():
				}
			}))
			defer backend.Close()
			args := []string{"-timeout", "1m", "-env", "BACKEND=" + backend.URL, "-env", "ANSWER=" + c.answer}
			if c.mode == "-http" && c.answer == "stream" {
				args = append(args, "-http-kind", "url")
			}
			s := start(t, c.mode, "./testdata/after", args)
			const calls = 6
			for i := range calls {
				resp, text := s.post(c.path, c.body, "Connection", "close")
				if resp.StatusCode != c.status || text != c.text && !(c.mode == "-serve" && strings.Contains(text, c.text)) {
					t.Errorf("got %d %q, want %d %q", resp.StatusCode, text, c.status, c.text)
				}
				if i > 0 {
					answered <- struct{}{}
				}
			}
			s.out.find(`(?s)(worked.*){6}`)
			s.out.find(`(?s)(REPORT .*){6}`)
			if status := s.end(); status != 0 {
				t.Errorf("got the exit status %d, want 0", status)
			}
		})
	}
}

func TestAfterResponse_IsShownAndBilled(t *testing.T) {
	t.Parallel()
	event := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(event, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs := newBuffer(), newBuffer()
	wantStatus(t, command(t.Context(), []string{"run", "-timeout", "1m", "-event", event, "-n", "2", "-freeze", "./testdata/after"}, nil, out, errs), 0)
	contains(t, out.String(), "worked\n")
	if n := len(regexp.MustCompile(`REPORT .*  Post Runtime Extensions Duration: \d+\.\d\d ms\n`).FindAllString(out.String(), -1)); n != 2 {
		t.Errorf("got %d reports of work after the response, want 2, in:\n%s", n, out.String())
	}
}
