package main

import (
	"bytes"
	"crypto/rand"
	"net"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/segment"
)

// xrayDaemon takes the datagrams that a function sends to Lambda's X-Ray daemon.
type xrayDaemon struct {
	*traces
	conn net.PacketConn

	syncing sync.Mutex // held by sync

	mu   sync.Mutex
	mark []byte        // that sync waits for; nil: none
	seen chan struct{} // closed when the mark comes out
}

// markWait bounds the wait for a mark that is lost since the socket's buffer is full.
const markWait = time.Second

// listenXRay listens at a free port. If the function is started by an editor, whose settings stay, it is the
// port of that address, if possible.
func listenXRay(t *traces, attach string) (*xrayDaemon, error) {
	var conn net.PacketConn
	_, port, err := net.SplitHostPort(attach)
	if err == nil {
		conn, err = net.ListenPacket("udp", "127.0.0.1:"+port)
	}
	if err != nil {
		conn, err = net.ListenPacket("udp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, err
	}
	d := &xrayDaemon{traces: t, conn: conn}
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
	if d.isMark(data) {
		return
	}
	if s, ok := segment.ReadDatagram(data); ok {
		d.add(s, len(data))
	}
}

// isMark reports whether a datagram is the mark that sync waits for.
func (d *xrayDaemon) isMark(data []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mark == nil || !bytes.Equal(data, d.mark) {
		return false
	}
	close(d.seen)
	d.mark = nil
	return true
}
