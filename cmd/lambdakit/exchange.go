package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

// exchanges are the invocations of a server.
type exchanges struct {
	*runner
	ctx   context.Context // of the server
	slots chan struct{}   // one for each request under way

	mu      sync.Mutex
	over    bool           // no invocation may begin
	running sync.WaitGroup // invocations, also those that go on after their answer
}

// maxRequests bounds the requests that wait or run: each may hold an event of 6 MB.
const maxRequests = 1000

func (r *runner) exchanges(ctx context.Context) *exchanges {
	return &exchanges{runner: r, ctx: ctx, slots: make(chan struct{}, maxRequests)}
}

// begin calls f in a goroutine, unless the server has ended: requests may still arrive then.
func (x *exchanges) begin(f func()) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.over {
		x.running.Go(f)
	}
	return !x.over
}

// end waits until all invocations are over, after the server has ended.
func (x *exchanges) end() {
	x.mu.Lock()
	x.over = true
	x.mu.Unlock()
	x.running.Wait()
}

// enter reports whether one more request may run. If it returns true, the caller must call leave.
func (x *exchanges) enter() bool {
	select {
	case x.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (x *exchanges) leave() { <-x.slots }

// exchange makes the invocation of a request, which ends with the request. It returns when the invocation is
// over. If early is true and the function works on after its answer, exchange returns with the answer. The
// invocation goes on then, although the caller leaves.
func (x *exchanges) exchange(req *http.Request, name string, ev emulator.Event, early bool) (*emulator.Result, error) {
	ctx, cancel := context.WithCancel(x.ctx)
	stop := context.AfterFunc(req.Context(), cancel)
	answered := make(chan *emulator.Result, 1)
	if early {
		ev.Answered = func(result *emulator.Result) {
			if result.Extension {
				answered <- result
			}
		}
	}
	var result *emulator.Result
	var err error
	over := make(chan struct{})
	if !x.begin(func() {
		defer cancel()
		defer close(over)
		result, err = x.send(ctx, name, ev)
	}) {
		cancel()
		return nil, context.Canceled
	}
	select {
	case <-over:
	case answer := <-answered:
		if stop() {
			return answer, nil
		}
		<-over // the caller has left before
	}
	return result, err
}
