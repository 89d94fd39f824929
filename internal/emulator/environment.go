package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

var errEnvironmentOver = errors.New("emulator: the environment ended before it took the event")

// environment is one process of the function and its Runtime API. The next process gets another
// Runtime API, so a request of this one cannot take the event of the next.
type environment struct {
	cfg     *Config
	cmd     *exec.Cmd // nil if it is attached
	server  *http.Server
	address string   // of an attached one
	pipes   []*pipe  // standard output and standard error
	stdin   *os.File // written to by a goroutine; nil if the process has a file
	stderr  *Tail

	queue chan *invocation // handed to whichever poll of the function is first
	gone  chan struct{}    // closed when the process has ended and its output is read
	exit  error            // valid once gone: why

	mu         sync.Mutex
	inflight   map[string]*invocation
	change     chan struct{} // closed, and replaced, when the fields below change
	asked      bool          // the function has asked for its first event
	polls      int           // how often it has asked for an event
	extensions map[string]*extension
	freezes    bool // see Config.Freeze
	frozen     bool
	init       time.Duration // until the first invocation reports it
	started    time.Time
}

// invocation is an Event under way.
type invocation struct {
	event    Event
	taken    chan struct{} // closed when the function took it
	start    time.Time     // valid once taken
	deadline time.Time     // valid once taken
	done     chan answer   // buffered; the first answer counts

	mu      sync.Mutex
	stream  io.Writer // nil once the caller is gone
	failure *Failure  // that the function reported
}

// answer is a Result and the time that the function takes after it.
type answer struct {
	*Result
	polls int // of the environment before it; the function asks once more when it is done. Negative: it does not
}

// Write passes a part of the response to the caller of Invoke, while it is there.
func (inv *invocation) Write(p []byte) (int, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.stream != nil {
		if _, err := inv.stream.Write(p); err != nil {
			inv.stream = nil // the caller left, and the function goes on
		}
	}
	return len(p), nil
}

func (inv *invocation) detach() {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.stream = nil
}

// answer delivers r unless there is an answer already.
func (inv *invocation) answer(r *Result, polls int) {
	select {
	case inv.done <- answer{r, polls}:
	default:
	}
}

// fail keeps the first failure that the function reports.
func (inv *invocation) fail(f *Failure) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.failure == nil {
		inv.failure = f
	}
}

func (inv *invocation) reported() *Failure {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.failure
}

func newEnvironment(cfg *Config) *environment {
	return &environment{
		cfg:      cfg,
		stderr:   NewTail(stderrTail),
		queue:    make(chan *invocation),
		gone:     make(chan struct{}),
		inflight: make(map[string]*invocation),
		change:   make(chan struct{}),
		started:  time.Now(),
		freezes:  cfg.Freeze,

		extensions: make(map[string]*extension),
	}
}

func startEnvironment(ctx context.Context, cfg *Config) (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	env := newEnvironment(cfg)
	env.server = &http.Server{Handler: Protect(env.api(), listener.Addr(), nil)}
	go env.server.Serve(listener)
	if err := env.run(listener.Addr().String()); err != nil {
		env.server.Close()
		env.closePipes()
		return nil, fmt.Errorf("emulator: %w", err)
	}
	go env.wait()

	timeout := time.NewTimer(cfg.InitTimeout)
	defer timeout.Stop()
	stop := make(chan struct{})
	defer close(stop)
	ready := make(chan struct{})
	go func() {
		if env.until(stop, func() bool { return env.asked && env.extensionsWait() }) {
			close(ready)
		}
	}()
	select {
	case <-ready:
		return env, nil
	case <-env.gone:
		reason := "exit status 0"
		if env.exit != nil {
			reason = env.exit.Error()
		}
		return nil, &InitError{"function exited before asking for its first event: " + reason, env.stderr.String()}
	case <-timeout.C:
		env.kill()
		return nil, &InitError{fmt.Sprintf("function did not ask for its first event within %v", cfg.InitTimeout), env.stderr.String()}
	case <-ctx.Done():
		env.kill()
		return nil, ctx.Err()
	}
}

