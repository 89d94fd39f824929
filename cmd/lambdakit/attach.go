package main

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/viewer"
)

// attach serves the Runtime API for a function that an editor starts, and says how it starts it.
func (r *runner) attach() error {
	address := loopback(r.options.attach)
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("-attach %s is not an address of this machine alone, such as :9002", r.options.attach)
	}
	cfg := r.config
	cfg.Services = r.services()
	cfg.Asked = func() { r.setState(viewer.Running, "") }
	e, err := emulator.Attach(cfg, address)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.emulator = e
	r.mu.Unlock()
	r.cli.say("waiting for the function, which an editor or a debugger starts")
	env := e.Environ()
	for i, kv := range env { // the port of the receiver of spans, see newRunner, may be chosen by the system
		env[i] = strings.Replace(kv, "http://"+address, "http://"+e.Address(), 1)
	}
	r.screen.print("%s", launchText(r.function, env))
	return nil
}

// loopback returns an address that is on this machine alone if it names no host.
func loopback(address string) string {
	if strings.HasPrefix(address, ":") {
		return "127.0.0.1" + address
	}
	return address
}

// launchText tells how an editor starts the function.
func launchText(f *function, env []string) string {
	vars := make(map[string]string)
	var lines []string
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		vars[name] = value
		lines = append(lines, name+"="+value)
	}
	configuration := map[string]any{
		"name": f.name + " (lambdakit)", "type": "go", "request": "launch", "mode": "debug",
		"program": f.dir, "env": vars,
	}
	text, _ := json.MarshalIndent(configuration, "  ", "  ")
	return fmt.Sprintf(`VS Code: add this to "configurations" in .vscode/launch.json, and press F5.

  %s

GoLand: make a Go Build configuration of the folder %s, and paste this into Environment.

  %s

A terminal: env %s go -C %s run .

Log lines and metrics of the function are in the console of the editor. Traces are shown here.

`, text, f.dir, strings.Join(lines, ";"), quoted(lines), quoted([]string{f.dir}))
}

// quoted returns the lines as words of a shell.
func quoted(lines []string) string {
	var words []string
	for _, l := range lines {
		if strings.ContainsAny(l, " \t\"'$&;|<>()*?#~`\\[]{}!") {
			l = "'" + strings.ReplaceAll(l, "'", `'\''`) + "'"
		}
		words = append(words, l)
	}
	return strings.Join(words, " ")
}
