package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/eventsource"
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
	b := newBuilding(c, o, tmp)
	f, err := b.first(ctx)
	if err != nil {
		return false, err
	}
	events, err := o.readEvents(f.dir, c.stdin)
	if err != nil {
		return false, err
	}

	// A closed output, as behind "| head", ends the run.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := newRunner(c, o, f, cancel)
	if err != nil {
		return false, err
	}
	defer r.close()
	if o.attach == "" && b.ok() {
		r.built(b.began, b.took)
	}
	if o.credentials {
		c.say("the function gets the AWS credentials of this shell")
	} else {
		c.say("the function gets dummy AWS credentials; -aws-credentials passes those in this shell")
	}
	stopServing, err := r.startServers(ctx)
	if err != nil {
		return false, err
	}
	defer stopServing()
	if err := r.start(ctx, b); err != nil {
		return r.broken.Load(), reason(err)
	}
	if queue != nil {
		failed = r.play(ctx, queue)
	} else {
		r.sendAll(ctx, events)
		failed = r.failed.Load()
	}
	if r.published != nil {
		failed = r.deliverPublished(ctx) || failed
	}
	err = r.stay(ctx, b, events)
	return failed || r.failed.Load() && queue == nil && r.published == nil || r.broken.Load(), err
}

// reason returns an error without the function's standard error, which the screen shows.
func reason(err error) error {
	if init := (*emulator.InitError)(nil); errors.As(err, &init) {
		return errors.New(init.Reason)
	}
	return err
}
