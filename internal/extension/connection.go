package extension

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer is the longest answer that is read, with its headers. Events have less than 1 KB.
const maxAnswer = 64 << 10

// connection sends requests to the Runtime API, one after the other, over one connection. It is used by one
// goroutine at a time. http.Client would cost two goroutines, and half a millisecond at the start of a function.
type connection struct {
	conn   net.Conn // nil if there is none
	answer io.LimitedReader
	r      *bufio.Reader // of answer
}

// do sends a request and returns the answer, whose body is in memory. A timeout of 0 is none. It is not
// sent again if the connection is broken, but the next request uses a new connection.
func (c *connection) do(req *http.Request, timeout time.Duration) (resp *http.Response, err error) {
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if c.conn == nil {
		if err := c.dial(req.URL, deadline); err != nil {
			return nil, err
		}
	}
	keep := false
	defer func() {
		if !keep {
			c.conn.Close()
			c.conn = nil
		}
		if err != nil {
			err = fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, err)
		}
	}()
	if timeout > 0 {
		c.conn.SetDeadline(deadline)
		defer c.conn.SetDeadline(time.Time{})
	}
	if err := req.Write(c.conn); err != nil {
		return nil, err
	}
	c.answer.N = maxAnswer
	if resp, err = http.ReadResponse(c.r, req); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	keep = !resp.Close
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (c *connection) dial(to *url.URL, deadline time.Time) error {
	d := net.Dialer{Deadline: deadline, KeepAlive: -1} // a connection to the same machine
	conn, err := d.Dial("tcp", net.JoinHostPort(to.Hostname(), cmp.Or(to.Port(), "80")))
	if err != nil {
		return err
	}
	c.conn, c.answer = conn, io.LimitedReader{R: conn}
	c.r = bufio.NewReader(&c.answer)
	return nil
}
