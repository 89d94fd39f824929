package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/localbus"
	"github.com/lambdakit/lambdakit/internal/viewer"
)

// runner sends events to a function and shows their outcomes.
type runner struct {
	cli       *cli
	options   *options
	function  *function
	daemon    *xrayDaemon
	receiver  *otlpReceiver
	published *published // nil without -events
	screen    *screen
	outputs   []*lineWriter // of the function, on the screen
	view      *viewer.Store // nil without -view
	config    emulator.Config

	mu       sync.Mutex
	emulator *emulator.Emulator // nil until the function has started

	servers  sync.WaitGroup
	failed   atomic.Bool
	broken   atomic.Bool // the output takes nothing more
	inflight atomic.Int64
}

// newRunner opens everything that the function sends its output to. end ends the run.
func newRunner(c *cli, o *options, f *function, end func()) (*runner, error) {
	r := &runner{cli: c, options: o, function: f}
	if err := r.listen(); err != nil {
		r.close()
		return nil, err
	}
	spansURL := r.receiver.url
	if o.attach != "" {
		spansURL = "http://" + loopback(o.attach) // see services
	}
	env := otlpEnvironment(o.env, spansURL)
	if r.published != nil {
		env = append(slices.Clip(env), localbus.Variable+"="+r.published.url)
	}
	r.config = emulator.Config{
		Command:        []string{f.program},
		Dir:            f.dir,
		Env:            env,
		AWSCredentials: o.credentials,
		FunctionName:   f.name,
		MemoryMB:       o.memory,
		Timeout:        o.timeout,
		Concurrency:    o.concurrency,
		Freeze:         o.freeze,
		XRayAddress:    r.daemon.addr(),
	}
	broken := func() {
		r.broken.Store(true)
		end()
	}
	if o.view.on {
		r.view = r.newStore()
	}
	out := c.stdout
	if o.raw {
		out = c.stderr
	}
	r.screen = newScreen(out, o.concurrency > 1, broken)
	if o.raw {
		r.config.Stdout = &rawWriter{c.stdout, broken}
	} else {
		r.config.Stdout = r.lines("")
	}
	r.config.Stderr = r.lines("stderr")
	if o.stderr != nil {
		r.config.Stderr = io.MultiWriter(r.config.Stderr, o.stderr)
	}
	if r.published != nil {
		r.published.screen = r.screen
	}
	return r, nil
}

// listen starts the receivers of spans and events.
func (r *runner) listen() (err error) {
	spans := newTraces()
	if r.daemon, err = listenXRay(spans, r.options.attach); err != nil {
		return err
	}
	if r.receiver, err = listenOTLP(spans); err != nil {
		return err
	}
	if len(r.options.published.targets) > 0 {
		r.published, err = listenPublished()
	}
	return err
}

// lines returns a writer for an output of the function.
func (r *runner) lines(name string) io.Writer {
	w := r.screen.lines(name)
	if r.view != nil {
		w.record = func(line []byte) { r.view.Line(line, name != "", time.Now()) }
	}
	r.outputs = append(r.outputs, w)
	return w
}

// start starts the function, or serves one that an editor starts.
func (r *runner) start(ctx context.Context, b *building) error {
	if r.options.attach != "" {
		return r.attach()
	}
	if !b.ok() {
		return nil // -watch waits for a change
	}
	e, err := emulator.Start(ctx, r.config)
	if err != nil {
		r.setState(viewer.StartFailed, reason(err).Error())
		if r.options.watch && ctx.Err() == nil {
			r.cli.say("%v; waiting for a change", reason(err))
			return nil
		}
		return err
	}
	r.use(e)
	return nil
}

// use makes e the emulator of the function.
func (r *runner) use(e *emulator.Emulator) {
	r.mu.Lock()
	r.emulator = e
	r.mu.Unlock()
	r.setState(viewer.Running, "")
}

func (r *runner) current() *emulator.Emulator {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.emulator
}

// close ends the function and the receivers.
func (r *runner) close() {
	if e := r.current(); e != nil {
		e.Close()
	}
	r.flush()
	if r.screen != nil && !r.options.raw {
		r.screen.sum()
	}
	if r.published != nil {
		r.published.close()
	}
	if r.receiver != nil {
		r.receiver.close()
	}
	if r.daemon != nil {
		r.daemon.close()
	}
}

// rawWriter passes output on as it is.
type rawWriter struct {
	w      io.Writer
	broken func()
}

func (w *rawWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err != nil {
		w.broken()
	}
	return n, err
}

func (r *runner) sendAll(ctx context.Context, events []event) {
	if r.current() == nil {
		return // -watch waits for a change
	}
	queue := make(chan event)
	var workers sync.WaitGroup
	for range r.options.concurrency {
		workers.Go(func() {
			for ev := range queue {
				r.sendOrSay(ctx, ev.name, emulator.Event{Payload: ev.payload})
			}
		})
	}
	for range r.options.n {
		for _, ev := range events {
			select {
			case queue <- ev:
			case <-ctx.Done():
			}
		}
	}
	close(queue)
	workers.Wait()
}

// sendOrSay is send for a caller that waits for nothing. The screen shows an error.
func (r *runner) sendOrSay(ctx context.Context, name string, ev emulator.Event) {
	if _, err := r.send(ctx, name, ev); err != nil && ctx.Err() == nil {
		r.failed.Store(true)
		r.screen.print("cannot run the function: %v\n", reason(err))
	}
}

var errNotRunning = errors.New("the function does not run: its build or its start failed")

// send makes one invocation and shows its outcome.
func (r *runner) send(ctx context.Context, name string, ev emulator.Event) (*emulator.Result, error) {
	e := r.current()
	if e == nil {
		return nil, errNotRunning
	}
	ev.RequestID = cmp.Or(ev.RequestID, execenv.NewRequestID())
	r.inflight.Add(1)
	result, err := e.Invoke(ctx, r.observed(name, ev))
	others := r.inflight.Add(-1)
	if err != nil {
		r.notRun(ev.RequestID, err)
		return nil, err
	}
	if result.Failed() {
		r.failed.Store(true)
	}
	if others == 0 || r.options.concurrency == 1 { // no other invocation is in the middle of a line
		r.flush()
	}
	r.daemon.sync()
	take := r.daemon.take
	if others == 0 && r.options.concurrency == 1 {
		take = r.daemon.takeAll // the function may have begun traces of its own
	}
	spans := take(result.TraceHeader)
	if r.view != nil {
		r.view.End(result, spans.segments, spans.dropped)
		r.setState(viewer.Running, "")
	}
	r.screen.result(name, result, r.options, spans)
	return result, nil
}

// flush shows lines that have no end yet.
func (r *runner) flush() {
	for _, w := range r.outputs {
		w.flush()
	}
}

// services are what an attached function finds at the address of its Runtime API.
func (r *runner) services() http.Handler { return r.receiver.handler() }
