package extension

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// serve returns the address of an Extensions API whose operation Next is h.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	stopped, stop := context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch text, _ := io.ReadAll(r.Body); r.Method + " " + strings.TrimPrefix(r.URL.Path, "/function-1") {
		case "POST /2020-01-01/extension/register":
			if name := r.Header.Get("Lambda-Extension-Name"); name != "lambdakit" || string(text) != `{"events":["INVOKE"]}` {
				t.Errorf("got the extension %q with %s, want lambdakit with the events INVOKE", name, text)
			}
			w.Header().Set("Lambda-Extension-Identifier", "id-1")
		case "GET /2020-01-01/extension/event/next":
			ctx, cancel := context.WithCancel(r.Context())
			defer context.AfterFunc(stopped, cancel)()
			h(w, r.WithContext(ctx))
		default:
			t.Errorf("got the request %s %s, want register or next", r.Method, r.URL)
		}
	}))
	t.Cleanup(func() {
		stop() // ends a loop that waits
		server.Close()
	})
	return strings.TrimPrefix(server.URL, "http://")
}

// The extension asks for the next event when the work of the last one is done.
func TestLoop_WorksBetweenTwoEvents(t *testing.T) {
	t.Parallel()
	var log []string // a request follows the answer to the one before
	asked := make(chan int)
	api := serve(t, func(w http.ResponseWriter, r *http.Request) {
		log = append(log, "next")
		n := len(log)
		select {
		case asked <- n:
		case <-r.Context().Done():
			return
		}
		if n < 4 { // r-1 and r-3
			fmt.Fprintf(w, `{"eventType":"INVOKE","requestId":"r-%d"}`, n)
			return
		}
		<-r.Context().Done()
	})
	e, err := Register(api, "lambdakit", func(error) {}) // the loop ends with the server
	if err != nil {
		t.Fatal(err)
	}
	<-asked
	if !e.Begin("r-1") {
		t.Error("got no event, want one")
	}
	for seen := false; !seen; runtime.Gosched() {
		e.mu.Lock()
		seen = e.seen
		e.mu.Unlock()
	}
	wantEnd(t, e.End("r-1", func() { log = append(log, "work") }), true)
	if n := <-asked; n != 3 || strings.Join(log, " ") != "next work next" {
		t.Errorf("got %q, want the work between two requests", log)
	}
	e.Begin("r-3")
	e.End("r-3", nil)
	if n := <-asked; n != 4 {
		t.Errorf("got %q, want another request, although there is no work", log)
	}
}

func TestLoop_EventsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		next http.HandlerFunc
		as   func(error) bool
	}{
		"not JSON":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{]") }, func(err error) bool { _, ok := errors.AsType[*json.SyntaxError](err); return ok }},
		"broken off": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
	} {
		ended := make(chan error)
		if _, err := Register(serve(t, c.next), "lambdakit", func(err error) { ended <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !c.as(err) {
			t.Errorf("%s: got %v, want the reason", name, err)
		}
	}
}

func TestRegister_AddressThatIsNone(t *testing.T) {
	t.Parallel()
	if e, err := Register("\x00", "lambdakit", nil); err == nil || e != nil {
		t.Errorf("got %v and %v, want an error", e, err)
	}
}

func TestRefusal_TextIsBounded(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"errorType":"` + strings.Repeat("x", 200) + `"}`:                   "status 500 " + strings.Repeat("x", 128),
		strings.Repeat(" ", 4<<10) + `{"errorType":"beyond the first 4 KB"}`: "status 500",
		"": "status 500",
	} {
		if got := refusal(&http.Response{StatusCode: 500, Body: io.NopCloser(strings.NewReader(body))}).Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestBegin_OnlyTheLastAnsweredEventsAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newExtension()
		for i := range maxKept + 2 {
			id := fmt.Sprint(i)
			c := e.event(id)
			e.Begin(id)
			wantEnd(t, e.End(id, nil), true)
			wantWork(t, c, false)
		}
		for i := range maxKept + 2 {
			if got, want := e.Begin(fmt.Sprint(i)), i < 2; got != want {
				t.Errorf("event %d: got %v, want %v", i, got, want)
			}
		}
		if len(e.answered) != maxKept {
			t.Errorf("got %d ids, want %d", len(e.answered), maxKept)
		}
	})
}

// A handler without work need not wait for its event.
func TestEnd_WithoutWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newExtension()
		e.Begin("1")
		start := time.Now()
		wantEnd(t, e.End("1", nil), true)
		if d := time.Since(start); d != 0 {
			t.Errorf("got a wait of %v for an event, want none without work", d)
		}
		e.Begin("2")
		wantEnd(t, e.End("2", work), false)
		if got := e.invocations["2"].work; got != nil {
			t.Error("got work kept that was not accepted, want none")
		}
		wantWork(t, e.event("1"), false)
	})
}

// An emulator may serve several functions, each below a path of its own.
func TestRegister_AddressWithAPath(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 1)
	api := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		<-r.Context().Done()
	})
	if _, err := Register(api+"/function-1", "lambdakit", func(error) {}); err != nil {
		t.Fatal(err)
	}
	if path := <-asked; path != "/function-1/2020-01-01/extension/event/next" {
		t.Errorf("got a request for %s, want it below the path of the address", path)
	}
}
