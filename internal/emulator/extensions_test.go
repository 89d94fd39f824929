package emulator

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// extended returns an environment without a process of its own, with an extension.
func extended(e *extension) *environment {
	env := newEnvironment(&Config{FunctionName: "orders", Region: "eu-west-1", Concurrency: 1})
	env.address, env.server = "an editor's", new(http.Server)
	env.extensions["id-1"] = e
	return env
}

// nextOf asks for the next event of an extension.
func (env *environment) nextOf(id string, r *http.Request) *httptest.ResponseRecorder {
	r.Header.Set("Lambda-Extension-Identifier", id)
	w := httptest.NewRecorder()
	env.api().ServeHTTP(w, r)
	return w
}

func TestExtension_EventOfAnInvocation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := &extension{name: "silent", events: make(chan *invocation, 1)}
		env := extended(&extension{name: "telemetry", invokes: true, events: make(chan *invocation, 1)})
		env.extensions["id-2"] = silent
		answer := make(chan *httptest.ResponseRecorder, 2)
		ready := make(chan bool, 1)
		go func() { ready <- env.until(nil, env.extensionsWait) }()
		synctest.Wait()
		for _, id := range []string{"id-1", "id-2"} {
			go func() {
				answer <- env.nextOf(id, httptest.NewRequest("GET", "/2020-01-01/extension/event/next", nil).WithContext(t.Context()))
			}()
		}
		if !<-ready {
			t.Error("got extensions that do not wait, want both to wait")
		}
		env.mu.Lock()
		env.tellExtensions(&invocation{event: Event{RequestID: "r-1", TraceHeader: "Root=1-2-3"}, deadline: time.UnixMilli(1234)})
		if env.extensionsWait() || !silent.waiting {
			t.Error("got an extension that waits although it works, or a silent one that got an event")
		}
		env.tellExtensions(new(invocation)) // it is busy, so it gets no second event
		env.mu.Unlock()
		w := <-answer
		var got struct {
			EventType, RequestID, InvokedFunctionARN string
			DeadlineMS                               int64
			Tracing                                  struct{ Type, Value string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v", w.Body, err)
		}
		if got.EventType != "INVOKE" || got.RequestID != "r-1" || got.DeadlineMS != 1234 || got.InvokedFunctionARN != "arn:aws:lambda:eu-west-1:123456789012:function:orders" ||
			got.Tracing.Type != "X-Amzn-Trace-Id" || got.Tracing.Value != "Root=1-2-3" {
			t.Errorf("got %s, want the invocation r-1", w.Body)
		}
		if w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Lambda-Extension-Event-Identifier") == "" {
			t.Errorf("got the headers %v, want JSON and an id", w.Header())
		}
		close(env.gone) // the silent one ends with the process
		if w := <-answer; w.Body.Len() != 0 {
			t.Errorf("got %s after the end of the process, want nothing", w.Body)
		}
	})
}

// An editor may end an attached process while its extension waits.
func TestExtension_OfAnAttachedProcessThatEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := extended(&extension{name: "lambdakit", invokes: true, events: make(chan *invocation, 1)})
		ctx, end := context.WithCancel(t.Context())
		done := make(chan bool)
		go func() {
			env.nextOf("id-1", httptest.NewRequest("GET", "/2020-01-01/extension/event/next", nil).WithContext(ctx))
			close(done)
		}()
		synctest.Wait()
		if !env.hasExtension() {
			t.Error("got no extension, want one")
		}
		end()
		<-done
		if env.hasExtension() || len(env.extensions) != 0 {
			t.Error("got the extension of a process that has ended, want none")
		}
	})
}

func TestRegister_NewAttachedProcessStartsAgain(t *testing.T) {
	t.Parallel()
	env := extended(&extension{name: "lambdakit"})
	env.asked = true
	env.inflight["r-1"] = &invocation{event: Event{RequestID: "r-1"}, start: time.Now(), done: make(chan answer, 1)}
	env.inflight["r-2"] = &invocation{event: Event{RequestID: "r-2"}, done: make(chan answer, 1)}
	if w := env.postRegister("lambdakit", `{"events":["INVOKE"]}`); w.Code != http.StatusOK {
		t.Errorf("got %d %s, want the extension registered again", w.Code, w.Body)
	}
	if len(env.extensions) != 1 || env.extensions["id-1"] != nil || env.asked {
		t.Errorf("got %d extensions and asked %v, want the new one of a process that has not asked", len(env.extensions), env.asked)
	}
	if len(env.inflight["r-1"].done) != 1 || len(env.inflight["r-2"].done) != 0 {
		t.Error("got the wrong invocations failed, want only the one that the old process took")
	}
	if a := <-env.inflight["r-1"].done; a.ErrorType != ErrorExit || !strings.HasPrefix(a.ErrorMessage, "RequestId: r-1 Error: the process ended") {
		t.Errorf("got %s: %s, want the end of the process", a.ErrorType, a.ErrorMessage)
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		invokes          bool
		asks, waits      time.Duration // when the function and its extension ask for the next event; 0: never
		after            time.Duration
		timedOut, killed bool
	}{
		{"an extension that works", true, time.Second, 2 * time.Second, 2 * time.Second, false, false},
		{"an extension that is fast", true, 2 * time.Second, time.Second, 2 * time.Second, false, false},
		{"an extension without events", false, time.Second, 2 * time.Second, 0, false, false},
		{"an extension that works too long", true, time.Second, 0, 3 * time.Second, true, true},
		{"a function that does not ask", true, 0, time.Second, 3 * time.Second, false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := &extension{invokes: c.invokes}
			env := extended(e)
			change := func(after time.Duration, f func()) {
				if after > 0 {
					time.AfterFunc(after, func() {
						env.mu.Lock()
						defer env.mu.Unlock()
						f()
						env.changed()
					})
				}
			}
			change(c.asks, func() { env.polls++ })
			change(c.waits, func() { e.waiting = true })
			a := answer{Result: &Result{Extension: env.hasExtension()}}
			env.settle(new(invocation), a, time.After(3*time.Second))
			if a.After != c.after || a.TimedOutAfter != c.timedOut || env.over() != c.killed {
				t.Errorf("%s: got %v after the answer, timed out %v and killed %v, want %v, %v and %v", c.name, a.After, a.TimedOutAfter, env.over(), c.after, c.timedOut, c.killed)
			}
		})
	}
}

