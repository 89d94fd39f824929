//go:build !unix

package xray

import "net"

// connection writes datagrams on systems that Lambda does not run on, for development.
type connection struct{ conn net.Conn }

func newConnection(conn net.Conn) (*connection, error) { return &connection{conn}, nil }

type datagram struct{ buf []byte }

func newDatagram() *datagram { return new(datagram) }

func (c *connection) send(g *datagram) error {
	_, err := c.conn.Write(g.buf)
	return err
}

func isFull(error) bool { return false }
