package xray

import (
	"math/bits"
	"sync"
	"time"
)

// The daemon's socket holds about 200 KB, and the system drops other datagrams without a word. The
// sender therefore estimates the bytes in the socket, as if the daemon took a fixed number of them
// in each millisecond.
const (
	drained = 64 << 10  // bytes a millisecond
	burst   = 128 << 10 // bytes that are sent without waiting: about 100 documents of usual size
)

// MaxWait is how long the spans of an invocation wait for the daemon altogether.
const MaxWait = 10 * time.Millisecond

// shortest is the shortest wait. It makes room for several documents.
const shortest = 500 * time.Microsecond

// settle is how long a document that must arrive waits if others came in a burst, so that a
// daemon that is slower than drained has room for it: Linux gives room back only when a quarter
// of the buffer was read.
const settle = 4 * time.Millisecond

// Patience is how long spans may wait. It serves one Daemon.
type Patience struct {
	Max   time.Duration
	spent time.Duration
	until int64 // the end of the wait that ends last, in nanoseconds since 1970
}

// allow reports whether there is patience for a wait. Waits at the same time count once.
func (p *Patience) allow(now time.Time, wait time.Duration) bool {
	from := now.UnixNano()
	end := from + int64(wait)
	more := time.Duration(max(end-max(from, p.until), 0))
	if p.spent+more > p.Max {
		return false
	}
	p.spent += more
	p.until = max(p.until, end)
	return true
}

// pace counts the bytes that the daemon's socket may hold.
type pace struct {
	mu   sync.Mutex
	held int
	at   time.Time // that held is of
}

// admit returns how long a datagram of n bytes has to wait, and whether it may be sent at all.
// One that must arrive may.
func (c *pace) admit(n int, must bool, p *Patience, now time.Time) (wait time.Duration, ok bool) {
	n = footprint(n)
	c.mu.Lock()
	defer c.mu.Unlock()
	if passed := now.Sub(c.at); passed > 0 {
		c.held -= int(min(passed, time.Second) * drained / time.Millisecond)
		c.held = max(c.held, 0)
		c.at = now
	}
	if over := c.held + n - burst; over > 0 {
		wait = max(time.Duration(over)*time.Millisecond/drained, shortest)
	}
	switch {
	case must && c.held > burst*3/4:
		wait = min(max(wait, settle), MaxWait)
	case !must && wait > 0 && !p.allow(now, wait):
		return 0, false
	}
	c.held += n
	return wait, true
}

// footprint returns how many bytes of a socket's buffer a datagram of n bytes takes on Linux.
func footprint(n int) int {
	const header, page = 448, 16 << 10
	if n >= page {
		return n + 2048
	}
	return 1<<bits.Len(uint(n+header-1)) + 256
}
