package xray

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/internal/xraytest"
)

// reports collects the reports of a Daemon.
type reports struct {
	mu   sync.Mutex
	list []string
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, err.Error())
}

func (r *reports) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.list...)
}

func newDaemon(address string, cfg Config) (*Daemon, *reports) {
	r := new(reports)
	return NewDaemon(address, cfg, report.New(r.add)), r
}

func TestDaemonAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                              DefaultDaemon,
		"169.254.79.129:2000":           "169.254.79.129:2000",
		"localhost:2001":                "localhost:2001",
		"[::1]:2000":                    "[::1]:2000",
		"udp:127.0.0.1:2000":            "127.0.0.1:2000",
		"tcp:10.0.0.1:1 udp:10.0.0.2:2": "10.0.0.2:2",
		"udp:10.0.0.2:2 tcp:10.0.0.1:1": "10.0.0.2:2",
		"  tcp:h:1   udp:[::1]:2 ":      "[::1]:2",
		"udp:2000":                      "udp:2000", // a host called udp
		"tcp:10.0.0.1:1":                "",
		"tcp:10.0.0.1:1 tcp:10.0.0.2:2": "",
		"10.0.0.1:1 10.0.0.2:2":         "",
		"127.0.0.1":                     "",
		":2000":                         "",
		"127.0.0.1:":                    "",
		"::1:2000":                      "",
		"udp:":                          "",
		"nonsense":                      "",
		"http://127.0.0.1:2000":         "",
		" ":                             "",
	} {
		d, r := newDaemon(address, Config{})
		reported := strings.Join(r.all(), "\n")
		if want == "" {
			if d.address != DefaultDaemon || !strings.Contains(reported, fmt.Sprintf("%q", address)) || !strings.Contains(reported, "using "+DefaultDaemon) {
				t.Errorf("%q: got address %s and report %q, want %s and a report", address, d.address, reported, DefaultDaemon)
			}
		} else if d.address != want || reported != "" {
			t.Errorf("%q: got address %s and report %q, want %s and none", address, d.address, reported, want)
		}
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	fake := xraytest.Listen(t)
	for _, address := range []string{fake.Addr(), "udp:" + fake.Addr(), "tcp:127.0.0.1:1 udp:" + fake.Addr()} {
		d, r := newDaemon(address, Config{Indexed: []string{"a"}})
		s := newSpan(internal, str("a", "b"))
		want, _ := d.cfg.AppendDocument(nil, s)
		send(d, s, nil)
		s.Name = "second"
		send(d, s, nil)
		got := fake.Take(2)
		if !bytes.Equal(got[0].JSON, want) || got[1].At("name") != "second" || got[1].At("annotations.a") != "b" {
			t.Errorf("%s: got %s and %s, want %s and the second span", address, got[0].JSON, got[1].JSON, want)
		}
		if list := r.all(); list != nil {
			t.Errorf("%s: got reports %q, want none", address, list)
		}
	}
}

// The longest document arrives whole. One byte more is cut.
func TestSendLongest(t *testing.T) {
	t.Parallel()
	fake := xraytest.Listen(t)
	d, r := newDaemon(fake.Addr(), Config{})
	s := newSpan(internal)
	size := func() int {
		text, _ := d.cfg.AppendDocument(nil, s)
		return len(text)
	}
	for i := range 4 {
		s.Attributes = append(s.Attributes, str(fmt.Sprint("a", i), strings.Repeat("x", 16_000)))
	}
	s.Attributes = append(s.Attributes, str("b", ""))
	s.Attributes[4] = str("b", strings.Repeat("x", MaxDocument-size()))
	if n := size(); n != MaxDocument {
		t.Fatalf("got %d bytes, want %d", n, MaxDocument)
	}
	send(d, s, nil)
	if got := fake.Next(t); len(got.JSON) != MaxDocument {
		t.Errorf("got %d bytes, want %d", len(got.JSON), MaxDocument)
	}
	s.Attributes[4] = str("b", s.Attributes[4].Value.AsString()+"x") // one byte too many
	send(d, s, nil)
	if got := fake.Next(t); len(got.JSON) >= MaxDocument || got.At("metadata.default.b") == nil {
		t.Errorf("got %d bytes, want fewer than %d, with the key b", len(got.JSON), MaxDocument)
	}
	if list := r.all(); len(list) != 1 || !strings.Contains(list[0], "cut") {
		t.Errorf("got reports %q, want one of a cut value", list)
	}
}

// One large document must not occupy memory for ever.
func TestLargeBuffersAreNotKept(t *testing.T) {
	t.Parallel()
	for range 20 {
		g := datagrams.Get().(*datagram)
		g.buf = make([]byte, 0, maxKept+1)
		g.release()
		if again := datagrams.Get().(*datagram); cap(again.buf) > maxKept {
			t.Fatalf("got a buffer of %d bytes again, want at most %d", cap(again.buf), maxKept)
		}
	}
}

func TestCapture(t *testing.T) {
	t.Parallel()
	fake := xraytest.Listen(t)
	d, _ := newDaemon(fake.Addr(), Config{})
	var b bytes.Buffer
	s := newSpan(internal, str("a", "line\nline"))
	send(d, s, &b)
	send(d, s, &b)
	lines := strings.SplitAfter(b.String(), "\n")
	if len(lines) != 3 || lines[2] != "" {
		t.Fatalf("got lines %q, want two", lines)
	}
	for _, line := range lines[:2] {
		xraytest.Validate(t, []byte(line))
	}
	if d.conn.Load() != nil || fake.Waiting() != 0 {
		t.Error("got a captured document sent to the daemon, want none")
	}
}

