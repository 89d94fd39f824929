package idempotency

import (
	"context"
	"time"
)

// Options configures a [Guard]. A nil *Options, and every zero field, means the default.
type Options struct {
	// Key picks the value that identifies an event. Default: the whole event.
	Key *Expression

	// KeyFunc computes the value that identifies an event, for instance the id of an order. It
	// replaces Key. An empty string means that the event has no key. KeyFunc must not keep or
	// change the event.
	KeyFunc func(event []byte) (string, error)

	// RunWithoutKey lets events without a key run, each time that they arrive. OnError gets one
	// report. Default: such an event is an ErrNoKey. If Key fails for an event, the error is an
	// ErrEvent in both cases: powertools_json(body) fails if the body is missing or not JSON.
	RunWithoutKey bool

	// Disabled lets every call run, duplicates too. It is meant for tests and a developer's
	// machine. Default: POWERTOOLS_IDEMPOTENCY_DISABLED; if that is true, OnError gets a report.
	Disabled *bool

	// Prefix is the part of a key in front of "#". Two calls with the same prefix and key are
	// duplicates. Set it if the function may be renamed. Default: AWS_LAMBDA_FUNCTION_NAME; if
	// that is unset, "local" outside Lambda; in Lambda New fails. If the invocation has a
	// tenant, a slash and the tenant's id follow the prefix. "/", "#" and "%" are escaped, except
	// with PythonKey and TypeScriptKey. TypeScriptKey removes white space around the prefix.
	Prefix string

	// Digest computes the part of a key behind "#". Default: SHA-256, in hexadecimal, of the
	// canonical JSON of RFC 8785. PythonKey and TypeScriptKey return others.
	Digest *Digest

	// Validate picks a value that must be equal in all calls with one key, such as the total of
	// an order. A record that was written without Validate counts as different. Default: nothing
	// is validated.
	Validate *Expression

	// ExpiresAfter (TTL) is how long a completed record is valid, in whole seconds. At least 1 s.
	// Default: 1 hour.
	ExpiresAfter time.Duration

	// Lease is how long a function may run if its context has no deadline. It starts with the
	// request for the record. A function that takes longer calls Execution.Extend. Default: 15
	// minutes, the longest timeout of a Lambda function.
	Lease time.Duration

	// LeaseMargin is how much longer than the deadline the lease lasts. No live execution is
	// taken over if no two clocks differ by more than LeaseMargin. Default: 1 s. Negative: no
	// margin.
	LeaseMargin time.Duration

	// Wait is how long a call waits for the answer of another call with the same key. It ends
	// 100 ms before the deadline of the call's context. The store is asked after 20 ms, then at
	// intervals that double up to 1 s: 15 to 20 requests in 10 s. Default: a call does not wait.
	Wait time.Duration

	// Final has the errors that are answers, by name. If a function returns such an
	// error (errors.Is), its record is completed, and duplicates get a *StoredError. The record contains
	// the name; if several errors match, it is the first name in alphabetical order. Default: no
	// errors; every error deletes the record.
	Final map[string]error

	// MaxCacheRecords and MaxCacheBytes bound a cache of completed records in this process. The least
	// recently used record is removed first. Defaults: 0, which disables the cache, and 4 MiB.
	MaxCacheRecords int
	MaxCacheBytes   int

	// Codec encodes results for the store, for instance compressed or encrypted. A record of
	// another Codec is an ErrCodec for its duplicates, and so is a record with a Codec if Codec is
	// nil, or without one if it is set. Default: results are stored as JSON.
	Codec Codec

	// OnReplay is called before a duplicate gets a stored answer. It may change the answer.
	OnReplay func(ctx context.Context, r *Replay)

	// OnError gets the errors that the caller does not get, for instance a result that cannot be
	// stored, or a record that could not be completed. Default: each is one line of JSON on
	// os.Stderr, at most ten a minute.
	OnError func(error)

	// StoreTimeout bounds one request to the store, also if the store ignores its context. Failed
	// requests are sent again:
	//
	//   - Begin for up to three times StoreTimeout, and for at most half of the time that is left
	//     to the context of the call
	//   - Complete and Delete for as long as CleanupTimeout allows
	//
	// An error that wraps ErrRefused is not retried. Default: 1 s.
	StoreTimeout time.Duration

	// CleanupTimeout bounds Complete or Delete at the end of an execution, with all attempts. The
	// context of the call does not bound them. Default: the end of the lease, and 100 ms before
	// the deadline of the invocation.
	CleanupTimeout time.Duration

	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Codec encodes results for the store and decodes them. Its methods may be called from several
// goroutines.
type Codec interface {
	Encode(result []byte) ([]byte, error)
	Decode(stored []byte) ([]byte, error)
}

const (
	defaultExpiresAfter = time.Hour
	defaultLease        = 15 * time.Minute
	defaultLeaseMargin  = time.Second
	defaultCacheBytes   = 4 << 20
	defaultStoreTimeout = time.Second
)
