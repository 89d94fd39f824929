package logging

import (
	"errors"
	"log/slog"
	"sync"
)

// lineBuffer holds encoded lines, oldest first, in a bounded number of bytes.
type lineBuffer struct {
	mu      sync.Mutex
	lines   []byte
	lengths []int
	evicted bool
}

var (
	errTooBig  = errors.New("the line is larger than the buffer")
	msgTooBig  = "a log line was too large to be held back and was written at once; raise Buffer.MaxBytes"
	msgEvicted = "some log lines are missing here: newer ones took their place in the buffer; raise Buffer.MaxBytes"
)

// add keeps a copy of line; the oldest lines make room.
func (b *lineBuffer) add(line []byte, limit int) error {
	if len(line) > limit {
		return errTooBig
	}
	b.mu.Lock()
	defer b.mu.Unlock()
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

// take empties the buffer and returns what was in it.
func (b *lineBuffer) take() (lines []byte, lengths []int, evicted bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines, lengths, evicted = b.lines, b.lengths, b.evicted
	b.lines, b.lengths, b.evicted = nil, nil, false
	return lines, lengths, evicted
}

// lowers reports whether the invocation wants a line below the Handler's level.
func (sc *scope) lowers(level slog.Level) bool {
	if sc.sampled {
		return level >= slog.LevelDebug
	}
	b := sc.core.bufferLevel
	return b != nil && level <= b.Level() && sc.phase.Load() != over
}

// holds reports whether a line at level is held back now.
func (sc *scope) holds(level slog.Level) bool {
	return !sc.sampled && sc.phase.Load() == holding && level <= sc.core.bufferLevel.Level()
}

// emit writes an encoded line, or holds it back; an error releases what is held.
func (sc *scope) emit(level slog.Level, line []byte) {
	if sc.core.bufferLevel == nil {
		sc.core.write(sc, line)
		return
	}
	if sc.holds(level) {
		if sc.buffer.add(line, sc.core.bufferMax) == nil {
			return
		}
		sc.own(slog.LevelWarn, msgTooBig)
	}
	if level >= slog.LevelError {
		sc.flush()
	}
	sc.core.write(sc, line)
}

// flush writes what is held back.
func (sc *scope) flush() {
	lines, lengths, evicted := sc.buffer.take()
	if evicted {
		sc.own(slog.LevelWarn, msgEvicted)
	}
	for _, n := range lengths {
		sc.core.write(sc, lines[:n])
		lines = lines[n:]
	}
}