func TestLossIsReportedOnce(t *testing.T) {
	t.Parallel()
	fake := xraytest.Listen(t)
	d, r := newDaemon(fake.Addr(), Config{})
	s := newSpan(internal, str("a", strings.Repeat("x", 70_000)))
	s.Annotations = attrs{strs("list", "x")}
	for range 3 {
		send(d, s, nil)
	}
	named := newSpan(internal)
	named.Name = strings.Repeat("é", maxName+1)
	send(d, named, nil)
	named.Name = strings.Repeat("è", maxName) // the longest name
	send(d, named, nil)
	s.Annotations = attrs{str("long", strings.Repeat("x", 2000))} // another limit of the same span
	send(d, s, nil)
	fake.Take(6)
	want := []string{
		`values of the span "span name" are cut: a document has at most 65477 bytes`,
		`1 annotations of the span "span name" are left out`,
		`are cut: a name has at most 200 characters`,
		`values of the span "span name" are cut: an annotation has at most 1000 characters, a document has at most 65477 bytes`,
	}
	list := r.all()
	if len(list) != len(want) {
		t.Fatalf("got reports %q, want %d", list, len(want))
	}
	for i, text := range want {
		if !strings.Contains(list[i], text) {
			t.Errorf("got report %q, want %q", list[i], text)
		}
	}
}

// If no daemon listens, Send reports it once and does not wait.
func TestAbsentDaemon(t *testing.T) {
	t.Parallel()
	// A socket occupies the port, so that no other test listens there. The socket receives only
	// datagrams of its peer.
	local := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	conn, err := net.DialUDP("udp4", local, &net.UDPAddr{IP: local.IP, Port: 9})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	address := conn.LocalAddr().String()
	d, r := newDaemon(address, Config{})
	s := newSpan(internal)
	for range 1000 { // the first refusal comes with the second datagram or a later one
		send(d, s, nil)
	}
	if list := r.all(); len(list) != 1 || !strings.Contains(list[0], address) || !strings.Contains(list[0], "refused") {
		t.Errorf("got reports %q, want one refusal by %s", list, address)
	}
}

// If the address cannot be dialled, Send does not dial again each time.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	d, r := newDaemon("127.0.0.1:99999", Config{})
	for range 100 {
		send(d, newSpan(internal), nil)
	}
	if list := r.all(); len(list) != 1 || !strings.Contains(list[0], "127.0.0.1:99999") {
		t.Errorf("got reports %q, want one with the address", list)
	}
	if d.failed.IsZero() || d.conn.Load() != nil {
		t.Error("got a connection, want none")
	}

	// dial accepts a host name.
	if conn, err := dial("localhost:2000"); err != nil {
		t.Error(err)
	} else {
		conn.Close()
	}

	// After retryDial, Send dials again and finds the daemon.
	fake := xraytest.Listen(t)
	d.address, d.failed = fake.Addr(), time.Now().Add(-retryDial)
	send(d, newSpan(internal), nil)
	fake.Next(t)
}

// Several goroutines share one connection, which the first Send dials.
func TestConcurrentSends(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 25
	fake := xraytest.Listen(t)
	d, r := newDaemon(fake.Addr(), Config{Indexed: []string{"n"}})
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range each {
				n := g*each + i
				s := newSpan(internal, num("n", n), str("text", strings.Repeat(string(rune('a'+g)), 100+i)))
				binary.BigEndian.PutUint64(s.ID[:], uint64(n+1))
				s.Name = fmt.Sprint("span ", n)
				send(d, s, nil)
			}
		})
	}
	wg.Wait()
	seen := make(map[float64]bool)
	for _, doc := range fake.Take(goroutines * each) {
		n := doc.At("annotations.n").(float64)
		id := trace.SpanID{}
		binary.BigEndian.PutUint64(id[:], uint64(n)+1)
		text := doc.At("metadata.default.text").(string)
		if seen[n] || doc.At("name") != fmt.Sprint("span ", n) || doc.At("id") != id.String() ||
			text != strings.Repeat(string(rune('a'+int(n)/each)), 100+int(n)%each) {
			t.Errorf("got document %s, want each span once with its own name, id and text", doc.JSON)
		}
		seen[n] = true
	}
	if list := r.all(); list != nil {
		t.Errorf("got reports %q, want none", list)
	}
}

// Several goroutines may encode the same span at the same time.
func TestConcurrentDocuments(t *testing.T) {
	t.Parallel()
	s := newSpan(client, everywhere("x")...)
	s.Metadata = []Metadata{{"default", "k", json.RawMessage(`1`)}}
	cfg := Config{Indexed: []string{"indexed"}}
	want, _ := cfg.AppendDocument(nil, s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var buf []byte
			for range 50 {
				if buf, _ = cfg.AppendDocument(buf[:0], s); !bytes.Equal(buf, want) {
					t.Errorf("got %s, want %s", buf, want)
				}
			}
		})
	}
	wg.Wait()
}

// send sends a span and reports the problems.
func send(d *Daemon, s *Span, capture io.Writer) {
	d.Report(s.Name, d.Send(s, SendOptions{Capture: capture}))
}
