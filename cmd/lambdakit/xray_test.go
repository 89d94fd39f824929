package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

func newDaemon() *xrayDaemon { return &xrayDaemon{traces: newTraces()} }

// datagram returns a datagram with a segment of about size bytes.
func datagram(trace, id string, size int) []byte {
	return fmt.Appendf(nil, "{\"format\":\"json\",\"version\":1}\n"+`{"id":%q,"trace_id":%q,"name":%q}`, id, trace, strings.Repeat("n", size))
}

func TestDaemon_TakesATraceOnce(t *testing.T) {
	t.Parallel()
	d := newDaemon()
	d.datagram(datagram("1-a", "1", 1))
	d.datagram(datagram("1-b", "2", 1))
	if got := d.take("Root=1-a;Parent=x;Sampled=1").segments; len(got) != 1 || got[0].ID != "1" {
		t.Errorf("got %+v, want the segment of the trace", got)
	}
	if got := d.take("Root=1-a").segments; len(got) != 0 {
		t.Errorf("got %+v for the second time, want nothing", got)
	}
	if len(d.order) != 1 || len(d.byID) != 1 {
		t.Errorf("got %d traces and an order of %d, want 1 and 1", len(d.byID), len(d.order))
	}
}

func TestDaemon_OddDatagrams(t *testing.T) {
	t.Parallel()
	d := newDaemon()
	for _, data := range []string{"", "\n", "{}", `{"format":"json"}` + "\n", `{"format":"json"}` + "\n[]", "x\n{}", `{"format":"json"}` + "\n{\"id\":1}"} {
		d.datagram([]byte(data))
	}
	if len(d.byID) != 0 {
		t.Errorf("got %d traces, want none", len(d.byID))
	}
}

func TestDaemon_TracesAreBounded(t *testing.T) {
	t.Parallel()
	d := newDaemon()
	for i := range maxTraces + 5 {
		d.datagram(datagram(fmt.Sprint(i), "1", 1))
	}
	if len(d.byID) != maxTraces || len(d.order) != maxTraces {
		t.Errorf("got %d traces, want %d", len(d.byID), maxTraces)
	}
	if len(d.take("Root=4").segments) != 0 || len(d.take("Root=5").segments) != 1 {
		t.Error("got trace 4 or no trace 5, want the oldest traces dropped")
	}
}

func TestDaemon_BytesOfATraceAreBounded(t *testing.T) {
	t.Parallel()
	d := newDaemon()
	const size = 40 << 10
	d.datagram(datagram("t", "1", 1))
	d.byID["t"].bytes = maxTraceBytes - 2*size // as if it had arrived
	for i := range 5 {
		d.datagram(datagram("t", fmt.Sprint(i), size))
	}
	if got := d.take("Root=t"); got.bytes > maxTraceBytes || got.dropped != 4 || len(got.segments) != 2 {
		t.Errorf("got %d bytes, %d segments and %d dropped segments, want at most %d, 2 and 4", got.bytes, len(got.segments), got.dropped, maxTraceBytes)
	}
}

func TestDaemon_BytesOfAllTracesAreBounded(t *testing.T) {
	t.Parallel()
	d := newDaemon()
	const size = 40 << 10
	d.datagram(datagram("old", "1", size))
	d.datagram(datagram("older", "1", size))
	d.bytes = maxDaemonBytes - size // as if more had arrived
	d.datagram(datagram("new", "1", size))
	if d.bytes > maxDaemonBytes || d.byID["old"] != nil || d.byID["new"] == nil {
		t.Errorf("got %d bytes and the traces %v, want at most %d bytes and the new traces", d.bytes, d.order, maxDaemonBytes)
	}
}

func TestDaemon_BytesAreCountedBack(t *testing.T) {
	t.Parallel()
	d := newDaemon()
	for i := range 2 * maxTraces {
		d.datagram(datagram(fmt.Sprint(i), "1", 10))
	}
	for len(d.order) > 0 {
		d.take("Root=" + d.order[0])
	}
	if d.bytes != 0 {
		t.Errorf("got %d bytes without a trace, want 0", d.bytes)
	}
}

func TestDaemon_SyncWaitsForDatagrams(t *testing.T) {
	t.Parallel()
	d, err := listenXRay(newTraces(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	conn, err := net.Dial("udp", d.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i := range 50 {
		id := fmt.Sprint(i)
		conn.Write([]byte("lambdakit:mark")) // of a function that tries to end the wait
		conn.Write(datagram(id, id, 100))
		d.sync()
		if got := d.take("Root=" + id).segments; len(got) != 1 {
			t.Fatalf("got %d segments of trace %d, want 1", len(got), i)
		}
	}
}
