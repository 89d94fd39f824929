package params

import "time"

// Options configures a [Cache]. A nil *Options, and every zero field, means the default. A field
// wins over the environment variable named with it.
type Options struct {
	// MaxAge is the age at which a value is fetched again. The Cache subtracts up to a tenth
	// at random, so that values that were fetched together are not fetched again together.
	// Default: POWERTOOLS_PARAMETERS_MAX_AGE in seconds, else 5 minutes. Negative: every call
	// fetches.
	MaxAge time.Duration

	// MaxStale bounds how much older than MaxAge a stale value may be. Calls get a stale
	// value if fetching fails or takes longer than StaleWait. Default: 24 hours. Negative:
	// calls never get a stale value.
	MaxStale time.Duration

	// StaleWait bounds the wait for a refresh if a stale value can be served. A call waits
	// until the fetch is StaleWait old, but at most a quarter of the time left in its
	// context. Then it gets the stale value, and the fetch continues. If the source does not
	// answer, each further fetch gets half the time of the one before, down to an eighth.
	// 30 seconds after the last of them, a fetch gets the whole time again. Calls of Fresh
	// ignore it. Default: 500 ms. Negative: calls wait until their contexts are done.
	StaleWait time.Duration

	// NotFoundAge is how long the Cache remembers that a parameter does not exist.
	// Default: 10 seconds. Negative: not at all.
	NotFoundAge time.Duration

	// RefreshAhead starts a fetch in the background if a call gets a value that expires
	// within this time. The call does not wait. It must be less than nine tenths of MaxAge.
	// Default: no fetch ahead of time.
	RefreshAhead time.Duration

	// FetchTimeout bounds one request of the source. A request is for one parameter, for up
	// to 200 parameters of Many and Load, for a path, or for one page of a path if the source
	// is a PagedSource. It continues if its callers leave. If a request is older than
	// FetchTimeout by Now, Lambda froze the execution environment meanwhile: the next call
	// starts another request. Default: 10 seconds.
	FetchTimeout time.Duration

	// MaxRecords and MaxBytes bound the cache. It evicts the least recently used values. It
	// does not cache a value larger than MaxBytes. Defaults: 1000 and 4 MiB.
	MaxRecords int
	MaxBytes   int

	// OnError gets an error in two cases. Default: it writes a line of JSON to os.Stderr, at
	// most ten a minute.
	//
	//   - Calls get a stale value, because its refresh failed or took longer than StaleWait:
	//     one error for each name and outage.
	//   - Fresh cannot bypass the source's own cache: one error.
	OnError func(error)

	// Now is the clock. Default: time.Now. Ages use the wall clock, because the monotonic
	// clock stops while Lambda freezes the execution environment.
	Now func() time.Time
}

const (
	defaultMaxAge       = 5 * time.Minute
	defaultMaxStale     = 24 * time.Hour
	defaultStaleWait    = 500 * time.Millisecond
	defaultNotFoundAge  = 10 * time.Second
	defaultFetchTimeout = 10 * time.Second
	defaultMaxRecords   = 1000
	defaultMaxBytes     = 4 << 20
)

// minBackoff is the time between the first two attempts to refresh a value during an outage.
// It doubles up to maxBackoff.
const (
	minBackoff = time.Second
	maxBackoff = 30 * time.Second
)
