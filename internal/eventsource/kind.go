package eventsource

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is the kind of an event source.
type Kind int

// The kinds of event sources.
const (
	SQS      Kind = iota // a standard queue
	FIFO                 // an SQS FIFO queue
	Kinesis              // a data stream
	DynamoDB             // the stream of a table
	Kafka                // a topic, of Amazon MSK
)

var kindNames = []string{"sqs", "fifo", "kinesis", "dynamodb", "kafka"}

func (k Kind) String() string { return kindNames[k] }

// ParseKind returns the kind of a name that String returns.
func ParseKind(name string) (Kind, error) {
	i := slices.Index(kindNames, name)
	if i < 0 {
		return 0, fmt.Errorf("%q is not one of %s", name, strings.Join(kindNames, ", "))
	}
	return Kind(i), nil
}

// IsQueue reports whether the source is an SQS queue.
func (k Kind) IsQueue() bool { return k == SQS || k == FIFO }

// BatchSize returns the default of a mapping's batch size, and the most that Lambda allows.
func (k Kind) BatchSize() (normal, most int) {
	switch k {
	case SQS:
		return 10, 10_000
	case FIFO:
		return 10, 10
	}
	return 100, 10_000
}
