package params

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit/internal/report"
)

// Cache caches the parameters of a Source. Make one with [New]. Several goroutines may call its
// methods at the same time.
type Cache struct {
	source  Source
	options Options
	report  *report.Reporter
	entries atomic.Pointer[map[string]*entry] // copied on write

	bytes       atomic.Int64 // of the values of entries
	slowFetches atomic.Int64 // fetches in a row that took longer than calls wait
	lastSlow    atomic.Int64 // when the last of them was counted, by now

	mu sync.Mutex // held while entries is replaced
}

// New returns a Cache of source. It fails if source is nil, if an option is out of range, or if
// POWERTOOLS_PARAMETERS_MAX_AGE is not a number of seconds. It makes no request.
func New(source Source, o *Options) (*Cache, error) {
	if source == nil {
		return nil, errors.New("params: no source")
	}
	c := &Cache{source: source}
	if o != nil {
		c.options = *o
	}
	if c.options.MaxAge == 0 {
		age, err := maxAgeFromEnv()
		if err != nil {
			return nil, err
		}
		c.options.MaxAge = age
	}
	c.options.RefreshAhead = max(c.options.RefreshAhead, 0)
	c.options.MaxStale = cmp.Or(c.options.MaxStale, defaultMaxStale)
	c.options.NotFoundAge = cmp.Or(c.options.NotFoundAge, defaultNotFoundAge)
	c.options.StaleWait = cmp.Or(c.options.StaleWait, defaultStaleWait)
	c.options.FetchTimeout = cmp.Or(c.options.FetchTimeout, defaultFetchTimeout)
	c.options.MaxRecords = cmp.Or(c.options.MaxRecords, defaultMaxRecords)
	c.options.MaxBytes = cmp.Or(c.options.MaxBytes, defaultMaxBytes)
	for name, n := range map[string]int64{"MaxRecords": int64(c.options.MaxRecords), "MaxBytes": int64(c.options.MaxBytes), "FetchTimeout": int64(c.options.FetchTimeout)} {
		if n < 0 {
			return nil, fmt.Errorf("params: %s is negative", name)
		}
	}
	if shortest := c.options.MaxAge - c.options.MaxAge/10; c.options.MaxAge > 0 && c.options.RefreshAhead >= shortest {
		return nil, fmt.Errorf("params: every call would fetch because RefreshAhead is %v: it must be less than nine tenths of MaxAge (%v)", c.options.RefreshAhead, shortest)
	}
	c.report = report.New(c.options.OnError)
	c.entries.Store(new(map[string]*entry))
	return c, nil
}

func maxAgeFromEnv() (time.Duration, error) {
	const name = "POWERTOOLS_PARAMETERS_MAX_AGE"
	text := strings.TrimSpace(os.Getenv(name))
	if text == "" {
		return defaultMaxAge, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 || seconds > int(maxAge/time.Second) {
		return 0, fmt.Errorf("params: %s=%q is not a number of seconds", name, text)
	}
	if seconds == 0 {
		return -1, nil
	}
	return time.Duration(seconds) * time.Second, nil
}

// maxAge is the largest age that the environment can set.
const maxAge = 365 * 24 * time.Hour

// now returns the wall clock in nanoseconds since 1970.
func (c *Cache) now() int64 {
	if c.options.Now != nil {
		return c.options.Now().UnixNano()
	}
	return time.Now().UnixNano()
}
