package emulator

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// attachedTimeout is the timeout of an attached function: a debugger may hold it for long.
const attachedTimeout = 24 * time.Hour

// Attach returns an emulator of a function that somebody else starts, such as an editor with a debugger. It
// serves the Runtime API at an address. The environment variables of [Emulator.Environ] tell the function.
// Command is not needed; Stdin, Stdout, Stderr, Freeze, Timeout and InitTimeout have no effect.
func Attach(cfg Config, address string) (*Emulator, error) {
	cfg.Command, cfg.Freeze, cfg.Timeout = []string{os.DevNull}, false, attachedTimeout
	e, err := newEmulator(cfg)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	e.env = newEnvironment(&e.cfg)
	e.env.address = listener.Addr().String()
	e.env.server = &http.Server{Handler: Protect(e.env.api(), listener.Addr(), nil)}
	go e.env.server.Serve(listener)
	return e, nil
}

// Address returns the address at which an attached function finds the Runtime API.
func (e *Emulator) Address() string { return e.env.address }

// Environ returns the environment variables that an attached function needs, "K=V".
func (e *Emulator) Environ() []string {
	env := e.cfg.variables(e.env.address)
	return slices.DeleteFunc(env, func(kv string) bool {
		return slices.ContainsFunc([]string{"PWD=", "LAMBDA_RUNTIME_DIR="}, func(p string) bool { return strings.HasPrefix(kv, p) })
	})
}

// attached reports whether somebody else starts the process.
func (env *environment) attached() bool { return env.address != "" }

// begun notices that an attached process is a new one: the earlier one does not answer any more. env.mu is
// held.
func (env *environment) begun() {
	if !env.attached() {
		return
	}
	for id, inv := range env.inflight {
		if !inv.start.IsZero() {
			inv.answer(env.failure(inv, ErrorExit, fmt.Sprintf("RequestId: %s Error: the process ended, or was started again, before it answered", id)), -1)
		}
	}
}

// failAll fails the invocations that run.
func (env *environment) failAll(reason string) {
	env.mu.Lock()
	defer env.mu.Unlock()
	for id, inv := range env.inflight {
		if !inv.start.IsZero() {
			inv.answer(env.failure(inv, ErrorExit, "RequestId: "+id+" Error: "+reason), -1)
		}
	}
}
