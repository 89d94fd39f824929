package xray

import (
	"math/bits"
	"sync"
	"time"
)

// The daemon's socket buffer holds about 200 KB. The system silently drops datagrams that do not
// fit. The sender therefore estimates the bytes in the buffer: it assumes that the daemon reads a
// fixed number of bytes in each millisecond.
const (
	drained = 64 << 10  // bytes that the daemon reads in a millisecond: about 50 documents of usual size
	burst   = 128 << 10 // bytes that the sender sends without waiting: about 100 documents of usual size
	socket  = 208 << 10 // bytes that the buffer holds: Linux's default
)

// FreeBytes is the number of bytes that an invocation sends without waiting, whatever earlier
// invocations sent: about 25 documents of usual size. Only larger bursts have to wait, so that
// invocations with few spans never slow each other down.
const FreeBytes = 32 << 10

// MaxWait is the total time that the spans of an invocation wait for the daemon. A document that
// must arrive may wait as long again.
const MaxWait = 10 * time.Millisecond

// shortest is the shortest wait. It makes room for several documents.
const shortest = 500 * time.Microsecond

// settle is the shortest wait of a document that must arrive after a burst. It gives a daemon
// that is slower than drained time to make room: Linux frees room in the buffer only after a
// quarter of the buffer was read.
const settle = 4 * time.Millisecond

// WaitBudget is the total time that spans may wait, such as the spans of one invocation. Use it
// with one Daemon only.
type WaitBudget struct {
	Max   time.Duration
	Free  int // bytes that are still sent without waiting; negative: used up
	spent time.Duration
	until int64 // end of the last wait, in nanoseconds since 1970
}

// free subtracts n bytes from Free, and reports whether that many were left. A document that is too
// large ends the free bytes for good.
func (b *WaitBudget) free(n int) bool {
	b.Free -= n
	return b.Free >= 0
}

// allow reports whether enough time is left for a wait, and subtracts it. Waits at the same time
// count once.
func (b *WaitBudget) allow(now time.Time, wait time.Duration) bool {
	from := now.UnixNano()
	end := from + int64(wait)
	more := time.Duration(max(end-max(from, b.until), 0))
	if b.spent+more > b.Max {
		return false
	}
	b.spent += more
	b.until = max(b.until, end)
	return true
}

// pace estimates the bytes in the daemon's socket buffer.
type pace struct {
	mu   sync.Mutex
	held int
	at   time.Time // time of the estimate
}

// admit returns the wait of a datagram of n bytes, and whether it may be sent. A datagram that
// must arrive may always be sent.
func (c *pace) admit(n int, must bool, b *WaitBudget, now time.Time) (wait time.Duration, ok bool) {
	n = footprint(n)
	c.mu.Lock()
	defer c.mu.Unlock()
	if passed := now.Sub(c.at); passed > 0 {
		c.held -= int(min(passed, time.Second) * drained / time.Millisecond)
		c.held = max(c.held, 0)
		c.at = now
	}
	if b.free(n) {
		c.held = max(c.held, min(c.held+n, socket)) // the system drops the bytes beyond socket
		return 0, true
	}
	if over := c.held + n - burst; over > 0 {
		wait = max(time.Duration(over)*time.Millisecond/drained, shortest)
	}
	switch {
	case must && c.held > burst*3/4:
		wait = min(max(wait, settle), MaxWait)
	case !must && wait > 0 && !b.allow(now, wait):
		return 0, false
	}
	c.held += n
	return wait, true
}

// footprint returns the bytes of a socket buffer that a datagram of n bytes takes on Linux.
func footprint(n int) int {
	const header, page = 448, 16 << 10
	if n >= page {
		return n + 2048
	}
	return 1<<bits.Len(uint(n+header-1)) + 256
}
