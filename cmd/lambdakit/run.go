package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

func runCommand(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	failed, err := run(ctx, o, stdin, stdout, stderr)
	switch {
	case err != nil && ctx.Err() == nil:
		fmt.Fprintf(stderr, "lambdakit run: %v\n", err)
		return 2
	case failed || ctx.Err() != nil && o.serve == "": // Ctrl-C is how serving ends
		return 1
	}
	return 0
}

// run runs a function on its events, and reports whether an invocation failed.
func run(ctx context.Context, o *options, stdin io.Reader, stdout, stderr io.Writer) (failed bool, err error) {
	tmp, err := os.MkdirTemp("", "lambdakit-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(tmp)
	f, err := build(ctx, o.pkg, tmp, stderr)
	if err != nil {
		return false, err
	}
	events, err := o.readEvents(f.dir, stdin)
	if err != nil {
		return false, err
	}
	daemon, err := listenXRay()
	if err != nil {
		return false, err
	}
	defer daemon.close()

	cfg := emulator.Config{
		Command:      []string{f.program},
		Env:          o.env,
		FunctionName: f.name,
		MemoryMB:     o.memory,
		Timeout:      o.timeout,
		Concurrency:  o.concurrency,
		XRayAddress:  daemon.addr(),
		Stdout:       stdout,
	}
	r := &runner{daemon: daemon, options: o}
	if o.raw {
		r.screen = newScreen(stderr, o.concurrency > 1)
	} else {
		r.screen = newScreen(stdout, o.concurrency > 1)
		lines := r.screen.lines("")
		if r.output, err = newPipe(lines); err != nil {
			return false, err
		}
		cfg.Stdout = r.output.w
		defer r.screen.sum()
		defer lines.flush()
		defer r.output.close()
	}
	errs := r.screen.lines("stderr")
	defer errs.flush()
	cfg.Stderr = errs
	r.emulator, err = emulator.Start(ctx, cfg)
	if err != nil {
		return false, err
	}
	defer r.emulator.Close()
	r.sendAll(ctx, events)
	if o.serve != "" && ctx.Err() == nil {
		err = r.serve(ctx, stderr)
	}
	return r.failed.Load(), err
}

// runner sends events and shows what comes of them.
type runner struct {
	emulator *emulator.Emulator
	daemon   *xrayDaemon
	screen   *screen
	output   *pipe // nil: standard output is not for the screen
	options  *options
	failed   atomic.Bool
}

func (r *runner) sendAll(ctx context.Context, events []event) {
	queue := make(chan event)
	var workers sync.WaitGroup
	for range r.options.concurrency {
		workers.Go(func() {
			for ev := range queue {
				if _, err := r.send(ctx, ev, nil); err != nil && ctx.Err() == nil {
					r.failed.Store(true)
					r.screen.print("cannot run the function: %v\n", err)
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

// send makes one invocation. Its response also goes to stream while it arrives.
func (r *runner) send(ctx context.Context, ev event, stream io.Writer) (*emulator.Result, error) {
	result, err := r.emulator.Invoke(ctx, emulator.Event{Payload: ev.payload, Stream: stream})
	if err != nil {
		return nil, err
	}
	if result.Failed() {
		r.failed.Store(true)
	}
	if r.output != nil {
		r.output.sync()
	}
	r.daemon.sync()
	r.screen.result(ev.name, result, r.options, r.daemon.take(result.TraceHeader))
	return result, nil
}
