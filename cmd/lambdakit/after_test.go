package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"
)

// The backend of the work waits until the client has the response.
func TestAfterResponse_ClientsDoNotWait(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"-http", "-serve"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			clientDoesNotWait(t, mode)
		})
	}
}

func clientDoesNotWait(t *testing.T, mode string) {
	answered := make(chan struct{})
	var requests atomic.Int64
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
	s := start(t, mode, "./testdata/after", []string{"-timeout", "1m", "-env", "BACKEND=" + backend.URL})
	path, event := "/", "x"
	if mode == "-serve" {
		path, event = "/2015-03-31/functions/function/invocations", "{}"
	}
	s.post(path, event)
	resp, text := s.post(path, event)
	if resp.StatusCode != 200 || text != `"ok"` {
		t.Errorf("got %d %q, want 200 and \"ok\"", resp.StatusCode, text)
	}
	close(answered)
	s.end()
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