// changed wakes all that wait for a change. env.mu is held.
func (env *environment) changed() {
	close(env.change)
	env.change = make(chan struct{})
}

// until waits for a condition, which it calls with env.mu held. It returns false if the process ends, or
// if stop is closed before.
func (env *environment) until(stop <-chan struct{}, condition func() bool) bool {
	for {
		env.mu.Lock()
		if condition() {
			env.mu.Unlock()
			return true
		}
		change := env.change
		env.mu.Unlock()
		select {
		case <-change:
		case <-env.gone:
			return false
		case <-stop:
			return false
		}
	}
}

// run starts the process.
func (env *environment) run(runtimeAPI string) error {
	for _, dst := range []io.Writer{env.cfg.Stdout, io.MultiWriter(env.stderr, env.cfg.Stderr)} {
		p, err := newPipe(&output{env, dst})
		if err != nil {
			return err
		}
		env.pipes = append(env.pipes, p)
	}
	env.cmd = exec.Command(env.cfg.Command[0], env.cfg.Command[1:]...)
	env.cmd.Dir = env.cfg.Dir
	env.cmd.Env = env.cfg.environ(runtimeAPI)
	stdin, err := env.openStdin()
	if err != nil {
		return err
	}
	defer stdin.Close()
	env.cmd.Stdin = stdin
	env.cmd.Stdout, env.cmd.Stderr = env.pipes[0].w, env.pipes[1].w
	ownProcessGroup(env.cmd)
	return env.cmd.Start()
}

