package xray

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit/internal/report"
)

// DefaultDaemon is where the daemon is looked for when nothing else is said.
const DefaultDaemon = "127.0.0.1:2000"

// Daemon sends documents to the X-Ray daemon, one in each datagram. It does not wait for the
// system. It spreads bursts within the Patience that it is given.
type Daemon struct {
	cfg     Config
	address string
	report  *report.Reporter
	conn    atomic.Pointer[connection]
	told    atomic.Bool // that documents are lost
	failing atomic.Bool // the last datagram was not sent
	pace    pace
	now     func() time.Time
	sleep   func(time.Duration)

	mu     sync.Mutex // guards dialling
	failed time.Time  // when dialling failed
}

// retryDial is how long a daemon that cannot be dialled is left alone.
const retryDial = 10 * time.Second

// dialTimeout bounds looking up the daemon's name, which in Lambda is an address.
const dialTimeout = 500 * time.Millisecond

// NewDaemon returns a Daemon. address is in the form of AWS_XRAY_DAEMON_ADDRESS,
// "host:port" or "tcp:host:port udp:host:port"; empty: DefaultDaemon. The first document
// makes the connection.
func NewDaemon(address string, cfg Config, r *report.Reporter) *Daemon {
	d := &Daemon{cfg: cfg, report: r, address: DefaultDaemon, now: time.Now, sleep: time.Sleep}
	if address != "" {
		if a, err := daemonAddress(address); err != nil {
			r.Once("daemon address", fmt.Errorf("tracing: %w; using %s", err, DefaultDaemon))
		} else {
			d.address = a
		}
	}
	return d
}

// daemonAddress returns the UDP address out of the two forms.
func daemonAddress(s string) (string, error) {
	address := ""
	fields := strings.Fields(s)
	for _, field := range fields {
		switch proto, rest, _ := strings.Cut(field, ":"); {
		case proto == "udp" && strings.Contains(rest, ":"):
			address = rest
		case proto == "tcp" && strings.Contains(rest, ":"):
		case len(fields) == 1:
			address = field
		}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return "", fmt.Errorf("the daemon's address %q is neither host:port nor tcp:host:port udp:host:port", s)
	}
	return address, nil
}

// Trouble tells how sending a document went wrong.
type Trouble struct {
	Dropped bool // spans ended faster than the daemon takes them
	Burst   bool // others are going to be dropped or to wait
	loss    Loss
	err     error
}

// Way says how a document is sent.
type Way struct {
	Capture  io.Writer // gets the document instead of the daemon, with a newline, if it is set
	Patience *Patience // nil: bursts are not spread
	Must     bool      // the document must arrive, since others depend on it
}

// Send sends the document of s. Trouble is for Report, which calls functions of the user and
// must not be called under locks.
func (d *Daemon) Send(s *Span, way Way) (trouble Trouble) {
	g := datagrams.Get().(*datagram)
	defer g.release()
	g.buf, trouble.loss = d.cfg.AppendDatagram(g.buf[:0], s)
	if way.Capture != nil {
		g.buf = append(g.buf, '\n')
		way.Capture.Write(g.buf[len(datagramHeader):])
		return trouble
	}
	var c *connection
	if c, trouble.err = d.connect(); c == nil {
		return trouble
	}
	if way.Patience != nil && !d.failing.Load() {
		wait, ok := d.pace.admit(len(g.buf), way.Must, way.Patience, d.now())
		trouble.Burst = wait > 0 || !ok
		if trouble.Dropped = !ok; !ok {
			return trouble
		}
		if wait > 0 {
			d.sleep(wait)
		}
	}
	trouble.err = c.send(g)
	for tries := 0; way.Must && tries < retries && isFull(trouble.err); tries++ {
		d.sleep(time.Millisecond)
		trouble.err = c.send(g)
	}
	if d.failing.Load() != (trouble.err != nil) {
		d.failing.Store(trouble.err != nil)
	}
	return trouble
}

// retries is how often a document that must arrive is sent again if the system has no room.
const retries = 3

// DroppedText describes spans that were dropped since they ended too fast.
func DroppedText(n int) string {
	return fmt.Sprintf("dropped %d spans: they ended faster than the X-Ray daemon takes them, about 50 in a millisecond after the first 100", n)
}

// Report reports trouble with the span of that name, once for each kind.
func (d *Daemon) Report(name string, t Trouble) {
	if t.err != nil && !d.told.Swap(true) {
		d.report.Report(fmt.Errorf("tracing: spans are lost, since the X-Ray daemon at %s cannot be reached: %w", d.address, t.err))
	}
	if t.loss.Cut() {
		limits := t.loss.String()
		d.report.Once("cut "+name+limits, fmt.Errorf("tracing: values of the span %.60q are cut: %s", name, limits))
	}
	if n := t.loss.Annotations; n > 0 {
		d.report.Once("annotations "+name, fmt.Errorf("tracing: %d annotations of the span %.60q are left out: they have to be strings, finite numbers or booleans, with a key, and at most %d", n, name, maxAnnotations))
	}
}

// connect returns the connection; nil where there is none to be had for now.
func (d *Daemon) connect() (*connection, error) {
	if c := d.conn.Load(); c != nil {
		return c, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.conn.Load(); c != nil {
		return c, nil
	}
	if !d.failed.IsZero() && time.Since(d.failed) < retryDial {
		return nil, nil
	}
	conn, err := dial(d.address)
	if err == nil {
		var c *connection
		if c, err = newConnection(conn); err == nil {
			d.conn.Store(c)
			return c, nil
		}
		conn.Close()
	}
	d.failed = time.Now()
	return nil, err
}

func dial(address string) (*net.UDPConn, error) {
	if a, err := netip.ParseAddrPort(address); err == nil {
		return net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(a))
	}
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.Dial("udp4", address) // where the daemon listens, by default
	if err != nil {
		conn, err = dialer.Dial("udp", address)
	}
	if err != nil {
		return nil, err
	}
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		return nil, errors.New("no UDP connection")
	}
	return udp, nil
}

const maxKept = 16 << 10 // of a buffer that is used again (golang.org/issue/23199)

var datagrams = sync.Pool{New: func() any { return newDatagram() }}

func (g *datagram) release() {
	if cap(g.buf) <= maxKept {
		datagrams.Put(g)
	}
}
