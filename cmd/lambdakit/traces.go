package main

import (
	"slices"
	"sync"

	"github.com/lambdakit/lambdakit/internal/segment"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// traces keeps the spans of functions until the results of their invocations are shown.
type traces struct {
	mu    sync.Mutex
	byID  map[string]*trace
	order []string // of the traces, oldest first
	bytes int      // of all spans kept
}

// trace is the part of a trace that has arrived.
type trace struct {
	segments []segment.Document
	dropped  int // segments beyond maxTraceBytes
	bytes    int
}

// Bounds of the traces that are kept for results still to come.
const (
	maxTraces      = 1000
	maxTraceBytes  = 4 << 20  // of the spans of one trace
	maxDaemonBytes = 32 << 20 // of the spans of all traces
)

func newTraces() *traces { return &traces{byID: make(map[string]*trace)} }

// add keeps a span that took size bytes.
func (k *traces) add(s segment.Document, size int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.byID[s.TraceID]
	if t == nil {
		t = new(trace)
		k.byID[s.TraceID] = t
		k.order = append(k.order, s.TraceID)
	}
	if t.bytes+size > maxTraceBytes {
		t.dropped++
		return
	}
	t.segments = append(t.segments, s)
	t.bytes += size
	k.bytes += size
	for len(k.order) > maxTraces || k.bytes > maxDaemonBytes {
		k.forget(k.order[0])
	}
}

// forget drops a trace. The caller holds k.mu.
func (k *traces) forget(id string) trace {
	t := k.byID[id]
	if t == nil {
		return trace{}
	}
	delete(k.byID, id)
	k.order = slices.DeleteFunc(k.order, func(other string) bool { return other == id })
	k.bytes -= t.bytes
	return *t
}

// take returns the spans of a trace that have arrived, and removes the trace.
func (k *traces) take(header string) trace {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.forget(traceheader.Root(header))
}

// takeAll returns the spans of a trace and of all other traces, and removes them. It is for an invocation
// that ran alone: the function began the other traces.
func (k *traces) takeAll(header string) trace {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := k.forget(traceheader.Root(header))
	for len(k.order) > 0 {
		t := k.forget(k.order[0])
		all.segments = append(all.segments, t.segments...)
		all.dropped += t.dropped
	}
	return all
}
