//go:build unix

package xray

import (
	"syscall"
)

// connection writes without waiting for room in the system's buffer, which may take
// seconds where the address of the daemon does not answer.
type connection struct {
	raw  syscall.RawConn
	conn syscall.Conn // kept open
}

func newConnection(conn syscall.Conn) (*connection, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &connection{raw, conn}, nil
}

// datagram is one that is being written. It is reused, with the function that RawConn
// wants.
type datagram struct {
	buf   []byte
	err   error // what went wrong with it, or with the one before
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
		// The refusal of an earlier datagram is told to this one, which was not sent.
		if err != syscall.ECONNREFUSED && err != syscall.EINTR {
			break
		}
	}
}

// isFull reports whether the system had no room for a datagram.
func isFull(err error) bool { return err == syscall.EAGAIN || err == syscall.ENOBUFS }

func (c *connection) send(g *datagram) error {
	// Control, not Write: the system sends a datagram as a whole, so that writers need
	// not wait for each other.
	if err := c.raw.Control(g.write); err != nil {
		return err
	}
	return g.err
}
