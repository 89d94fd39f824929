package batch

import "context"

// DeadLetterQueue takes over records that failed permanently. Package deadletter of the module aws
// sends them to an SQS queue.
type DeadLetterQueue interface {
	// Send takes over letters. It returns an error for each letter, nil for one that was taken
	// over; or no slice at all if all were. A record that was not taken over comes again.
	//
	// Records of a standard queue are sent together after the last handler returned. Records whose
	// order counts are sent at once, before the next one of the same group.
	Send(ctx context.Context, letters []Letter) []error
}

// Letter is a record that failed permanently.
type Letter struct {
	Record *Record
	Reason error // of the handler or the Decoder
}

// DeadLetterFunc is a [DeadLetterQueue] that is called with one letter at a time.
type DeadLetterFunc func(ctx context.Context, l Letter) error

// Send implements DeadLetterQueue.
func (f DeadLetterFunc) Send(ctx context.Context, letters []Letter) []error {
	errs := make([]error, len(letters))
	for i, l := range letters {
		errs[i] = f(ctx, l)
	}
	return errs
}
