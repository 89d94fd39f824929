package idempotency

import (
	"context"
	"time"
)

// Options configures an [Guard]. A nil *Options, and every zero field, means the
// default.
type Options struct {
	// Key picks what identifies an event. Default: all of it.
	Key *Expression

	// KeyFunc computes what identifies an event instead, such as an order's id; empty
	// means that there is none. It must not keep the event, nor change it.
	KeyFunc func(event []byte) (string, error)

	// RunWithoutKey makes an event that has no key run each time it comes, with one report
	// to OnError. Default: it is an ErrNoKey. An event on which Key fails is an ErrEvent
	// either way: powertools_json(body) fails where there is no body, or one that is not JSON.
	RunWithoutKey bool

	// Disabled makes every call run, duplicates too: for a developer's machine and for tests.
	// Default: POWERTOOLS_IDEMPOTENCY_DISABLED, with a report to OnError if it is true.
	Disabled *bool

	// Prefix of the keys in the store, before the "#". Calls with the same prefix and key
	// are duplicates of each other. Set it where a function may be renamed. Default:
	// AWS_LAMBDA_FUNCTION_NAME; needed where there is none, unless the store is nil: then
	// it is "local". The tenant of an invocation, if ctx is the context of one with a tenant,
	// is added after a slash. "/", "#" and "%" in a Prefix are escaped, except with PythonKey
	// and TypeScriptKey. TypeScriptKey removes white space around it.
	Prefix string

	// Digest computes keys from what was picked. Default: SHA-256 over the JSON
	// canonicalization scheme of RFC 8785, in hexadecimal. PythonKey and TypeScriptKey are
	// others.
	Digest *Digest

	// Validate picks what must not differ between calls with one key. A record that was
	// written without it differs. Default: nothing.
	Validate *Expression

	// ExpiresAfter is how long a completed record stands, to the second; a second at least.
	// Default: 1 hour.
	ExpiresAfter time.Duration

	// Lease is how long a run may take that has no deadline in its context, from when its
	// record is asked for. Default: 15 minutes, the most that Lambda gives a function. One
	// that takes longer extends it: Execution.Extend.
	Lease time.Duration

	// LeaseMargin is how much longer than the deadline the lease lasts. It is the bound
	// on the difference between clocks up to which no live run is taken over. Default:
	// 1 s. Negative: none.
	LeaseMargin time.Duration

	// Wait is how long a call waits for the answer of another that runs with the same
	// key, and until 100 ms before the deadline of its own context at most. It asks the
	// store after 20 ms, then after twice as long each time, up to a second: 10 s are 15
	// to 20 requests. Default: not at all.
	Wait time.Duration

	// Final has, by name, the errors that are answers: a run that returns one (errors.Is)
	// is completed, and its duplicates get a *StoredError. The names are stored; of several
	// that match, the first in the order of names is. Default: none; every error deletes
	// the record.
	Final map[string]error

	// CacheRecords and CacheBytes bound a cache of completed records in this process; what
	// was used longest ago makes room. Defaults: 0, which is no cache, and 4 MiB.
	CacheRecords int
	CacheBytes   int

	// Codec, for instance one that compresses or encrypts, stands between results and
	// the store. A record of another Codec, one that was written with a Codec if there is
	// none now, and one that was written without, is an ErrCodec for its duplicates.
	// Default: none.
	Codec Codec

	// OnReplay is called before a duplicate gets a stored answer, which it may amend.
	OnReplay func(ctx context.Context, r *Replay)

	// OnError is told what went wrong where the caller is not: a store that cannot be
	// reached after the work is done, a result that cannot be stored. Default: one line
	// of JSON on os.Stderr each, at most ten a minute.
	OnError func(error)

	// StoreTimeout bounds one request to the store, also if the store does not heed its
	// context. A request that fails, or is not answered, is sent again: a Begin for up to
	// three times StoreTimeout and for half of the time that its context has left, a
	// Complete or a Delete for as long as CleanupTimeout says. An error that wraps
	// ErrRefused is not tried again. Default: 1 s.
	StoreTimeout time.Duration

	// CleanupTimeout bounds how long completing or deleting the record of a run may take
	// with all attempts. The context of the run does not bound it. Default: as long as the
	// lease lasts, and until 100 ms before the deadline of the invocation.
	CleanupTimeout time.Duration

	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Codec changes results on their way to the store and back. It may be called from several
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
