package batch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Options configures the handling of a batch. A nil *Options, and every zero field, means the
// default.
type Options struct {
	// Concurrency is the number of records that are handled at the same time. Records of the same
	// message group, partition key, item or partition stay in order. Default: 1.
	Concurrency int

	// Decoder decodes the payload of a record into the body of its Message. Default: [JSON].
	// [DynamoDB] does not use it.
	Decoder Decoder

	// Unwrap lists the envelopes that are removed from a payload before it is decoded. Their order
	// in the list does not matter. A payload without an envelope is decoded as it is. Default:
	// none.
	Unwrap []Envelope

	// CorrelationID returns the correlation id of a record. Default: the value of the message
	// attribute or header correlation_id, correlationId, correlation-id or x-correlation-id, in
	// upper or lower case. A panic in it is recovered and logged.
	CorrelationID func(r *Record) string

	// StopGroups makes the first failure in a batch of a FIFO queue stop the other message groups,
	// too. By default only the group of the failed message stops.
	StopGroups bool

	// Order says which records of a Kinesis or DynamoDB stream are handled one after the other.
	Order Order

	// Reserve is the time before the deadline of the invocation at which the batch stops. Default:
	// 15 % of the time left at the start, at least 500 ms and at most 5 s, but never more than half
	// of the time left. The default is also used, with a warning, if no more than Reserve is left.
	Reserve time.Duration

	// DeadLetters takes over records that failed permanently: see [Permanent]. Default: such
	// records are reported like other failures.
	DeadLetters DeadLetterQueue

	// OnFailure is called if a record failed and comes again: its handler returned an error or
	// panicked, or the record could not be decoded. Several goroutines may call it at the same
	// time. Package visibility of the module aws has such a function. A panic in it is recovered
	// and logged.
	OnFailure func(ctx context.Context, r *Record, err error)

	// ErrorIfAllFail makes the function return an error if no message of a queue is done, or if all
	// records of a stream failed. The records come again with and without the error. With the
	// error, Lambda also counts the invocation as failed, slows down the mapping of a queue, and
	// can split the batch of a stream.
	ErrorIfAllFail bool

	// PropagatePanics makes a panic of a handler end the invocation, and thus the process, after the
	// handlers that run have returned. The whole batch comes again, so records of a standard queue are
	// not sent to DeadLetters. By default a panic is the failure of its record.
	PropagatePanics bool
}

// Order says which records of a stream are handled one after the other.
type Order int

const (
	ByKey     Order = iota // records with the same partition key, or of the same table item
	ByShard                // all records of a batch
	Unordered              // no records
)

// config is the options of a function, with their defaults.
type config struct {
	Options

	tooLong sync.Once // the warning of Reserve
}

// config returns the options with their defaults. It panics if a value is invalid.
func (o *Options) config(caller string) *config {
	c := new(config)
	if o != nil {
		c.Options = *o
	}
	switch {
	case c.Concurrency < 0:
		panic(fmt.Sprintf("batch: %s: Options.Concurrency is %d; give 0 for one record at a time, or the number of records", caller, c.Concurrency))
	case c.Reserve < 0:
		panic(fmt.Sprintf("batch: %s: Options.Reserve is %v; give 0 for the default, or a time", caller, c.Reserve))
	case c.Order < ByKey || c.Order > Unordered:
		panic(fmt.Sprintf("batch: %s: Options.Order is %d; give ByKey, ByShard or Unordered", caller, c.Order))
	}
	for _, e := range c.Unwrap {
		if !e.known() {
			panic(fmt.Sprintf("batch: %s: Options.Unwrap has %q, which is no Envelope of this package", caller, string(e)))
		}
	}
	c.Concurrency = max(c.Concurrency, 1)
	if c.Decoder == nil {
		c.Decoder = JSON
	}
	return c
}

const (
	minReserve   = 500 * time.Millisecond
	maxReserve   = 5 * time.Second
	reserveShare = 0.15
)

// reserve returns the time before the deadline at which the batch stops. lambdakit's warning of a near
// deadline comes later, so a batch that stops in time does not cause it.
func (c *config) reserve(ctx context.Context, left time.Duration) time.Duration {
	usual := min(max(time.Duration(reserveShare*float64(left)), minReserve), maxReserve, left/2)
	switch {
	case c.Reserve == 0:
		return usual
	case c.Reserve < left || left <= 0:
		return c.Reserve
	}
	c.tooLong.Do(func() {
		slog.WarnContext(ctx, "batch: Options.Reserve leaves no time for the records, so the default is used; give a shorter Reserve, or the function a longer timeout",
			"reserve", c.Reserve.String(), "left", left.String())
	})
	return usual
}
