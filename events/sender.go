package events

import (
	"cmp"
	"context"
	"fmt"
)

// Sender sends events to a service. Several goroutines may use it at the same time.
type Sender interface {
	// Limits returns what the service takes in a request.
	Limits() Limits

	// Send makes one request with the entries, which are within the limits. It returns an error for
	// each entry, nil if the service has it; no errors at all mean that the service has all
	// entries. An error that another attempt may change is marked by [Transient]. Send must return when
	// ctx ends.
	Send(ctx context.Context, entries []Entry) []error
}

// Entry is an event as a [Sender] gets it.
type Entry struct {
	Metadata
	Body        []byte // JSON, in the envelope of the [Bus]
	TraceHeader string // the X-Amzn-Trace-Id header of the publisher; empty if none
}

// group returns the name of the group that keeps its order. An event without a Group is alone in a group
// with its id.
func (e *Entry) group() string { return cmp.Or(e.Group, e.ID) }

// Limits are the limits of a service. A field that is 0 means no limit.
type Limits struct {
	Entries    int              // of a request
	Bytes      int              // of all entries of a request
	EntryBytes int              // of an entry; at most Bytes
	Size       func(*Entry) int // the bytes that count for an entry; nil: those of Body

	// KeepOrder says that the service keeps the order of a group. Then a request has at most one
	// entry of a group, so that a failed entry does not come behind a later one.
	KeepOrder bool
}

func (l *Limits) size(e *Entry) int {
	if l.Size != nil {
		return l.Size(e)
	}
	return len(e.Body)
}

// check returns an error for an entry that does not fit into a request.
func (l *Limits) check(e *Entry) error {
	n := l.size(e)
	for _, most := range [...]int{l.EntryBytes, l.Bytes} {
		if most > 0 && n > most {
			return fmt.Errorf("%w: it has %d bytes, and the service takes %d", ErrTooLarge, n, most)
		}
	}
	return nil
}
