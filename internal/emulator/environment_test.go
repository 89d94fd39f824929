package emulator

import (
	"io"
	"os"
	"runtime"
	"testing"
	"time"
)

// An event that a process does not take before it ends goes to the next one.
func TestInvoke_EventThatWaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stdin, typing := io.Pipe()
	e, err := Start(t.Context(), Config{
		Command: []string{exe}, Env: []string{"LAMBDAKIT_TEST_FUNCTION=any"}, Stdin: stdin, Timeout: time.Minute, InitTimeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	type outcome struct {
		*Result
		err error
	}
	invoke := func(event string, taken func()) <-chan outcome {
		done := make(chan outcome, 1)
		go func() {
			r, err := e.Invoke(t.Context(), Event{Payload: []byte(event), Taken: taken})
			done <- outcome{r, err}
		}()
		return done
	}
	taken := make(chan struct{})
	env := e.env
	first := invoke(`{"Do":"read and exit"}`, func() { close(taken) })
	<-taken
	second := invoke(`{"Text":"alive"}`, nil)
	for waiting := false; !waiting; runtime.Gosched() {
		env.mu.Lock()
		waiting = len(env.inflight) == 2
		env.mu.Unlock()
	}
	typing.Close()
	if r := <-first; r.err != nil || r.ErrorType != ErrorExit {
		t.Errorf("first: got %+v and %v, want the end of the process", r.Result, r.err)
	}
	if r := <-second; r.err != nil || string(r.Payload) != `"alive"` || r.InitDuration == 0 {
		t.Errorf("second: got %+v and %v, want an answer of a new process", r.Result, r.err)
	}
}
