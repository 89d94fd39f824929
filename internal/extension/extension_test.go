package extension

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func newExtension() *Extension { return &Extension{invocations: make(map[string]*invocation)} }

// event delivers an event as the loop does, and returns a channel with the work.
func (e *Extension) event(id string) <-chan func() {
	c := make(chan func(), 1)
	go func() { c <- e.await(id) }()
	return c
}

func wantWork(t *testing.T, c <-chan func(), want bool) {
	t.Helper()
	if got := <-c != nil; got != want {
		t.Errorf("got work %v, want %v", got, want)
	}
}

func wantEnd(t *testing.T, got, want bool) {
	t.Helper()
	if got != want {
		t.Errorf("got work accepted %v, want %v", got, want)
	}
}

func work() {}

func TestEvent_BeforeTheHandlerEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newExtension()
		c := e.event("1")
		e.Begin("1")
		time.Sleep(time.Minute) // of the handler
		wantEnd(t, e.End("1", work), true)
		wantWork(t, c, true)
		if len(e.invocations) != 0 || len(e.order) != 0 {
			t.Errorf("got %d invocations kept, want none", len(e.invocations))
		}
	})
}

func TestEvent_AfterTheHandler(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		seen     bool
		late     time.Duration
		accepted bool
		wait     time.Duration // of the handler
	}{
		{"the first one, soon", false, firstEventWait / 2, true, firstEventWait / 2},
		{"the first one, later", false, time.Second, false, firstEventWait},
		{"not the first one", true, time.Second, true, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := newExtension()
			e.seen = c.seen
			e.Begin("1")
			events := make(chan (<-chan func()), 1)
			time.AfterFunc(c.late, func() { events <- e.event("1") })
			start := time.Now()
			wantEnd(t, e.End("1", work), c.accepted)
			if d := time.Since(start); d != c.wait {
				t.Errorf("%s: got a wait of %v, want %v", c.name, d, c.wait)
			}
			time.Sleep(2 * time.Second)
			start = time.Now()
			wantWork(t, <-events, c.accepted)
			if d := time.Since(start); d != 0 {
				t.Errorf("%s: got the event answered after another %v, want it at once", c.name, d)
			}
		})
	}
}

func TestEvent_WithoutAHandlerIsAnsweredSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newExtension()
		start := time.Now()
		wantWork(t, e.event("1"), false)
		if d := time.Since(start); d != handlerWait {
			t.Errorf("got an answer after %v, want %v", d, handlerWait)
		}
		if e.Begin("1") { // a wrapper took its time
			t.Error("got the event for the late handler, want none")
		}
		c := e.event("1") // a retry has the same id
		time.Sleep(handlerWait / 2)
		if !e.Begin("1") {
			t.Error("got no event for the retry, want one")
		}
		wantEnd(t, e.End("1", work), true)
		wantWork(t, c, true)
	})
}

func TestBegin_ASecondCallAfterTheEventHasNoEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newExtension()
		c := e.event("1")
		e.Begin("1")
		wantEnd(t, e.End("1", work), true)
		wantWork(t, c, true)
		if e.Begin("1") { // a wrapper calls the handler twice
			t.Error("got an event for the second call, want none")
		}
	})
}

func TestBegin_OnlyTheOuterHandlerHasTheEvent(t *testing.T) {
	t.Parallel()
	e := newExtension()
	if outer, inner := e.Begin("1"), e.Begin("1"); !outer || inner {
		t.Errorf("got %v and %v, want true and false", outer, inner)
	}
}

func TestEnd_EventsThatNeverComeAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newExtension()
		e.seen = true
		done := make(chan bool, 100)
		for i := range 100 {
			id := fmt.Sprint(i)
			e.Begin(id)
			wantEnd(t, e.End(id, func() { done <- true }), true)
			e.End(id+" without work", nil)
		}
		synctest.Wait()
		if len(e.invocations) != maxKept || len(e.order) != maxKept || len(done) != 100-maxKept/2 {
			t.Errorf("got %d invocations kept and %d works done, want %d and %d", len(e.invocations), len(done), maxKept, 100-maxKept/2)
		}
	})
}

func TestRegister_Refused(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]http.HandlerFunc{
		"status 403 Extension.RegistrationClosed": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(403)
			w.Write([]byte(`{"errorType":"Extension.RegistrationClosed","errorMessage":"closed"}`))
		},
		"status 404":                   http.NotFound,
		"the answer has no identifier": func(http.ResponseWriter, *http.Request) {},
	} {
		server := httptest.NewServer(h)
		_, err := Register(strings.TrimPrefix(server.URL, "http://"), "x", nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		server.Close()
	}
	if _, err := Register("127.0.0.1:1", "x", nil); err == nil {
		t.Error("no server: got no error, want one")
	}
}

func TestLoop_ExitsAfterFailuresInARow(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	const others = 3 // events of another kind, with two failures between them
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.Header().Set("Lambda-Extension-Identifier", "id-1")
			return
		}
		if id := r.Header.Get("Lambda-Extension-Identifier"); id != "id-1" {
			t.Errorf("got the identifier %q, want id-1", id)
		}
		if n := requests.Add(1); n < others*maxFailures && n%maxFailures == 1 {
			w.Write([]byte(`{"eventType":"OTHER","requestId":"1"}`))
			return
		}
		w.WriteHeader(500)
	}))
	defer server.Close()
	ended := make(chan error)
	e, err := Register(strings.TrimPrefix(server.URL, "http://"), "x", func(err error) { ended <- err })
	if err != nil {
		t.Fatal(err)
	}
	err = <-ended
	if want := int64(others*maxFailures + 1); err == nil || !strings.Contains(err.Error(), "status 500") || requests.Load() != want {
		t.Errorf("got %v after %d requests, want status 500 after %d", err, requests.Load(), want)
	}
	if e.mu.Lock(); e.seen {
		t.Error("got the event of an invocation, want none: the events are of another kind")
	}
	e.mu.Unlock()
	if errors.Unwrap(err) != nil {
		t.Errorf("got %v, want a plain error", err)
	}
}
