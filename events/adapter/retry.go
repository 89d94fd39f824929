package adapter

import (
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	shortestRetry = time.Second    // the unit of visibility timeouts
	longestRetry  = 12 * time.Hour // the longest visibility timeout: Amazon SQS, SetVisibilityTimeout
)

// backoff returns the time until the attempt after this one.
func (o *Options[T]) backoff(attempt int) time.Duration {
	d := o.FirstRetry
	for range attempt - 1 {
		if d >= o.MaxRetry {
			break
		}
		d *= 2
	}
	d = min(d, o.MaxRetry)
	return max(d/2+rand.N(d/2+1), shortestRetry)
}

// retryAfter reads a Retry-After header: seconds, or a date. (RFC 9110, section 10.2.3)
func retryAfter(h http.Header, now time.Time) (d time.Duration, ok bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if date, err := http.ParseTime(text); err == nil {
		d = date.Sub(now)
	} else if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	} else {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > math.MaxInt64/int64(time.Second) {
			return longestRetry, true
		}
		d = time.Duration(seconds) * time.Second
	}
	return min(max(d, shortestRetry), longestRetry), true
}

// isTransient reports whether another attempt may change a status.
func isTransient(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}
