package emulator

// Restart ends the process. The next event starts a new one. If kill is false, the process ends when its
// invocations are over. An attached process is left alone, but its invocations fail if kill is true.
func (e *Emulator) Restart(kill bool) { e.replace(kill, nil) }

// Replace makes command the program of the next process. The process that is up ends when its invocations
// are over.
func (e *Emulator) Replace(command []string) { e.replace(false, command) }

func (e *Emulator) replace(kill bool, command []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if command != nil {
		e.cfg.Command = command
	}
	env := e.env
	switch {
	case env == nil || e.closed:
	case env.attached() && kill:
		env.failAll("the invocation was ended by hand")
	case env.attached():
	case kill:
		e.env = nil
		e.ending.Go(env.kill)
	default:
		e.env = nil
		e.ending.Go(func() {
			env.until(e.closing, func() bool { return len(env.inflight) == 0 })
			env.shutdown()
		})
	}
}

// PID returns the id of the process that is up, 0 if there is none.
func (e *Emulator) PID() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.env == nil || e.env.attached() || e.env.over() {
		return 0
	}
	return e.env.cmd.Process.Pid
}
