package eventsource

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// MaxEvent is the size limit of an event in bytes (Lambda quotas, invocation payload).
const MaxEvent = 6 << 20

// maxRecords is the size of the records of an event, whose own members take the rest.
const maxRecords = MaxEvent - 4<<10

// Options are the settings of a mapping and its source.
type Options struct {
	Name        string // of the queue, stream, table or topic; default "orders". FIFO: the suffix .fifo may be left out
	Region      string // default "us-east-1"
	BatchSize   int    // messages of an invocation; default as Kind.BatchSize says
	Concurrency int    // invocations at the same time; default 1
	Shards      int    // of a stream, partitions of a topic; default 1

	// MaxAttempts is how often a message is delivered before it is given up: the maxReceiveCount of
	// a queue, the MaximumRetryAttempts of a stream and one more. 0: without limit.
	MaxAttempts int

	// Visibility is the visibility timeout of a queue; default 30 s.
	Visibility time.Duration

	// ReportFailures is the ReportBatchItemFailures of the mapping. As on AWS, answers are ignored
	// by default.
	ReportFailures bool

	// Bisect is the BisectBatchOnFunctionError of a stream.
	Bisect bool
}

// Token names an invocation.
type Token int

// Invocation is an invocation to make.
type Invocation struct {
	Token    Token // counts from 1
	Event    []byte
	Messages []int // the indexes of its messages
}

// Mapping is an event source mapping with its source. It is not safe for concurrent use.
type Mapping struct {
	kind     Kind
	opts     Options
	start    time.Time
	records  []*record
	source   source
	inflight map[Token]*batch
	last     Token
}

// batch is the messages of an invocation.
type batch struct {
	records []*record
	pieces  []*piece // of streams
}

// source is a queue or a stream.
type source interface {
	// receive returns the next batch, or nil.
	receive(now time.Time) *batch
	// settle applies the outcome of a batch.
	settle(b *batch, now time.Time, v verdict)
	// wake returns the next time after now at which a waiting message becomes visible.
	wake(now time.Time) (time.Time, bool)
}

// New returns a mapping of a source that has received the messages until now. The error says
// which message or option AWS would refuse.
func New(kind Kind, now time.Time, messages []Message, o *Options) (*Mapping, error) {
	m := &Mapping{kind: kind, start: now, inflight: make(map[Token]*batch)}
	if o != nil {
		m.opts = *o
	}
	size, most := kind.BatchSize()
	m.opts.Name = cmp.Or(m.opts.Name, "orders")
	if kind == FIFO && !strings.HasSuffix(m.opts.Name, ".fifo") {
		m.opts.Name += ".fifo" // Lambda and functions know the kind by it
	}
	m.opts.Region = cmp.Or(m.opts.Region, "us-east-1")
	m.opts.BatchSize = cmp.Or(m.opts.BatchSize, size)
	m.opts.Concurrency = max(m.opts.Concurrency, 1)
	m.opts.Shards = max(m.opts.Shards, 1)
	m.opts.Visibility = cmp.Or(m.opts.Visibility, 30*time.Second)
	if m.opts.BatchSize < 1 || m.opts.BatchSize > most {
		return nil, fmt.Errorf("a batch of %d messages is not possible: the size is 1 to %d for %v", m.opts.BatchSize, most, kind)
	}
	for i := range messages {
		m.records = append(m.records, &record{Message: messages[i], index: i})
	}
	if err := m.prepare(); err != nil {
		return nil, err
	}
	if kind.IsQueue() {
		m.source = newQueue(m)
	} else {
		m.source = newStream(m)
	}
	for _, r := range m.records {
		// Counts and times of later deliveries may be longer.
		r.size = len(m.encodeRecord(r)) + 100
		if r.size > maxRecords {
			return nil, fmt.Errorf("%s does not fit into an event of %d bytes", r.where(), MaxEvent)
		}
	}
	return m, nil
}

// Next returns the invocations that begin now: as many as the source, the order of its messages
// and Options.Concurrency allow.
func (m *Mapping) Next(now time.Time) []Invocation {
	var list []Invocation
	for len(m.inflight) < m.opts.Concurrency {
		b := m.source.receive(now)
		if b == nil {
			break
		}
		m.last++
		inv := Invocation{Token: m.last}
		for _, r := range b.records {
			r.state = InFlight
			r.attempts++
			if r.attempts == 1 {
				r.first = now
			}
			inv.Messages = append(inv.Messages, r.index)
		}
		inv.Event = m.event(b)
		m.inflight[m.last] = b
		list = append(list, inv)
	}
	return list
}

// Done applies the outcome of an invocation: the function's response, or the error of an
// invocation that failed. A token that is not in flight changes nothing.
func (m *Mapping) Done(now time.Time, token Token, response []byte, err error) {
	b := m.inflight[token]
	if b == nil {
		return
	}
	delete(m.inflight, token)
	m.source.settle(b, now, m.judge(b, response, err))
}

// Wake returns the next time after now at which Next may have more to begin although no
// invocation ends: a visibility timeout ends. It reports false if there is none.
func (m *Mapping) Wake(now time.Time) (time.Time, bool) { return m.source.wake(now) }

// Run makes all invocations, one after another, and returns the time at the end: handle takes no
// time, and the clock moves over visibility timeouts. It does not end if Options.MaxAttempts is 0
// and a message fails again and again.
func (m *Mapping) Run(now time.Time, handle func(event []byte) ([]byte, error)) time.Time {
	for {
		list := m.Next(now)
		for _, inv := range list {
			response, err := handle(inv.Event)
			m.Done(now, inv.Token, response, err)
		}
		if len(list) > 0 {
			continue
		}
		at, ok := m.Wake(now)
		if !ok {
			return now
		}
		now = at
	}
}

// Outcome is the state of a message.
type Outcome struct {
	ID       string // Message.ID; by default the messageId, the end of the sequence number, or partition and offset
	Group    string // SQS: the group. Kinesis, Kafka: the key. DynamoDB: the keys
	State    State
	Blocked  bool // it waits for a message before it, which failed
	Attempts int
	Reason   string // why it last failed, or a remark on its end; empty: none
}

// Outcomes returns the states of all messages in the order in which New got them.
func (m *Mapping) Outcomes() []Outcome {
	list := make([]Outcome, len(m.records))
	failing := make(map[any]bool) // groups and shards with a message that comes again
	for i, r := range m.records {
		lane := r.lane(m.kind)
		list[i] = Outcome{
			ID:       r.name,
			Group:    cmp.Or(r.Group, r.Key),
			State:    r.state,
			Blocked:  r.state == Waiting && failing[lane],
			Attempts: r.attempts,
			Reason:   r.reason,
		}
		if r.Change != nil {
			list[i].Group = string(r.Change.Keys)
		}
		if lane != nil && (r.state == Waiting && r.attempts > 0 || r.state == InFlight && r.attempts > 1) {
			failing[lane] = true
		}
	}
	return list
}

// lane returns the group of a FIFO queue or the shard that keeps the order of r, nil if nothing
// does.
func (r *record) lane(kind Kind) any {
	switch kind {
	case SQS:
		return nil
	case FIFO:
		return r.Group
	}
	return r.shard
}