// openStdin returns what the process reads. A reader that is no file is copied by a goroutine that
// nothing waits for, because its Read may never return.
func (env *environment) openStdin() (io.ReadCloser, error) {
	switch f := env.cfg.Stdin.(type) {
	case nil:
		return os.Open(os.DevNull)
	case *os.File:
		return io.NopCloser(f), nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	env.stdin = w
	go func() {
		io.Copy(w, env.cfg.Stdin)
		w.Close()
	}()
	return r, nil
}

func (env *environment) closePipes() {
	if env.stdin != nil {
		env.stdin.Close()
	}
	for _, p := range env.pipes {
		p.close()
	}
}

// output passes on a part of the function's output, also to the invocations that it belongs to.
type output struct {
	env *environment
	dst io.Writer
}

func (o *output) Write(p []byte) (int, error) {
	o.env.mu.Lock()
	for _, inv := range o.env.inflight {
		if inv.event.Log != nil && !inv.start.IsZero() {
			inv.event.Log.Write(p)
		}
	}
	o.env.mu.Unlock()
	return o.dst.Write(p)
}

// wait outlives the process and fails the invocations that it did not answer.
func (env *environment) wait() {
	env.exit = env.cmd.Wait()
	signalGroup(env.cmd, syscall.SIGKILL) // processes that it left behind
	env.closePipes()
	env.server.Close()
	close(env.gone)

	reason := "exit status 0"
	if env.exit != nil {
		reason = env.exit.Error()
	}
	env.mu.Lock()
	defer env.mu.Unlock()
	for id, inv := range env.inflight {
		inv.answer(env.failure(inv, ErrorExit, fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", id, reason)), -1)
	}
}

func (env *environment) over() bool {
	select {
	case <-env.gone:
		return true
	default:
		return false
	}
}

func (env *environment) invoke(ctx context.Context, ev Event) (*Result, error) {
	if ev.RequestID == "" {
		ev.RequestID = execenv.NewRequestID()
	}
	if ev.TraceHeader == "" {
		ev.TraceHeader = traceheader.New(time.Now())
	}
	inv := &invocation{event: ev, taken: make(chan struct{}), done: make(chan answer, 1), stream: ev.Stream}
	defer inv.detach()
	env.mu.Lock()
	env.inflight[ev.RequestID] = inv
	env.thaw()
	env.mu.Unlock()

	select {
	case env.queue <- inv:
	case <-env.gone:
		env.forget(inv)
		return nil, errEnvironmentOver
	case <-ctx.Done():
		env.forget(inv)
		return nil, ctx.Err()
	}
	// A caller may leave early. The function is still watched to its end.
	result := make(chan *Result, 1)
	go func() { result <- env.await(inv) }()
	select {
	case r := <-result:
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// await waits for the answer, and enforces the timeout.
func (env *environment) await(inv *invocation) *Result {
	defer env.forget(inv)
	<-inv.taken
	timeout := time.NewTimer(time.Until(inv.deadline))
	defer timeout.Stop()
	var a answer
	select {
	case a = <-inv.done:
	case <-timeout.C:
		inv.answer(env.failure(inv, ErrorTimeout,
			fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.event.RequestID, env.cfg.Timeout.Seconds())), -1)
		if env.cfg.Concurrency == 1 {
			env.kill() // Managed Instances leave the code running
		}
		a = <-inv.done
		a.polls = -1
	}
	a.Extension = env.hasExtension()
	if inv.event.Answered != nil {
		inv.detach()
		r := *a.Result
		inv.event.Answered(&r)
	}
	if a.polls >= 0 {
		env.settle(inv, a, timeout.C)
	}
	if !env.over() {
		for _, p := range env.pipes {
			p.sync()
		}
	}
	return env.complete(inv, a.Result)
}

// settle waits until the invocation is over. As in Lambda, it lasts until the function and its
// extensions ask for their next events: they may have lines to write, such as the message of a panic,
// or work to do.
func (env *environment) settle(inv *invocation, a answer, timeout <-chan time.Time) {
	answered := time.Now()
	stop := make(chan struct{})
	over := make(chan struct{})
	go func() {
		defer close(over)
		env.until(stop, func() bool { return env.polls > a.polls && env.extensionsWait() })
	}()
	select {
	case <-over:
	case <-timeout:
		env.mu.Lock()
		a.TimedOutAfter = !env.extensionsWait()
		env.mu.Unlock()
		if a.TimedOutAfter {
			env.kill()
		}
		close(stop)
		<-over
	}
	if a.Extension {
		a.After = time.Since(answered)
	}
}

func (env *environment) forget(inv *invocation) {
	env.mu.Lock()
	defer env.mu.Unlock()
	delete(env.inflight, inv.event.RequestID)
	env.changed()
	if env.freezes && len(env.inflight) == 0 && !env.over() {
		stopGroup(env.cmd)
		env.frozen = true
	}
}

// thaw lets a frozen process go on. env.mu is held.
func (env *environment) thaw() {
	if env.frozen {
		env.frozen = false
		continueGroup(env.cmd)
	}
}

func (env *environment) failure(inv *invocation, kind, message string) *Result {
	return &Result{
		RequestID:    inv.event.RequestID,
		Payload:      errorDocument(kind, message),
		ContentType:  "application/json",
		ErrorType:    kind,
		ErrorMessage: message,
		Duration:     time.Since(inv.start),
	}
}

// complete adds the trace header, the start-up time and the memory of the process.
func (env *environment) complete(inv *invocation, r *Result) *Result {
	r.TraceHeader, r.Start = inv.event.TraceHeader, inv.start
	env.mu.Lock()
	r.InitDuration, env.init = env.init, 0
	env.mu.Unlock()
	if !env.attached() {
		r.MaxRSS = maxRSS(env.cmd)
	}
	return r
}

// kill ends the process and all that it started, and waits for the end.
func (env *environment) kill() {
	if env.over() {
		return // the id of its group may be another's by now
	}
	if env.attached() {
		env.server.Close()
		close(env.gone)
		return
	}
	signalGroup(env.cmd, syscall.SIGKILL)
	<-env.gone
}

// shutdown ends the process as Lambda does: without ado, unless it registered an
// extension, for which SIGTERM comes 500 ms earlier.
func (env *environment) shutdown() {
	env.mu.Lock()
	wantTERM := len(env.extensions) > 0 && !env.attached()
	env.thaw()
	env.mu.Unlock()
	if wantTERM && !env.over() {
		signalGroup(env.cmd, syscall.SIGTERM)
		timeout := time.NewTimer(500 * time.Millisecond)
		defer timeout.Stop()
		select {
		case <-env.gone:
			return
		case <-timeout.C:
		}
	}
	env.kill()
}
