//go:build unix

package xray

import (
	"syscall"
)

// connection writes without waiting for room in the system's buffer. A wait may take seconds if
// the daemon's address does not answer.
type connection struct {
	raw  syscall.RawConn
	conn syscall.Conn // keeps the socket open
}

func newConnection(conn syscall.Conn) (*connection, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &connection{raw, conn}, nil
}

// datagram holds a datagram to write. It is reused together with the function that
// RawConn.Control needs, so that a write does not allocate.
type datagram struct {
	buf   []byte
	err   error // error of this write; ECONNREFUSED may belong to an earlier datagram
	write func(fd uintptr)
}

func newDatagram() *datagram {
	g := new(datagram)
	g.write = g.writeTo
	return g
}

func (g *datagram) writeTo(fd uintptr) {
	g.err = nil
	for range 3 {
		_, err := syscall.Write(int(fd), g.buf)
		if err != nil && err != syscall.EINTR {
			g.err = err
		}
		// The system returns ECONNREFUSED for an earlier datagram. This one was not sent.
		if err != syscall.ECONNREFUSED && err != syscall.EINTR {
			break
		}
	}
}

// isFull reports whether the system had no room for a datagram.
func isFull(err error) bool { return err == syscall.EAGAIN || err == syscall.ENOBUFS }

func (c *connection) send(g *datagram) error {
	// Control and not Write, since Write makes writers wait for each other. They need not: the
	// system sends each datagram as a whole.
	if err := c.raw.Control(g.write); err != nil {
		return err
	}
	return g.err
}
