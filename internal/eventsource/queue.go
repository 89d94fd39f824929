package eventsource

import "time"

// queue is an SQS queue, standard or FIFO.
type queue struct {
	*Mapping
	fifo bool
	open []*record // without those before the first that is not done or dead
}

func newQueue(m *Mapping) *queue { return &queue{m, m.kind == FIFO, m.records} }

func (q *queue) receive(now time.Time) *batch {
	for len(q.open) > 0 && (q.open[0].state == Done || q.open[0].state == Dead) {
		q.open = q.open[1:]
	}
	b := new(batch)
	size := 0
	blocked := q.blockedGroups(now)
	for _, r := range q.open {
		if r.state != Waiting || r.visible.After(now) || blocked[r.Group] {
			continue
		}
		if q.opts.MaxAttempts > 0 && r.Received+r.attempts >= q.opts.MaxAttempts {
			r.state = Dead // when it would be received once more
			continue
		}
		if len(b.records) == q.opts.BatchSize || size+r.size > maxRecords {
			break
		}
		b.records = append(b.records, r)
		size += r.size
	}
	if len(b.records) == 0 {
		return nil
	}
	return b
}

// blockedGroups returns the groups of a FIFO queue with a message that is in flight or invisible.
func (q *queue) blockedGroups(now time.Time) map[string]bool {
	if !q.fifo {
		return nil
	}
	groups := make(map[string]bool)
	for _, r := range q.open {
		if r.state == InFlight || r.state == Waiting && r.visible.After(now) {
			groups[r.Group] = true
		}
	}
	return groups
}

func (q *queue) settle(b *batch, now time.Time, v verdict) {
	failed := make(map[string]*record) // the first of each group
	for _, r := range b.records {
		switch before := failed[r.Group]; {
		case v.whole != "" || v.reported[r]:
			r.state, r.visible, r.reason = Waiting, now.Add(q.opts.Visibility), reason(v.whole)
			if before == nil {
				failed[r.Group] = r
			}
			continue
		case v.ignored:
			r.reason = remarkIgnored
		case q.fifo && before != nil:
			r.reason = "deleted, although " + before.name + " before it in its group was reported"
		}
		r.state = Done
	}
}

func (q *queue) wake(now time.Time) (at time.Time, ok bool) {
	for _, r := range q.open {
		if r.state == Waiting && r.visible.After(now) && (!ok || r.visible.Before(at)) {
			at, ok = r.visible, true
		}
	}
	return at, ok
}

const remarkIgnored = "the answer reports failures, and the mapping ignores reports"

func reason(whole string) string {
	if whole != "" {
		return whole
	}
	return "reported in batchItemFailures"
}
