package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

const (
	rounds  = 10
	workers = 16
)

// together calls do from all workers at the same time.
func (s *suite) together(do func(worker int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			<-start
			do(worker)
		})
	}
	close(start)
	wg.Wait()
}

// winners calls Begin from all workers at the same time, and returns the owners that began.
func (s *suite) winners(key string, after time.Duration) []string {
	var mu sync.Mutex
	var owners []string
	s.together(func(worker int) {
		r := s.record(key, fmt.Sprint("w", worker, after))
		r.Lease = s.base.Add(after + lease)
		existing, err := s.store.Begin(s.ctx, r, s.base.Add(after))
		if err != nil {
			s.Errorf("Begin: %v", err)
			return
		}
		if existing == nil {
			mu.Lock()
			owners = append(owners, r.Owner)
			mu.Unlock()
		}
	})
	return owners
}

func (s *suite) races() {
	for round := range rounds {
		if owners := s.winners(fmt.Sprint("k", round), 0); len(owners) != 1 {
			s.Fatalf("round %d: got %d of %d workers that began, want 1: %v", round, len(owners), workers, owners)
		}
	}
}

func (s *suite) racesForLease() {
	for round := range rounds {
		key := fmt.Sprint("k", round)
		s.mustBegin(s.record(key, "gone"), 0)
		if owners := s.winners(key, lease+time.Millisecond); len(owners) != 1 {
			s.Fatalf("round %d: got %d of %d workers that took over, want 1: %v", round, len(owners), workers, owners)
		}
	}
}

// racesToComplete lets an owner complete a record while another one takes it over. Exactly one may
// succeed.
func (s *suite) racesToComplete() {
	for round := range rounds {
		r := s.record(fmt.Sprint("k", round), "late")
		s.mustBegin(r, 0)
		successor := *r
		successor.Owner, successor.Lease = "successor", s.base.Add(2*lease)
		var lost, took bool
		s.together(func(worker int) {
			switch worker {
			case 0:
				err := s.store.Complete(s.ctx, completed(r, []byte(`"late"`)))
				if lost = errors.Is(err, idempotency.ErrLeaseLost); err != nil && !lost {
					s.Errorf("Complete: %v", err)
				}
			case 1:
				existing, err := s.store.Begin(s.ctx, &successor, s.base.Add(lease+time.Millisecond))
				if took = existing == nil; err != nil {
					s.Errorf("Begin: %v", err)
				}
			}
		})
		if lost != took {
			s.Fatalf("round %d: got a lost lease: %v, and a takeover: %v, want the same for both", round, lost, took)
		}
		if took {
			s.expect(&successor, lease+time.Millisecond)
		} else {
			s.expect(completed(r, []byte(`"late"`)), 0)
		}
	}
}
