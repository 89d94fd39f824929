package lambdakit

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Current returns the invocation that runs, for calls that have no context: a log
// line of a library, say. It answers only while exactly one invocation is live;
// with two or more it returns nil, since it would have to guess. The last one to
// end stays visible until the next begins, so that the lines that aws-lambda-go prints
// about it afterwards can still be attributed.
//
// In an execution environment that handles several invocations at the same time
// (AWS_LAMBDA_MAX_CONCURRENCY above 1), it always returns nil: a line of an invocation that has
// ended must not be attributed to another one that happens to be the only one left.
func Current() *Invocation {
	if lambdacontext.MaxConcurrency() > 1 {
		return nil
	}
	return live.sole.Load()
}

// live knows the invocations that have begun and not ended.
var live registry

type registry struct {
	mu   sync.Mutex
	head *Invocation
	n    int
	sole atomic.Pointer[Invocation]
}

func (r *registry) add(inv *Invocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	inv.next = r.head
	if r.head != nil {
		r.head.prev = inv
	}
	r.head = inv
	r.n++
	if r.n == 1 {
		r.sole.Store(inv)
	} else {
		r.sole.Store(nil)
	}
}

func (r *registry) remove(inv *Invocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if inv.prev != nil {
		inv.prev.next = inv.next
	} else {
		r.head = inv.next
	}
	if inv.next != nil {
		inv.next.prev = inv.prev
	}
	inv.prev, inv.next = nil, nil
	r.n--
	switch r.n {
	case 0:
		r.sole.Store(inv)
	case 1:
		r.sole.Store(r.head)
	}
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

// shutdownWait bounds Shutdown: Lambda leaves about 300 ms before it kills the process,
// 500 ms without other extensions.
const shutdownWait = 250 * time.Millisecond

// Shutdown tells the middleware of every running invocation that the sandbox is about
// to end, so that buffered log lines, metrics and open spans are written. It is for
// lambda.WithEnableSIGTERM, and returns when all have been told and those that are at work have
// done it, after 250 ms at most.
func Shutdown() {
	var told sync.WaitGroup
	for _, inv := range live.all() {
		told.Go(inv.shutDown)
	}
	done := make(chan struct{})
	go func() {
		told.Wait()
		close(done)
	}()
	timeout := time.NewTimer(shutdownWait)
	defer timeout.Stop()
	select {
	case <-done:
	case <-timeout.C:
	}
}
