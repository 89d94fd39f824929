package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/eventsource"
)

// player delivers the messages of a queue or a stream to the function.
type player struct {
	*runner
	mapping *eventsource.Mapping
	clock   clock
	names   []string       // of the messages
	deaths  map[int]string // messages whose process did not survive them, and its end: a crash, a timeout
}

// delivery is the outcome of an invocation.
type delivery struct {
	eventsource.Invocation
	response []byte
	err      error
	death    string // see player
}

// play delivers messages until all are done or given up, or ctx is done. It shows what became of
// them, and reports whether one is not done.
func (r *runner) play(ctx context.Context, m *eventsource.Mapping) (failed bool) {
	p := &player{runner: r, mapping: m, clock: clock{skips: r.options.queue.visibility == 0}, deaths: make(map[int]string)}
	for _, o := range m.Outcomes() {
		p.names = append(p.names, o.ID)
	}
	p.deliverAll(ctx)
	outcomes := m.Outcomes()
	r.screen.print("%s", p.table(outcomes))
	return slices.ContainsFunc(outcomes, func(o eventsource.Outcome) bool { return o.State != eventsource.Done })
}

func (p *player) deliverAll(ctx context.Context) {
	deliveries := make(chan delivery)
	running := 0
	for ctx.Err() == nil {
		for _, inv := range p.mapping.Next(p.clock.now()) {
			running++
			go func() { deliveries <- p.deliver(ctx, inv) }()
		}
		at, later := p.mapping.Wake(p.clock.now())
		if running == 0 && !later {
			return
		}
		visible := p.clock.alarm(at, later, running)
		select {
		case d := <-deliveries:
			running--
			if ctx.Err() == nil {
				p.done(d)
			}
		case <-visible:
		case <-ctx.Done():
		}
	}
	for ; running > 0; running-- {
		<-deliveries
	}
}

// deliver makes an invocation and shows its outcome.
func (p *player) deliver(ctx context.Context, inv eventsource.Invocation) delivery {
	var names []string
	for _, i := range inv.Messages {
		names = append(names, p.names[i])
	}
	d := delivery{Invocation: inv}
	name := cut(fmt.Sprintf("batch %d (%s)", inv.Token, strings.Join(names, ", ")), maxCell)
	result, err := p.send(ctx, name, emulator.Event{Payload: inv.Event})
	switch {
	case err != nil:
		d.err = reason(err)
		if ctx.Err() == nil {
			p.screen.print("cannot run the function: %v\n", d.err)
		}
		return d
	case result.ErrorType != "":
		message := strings.TrimPrefix(result.ErrorMessage, "RequestId: "+result.RequestID+" Error: ")
		d.err = errors.New(result.ErrorType + ": " + message)
	}
	switch result.ErrorType {
	case emulator.ErrorExit:
		d.death = "a crash"
	case emulator.ErrorTimeout:
		d.death = "a timeout"
	}
	d.response = result.Payload
	return d
}

func (p *player) done(d delivery) {
	if d.death != "" {
		for _, i := range d.Messages {
			p.deaths[i] = d.death
		}
	}
	p.mapping.Done(p.clock.now(), d.Token, d.response, d.err)
}

// clock is the time of a queue.
type clock struct {
	skips bool          // it moves on when nothing else is to be done
	ahead time.Duration // of the wall clock
}

func (c *clock) now() time.Time { return time.Now().Add(c.ahead) }

// alarm returns a channel that delivers at the time at, if later is true. If nothing is running, a
// clock that skips moves to that time. Otherwise it waits for the running invocations.
func (c *clock) alarm(at time.Time, later bool, running int) <-chan time.Time {
	switch {
	case !later, c.skips && running > 0:
		return nil
	case c.skips:
		c.ahead += at.Sub(c.now())
		at = c.now()
	}
	return time.After(at.Sub(c.now()))
}
