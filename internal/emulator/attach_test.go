package emulator_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/processtest"
)

// The next event goes to a new process, and the running invocation ends in the old one.
func TestRestart_RunningInvocationsEndFirst(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	pid := e.PID()
	slow := make(chan *emulator.Result)
	taken := make(chan struct{})
	go func() {
		r, _ := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"sleep","N":50,"Text":"slow"}`), Taken: func() { close(taken) }})
		slow <- r
	}()
	<-taken
	e.Restart(false)
	if r := invoke(t, e, event{Text: "new"}); string(r.Payload) != `"new"` || r.InitDuration == 0 {
		t.Errorf("got %s after %v of init, want an answer of a new process", r.Payload, r.InitDuration)
	}
	if r := <-slow; string(r.Payload) != `"slow"` {
		t.Errorf("got %s, want the answer of the old process", r.Payload)
	}
	if now := e.PID(); now == pid || now == 0 {
		t.Errorf("got the process %d, want another than %d", now, pid)
	}
}

func TestRestart_Kill(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	taken := make(chan struct{})
	slow := make(chan *emulator.Result)
	go func() {
		r, _ := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"sleep","N":60000}`), Taken: func() { close(taken) }})
		slow <- r
	}()
	<-taken
	e.Restart(true)
	if r := <-slow; r.ErrorType != emulator.ErrorExit {
		t.Errorf("got %+v, want an exit", r)
	}
}

func TestClose_WaitsForProcessesThatWereReplaced(t *testing.T) {
	t.Parallel()
	for _, kill := range []bool{true, false} {
		e := start(t, "any", emulator.Config{})
		old, err := os.FindProcess(e.PID())
		if err != nil {
			t.Fatal(err)
		}
		e.Restart(kill)
		e.Close()
		if err := old.Signal(syscall.Signal(0)); err == nil {
			t.Errorf("kill %v: got a process that goes on after Close, want its end", kill)
		}
		if pid := e.PID(); pid != 0 {
			t.Errorf("kill %v: got the process %d after Close, want none", kill, pid)
		}
	}
}

// An invocation in a process that was replaced may last until its timeout.
func TestClose_EndsInvocationsOfProcessesThatWereReplaced(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{Timeout: time.Hour})
	taken, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"sleep","N":3600000}`), Taken: func() { close(taken) }})
	}()
	<-taken
	e.Restart(false)
	e.Close()
	<-over
}

func TestReplace_NextProcessRunsAnotherProgram(t *testing.T) {
	t.Parallel()
	exe, _ := os.Executable()
	link := t.TempDir() + "/other"
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	e := start(t, "any", emulator.Config{})
	e.Replace([]string{link})
	invoke(t, e, event{})
	if r := invoke(t, e, event{Do: "env", Text: "LAMBDA_RUNTIME_DIR"}); !strings.Contains(string(r.Payload), link[:len(link)-len("/other")]) {
		t.Errorf("got the runtime folder %s, want that of the new program", r.Payload)
	}
}

// attach returns an emulator and a function that starts a process as an editor does.
func attach(t *testing.T, cfg emulator.Config) (*emulator.Emulator, func() *exec.Cmd) {
	t.Helper()
	e, err := emulator.Attach(cfg, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e, func() *exec.Cmd {
		cmd := processtest.Command(t, "any")
		cmd.Env = append(cmd.Env, e.Environ()...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
		return cmd
	}
}

func TestAttach_ProcessMayComeAndGo(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := 0
	e, startProcess := attach(t, emulator.Config{FunctionName: "orders", Asked: func() {
		mu.Lock()
		defer mu.Unlock()
		asked++
	}})
	first := startProcess()
	if r := invoke(t, e, event{Do: "env", Text: "AWS_LAMBDA_FUNCTION_NAME"}); string(r.Payload) != `"orders"` {
		t.Errorf("got %s, want the name of the function", r.Payload)
	}
	taken := make(chan struct{})
	lost := make(chan *emulator.Result)
	go func() {
		r, _ := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"sleep","N":60000}`), Taken: func() { close(taken) }})
		lost <- r
	}()
	<-taken
	first.Process.Kill()
	first.Wait()
	startProcess()
	if r := <-lost; r.ErrorType != emulator.ErrorExit || !strings.Contains(r.ErrorMessage, "started again") {
		t.Errorf("got %+v, want that the process ended", r)
	}
	if r := invoke(t, e, event{Text: "alive"}); string(r.Payload) != `"alive"` {
		t.Errorf("got %s, want an answer of the second process", r.Payload)
	}
	mu.Lock()
	defer mu.Unlock()
	if asked < 3 || e.PID() != 0 {
		t.Errorf("got %d requests for events and the process id %d, want at least 3, and no id", asked, e.PID())
	}
}

func TestAttach_KillFailsTheInvocation(t *testing.T) {
	t.Parallel()
	e, startProcess := attach(t, emulator.Config{})
	startProcess()
	taken := make(chan struct{})
	result := make(chan *emulator.Result)
	go func() {
		r, _ := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"sleep","N":60000}`), Taken: func() { close(taken) }})
		result <- r
	}()
	<-taken
	e.Restart(true)
	if r := <-result; r.ErrorType != emulator.ErrorExit || !strings.Contains(r.ErrorMessage, "by hand") {
		t.Errorf("got %+v, want that it was ended", r)
	}
}

func TestAttach_AddressThatIsTaken(t *testing.T) {
	t.Parallel()
	c := listen(t)
	e, err := emulator.Attach(emulator.Config{}, c.Addr().String())
	if err == nil || !strings.HasPrefix(err.Error(), "emulator: listen tcp 127.0.0.1:") || e != nil {
		t.Errorf("got %v and %v, want an error of the listener", e, err)
	}
}

// Other services share the address, so that it is the only one that an editor has to know.
func TestAttach_Services(t *testing.T) {
	t.Parallel()
	e, _ := attach(t, emulator.Config{Services: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.URL.Path)) })})
	var address string
	for _, kv := range e.Environ() {
		if after, ok := strings.CutPrefix(kv, "AWS_LAMBDA_RUNTIME_API="); ok {
			address = after
		}
		if strings.HasPrefix(kv, "PWD=") {
			t.Errorf("got %s, want no folder", kv)
		}
	}
	resp, err := http.Get("http://" + address + "/v1/traces")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b [20]byte
	if n, _ := resp.Body.Read(b[:]); string(b[:n]) != "/v1/traces" {
		t.Errorf("got %s, want the answer of the services", b[:n])
	}
}
