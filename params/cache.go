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
	o       Options
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
		c.o = *o
	}
	if c.o.MaxAge == 0 {
		age, err := maxAgeFromEnv()
		if err != nil {
			return nil, err
		}
		c.o.MaxAge = age
	}
	c.o.RefreshAhead = max(c.o.RefreshAhead, 0)
	c.o.MaxStale = cmp.Or(c.o.MaxStale, defaultMaxStale)
	c.o.NotFoundAge = cmp.Or(c.o.NotFoundAge, defaultNotFoundAge)
	c.o.StaleWait = cmp.Or(c.o.StaleWait, defaultStaleWait)
	c.o.FetchTimeout = cmp.Or(c.o.FetchTimeout, defaultFetchTimeout)
	c.o.MaxEntries = cmp.Or(c.o.MaxEntries, defaultMaxEntries)
	c.o.MaxBytes = cmp.Or(c.o.MaxBytes, defaultMaxBytes)
	for name, n := range map[string]int{"MaxEntries": c.o.MaxEntries, "MaxBytes": c.o.MaxBytes, "FetchTimeout": int(c.o.FetchTimeout)} {
		if n < 0 {
			return nil, fmt.Errorf("params: %s is negative", name)
		}
	}
	if shortest := c.o.MaxAge - c.o.MaxAge/10; c.o.MaxAge > 0 && c.o.RefreshAhead >= shortest {
		return nil, fmt.Errorf("params: every call would fetch because RefreshAhead is %v: it must be less than nine tenths of MaxAge (%v)", c.o.RefreshAhead, shortest)
	}
	c.report = report.New(c.o.OnError)
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
	if c.o.Now != nil {
		return c.o.Now().UnixNano()
	}
	return time.Now().UnixNano()
}
