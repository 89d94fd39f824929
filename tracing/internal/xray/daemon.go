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

// DefaultDaemon is the daemon's address if none is configured.
const DefaultDaemon = "127.0.0.1:2000"

// Daemon sends documents to the X-Ray daemon, one document in each UDP datagram. It does not wait
// for the system. In a burst it waits between datagrams, within the limits of a WaitBudget.
type Daemon struct {
	cfg     Config
	address string
	report  *report.Reporter
	conn    atomic.Pointer[connection]
	told    atomic.Bool // Report has reported lost documents
	failing atomic.Bool // the last datagram was not sent
	pace    pace
	now     func() time.Time
	sleep   func(time.Duration)

	mu     sync.Mutex // protects failed, and dialling
	failed time.Time  // time of the last failed dial
}

// retryDial is the time between two attempts to dial.
const retryDial = 10 * time.Second

// dialTimeout limits the look-up of the daemon's host name. In Lambda the host is an IP address.
const dialTimeout = 500 * time.Millisecond

// NewDaemon returns a Daemon. address has the format of AWS_XRAY_DAEMON_ADDRESS:
// "host:port" or "tcp:host:port udp:host:port". If it is empty, the address is DefaultDaemon. If
// it is malformed, NewDaemon reports that and uses DefaultDaemon. The first document dials.
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

// daemonAddress returns the UDP address of either format.
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

// SendResult holds the outcome of Send.
type SendResult struct {
	Dropped bool // the document was not sent, since spans ended faster than the daemon reads them
	Burst   bool // the document was dropped or had to wait; the next ones may too
	loss    Loss
	err     error
}

// SendOptions holds the options of Send.
type SendOptions struct {
	Capture io.Writer   // if set, the document and a newline go here and not to the daemon
	Budget  *WaitBudget // if nil, Send neither waits nor drops in a burst
	Must    bool        // the document must arrive, since other documents depend on it
}

// Send sends the document of s. Pass the SendResult to Report after you release all locks: Report
// calls functions of the user.
func (d *Daemon) Send(s *Span, o SendOptions) (result SendResult) {
	g := datagrams.Get().(*datagram)
	defer g.release()
	g.buf, result.loss = d.cfg.AppendDatagram(g.buf[:0], s)
	if o.Capture != nil {
		g.buf = append(g.buf, '\n')
		o.Capture.Write(g.buf[len(datagramHeader):])
		return result
	}
	var c *connection
	if c, result.err = d.connect(); c == nil {
		return result
	}
	if o.Budget != nil && !d.failing.Load() {
		wait, ok := d.pace.admit(len(g.buf), o.Must, o.Budget, d.now())
		result.Burst = wait > 0 || !ok
		if result.Dropped = !ok; !ok {
			return result
		}
		if wait > 0 {
			d.sleep(wait)
		}
	}
	result.err = c.send(g)
	for tries := 0; o.Must && tries < retries && isFull(result.err); tries++ {
		d.sleep(time.Millisecond)
		result.err = c.send(g)
	}
	if d.failing.Load() != (result.err != nil) {
		d.failing.Store(result.err != nil)
	}
	return result
}

// retries is the number of times that Send sends a document again that must arrive, if the
// system's buffer is full.
const retries = 3

// DroppedText returns the report of n spans that were dropped since they ended too fast.
func DroppedText(n int) string {
	return fmt.Sprintf("dropped %d spans: they ended faster than the X-Ray daemon takes them, about 50 in a millisecond after the first 100", n)
}

// Report reports the problems of sending the span called name. It reports each kind of problem
// once.
func (d *Daemon) Report(name string, r SendResult) {
	if r.err != nil && !d.told.Swap(true) {
		d.report.Report(fmt.Errorf("tracing: spans are lost, since the X-Ray daemon at %s cannot be reached: %w", d.address, r.err))
	}
	if r.loss.Cut() {
		limits := r.loss.String()
		d.report.Once("cut "+name+limits, fmt.Errorf("tracing: values of the span %.60q are cut: %s", name, limits))
	}
	if n := r.loss.Annotations; n > 0 {
		d.report.Once("annotations "+name, fmt.Errorf("tracing: %d annotations of the span %.60q are left out: they have to be strings, finite numbers or booleans, with a key, and at most %d", n, name, maxAnnotations))
	}
}

// connect returns the connection, and dials the first time. It returns nil if dialling fails or
// has failed recently.
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
	conn, err := dialer.Dial("udp4", address) // the daemon listens on IPv4 by default
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

const maxKept = 16 << 10 // bytes: larger buffers are not reused (golang.org/issue/23199)

var datagrams = sync.Pool{New: func() any { return newDatagram() }}

func (g *datagram) release() {
	if cap(g.buf) <= maxKept {
		datagrams.Put(g)
	}
}
