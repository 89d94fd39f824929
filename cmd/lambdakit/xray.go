package main

import (
	"bytes"
	"crypto/rand"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/segment"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// xrayDaemon takes the datagrams that a function sends to Lambda's X-Ray daemon.
type xrayDaemon struct {
	conn net.PacketConn

	syncing sync.Mutex // held by sync

	mu     sync.Mutex
	mark   []byte        // that sync waits for; nil: none
	seen   chan struct{} // closed when the mark comes out
	traces map[string]*trace
	order  []string // of the traces, oldest first
	bytes  int      // of all documents kept
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
	maxTraceBytes  = 4 << 20  // of the documents of one trace
	maxDaemonBytes = 32 << 20 // of the documents of all traces
)

// markWait bounds the wait for a mark that is lost since the socket's buffer is full.
const markWait = time.Second

func listenXRay() (*xrayDaemon, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &xrayDaemon{conn: conn, traces: make(map[string]*trace)}
	go d.receive()
	return d, nil
}

func (d *xrayDaemon) addr() string { return d.conn.LocalAddr().String() }

func (d *xrayDaemon) close() { d.conn.Close() }

// sync waits until the datagrams that have been sent so far are taken. It sends a mark, which
// comes out behind them. A function cannot know the text of the mark.
func (d *xrayDaemon) sync() {
	d.syncing.Lock()
	defer d.syncing.Unlock()
	mark, seen := []byte("lambdakit:"+rand.Text()), make(chan struct{})
	d.mu.Lock()
	d.mark, d.seen = mark, seen
	d.mu.Unlock()
	if _, err := d.conn.WriteTo(mark, d.conn.LocalAddr()); err != nil {
		return
	}
	timeout := time.NewTimer(markWait)
	defer timeout.Stop()
	select {
	case <-seen:
	case <-timeout.C:
	}
}

func (d *xrayDaemon) receive() {
	buf := make([]byte, 64<<10)
	for {
		n, _, err := d.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		d.datagram(buf[:n])
	}
}

func (d *xrayDaemon) datagram(data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mark != nil && bytes.Equal(data, d.mark) {
		close(d.seen)
		d.mark = nil
		return
	}
	s, ok := segment.ReadDatagram(data)
	if !ok {
		return
	}
	t := d.traces[s.TraceID]
	if t == nil {
		t = new(trace)
		d.traces[s.TraceID] = t
		d.order = append(d.order, s.TraceID)
	}
	if t.bytes+len(data) > maxTraceBytes {
		t.dropped++
		return
	}
	t.segments = append(t.segments, s)
	t.bytes += len(data)
	d.bytes += len(data)
	for len(d.order) > maxTraces || d.bytes > maxDaemonBytes {
		d.forget(d.order[0])
	}
}

// forget drops a trace. The caller holds d.mu.
func (d *xrayDaemon) forget(id string) trace {
	t := d.traces[id]
	if t == nil {
		return trace{}
	}
	delete(d.traces, id)
	d.order = slices.DeleteFunc(d.order, func(other string) bool { return other == id })
	d.bytes -= t.bytes
	return *t
}

// take returns the segments of a trace that have arrived, and removes the trace.
func (d *xrayDaemon) take(header string) trace {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.forget(traceheader.Root(header))
}
