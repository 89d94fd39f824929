package traceheader

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// New returns the header of a new, sampled trace that begins at the time now.
func New(now time.Time) string {
	return string(Append(nil, NewTraceID(now), NewSpanID(), true, ""))
}

// NewTraceID returns a trace id in X-Ray's form: the seconds since 1970 and 12 random bytes.
func NewTraceID(now time.Time) (id [16]byte) {
	binary.BigEndian.PutUint32(id[:], uint32(now.Unix()))
	binary.BigEndian.PutUint64(id[4:], rand.Uint64())
	binary.BigEndian.PutUint32(id[12:], rand.Uint32())
	return id
}

// NewSpanID returns a random span id, which is not zero.
func NewSpanID() (id [8]byte) {
	for id == [8]byte{} {
		binary.BigEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}
