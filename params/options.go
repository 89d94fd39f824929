package params

import "time"

// Options configures a [Store]. A nil *Options, and every zero field, means the default.
// What a field says wins over the environment variable named with it.
type Options struct {
	// MaxAge is how old a value gets before it is fetched again, less up to a tenth,
	// so that what was fetched together is not fetched again at once. Default:
	// POWERTOOLS_PARAMETERS_MAX_AGE in seconds, else 5 minutes. Negative: every call
	// fetches.
	MaxAge time.Duration

	// MaxStale is how much older than MaxAge a value may be that is served because
	// fetching it fails. Default: 24 hours. Negative: none is.
	MaxStale time.Duration

	// NotFoundAge is how long it is remembered that there is no such parameter.
	// Default: 10 s. Negative: not at all.
	NotFoundAge time.Duration

	// RefreshAhead makes a call that finds a value which expires within this time
	// start to fetch it, without waiting. It has to be less than nine tenths of MaxAge.
	// Default: none does.
	RefreshAhead time.Duration

	// FetchTimeout bounds one fetch, which does not end with the context of the caller
	// who was the first to need it. Default: 10 s.
	FetchTimeout time.Duration

	// MaxEntries and MaxBytes bound the cache; what was used longest ago makes room.
	// A value larger than MaxBytes is not cached. Defaults: 1000 and 4 MiB.
	MaxEntries int
	MaxBytes   int

	// OnError is told when a value could not be refreshed and an older one is served,
	// once for each name and outage, and when Fresh cannot go round a cache that the
	// source has itself. Default: one line of JSON on os.Stderr each, at
	// most ten a minute.
	OnError func(error)

	// Now is the clock. Default: time.Now. Ages go by the wall clock: the other one
	// stops while Lambda has the environment frozen.
	Now func() time.Time
}

const (
	defaultMaxAge       = 5 * time.Minute
	defaultMaxStale     = 24 * time.Hour
	defaultNotFoundAge  = 10 * time.Second
	defaultFetchTimeout = 10 * time.Second
	defaultMaxEntries   = 1000
	defaultMaxBytes     = 4 << 20
)

// minBackoff and maxBackoff bound the time between attempts to refresh a value that could
// not be; it doubles.
const (
	minBackoff = time.Second
	maxBackoff = 30 * time.Second
)
