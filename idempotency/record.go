package idempotency

import (
	"context"
	"time"
)

// Status is the state of a Record.
type Status string

// The states of a record, under the names of Powertools for AWS Lambda.
const (
	InProgress Status = "INPROGRESS"
	Completed  Status = "COMPLETED"
)

// Record is the value that a Store keeps for a key.
type Record struct {
	Key    string
	Status Status

	// Owner is the token of the execution that wrote the record. It is empty in a record of
	// another library.
	Owner string

	// Lease is the end of the lease of a record in progress, to the millisecond. Zero: unknown.
	Lease time.Time

	// Expiration is the end of the record's validity, to the second. Records of this package
	// always have one. Zero, in a record of another library: the record never expires.
	Expiration time.Time

	// Validation is a digest of the validated value. It is empty without Options.Validate.
	Validation string

	// Data is the result of a completed execution. It is JSON, or bytes of an Options.Codec.
	Data []byte
}

// Live reports whether the record is valid at now, by the clock of the caller. A record that is
// not live may be replaced.
func (r *Record) Live(now time.Time) bool {
	if !r.Expiration.IsZero() && r.Expiration.Before(now) {
		return false
	}
	return r.Status != InProgress || r.Lease.IsZero() || !r.Lease.Before(now)
}

// Store keeps records. Its methods may be called from several goroutines and processes at the same
// time. Each method is one atomic step. Calling it twice, as a client does that lost the first
// answer, has the same effect as calling it once. Package storetest checks this contract.
//
// A method may return any error if the store fails, whether or not the step was done. It is called
// again then, unless the error wraps ErrRefused. Methods do not need to retry.
// Options.StoreTimeout bounds each call.
type Store interface {
	// Begin writes r, which is in progress, unless the key has a record that is live at now. In
	// that case it returns the existing record and a nil error.
	Begin(ctx context.Context, r *Record, now time.Time) (existing *Record, err error)

	// Complete marks the record of r.Key as completed, with the expiration, validation and data
	// of r, if the record's owner is r.Owner. Otherwise it changes nothing and returns an
	// ErrLeaseLost. If the data does not fit, it changes nothing and returns an ErrTooLarge.
	Complete(ctx context.Context, r *Record) error

	// Extend sets the lease and the expiration of the record of r.Key to r.Lease and
	// r.Expiration, if the record's owner is r.Owner and it is in progress. Otherwise it changes
	// nothing and returns an ErrLeaseLost. If the record has a later lease already, r is a late
	// copy of an earlier call: Extend changes nothing and returns nil.
	Extend(ctx context.Context, r *Record) error

	// Delete removes the record of r.Key if the record's owner is r.Owner. Without a record it
	// does nothing. If the owner is different, it changes nothing and returns an
	// ErrLeaseLost.
	Delete(ctx context.Context, r *Record) error
}
