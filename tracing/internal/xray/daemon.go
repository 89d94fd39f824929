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

// Daemon sends documents to the X-Ray daemon, one in each datagram. It never blocks:
// what the system does not take at once is lost, and that is reported.
type Daemon struct {
	cfg     Config
	address string
	report  *report.Reporter
	conn    atomic.Pointer[connection]
	told    atomic.Bool // that documents are lost

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
	d := &Daemon{cfg: cfg, report: r, address: DefaultDaemon}
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

// Trouble is what went wrong while a document was sent.
type Trouble struct {
	loss Loss
	err  error
}

// Send sends the document of s. Where capture is not nil the document goes there instead,
// followed by a newline. What went wrong is for Report, which calls functions of the user
// and must not be called under locks.
func (d *Daemon) Send(s *Span, capture io.Writer) (trouble Trouble) {
	g := datagrams.Get().(*datagram)
	defer g.release()
	g.buf, trouble.loss = d.cfg.AppendDatagram(g.buf[:0], s)
	if capture != nil {
		g.buf = append(g.buf, '\n')
		capture.Write(g.buf[len(datagramHeader):])
		return trouble
	}
	var c *connection
	if c, trouble.err = d.connect(); c != nil {
		trouble.err = c.send(g)
	}
	return trouble
}

// Report reports trouble with the span of that name, once for each kind.
func (d *Daemon) Report(name string, t Trouble) {
	if t.err != nil && !d.told.Swap(true) {
		d.report.Report(fmt.Errorf("tracing: spans are lost, since the X-Ray daemon at %s cannot be reached: %w", d.address, t.err))
	}
	if t.loss.Cut {
		d.report.Once("cut "+name, fmt.Errorf("tracing: the span %.60q has values that are too long, which are cut: X-Ray takes %d characters of a name, %d of an annotation, and %d bytes of a document", name, maxName, maxAnnotation, MaxDocument))
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
