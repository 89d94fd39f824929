package lambdakit

import (
	"context"
	"sync/atomic"
	"time"
)

// Message is one record of a batch while its handler runs: a message of a queue, or a record of a
// stream. Package batch makes Messages. Logs and traces take their fields from it.
type Message struct {
	ID     string // the id that the service gave the record
	System string // the service: aws_sqs, aws_kinesis, aws_dynamodb, kafka or aws_firehose
	Source string // the name of the queue, stream, table or topic

	// Group is the part of the source that is processed in order: the message group of a FIFO
	// queue, the partition key of a Kinesis stream, the item of a table, or the partition of a
	// topic. In a standard queue with fair queues, it is the message group, and the order is not
	// kept.
	Group string

	CorrelationID string    // empty if none
	TraceHeader   string    // the X-Amzn-Trace-Id header of the sender; empty if none
	TraceParent   string    // the W3C traceparent of the sender; empty if none
	Sent          time.Time // zero if unknown
	Attempt       int       // 1 for the first delivery; 0 if the source does not count deliveries
	Index, Of     int       // the position in the batch, from 0, and the number of its records
}

// MessageFromContext returns the Message whose handler runs with ctx, or nil.
func MessageFromContext(ctx context.Context) *Message {
	if ctx == nil {
		return nil
	}
	m, _ := ctx.Value(messageKey).(*Message)
	return m
}

var messageKey = new(msgKey)

type msgKey struct{ _ byte }

// MessageObserver is a hook for each record of a batch. Records may be handled at the same time.
type MessageObserver interface {
	// BeginMessage is called before the handler of a record. The handler gets the context that
	// it returns, which must be derived from ctx.
	BeginMessage(ctx context.Context, m *Message) context.Context

	// EndMessage is called once, with the context of the handler. It is called when the
	// handler has returned or panicked, or when the batch stops waiting for the handler. err is nil
	// if the record is done.
	EndMessage(ctx context.Context, m *Message, err error)
}

// BatchObserver is a hook for the end of a batch.
type BatchObserver interface {
	// EndBatch is called after the last EndMessage, with the context of the invocation.
	EndBatch(ctx context.Context, r BatchResult)
}

// BatchResult counts the records of a batch by their outcome.
type BatchResult struct {
	Records     int // all records of the batch
	Failed      int // failed; the source delivers them again
	DeadLetters int // failed permanently; a dead-letter queue has them
	Unprocessed int // not started; the source delivers them again
}

// OnMessage registers a hook for the records of the batch that the invocation handles. Call it in a
// Middleware, before the Middleware calls next.
func (inv *Invocation) OnMessage(o MessageObserver) {
	inv.mu.Lock()
	if inv.observers == nil {
		inv.observers = inv.observerBuf[:0]
	}
	inv.observers = append(inv.observers, o)
	inv.mu.Unlock()
}

// OnBatch registers a hook for the end of the batch that the invocation handles. Call it in a
// Middleware, before the Middleware calls next.
func (inv *Invocation) OnBatch(o BatchObserver) {
	inv.mu.Lock()
	u := inv.writeUncommon()
	u.batchObservers = append(u.batchObservers, o)
	inv.mu.Unlock()
}

// allObservers returns the hooks of OnMessage and OnBatch. inv may be nil.
func (inv *Invocation) allObservers() ([]MessageObserver, []BatchObserver) {
	if inv == nil {
		return nil, nil
	}
	inv.mu.Lock()
	messages, batches := inv.observers, inv.readUncommon().batchObservers
	inv.mu.Unlock()
	return messages, batches
}

// BeginMessage begins the handling of a record. It calls the hooks of [Invocation.OnMessage]. It
// returns the context for the handler of the record, and a function. Call that function with the
// error of the handler; only its first call counts. Package batch calls BeginMessage for each
// record, and your own loop over records can call it, too.
//
// Outside an invocation, BeginMessage only adds m to the context.
func BeginMessage(ctx context.Context, m *Message) (context.Context, func(error)) {
	observers, _ := FromContext(ctx).allObservers()
	b := &begun{Context: ctx, message: m, observers: observers}
	ctx = b
	for _, o := range b.observers {
		ctx = b.begin(ctx, o)
	}
	b.handlers = ctx
	return ctx, b.end
}

// begun is a record whose handler runs, and the context that carries its Message.
type begun struct {
	context.Context
	message   *Message
	observers []MessageObserver
	handlers  context.Context // of the handler, derived by all observers
	ended     atomic.Bool
}

// Value returns the Message of the record.
func (b *begun) Value(key any) any {
	if key == messageKey {
		return b.message
	}
	return b.Context.Value(key)
}

func (b *begun) begin(ctx context.Context, o MessageObserver) (derived context.Context) {
	derived = ctx
	defer recoverHook("BeginMessage hook of a middleware")
	if c := o.BeginMessage(ctx, b.message); c != nil {
		derived = c
	}
	return derived
}

func (b *begun) end(err error) {
	if b.ended.Swap(true) {
		return
	}
	for i := len(b.observers) - 1; i >= 0; i-- {
		b.endOne(i, err)
	}
}

func (b *begun) endOne(i int, err error) {
	defer recoverHook("EndMessage hook of a middleware")
	b.observers[i].EndMessage(b.handlers, b.message, err)
}

// EndBatch calls the hooks of [Invocation.OnBatch] with the result of a batch. Package batch calls
// it. Outside an invocation, EndBatch does nothing.
func EndBatch(ctx context.Context, r BatchResult) {
	_, observers := FromContext(ctx).allObservers()
	for _, o := range observers {
		endBatch(ctx, o, r)
	}
}

func endBatch(ctx context.Context, o BatchObserver, r BatchResult) {
	defer recoverHook("EndBatch hook of a middleware")
	o.EndBatch(ctx, r)
}
