package eventsource

import (
	"cmp"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// stream is a Kinesis or DynamoDB stream, or a Kafka topic.
type stream struct {
	*Mapping
	shards []*shard
	turn   int // the shard that receive begins with
}

// shard is a shard of a stream or a partition of a topic. Its waiting records are in pieces and,
// behind them, in fresh.
type shard struct {
	number int
	length int // records that it ever had
	pieces []*piece
	fresh  []*record
	busy   bool // it has a batch in flight
}

// piece is a row of records of one shard that are sent together.
type piece struct {
	shard   *shard
	records []*record
	tries   int  // how often it was sent
	alone   bool // Kafka: not together with other partitions
}

func newStream(m *Mapping) *stream {
	s := &stream{Mapping: m}
	for i := range m.opts.Shards {
		s.shards = append(s.shards, &shard{number: i})
	}
	for _, r := range m.records {
		r.shard = s.home(r)
		r.offset = r.shard.length
		r.shard.length++
		if m.kind == Kafka {
			r.name = cmp.Or(r.ID, fmt.Sprintf("%s offset %d", m.partition(r), r.offset))
		}
		r.shard.fresh = append(r.shard.fresh, r)
	}
	return s
}

// home returns the shard of a record. A key belongs to the shard whose range of MD5 hashes it is in,
// as in Kinesis.
func (s *stream) home(r *record) *shard {
	if r.Partition != nil {
		for len(s.shards) <= *r.Partition {
			s.shards = append(s.shards, &shard{number: len(s.shards)})
		}
		return s.shards[*r.Partition]
	}
	key := r.Key
	switch {
	case s.kind == Kinesis:
		key = r.key
	case s.kind == DynamoDB:
		key = string(r.Change.Keys)
	case key == "":
		return s.shards[0]
	}
	hash := md5.Sum([]byte(key))
	return s.shards[uint64(binary.BigEndian.Uint32(hash[:]))*uint64(s.opts.Shards)>>32]
}

func (s *stream) receive(time.Time) *batch {
	consumers := len(s.shards)
	if s.kind == Kafka {
		// A consumer reads one partition or several.
		consumers = min(consumers, s.opts.Concurrency)
	}
	for i := range consumers {
		first := (s.turn + i) % consumers
		if b := s.poll(first, consumers); b != nil {
			s.turn++
			return b
		}
	}
	return nil
}

// poll returns a batch of the shards that a consumer reads: shard number first, and each that
// is consumers behind another.
func (s *stream) poll(first, consumers int) *batch {
	var own []*shard
	for i := first; i < len(s.shards); i += consumers {
		if s.shards[i].busy {
			return nil
		}
		own = append(own, s.shards[i])
	}
	b := new(batch)
	size := 0
	for i := range own {
		p := own[(s.turn/consumers+i)%len(own)].take(s.opts.BatchSize-len(b.records), maxRecords-size, len(b.records) > 0)
		if p == nil {
			continue
		}
		p.tries++
		p.shard.busy = true
		b.pieces = append(b.pieces, p)
		b.records = append(b.records, p.records...)
		for _, r := range p.records {
			size += r.size
		}
		if p.alone {
			break
		}
	}
	if len(b.pieces) == 0 {
		return nil
	}
	return b
}

// take removes the next piece and returns it, or nil if it does not fit. joined says that the batch holds
// records of other partitions.
func (sh *shard) take(room, bytes int, joined bool) *piece {
	fits := func(list []*record) int {
		n, size := 0, 0
		for n < len(list) && n < room && size+list[n].size <= bytes {
			size += list[n].size
			n++
		}
		return n
	}
	if len(sh.pieces) > 0 {
		p := sh.pieces[0]
		if joined && p.alone || fits(p.records) < len(p.records) {
			return nil
		}
		sh.pieces = sh.pieces[1:]
		return p
	}
	n := fits(sh.fresh)
	if n == 0 {
		return nil
	}
	p := &piece{shard: sh, records: sh.fresh[:n:n]}
	sh.fresh = sh.fresh[n:]
	return p
}

// again puts pieces in front of the shard's other records.
func (sh *shard) again(pieces ...*piece) {
	for _, p := range pieces {
		for _, r := range p.records {
			r.state = Waiting
		}
	}
	sh.pieces = append(pieces, sh.pieces...)
}

func (s *stream) settle(b *batch, _ time.Time, v verdict) {
	separate := v.whole != "" && s.opts.Bisect && len(b.pieces) > 1
	for _, p := range b.pieces {
		p.shard.busy = false
		if v.whole != "" {
			p.end(p.records, Waiting, v.whole)
			if separate { // the batch is split between partitions
				p.alone, p.tries = true, 0
				p.shard.again(p)
				continue
			}
			s.retry(p)
			continue
		}
		checkpoint := slices.IndexFunc(p.records, func(r *record) bool { return v.reported[r] })
		if checkpoint < 0 {
			remark := ""
			if v.ignored {
				remark = remarkIgnored
			}
			p.end(p.records, Done, remark)
			continue
		}
		p.end(p.records[:checkpoint], Done, "")
		p.end(p.records[checkpoint:], Waiting, "behind "+p.records[checkpoint].name+", which was reported")
		for _, r := range p.records {
			if v.reported[r] {
				r.reason = reason("")
			}
		}
		if checkpoint > 0 {
			p.shard.again(&piece{shard: p.shard, records: p.records[checkpoint:]})
			continue
		}
		s.retry(p)
	}
}

// retry decides on a piece that made no progress.
func (s *stream) retry(p *piece) {
	switch n := len(p.records); {
	case s.opts.Bisect && n > 1:
		p.shard.again(
			&piece{shard: p.shard, records: p.records[:n/2], alone: true},
			&piece{shard: p.shard, records: p.records[n/2:], alone: true})
	case s.opts.MaxAttempts > 0 && p.tries >= s.opts.MaxAttempts:
		for _, r := range p.records {
			r.state = Dead
		}
	default:
		p.shard.again(p)
	}
}

// end gives records a state, and a reason unless it is empty.
func (p *piece) end(records []*record, state State, reason string) {
	for _, r := range records {
		r.state = state
		if reason != "" {
			r.reason = reason
		}
	}
}

// wake is false: nothing in a stream waits for a time.
func (s *stream) wake(time.Time) (time.Time, bool) { return time.Time{}, false }
