package faulttest

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Fault is a failure that the proxy causes for some requests.
type Fault string

// The faults.
const (
	Throttled   Fault = "throttled"    // refused with the server's error for throttling
	Failed      Fault = "failed"       // answered with an error, whether it was done or not
	Reset       Fault = "reset"        // the connection is cut before the request is passed on
	LostAnswer  Fault = "lost answer"  // the connection is cut after the request was done
	Hanging     Fault = "hanging"      // no answer, and the connection stays open
	LostHanging Fault = "lost hanging" // the same, and the request was done
)

// Faults returns all faults.
func Faults() []Fault { return append(QuickFaults(), Hanging, LostHanging) }

// QuickFaults returns the faults that clients notice immediately.
func QuickFaults() []Fault { return []Fault{Throttled, Failed, Reset, LostAnswer} }

// Wire reads and writes the messages of a protocol.
type Wire struct {
	// Request reads one request, and reports whether it may fail. A handshake may not.
	Request func(*bufio.Reader) (message []byte, mayFail bool, err error)

	// Response reads one response.
	Response func(*bufio.Reader) ([]byte, error)

	// Throttled and Failed are responses with an error.
	Throttled, Failed []byte
}

// Proxy stands between clients and a server.
type Proxy struct {
	Addr string // host and port on which it listens

	wire   Wire
	server string

	mu    sync.Mutex
	fault Fault
	rate  float64
	count atomic.Int64 // of faults
	conns map[net.Conn]struct{}
}

// NewProxy starts a Proxy in front of server, host and port, for the time of a test. It passes
// everything on until Break is called.
func NewProxy(t testing.TB, server string, wire Wire) *Proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), wire: wire, server: server, conns: make(map[net.Conn]struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.keep(c)
			wg.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.cutAll()
		wg.Wait()
	})
	return p
}

// Break makes a part of the requests fail, from 0 to 1.
func (p *Proxy) Break(f Fault, rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.rate = f, rate
}

// Count returns how many requests have failed.
func (p *Proxy) Count() int { return int(p.count.Load()) }

func (p *Proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = struct{}{}
}

func (p *Proxy) drop(c net.Conn) {
	p.mu.Lock()
	delete(p.conns, c)
	p.mu.Unlock()
	c.Close()
}

func (p *Proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// draw decides about one request; an empty Fault lets it pass.
func (p *Proxy) draw() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rate <= 0 || rand.Float64() >= p.rate {
		return ""
	}
	p.count.Add(1)
	return p.fault
}

// serve answers the requests of one client, one after the other.
func (p *Proxy) serve(client net.Conn) {
	defer p.drop(client)
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	p.keep(server)
	defer p.drop(server)
	requests, responses := bufio.NewReader(client), bufio.NewReader(server)
	for {
		request, mayFail, err := p.wire.Request(requests)
		if err != nil {
			return
		}
		var fault Fault
		if mayFail {
			fault = p.draw()
		}
		done := fault == "" || fault == LostAnswer || fault == LostHanging || fault == Failed && rand.IntN(2) == 0
		var response []byte
		if done {
			if _, err := server.Write(request); err != nil {
				return
			}
			if response, err = p.wire.Response(responses); err != nil {
				return
			}
		}
		switch fault {
		case Throttled:
			response = p.wire.Throttled
		case Failed:
			response = p.wire.Failed
		case Reset, LostAnswer:
			reset(client)
			return
		case Hanging, LostHanging:
			io.Copy(io.Discard, requests) // until the client gives up
			return
		}
		if _, err := client.Write(response); err != nil {
			return
		}
	}
}

// reset closes a connection so that its other end sees "connection reset by peer".
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

var errProtocol = errors.New("faulttest: not the protocol")
