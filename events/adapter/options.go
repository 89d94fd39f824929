package adapter

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

// Options configures an [Adapter]. A nil *Options, and every zero field, means the default.
type Options[T any] struct {
	// Client sends the requests. Default: a client that keeps up to 16 connections between calls, or
	// InFlight if that is more, and uses the proxy of the environment.
	//
	// If Client.CheckRedirect is nil, the Adapter follows redirects of GET and HEAD only. net/http would
	// turn a POST into a GET, and take the page that it gets for the answer.
	Client *http.Client

	// Timeout bounds a call, including the body of the response. A call also ends with the context of
	// its message. Default: 10 s.
	Timeout time.Duration

	// Rate is the number of calls in a second. Default: no limit.
	Rate float64

	// Burst is the number of calls that may start at the same time after a pause. Default: 1.
	Burst int

	// InFlight is the number of calls at the same time. Default: no limit but the Concurrency of
	// batch.Options.
	InFlight int

	// Reserve is the time before the deadline of a message at which no call starts any more. Default:
	// 1 s, but at most half of the time left when Handle begins.
	Reserve time.Duration

	// Key returns the idempotency key of a message, such as the id of the event in its body. Without a
	// key, or if the request already has the header Idempotency-Key, no header is added. Default: the
	// id of the message.
	Key func(m *batch.Message[T]) string

	// Reply makes the event that Bus publishes. Default: the response is not read.
	Reply Reply[T]

	// Bus publishes the events of Reply.
	Bus Publisher

	// MaxBody bounds the body of a response for Reply, in bytes after decompression. A larger body is a
	// permanent failure. Default: 1 MB.
	MaxBody int64

	// FirstRetry is the time until the second attempt of a message, unless the response has a
	// Retry-After header. Each further attempt doubles it, up to MaxRetry. The actual time is between
	// half of it and all of it, at random. Defaults: 10 s and 15 min.
	FirstRetry, MaxRetry time.Duration

	// BreakAfter is the number of failures in a row after which the breaker opens. Default: 5.
	BreakAfter int

	// OpenFor is the time until an open breaker lets one call through. Default: 30 s.
	OpenFor time.Duration
}

const (
	defaultMaxBody = 1 << 20
	defaultReserve = time.Second
)

// config returns the options with their defaults. It panics if a value is negative.
func (o *Options[T]) config() *Options[T] {
	c := Options[T]{}
	if o != nil {
		c = *o
	}
	if !(c.Rate >= 0) || c.Burst < 0 || c.InFlight < 0 || c.BreakAfter < 0 {
		panic(fmt.Sprintf("adapter: New: Rate is %v, Burst %d, InFlight %d and BreakAfter %d; none may be negative", c.Rate, c.Burst, c.InFlight, c.BreakAfter))
	}
	c.Client = withDefaults(c.Client, c.InFlight)
	if c.Key == nil {
		c.Key = func(m *batch.Message[T]) string { return m.ID }
	}
	setDefault(&c.Timeout, 10*time.Second)
	setDefault(&c.Burst, 1)
	setDefault(&c.MaxBody, defaultMaxBody)
	setDefault(&c.FirstRetry, 10*time.Second)
	setDefault(&c.MaxRetry, 15*time.Minute)
	setDefault(&c.BreakAfter, 5)
	setDefault(&c.OpenFor, 30*time.Second)
	c.MaxRetry = min(c.MaxRetry, longestRetry)
	c.MaxBody = min(c.MaxBody, math.MaxInt64-1)
	return &c
}

func setDefault[N int | int64 | time.Duration](field *N, value N) {
	if *field <= 0 {
		*field = value
	}
}

// startBefore returns the time after which no call starts; zero if there is none.
func (o *Options[T]) startBefore(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	reserve := o.Reserve
	if reserve <= 0 {
		reserve = min(defaultReserve, time.Until(deadline)/2)
	}
	return deadline.Add(-reserve)
}
