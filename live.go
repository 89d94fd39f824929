package lambdakit

import (
	"sync"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Current returns the running invocation. It is for code that has no context, such as a log line of
// a library. It returns nil if two or more invocations are running. After the end of an invocation,
// Current returns it until the next invocation begins, because aws-lambda-go prints lines about an
// invocation after its end.
//
// If the execution environment may run several invocations at the same time
// (AWS_LAMBDA_MAX_CONCURRENCY above 1), Current always returns nil. Otherwise a line could get the
// request id of another invocation.
func Current() *Invocation {
	if lambdacontext.MaxConcurrency() > 1 {
		return nil
	}
	return live.only.Load()
}

// live lists the invocations that have begun and not ended.
var live registry

type registry struct {
	mu    sync.Mutex
	head  *Invocation
	count int
	only  atomic.Pointer[Invocation]
}

func (r *registry) add(inv *Invocation) {
	r.mu.Lock()
	inv.next = r.head
	if r.head != nil {
		r.head.prev = inv
	}
	r.head = inv
	r.count++
	if r.count == 1 {
		r.only.Store(inv)
	} else {
		r.only.Store(nil)
	}
	r.mu.Unlock()
}

func (r *registry) remove(inv *Invocation) {
	r.mu.Lock()
	if inv.prev != nil {
		inv.prev.next = inv.next
	} else {
		r.head = inv.next
	}
	if inv.next != nil {
		inv.next.prev = inv.prev
	}
	inv.prev, inv.next = nil, nil
	r.count--
	switch r.count {
	case 0:
		r.only.Store(inv)
	case 1:
		r.only.Store(r.head)
	}
	r.mu.Unlock()
}

func (r *registry) all() []*Invocation {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*Invocation
	for inv := r.head; inv != nil; inv = inv.next {
		all = append(all, inv)
	}
	return all
}
