package params

import "time"

// Options configures a [Cache]. A nil *Options, and every zero field, means the default.
// What a field says wins over the environment variable named with it.
type Options struct {
	// MaxAge is how old a value gets before it is fetched again, less up to a tenth,
	// so that values that were fetched together are not fetched again together. Default:
	// POWERTOOLS_PARAMETERS_MAX_AGE in seconds, else 5 minutes. Negative: every call
	// fetches.
	MaxAge time.Duration

	// MaxStale is how much older than MaxAge a value may be that is served because
	// fetching it fails or takes longer than StaleWait. Default: 24 hours. Negative: none
	// is.
	MaxStale time.Duration

	// StaleWait bounds the wait for a refresh if an older value may be served: a call
	// waits until the fetch is StaleWait old, and for a quarter of the time that its
	// context has left at most. Then it gets the older value, and the fetch goes on. While
	// the source stays silent, each further fetch has half the time of the one before,
	// down to an eighth of StaleWait. Views of Fresh do not use it. Default: 500 ms.
	// Negative: calls wait for as long as their contexts last.
	StaleWait time.Duration

	// NotFoundAge is how long the Cache remembers that a parameter does not exist.
	// Default: 10 s. Negative: not at all.
	NotFoundAge time.Duration

	// RefreshAhead makes a call that finds a value which expires within this time begin to
	// fetch it, without waiting. It has to be less than nine tenths of MaxAge.
	// Default: none does.
	RefreshAhead time.Duration

	// FetchTimeout bounds one request of the source, which goes on after its callers have
	// left: for one parameter, for up to 200 of Many and Load, for a path, or for one page
	// of it if the source is a PagedSource. A request that is older than this by Now began
	// before Lambda froze the environment: the next call begins another. Default: 10 s.
	FetchTimeout time.Duration

	// MaxEntries and MaxBytes bound the cache; the values that were used longest ago make
	// room. A value larger than MaxBytes is not cached. Defaults: 1000 and 4 MiB.
	MaxEntries int
	MaxBytes   int

	// OnError gets an error when an older value is served because its refresh failed or
	// took longer than StaleWait, once for each name and outage, and when Fresh cannot go
	// round a cache of the source. Default: one line of JSON on os.Stderr each, at most ten
	// a minute.
	OnError func(error)

	// Now is the clock. Default: time.Now. Ages go by the wall clock: the other one
	// stops while Lambda has the environment frozen.
	Now func() time.Time
}

const (
	defaultMaxAge       = 5 * time.Minute
	defaultMaxStale     = 24 * time.Hour
	defaultStaleWait    = 500 * time.Millisecond
	defaultNotFoundAge  = 10 * time.Second
	defaultFetchTimeout = 10 * time.Second
	defaultMaxEntries   = 1000
	defaultMaxBytes     = 4 << 20
)

// minBackoff and maxBackoff bound the time between attempts to refresh a value during an
// outage; it doubles.
const (
	minBackoff = time.Second
	maxBackoff = 30 * time.Second
)
