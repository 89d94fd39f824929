package batch

import "context"

// DeadLetterQueue takes over records that failed permanently. Package deadletter of the module aws
// sends them to an SQS queue.
type DeadLetterQueue interface {
	// Send takes over letters. It returns one error for each letter, which is nil if the letter was
	// taken over. It may return a nil slice if all letters were taken over. The record of a letter
	// that was not taken over comes again.
	//
	// Records of a standard queue are sent together, after the last handler has returned. Other
	// records are sent one by one, each before the next record of the same group starts.
	Send(ctx context.Context, letters []Letter) []error
}

// Letter is a record that failed permanently.
type Letter struct {
	Record *Record
	Reason error // the error of the handler or the Decoder
}

// DeadLetterFunc is a function as a [DeadLetterQueue]. It is called for one letter at a time.
type DeadLetterFunc func(ctx context.Context, l Letter) error

// Send implements DeadLetterQueue.
func (f DeadLetterFunc) Send(ctx context.Context, letters []Letter) []error {
	errs := make([]error, len(letters))
	for i, l := range letters {
		errs[i] = f(ctx, l)
	}
	return errs
}
