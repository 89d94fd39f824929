package eventsource

import (
	"encoding/json"
	"time"
)

// Message is a message of a queue, or a record of a stream. A field is for all kinds of sources
// unless its comment names some.
type Message struct {
	// ID is the messageId of SQS and the eventID of DynamoDB. For Kinesis and Kafka it is a name in
	// outcomes. The default is made from the position.
	ID   string
	Body string // not DynamoDB: the payload, which streams encode in base64

	Group             string            // SQS: the message group. FIFO: default "default"
	Dedup             string            // FIFO: the deduplication id; default: the ID
	Attributes        map[string]string // SQS: system attributes that a sender sets, such as AWSTraceHeader
	MessageAttributes map[string]string // SQS: attributes of type String
	Received          int               // SQS: how often it was received before

	Key       string   // Kinesis: the partition key; default: the position. Kafka: the key; empty: none
	Partition *int     // Kafka; default: by the key, 0 without a key
	Headers   []Header // Kafka
	Tombstone bool     // Kafka: a record without a value

	Change *Change // DynamoDB

	Line int // in the file that it comes from, for errors; 0: unknown
}

// Header is a header of a Kafka record.
type Header struct{ Name, Value string }

// Change is a change of a DynamoDB item. Keys and images are JSON objects of attribute values.
type Change struct {
	Event          string          // INSERT, MODIFY or REMOVE; default: by the images
	Keys, New, Old json.RawMessage // New and Old may be nil
}

// State is the place of a message.
type State int

// A message is in one of these states at any time.
const (
	Waiting  State = iota // in the source, to be sent for the first time or again
	InFlight              // in an invocation
	Done                  // deleted from the queue, or passed by the checkpoint of its shard
	Dead                  // in the dead-letter queue or the on-failure destination
)

func (s State) String() string { return [...]string{"waiting", "in flight", "done", "dead letter"}[s] }

// record is a message and its state.
type record struct {
	Message
	index    int
	id       string // that reports it; Kafka has partition and offset instead
	name     string // in outcomes and reasons
	size     int    // bytes of its JSON in an event, at most
	state    State
	attempts int
	reason   string // why it last failed, or a remark

	// Queues.
	visible time.Time // not delivered before
	first   time.Time // its first delivery

	// Streams.
	key    string // Kinesis: Key or its default
	shard  *shard
	offset int // in its shard
}
