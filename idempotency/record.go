package idempotency

import (
	"context"
	"time"
)

// Status is the state of a Record.
type Status string

// The states that are stored, under the names that Powertools for AWS Lambda gave them.
const (
	InProgress Status = "INPROGRESS"
	Completed  Status = "COMPLETED"
)

// Record is what is stored under a key.
type Record struct {
	Key    string
	Status Status

	// Owner is the token of the run that wrote the record, empty in one that another
	// library wrote.
	Owner string

	// Lease is until when the owner of a record in progress may run, to the
	// millisecond; zero where that is not known.
	Lease time.Time

	// Expiration is from when on the record counts for nothing, to the second. Records
	// that this package writes have one; zero, in one that another library wrote: never.
	Expiration time.Time

	// Validation is a digest of the payload, empty where it is not validated.
	Validation string

	// Data is the result of a completed run: JSON, unless Options.Codec made something
	// else of it.
	Data []byte
}

// Live reports whether the record counts at a time, by the clock of whoever asks: one that
// does not may be replaced.
func (r *Record) Live(now time.Time) bool {
	if !r.Expiration.IsZero() && r.Expiration.Before(now) {
		return false
	}
	return r.Status != InProgress || r.Lease.IsZero() || !r.Lease.Before(now)
}

// Store keeps records. It may be called from several goroutines, and by several processes at
// once. Each method is one atomic step, and doing it twice, as a client does that lost the
// answer to the first attempt, is like doing it once. Package storetest checks all of it.
//
// Methods may return any error for trouble with the store, having or not having done their
// work. They are called again then, unless the error wraps ErrRefused. A method need not
// retry by itself. Options.StoreTimeout bounds each call.
type Store interface {
	// Begin writes r, which is in progress, unless there is a record of its key that is
	// live at now. That one it returns instead, with a nil error.
	Begin(ctx context.Context, r *Record, now time.Time) (existing *Record, err error)

	// Complete makes the record of r's key completed, with the expiration, validation and
	// data of r, if its owner is r's owner; else it returns an ErrLeaseLost and changes
	// nothing. Where the data does not fit it returns an ErrTooLarge and changes nothing.
	Complete(ctx context.Context, r *Record) error

	// Extend sets the lease and expiration of the record of r's key to those of r, if its
	// owner is r's owner and it is in progress; else it returns an ErrLeaseLost and
	// changes nothing. It never shortens a lease: where that is later already, it changes
	// nothing and returns nil, since r then is a copy of an earlier call that arrives late.
	Extend(ctx context.Context, r *Record) error

	// Delete removes the record of r's key if its owner is r's owner. Where there is
	// none it does nothing; where there is one of another owner it returns an
	// ErrLeaseLost and changes nothing.
	Delete(ctx context.Context, r *Record) error
}
