// Package extension is an internal extension of a Lambda function: its own process asks Lambda for the
// event INVOKE of each invocation. Lambda freezes the execution environment only when the extension asks
// for the next event, so the function can work after its response.
//
// The state is kept by request id. Tokens would shift if a signal were missing, and then hang the
// function.
package extension

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Bounds of what the extension waits for.
const (
	registerTimeout = time.Second            // an emulator may never answer
	firstEventWait  = 10 * time.Millisecond  // for the event of an invocation, if none has come so far
	handlerWait     = 100 * time.Millisecond // for the handler of an invocation whose event has come
	maxFailures     = 3                      // of Next in a row
	maxKept         = 16                     // invocations whose events have not come, and ids of those whose events were answered
)

// Extension is a registered extension. Make one with [Register].
type Extension struct {
	api  string     // address, with a path if the environment has one
	conn connection // of loop
	id   string
	exit func(error) // ends the process

	mu          sync.Mutex
	seen        bool // an event has come
	invocations map[string]*invocation
	order       []string // of invocations, the oldest first
	answered    []string // ids of the last events that were answered
}

// invocation is what is known of an invocation. Extension.mu guards it.
type invocation struct {
	arrived bool // its event has come
	begun   bool
	ended   bool
	work    func()
	changed chan struct{} // closed, and replaced, when arrived or ended changes
}

// Register registers the extension with the Runtime API at an address, and starts to wait for events.
// It must be called before the function asks for its first event. exit ends the process: Lambda would wait
// for an extension whose requests fail.
func Register(api, name string, exit func(error)) (*Extension, error) {
	e := &Extension{api: api, exit: exit, invocations: make(map[string]*invocation)}
	req, err := http.NewRequest(http.MethodPost, "http://"+api+"/2020-01-01/extension/register", bytes.NewReader([]byte(`{"events":["INVOKE"]}`)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Lambda-Extension-Name", name)
	resp, err := e.conn.do(req, registerTimeout)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp)
	}
	if e.id = resp.Header.Get("Lambda-Extension-Identifier"); e.id == "" {
		return nil, errors.New("the answer has no identifier")
	}
	go e.loop()
	return e, nil
}

// refusal is the error of a response.
func refusal(resp *http.Response) error {
	var doc struct {
		ErrorType string `json:"errorType"`
	}
	json.NewDecoder(io.LimitReader(resp.Body, 4<<10)).Decode(&doc)
	if doc.ErrorType == "" {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return fmt.Errorf("status %d %.128s", resp.StatusCode, doc.ErrorType)
}

// loop answers events until the process ends.
func (e *Extension) loop() {
	for failures := 0; ; {
		id, err := e.next()
		if err != nil {
			if failures++; failures == maxFailures {
				e.exit(err)
				return
			}
			continue
		}
		failures = 0
		if id == "" {
			continue
		}
		if work := e.await(id); work != nil {
			work()
		}
	}
}

// next asks for the next event and returns its request id; empty if it is of another kind. It has no
// timeout, because the environment may be frozen for hours.
func (e *Extension) next() (requestID string, err error) {
	req, err := http.NewRequest(http.MethodGet, "http://"+e.api+"/2020-01-01/extension/event/next", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Lambda-Extension-Identifier", e.id)
	resp, err := e.conn.do(req, 0)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", refusal(resp)
	}
	var event struct {
		EventType string `json:"eventType"`
		RequestID string `json:"requestId"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&event); err != nil {
		return "", err
	}
	if event.EventType != "INVOKE" {
		return "", nil
	}
	return event.RequestID, nil
}

// await notes that the event of an invocation has come, and returns the work after its response. It
// waits for the end of the handler. If no handler begins, it returns after handlerWait.
func (e *Extension) await(id string) func() {
	timeout := time.NewTimer(handlerWait)
	defer timeout.Stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen = true
	inv := e.get(id)
	inv.arrived = true
	inv.change()
	for !inv.ended {
		changed := inv.changed
		e.mu.Unlock()
		select {
		case <-changed:
			e.mu.Lock()
		case <-timeout.C:
			if e.mu.Lock(); !inv.begun {
				e.answer(id)
				return nil
			}
		}
	}
	e.answer(id)
	return inv.work
}

// answer notes that the event of an invocation is answered. e.mu is held.
func (e *Extension) answer(id string) {
	e.forget(id)
	if len(e.answered) == maxKept {
		e.answered = e.answered[1:]
	}
	e.answered = append(e.answered, id)
}

// Begin notes that the handler of an invocation begins. It returns false if the caller has to do its work
// itself: the handler has begun already, as in a handler that calls another one, or the event is answered
// already, as in a wrapper that takes its time or calls the handler twice.
func (e *Extension) Begin(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.invocations[id] == nil && slices.Contains(e.answered, id) {
		return false
	}
	inv := e.get(id)
	if inv.begun {
		return false
	}
	inv.begun = true
	return true
}

// End notes that the handler of an invocation has ended, and hands over the work after the response.
// It returns false if the caller has to do the work itself. work may be nil.
func (e *Extension) End(id string, work func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	inv := e.get(id)
	if work != nil && !e.seen {
		e.awaitFirst(inv)
	}
	accepted := e.seen
	inv.ended = true
	if accepted {
		inv.work = work
	}
	inv.change()
	return accepted || work == nil
}

// awaitFirst waits shortly for the event of an invocation. e.mu is held.
func (e *Extension) awaitFirst(inv *invocation) {
	timeout := time.NewTimer(firstEventWait)
	defer timeout.Stop()
	for !inv.arrived {
		changed := inv.changed
		e.mu.Unlock()
		select {
		case <-changed:
			e.mu.Lock()
		case <-timeout.C:
			e.mu.Lock()
			return
		}
	}
}

// get returns the invocation with an id, a new one if it is unknown. e.mu is held.
func (e *Extension) get(id string) *invocation {
	inv := e.invocations[id]
	if inv == nil {
		if len(e.order) >= maxKept {
			if work := e.invocations[e.order[0]].work; work != nil {
				go work() // its event has not come
			}
			e.forget(e.order[0])
		}
		inv = &invocation{changed: make(chan struct{})}
		e.invocations[id] = inv
		e.order = append(e.order, id)
	}
	return inv
}

func (e *Extension) forget(id string) {
	delete(e.invocations, id)
	e.order = slices.DeleteFunc(e.order, func(o string) bool { return o == id })
}

func (inv *invocation) change() {
	close(inv.changed)
	inv.changed = make(chan struct{})
}
