package batch

// policy says which records depend on each other.
type policy int

const (
	independent policy = iota // a standard queue: none
	byGroup                   // a FIFO queue: a failure stops the rest of its group
	byPartition               // Kafka: as byGroup, but only the lowest failure of a partition is reported
	byStream                  // a stream: a failure stops everything after it, and only the lowest is reported
)

// lane is a sequence of records that are handled one after the other.
type lane struct {
	busy    bool
	failed  bool
	waiting []int // records that were passed over while the lane was busy
}

// take returns the next record to handle. mine is the lane of the record that the caller handled
// before, nil at first. ok is false if nothing is left for the caller. b.mu is held.
func (b *batch) take(mine *lane) (i int, l *lane, ok bool) {
	for mine != nil && len(mine.waiting) > 0 {
		i, mine.waiting = mine.waiting[0], mine.waiting[1:]
		if b.startable(i, mine) {
			return i, mine, true
		}
	}
	if mine != nil {
		mine.busy = false
	}
	for b.next < len(b.records) {
		i = b.next
		b.next++
		l = b.laneOf(i)
		switch {
		case !b.startable(i, l):
		case l != nil && l.busy:
			l.waiting = append(l.waiting, i)
		default:
			if l != nil {
				l.busy = true
			}
			return i, l, true
		}
	}
	return 0, nil, false
}

// startable reports whether record i may still start.
func (b *batch) startable(i int, l *lane) bool {
	switch {
	case b.stopped || b.ctx.Err() != nil:
		return false
	case b.policy == byStream:
		return i < b.lowest
	}
	return l == nil || !l.failed
}

// laneOf returns the lane of a record; nil if it may run at any time.
func (b *batch) laneOf(i int) *lane {
	if b.laneName == nil {
		return nil
	}
	name := b.laneName(&b.records[i])
	l := b.lanes[name]
	if l == nil {
		l = new(lane)
		b.lanes[name] = l
	}
	return l
}

// fails notes that record i failed. b.mu is held.
func (b *batch) fails(i int, l *lane) {
	if l != nil {
		l.failed = true
	}
	b.lowest = min(b.lowest, i)
	if b.policy == byGroup && b.o.StopGroups {
		b.stopped = true
	}
}
