package adapter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
)

// Request makes the HTTP request of a message. The context of the request should be ctx, or derived
// from it. The request is sent later, when the limits allow it.
type Request[T any] = func(ctx context.Context, m *batch.Message[T]) (*http.Request, error)

// Reply makes an event from the response to the request of m, whose status is 2xx. It returns nil if
// there is nothing to publish. The body of the response is in memory and need not be closed.
type Reply[T any] = func(ctx context.Context, m *batch.Message[T], r *http.Response) (events.Publishable, error)

// Publisher is the part of an [events.Bus] that an Adapter uses.
type Publisher interface {
	Publish(ctx context.Context, e ...events.Publishable) error
}

// Adapter calls another system for each message. Make one with [New] when the function starts, because
// the limits and the state of the breaker are in it. Several goroutines may use it at the same time.
type Adapter[T any] struct {
	request Request[T]
	o       *Options[T]
	limits  *limits
	breaker *breaker
}

// New returns an Adapter that makes requests with request.
//
// It panics if request is nil or a limit is negative.
func New[T any](request Request[T], o *Options[T]) *Adapter[T] {
	if request == nil {
		panic("adapter: New: the Request is nil")
	}
	c := o.config()
	return &Adapter[T]{request, c, newLimits(c.Rate, c.Burst, c.InFlight), newBreaker(c.BreakAfter, c.OpenFor)}
}

// Handle makes the call of a message. It is the handler for [batch.SQS] and the other functions of
// package batch. The package comment lists its errors.
func (a *Adapter[T]) Handle(ctx context.Context, m *batch.Message[T]) error {
	response, err := a.call(ctx, m)
	if err != nil || a.o.Reply == nil {
		return err
	}
	event, err := a.o.Reply(ctx, m, response)
	if err != nil || event == nil {
		return err
	}
	if a.o.Bus == nil {
		return errors.New("adapter: Options.Reply returned an event, and Options.Bus is nil")
	}
	if err := a.o.Bus.Publish(ctx, event); err != nil {
		return a.again(m, 0, fmt.Errorf("adapter: publish the reply: %w", err))
	}
	return nil
}

// call sends the request of m within the limits. It returns a response with a status of 2xx.
func (a *Adapter[T]) call(ctx context.Context, m *batch.Message[T]) (*http.Response, error) {
	if left := a.breaker.left(); left > 0 {
		return nil, a.again(m, left, ErrOpen)
	}
	start := a.o.startBefore(ctx)
	if !a.limits.acquire(ctx, start) {
		return nil, a.again(m, 0, late(ctx, start))
	}
	defer a.limits.release()

	req, err := a.makeRequest(ctx, m)
	if err != nil {
		return nil, err
	}
	done, err := a.permit(ctx, m, start)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	outcome := ignored // if the client panics
	defer func() { done(outcome) }()
	response, outcome, err := a.send(ctx, m, req)
	return response, err
}

// permit waits until the rate allows a call, and asks the breaker.
func (a *Adapter[T]) permit(ctx context.Context, m *batch.Message[T], start time.Time) (done func(outcome), err error) {
	if delay, ok := a.limits.wait(ctx, start); !ok {
		return nil, a.again(m, delay, late(ctx, start))
	}
	done, left := a.breaker.allow()
	if done == nil {
		return nil, a.again(m, left, ErrOpen)
	}
	return done, nil
}

// again returns the error of a message that comes again, but not before the time least. The delay
// grows even if the breaker is open, because the queue counts each delivery.
func (a *Adapter[T]) again(m *batch.Message[T], least time.Duration, err error) error {
	return batch.RetryAfter(min(max(least, a.o.backoff(m.Attempt)), longestRetry), err)
}

// late returns the error of a message whose call did not start in time.
func late(ctx context.Context, start time.Time) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ErrBusy, context.Cause(ctx))
	case isPast(start):
		return fmt.Errorf("%w: the deadline of the message is nearer than Options.Reserve", ErrBusy)
	}
	return ErrBusy
}
