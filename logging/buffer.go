package logging

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
)

// held is what an invocation, or a record of a batch, holds back of one Handler's lines.
type held struct {
	phase  atomic.Int32 // phaseHolding, phaseReleasing or phaseOver
	buffer lineBuffer
}

const (
	phaseHolding   = iota
	phaseReleasing // near the deadline or after a failure: no line is held back
	phaseOver      // the invocation or the record has ended: only the Handler's own level counts
)

// lineBuffer holds encoded lines, oldest first, in a bounded number of bytes.
type lineBuffer struct {
	release sync.Mutex // held while the lines are written, so that they stay in order

	mu      sync.Mutex
	lines   []byte
	lengths []int
	evicted bool
}

var (
	errTooBig     = errors.New("the line is larger than the buffer")
	errNotHolding = errors.New("nothing is held any more")
	msgTooBig     = "a log line was too large to be held back and was written at once; raise Buffer.MaxBytes"
	msgEvicted    = "some log lines are missing here: newer ones took their place in the buffer; raise Buffer.MaxBytes"
)

// add keeps a copy of line, unless phase has changed. It drops the oldest lines if it must.
func (b *lineBuffer) add(line []byte, limit int, phase *atomic.Int32) error {
	if len(line) > limit {
		return errTooBig
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if phase.Load() != phaseHolding {
		return errNotHolding // the lines may have been taken already
	}
	cut, n := 0, 0
	for len(b.lines)-cut+len(line) > limit {
		cut += b.lengths[n]
		n++
	}
	if n > 0 {
		b.evicted = true
		b.lines = append(b.lines[:0], b.lines[cut:]...)
		b.lengths = append(b.lengths[:0], b.lengths[n:]...)
	}
	b.lines = append(b.lines, line...)
	b.lengths = append(b.lengths, len(line))
	return nil
}

// take empties the buffer and returns its lines.
func (b *lineBuffer) take() (lines []byte, lengths []int, evicted bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines, lengths, evicted = b.lines, b.lengths, b.evicted
	b.lines, b.lengths, b.evicted = nil, nil, false
	return lines, lengths, evicted
}

// lowers reports whether the invocation writes or holds lines at level, which is below the
// Handler's level.
func (sc *scope) lowers(level slog.Level, with *contextFields) bool {
	if sc.sampled {
		return level >= slog.LevelDebug
	}
	return sc.common.buffered(level) && sc.held(with).phase.Load() != phaseOver
}

// held returns what holds the lines of a context back.
func (sc *scope) held(with *contextFields) *held {
	if with != nil && with.record != nil {
		return with.record.held(sc)
	}
	return &sc.own
}

// buffered reports whether Buffer covers level. A level between two names counts as the lower
// one, because the line has that name.
func (c *common) buffered(level slog.Level) bool {
	return c.bufferLevel != nil && levelFloor(level) <= c.bufferLevel.Level()
}

// holds reports whether a line at level is held back now.
func (sc *scope) holds(h *held, level slog.Level) bool {
	return !sc.sampled && h.phase.Load() == phaseHolding && sc.common.buffered(level) && level < slog.LevelError
}

// emit writes an encoded line or holds it back. A line at ERROR or above releases the lines that
// are held.
func (sc *scope) emit(with *contextFields, level slog.Level, line []byte) {
	if sc.common.bufferLevel == nil {
		sc.common.write(sc, line)
		return
	}
	h := sc.held(with)
	if sc.holds(h, level) {
		switch h.buffer.add(line, sc.common.maxBufferBytes, &h.phase) {
		case nil:
			return
		case errTooBig:
			sc.writeOwn(sc.inv.Context(), with, slog.LevelWarn, msgTooBig)
		}
	}
	if h.phase.Load() == phaseOver && !sc.sampled && level < sc.common.level.Level() {
		return // the invocation ended while the line was encoded
	}
	if level >= slog.LevelError {
		sc.flush(with)
	}
	sc.common.write(sc, line)
}

// flush writes the lines of a context that are held back.
func (sc *scope) flush(with *contextFields) {
	buffer := &sc.held(with).buffer
	buffer.release.Lock()
	defer buffer.release.Unlock()
	lines, lengths, evicted := buffer.take()
	if evicted {
		sc.writeOwn(sc.inv.Context(), with, slog.LevelWarn, msgEvicted)
	}
	for _, n := range lengths {
		sc.common.write(sc, lines[:n])
		lines = lines[n:]
	}
}