func TestRegister_BodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	env := extended(&extension{name: "other"})
	r := httptest.NewRequest("POST", "/2020-01-01/extension/register", iotest.ErrReader(io.ErrUnexpectedEOF))
	r.Header.Set("Lambda-Extension-Name", "lambdakit")
	w := httptest.NewRecorder()
	if env.api().ServeHTTP(w, r); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "InvalidRequestFormat") {
		t.Errorf("got %d %s, want 403 InvalidRequestFormat", w.Code, w.Body)
	}
}

func TestRegister_WithoutEventsUnderConcurrency(t *testing.T) {
	t.Parallel()
	env := extended(&extension{name: "other", waiting: true})
	env.cfg.Concurrency = 2
	if w := env.postRegister("lambdakit", `{"events":[]}`); w.Code != http.StatusOK || env.hasExtension() {
		t.Errorf("got %d %s, want an extension without events", w.Code, w.Body)
	}
}

// An attached process belongs to an editor: no signal reaches it.
func TestShutdown_OfAnAttachedProcess(t *testing.T) {
	t.Parallel()
	env := extended(&extension{name: "lambdakit"})
	for range 2 {
		if env.shutdown(); !env.over() {
			t.Error("got an environment that goes on, want its end")
		}
	}
	env.kill()
}

func TestRestart_OfAnAttachedProcess(t *testing.T) {
	t.Parallel()
	env := extended(&extension{name: "lambdakit"})
	for id, start := range map[string]time.Time{"r-1": time.Now(), "r-2": {}} {
		env.inflight[id] = &invocation{event: Event{RequestID: id}, start: start, done: make(chan answer, 1)}
	}
	e := &Emulator{cfg: Config{Command: []string{"old"}}, env: env}
	e.Restart(false)
	e.closed = true
	e.Restart(true)
	e.closed = false
	if e.Replace([]string{"new"}); len(env.inflight["r-1"].done) != 0 || e.cfg.Command[0] != "new" || e.env != env {
		t.Errorf("got an invocation that failed, or the command %s, want neither kill nor change of the process", e.cfg.Command)
	}
	if e.Restart(true); len(env.inflight["r-2"].done) != 0 {
		t.Error("got an invocation failed that the process has not taken, want it kept")
	}
	if a := <-env.inflight["r-1"].done; a.ErrorMessage != "RequestId: r-1 Error: the invocation was ended by hand" || a.polls != -1 || env.over() {
		t.Errorf("got %s, %d polls, and the end of the process %v, want the invocation ended alone", a.ErrorMessage, a.polls, env.over())
	}
	if pid := e.PID(); pid != 0 {
		t.Errorf("got the process %d, want none", pid)
	}
}

// Only an editor starts a process again. A process that the emulator started asks twice if an invocation is over.
func TestNext_OfAnOwnProcessFailsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(&Config{Concurrency: 1})
	env.inflight["r-1"] = &invocation{event: Event{RequestID: "r-1"}, start: time.Now(), done: make(chan answer, 1)}
	if env.begun(); len(env.inflight["r-1"].done) != 0 {
		t.Error("got a failed invocation, want it to go on")
	}
	env.address = "an editor's"
	if env.begun(); len(env.inflight["r-1"].done) != 1 {
		t.Error("got an invocation that goes on in a new process, want it failed")
	}
}

func TestEmulator_ARN(t *testing.T) {
	t.Parallel()
	e, err := newEmulator(Config{Region: "eu-west-1"})
	if want := "arn:aws:lambda:eu-west-1:123456789012:function:function"; err != nil || e.ARN() != want {
		t.Errorf("got %s and %v, want %s", e.ARN(), err, want)
	}
}
