// Package processtest runs the test binary of a package as a Lambda function under the emulator.
package processtest

import (
	"bytes"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

// variable is the environment variable that names the function to run.
const variable = "LAMBDAKIT_TEST_FUNCTION"

// Run runs the function that the environment names. It returns false if there is none: the process
// is then the test itself. TestMain calls it first.
func Run(functions map[string]func()) bool {
	name := os.Getenv(variable)
	if name == "" {
		return false
	}
	functions[name]()
	return true
}

// Config returns cfg with the command that runs the function with the name. The default of Timeout
// and InitTimeout is a minute, enough for slow machines.
func Config(t testing.TB, name string, cfg emulator.Config) emulator.Config {
	t.Helper()
	cfg.Command = []string{executable(t)}
	cfg.Env = append(cfg.Env, variable+"="+name)
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.InitTimeout == 0 {
		cfg.InitTimeout = time.Minute
	}
	return cfg
}

// Start starts an emulator of the function with the name, until the test ends, and returns its
// standard output.
func Start(t testing.TB, name string, cfg emulator.Config) (*emulator.Emulator, *Output) {
	t.Helper()
	out := NewOutput()
	cfg.Stdout = out
	e, err := emulator.Start(t.Context(), Config(t, name, cfg))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e, out
}

// Command returns a command that runs the function with the name, without an emulator.
func Command(t testing.TB, name string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), executable(t))
	cmd.Env = append(os.Environ(), variable+"="+name)
	return cmd
}

func executable(t testing.TB) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// Invoke makes an invocation with the JSON text of an event.
func Invoke(t testing.TB, e *emulator.Emulator, event string) *emulator.Result {
	t.Helper()
	r, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(event)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Output collects the output of a function. A test can wait for a text in it.
type Output struct {
	mu   sync.Mutex
	cond sync.Cond
	b    bytes.Buffer
}

// NewOutput returns an empty Output.
func NewOutput() *Output {
	o := new(Output)
	o.cond.L = &o.mu
	return o
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cond.Broadcast()
	return o.b.Write(p)
}

// Bytes returns a copy of the output so far.
func (o *Output) Bytes() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.b.Bytes())
}

// String returns the output so far.
func (o *Output) String() string { return string(o.Bytes()) }

// WaitFor waits until the output has the text n times.
func (o *Output) WaitFor(text string, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for bytes.Count(o.b.Bytes(), []byte(text)) < n {
		o.cond.Wait()
	}
}
