package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/eventsource"
	"github.com/lambdakit/lambdakit/internal/localbus"
)

func (c *cli) run(ctx context.Context, args []string) int {
	o, err := parseFlags(args, c.stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	failed, err := c.runFunction(ctx, o)
	switch {
	case err != nil && ctx.Err() == nil:
		c.say("%v", err)
		return 2
	case failed || ctx.Err() != nil && !o.stays(): // Ctrl-C is how serving ends
		return 1
	}
	return 0
}

// say shows a message on standard error. It may hold text of the function.
func (c *cli) say(format string, args ...any) {
	var t text
	t.addf("lambdakit run: "+format+"\n", args...)
	io.WriteString(c.stderr, t.String())
}

// runFunction builds a function, runs it on its events, and reports whether an invocation failed.
func (c *cli) runFunction(ctx context.Context, o *options) (failed bool, err error) {
	var queue *eventsource.Mapping
	if o.queue.file != "" {
		if queue, err = o.queue.mapping(o, c.stdin); err != nil {
			return false, err
		}
	}
	tmp, err := os.MkdirTemp("", "lambdakit-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(tmp)
	f, err := c.build(ctx, o.pkg, tmp, c.stderr)
	if err != nil {
		return false, err
	}
	events, err := o.readEvents(f.dir, c.stdin)
	if err != nil {
		return false, err
	}
	spans := newTraces()
	daemon, err := listenXRay(spans)
	if err != nil {
		return false, err
	}
	defer daemon.close()
	receiver, err := listenOTLP(spans)
	if err != nil {
		return false, err
	}
	defer receiver.close()
	env := otlpEnvironment(o.env, receiver.url)
	var bus *published
	if len(o.published.targets) > 0 {
		if bus, err = listenPublished(); err != nil {
			return false, err
		}
		defer bus.close()
		env = append(slices.Clip(env), localbus.Variable+"="+bus.url)
	}

	// A closed output, as behind "| head", ends the run.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var broken atomic.Bool
	end := func() {
		broken.Store(true)
		cancel()
	}
	r := &runner{daemon: daemon, options: o, published: bus}
	cfg := emulator.Config{
		Command:        []string{f.program},
		Dir:            f.dir,
		Env:            env,
		AWSCredentials: o.credentials,
		FunctionName:   f.name,
		MemoryMB:       o.memory,
		Timeout:        o.timeout,
		Concurrency:    o.concurrency,
		Freeze:         o.freeze,
		XRayAddress:    daemon.addr(),
	}
	if o.raw {
		r.screen = newScreen(c.stderr, o.concurrency > 1, end)
		cfg.Stdout = &rawWriter{c.stdout, end}
	} else {
		r.screen = newScreen(c.stdout, o.concurrency > 1, end)
		r.outputs = append(r.outputs, r.screen.lines(""))
		cfg.Stdout = r.outputs[0]
		defer r.screen.sum()
	}
	if bus != nil {
		bus.screen = r.screen
	}
	errs := r.screen.lines("stderr")
	r.outputs = append(r.outputs, errs)
	cfg.Stderr = errs
	defer r.flush()
	if o.credentials {
		c.say("the function gets the AWS credentials of this shell")
	} else {
		c.say("the function gets dummy AWS credentials; -aws-credentials passes those in this shell")
	}
	r.emulator, err = emulator.Start(ctx, cfg)
	if err != nil {
		return broken.Load(), reason(err)
	}
	defer r.emulator.Close()
	if queue != nil {
		failed = r.play(ctx, queue)
	} else {
		r.sendAll(ctx, events)
		failed = r.failed.Load()
	}
	if bus != nil {
		failed = r.deliverPublished(ctx) || failed
	}
	if bus != nil && o.stays() {
		var delivering sync.WaitGroup
		delivering.Go(func() { r.keepDelivering(ctx) })
		defer func() {
			cancel()
			delivering.Wait()
		}()
	}
	switch {
	case ctx.Err() != nil:
	case o.serve != "":
		err = r.serve(ctx, c)
	case o.http != "":
		err = r.serveHTTP(ctx, c)
	}
	return failed || r.failed.Load() && queue == nil && bus == nil || broken.Load(), err
}

// reason returns an error without the function's standard error, which the screen shows.
func reason(err error) error {
	if init := (*emulator.InitError)(nil); errors.As(err, &init) {
		return errors.New(init.Reason)
	}
	return err
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

// runner sends events and shows their outcomes.
type runner struct {
	emulator *emulator.Emulator
	daemon   *xrayDaemon
	screen   *screen
	outputs  []*lineWriter // of the function, on the screen
	options  *options
	failed   atomic.Bool
	inflight atomic.Int64

	published *published // nil without -events
}

func (r *runner) sendAll(ctx context.Context, events []event) {
	queue := make(chan event)
	var workers sync.WaitGroup
	for range r.options.concurrency {
		workers.Go(func() {
			for ev := range queue {
				if _, err := r.send(ctx, ev.name, emulator.Event{Payload: ev.payload}); err != nil && ctx.Err() == nil {
					r.failed.Store(true)
					r.screen.print("cannot run the function: %v\n", reason(err))
				}
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

// send makes one invocation and shows its outcome.
func (r *runner) send(ctx context.Context, name string, ev emulator.Event) (*emulator.Result, error) {
	r.inflight.Add(1)
	result, err := r.emulator.Invoke(ctx, ev)
	others := r.inflight.Add(-1)
	if err != nil {
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
	r.screen.result(name, result, r.options, take(result.TraceHeader))
	return result, nil
}

// flush shows lines that have no end yet.
func (r *runner) flush() {
	for _, w := range r.outputs {
		w.flush()
	}
}
