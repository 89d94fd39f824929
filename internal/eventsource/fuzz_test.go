package eventsource

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// FuzzMapping plays a script. Its first bytes choose the mapping and its messages; each other byte
// begins invocations, ends one with an answer, or lets time pass. No message may be in two places
// or in none, and the order of groups and shards must hold.
func FuzzMapping(f *testing.F) {
	for kind := range 5 {
		f.Add([]byte{byte(kind), 1, 2, 3, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 200, 100, 50}, `{"batchItemFailures":[{"itemIdentifier":"id-2"}]}`)
		f.Add([]byte{byte(kind), 255, 255, 255, 30, 0, 17, 33, 0, 49, 3, 3, 3, 0, 64, 80, 96, 0, 112}, `{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-0","offset":1}}]}`)
	}
	f.Fuzz(func(t *testing.T, script []byte, answer string) {
		if len(script) < 6 {
			return
		}
		kind := Kind(script[0] % 5)
		o := &Options{
			BatchSize:      1 + int(script[1]%10),
			Concurrency:    1 + int(script[1]>>4),
			Shards:         1 + int(script[2]%4),
			MaxAttempts:    int(script[2] >> 6),
			ReportFailures: script[3]&1 == 0,
			Bisect:         script[3]&2 == 0,
		}
		now := time.Unix(1, 0)
		m, err := New(kind, now, fuzzMessages(kind, int(script[4])%40), o)
		if err != nil {
			t.Fatal(err)
		}
		var open []Token
		for _, b := range script[5:] {
			switch {
			case b%4 == 0:
				for _, inv := range m.Next(now) {
					open = append(open, inv.Token)
				}
			case b%4 == 1:
				if at, ok := m.Wake(now); ok {
					now = at
				}
			case len(open) > 0:
				i := int(b>>2) % len(open)
				m.fuzzDone(now, open[i], b, answer)
				open = append(open[:i], open[i+1:]...)
			}
			m.verify(t)
		}
		for _, token := range open {
			m.Done(now, token, nil, nil)
		}
		m.Run(now, func([]byte) ([]byte, error) { return nil, nil })
		m.verify(t)
		for _, r := range m.records {
			if r.state != Done && r.state != Dead {
				t.Errorf("message %d: got %v at the end, want done or dead letter", r.index, r.state)
			}
		}
	})
}

func fuzzMessages(kind Kind, n int) (list []Message) {
	for i := range n {
		m := Message{ID: fmt.Sprint("id-", i), Body: fmt.Sprint(i), Group: fmt.Sprint(i % 3), Key: fmt.Sprint(i % 5)}
		switch kind {
		case DynamoDB:
			m.Change = &Change{Event: "REMOVE", Keys: fmt.Appendf(nil, `{"id":{"N":"%d"}}`, i%5)}
		case Kafka:
			if p := i % 3; i%2 == 0 {
				m.Partition = &p
			}
		}
		list = append(list, m)
	}
	return list
}

// fuzzDone ends an invocation with an error, an answer that reports some of its messages, or the
// answer of the fuzzer.
func (m *Mapping) fuzzDone(now time.Time, token Token, b byte, answer string) {
	switch b >> 6 {
	case 0:
		m.Done(now, token, nil, errors.New("boom"))
	case 1:
		m.Done(now, token, []byte(answer), nil)
	default:
		var items []string
		for i, r := range m.inflight[token].records {
			if int(b)>>(i%6)&1 == 0 {
				continue
			}
			id := fmt.Sprintf("%q", r.id)
			if m.kind == Kafka {
				id = m.identifier(r)
			}
			items = append(items, `{"itemIdentifier":`+id+`}`)
		}
		m.Done(now, token, []byte(`{"batchItemFailures":[`+strings.Join(items, ",")+`]}`), nil)
	}
}

// verify checks that each message is in the place that its state names and in no other, and that
// groups and shards keep their order.
func (m *Mapping) verify(t *testing.T) {
	t.Helper()
	places := make(map[*record]string)
	put := func(r *record, place string) {
		if before := places[r]; before != "" {
			t.Errorf("message %d: got it in %s and %s, want one place", r.index, before, place)
		}
		places[r] = place
	}
	lanes := make(map[any]Token) // groups and shards in flight
	for token, b := range m.inflight {
		last := make(map[any]int)
		for _, r := range b.records {
			put(r, InFlight.String())
			lane := r.lane(m.kind)
			if lane == nil {
				continue
			}
			if other := lanes[lane]; other != 0 && other != token {
				t.Errorf("message %d: got two batches of its group or shard in flight, want one", r.index)
			}
			lanes[lane] = token
			if before, ok := last[lane]; ok && before >= r.index {
				t.Errorf("message %d: got it behind %d in a batch, want the order of the source", r.index, before)
			}
			last[lane] = r.index
		}
	}
	if s, ok := m.source.(*stream); ok {
		for _, sh := range s.shards {
			last := -1
			waiting := func(r *record) {
				put(r, Waiting.String())
				if r.index <= last {
					t.Errorf("message %d: got it behind %d in its shard, want the order of the source", r.index, last)
				}
				last = r.index
			}
			for _, p := range sh.pieces {
				for _, r := range p.records {
					waiting(r)
				}
			}
			for _, r := range sh.fresh {
				waiting(r)
			}
		}
	}
	for _, r := range m.records {
		want := r.state.String()
		if r.state == Done || r.state == Dead || m.kind.IsQueue() && r.state == Waiting {
			want = ""
		}
		if got := places[r]; got != want {
			t.Errorf("message %d: got it in %q, want %q", r.index, got, want)
		}
		if r.state == Dead && (m.opts.MaxAttempts == 0 || r.attempts < m.opts.MaxAttempts) {
			t.Errorf("message %d: got a dead letter after %d attempts, want %d", r.index, r.attempts, m.opts.MaxAttempts)
		}
		if r.state == Done && r.attempts == 0 {
			t.Errorf("message %d: got it done without an attempt", r.index)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"a\n{\"body\":1}\n", `[{"body":"x","group":"g"},"y"]`, `{"event":"INSERT","keys":{"id":{"S":"1"}},"new":{"id":{"M":{"a":{"L":[]}}}}}`,
		`{"body":null,"partition":3,"headers":{"a":"b"}}`, "\ufeff \n", `{"body":"a","body":1}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for kind := SQS; kind <= Kafka; kind++ {
			messages, err := Parse(kind, []byte(text))
			if err != nil {
				continue
			}
			m, err := New(kind, time.Unix(1, 0), messages, nil)
			if err != nil {
				continue
			}
			m.Run(time.Unix(1, 0), func([]byte) ([]byte, error) { return nil, nil })
			m.verify(t)
		}
	})
}
