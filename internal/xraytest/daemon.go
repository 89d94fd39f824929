package xraytest

import (
	"bytes"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"
)

const header = `{"format":"json","version":1}` + "\n"

// patience is the longest wait for a datagram, enough for slow machines.
const patience = 20 * time.Second

// Document is a segment document.
type Document struct {
	JSON    []byte
	Members map[string]any // as encoding/json decodes them
}

// Decode validates and decodes a document.
func Decode(t testing.TB, text []byte) Document {
	t.Helper()
	Validate(t, text)
	d := Document{JSON: text}
	if err := json.Unmarshal(text, &d.Members); err != nil {
		t.Fatalf("got error %v, want JSON: %.1000s", err, text)
	}
	return d
}

// At returns the value at a path of members, separated by dots, or nil if the document
// does not have it.
func (d Document) At(path string) any {
	return d.In(strings.Split(path, ".")...)
}

// In returns the value at a path of members, whose names may have dots, or nil if the
// document does not have it.
func (d Document) In(path ...string) any {
	var v any = d.Members
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// Daemon receives datagrams like the X-Ray daemon.
type Daemon struct {
	t    testing.TB
	conn *net.UDPConn
	got  chan []byte
}

// Listen starts a Daemon at a free port of 127.0.0.1, until the test ends.
func Listen(t testing.TB) *Daemon {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadBuffer(4 << 20) // as much as the system grants
	d := &Daemon{t: t, conn: conn, got: make(chan []byte, 1<<14)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.read()
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return d
}

// read receives datagrams immediately, since the system buffers few.
func (d *Daemon) read() {
	buf := make([]byte, 1<<16)
	for {
		n, err := d.conn.Read(buf)
		if err != nil {
			return
		}
		d.got <- bytes.Clone(buf[:n])
	}
}

// Addr returns the address in the form host:port.
func (d *Daemon) Addr() string { return d.conn.LocalAddr().String() }

// Next waits for the next datagram and returns its document. It fails t if no datagram comes,
// or if the datagram or its document is invalid.
func (d *Daemon) Next(t testing.TB) Document {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case datagram := <-d.got:
		text, ok := bytes.CutPrefix(datagram, []byte(header))
		if !ok {
			t.Fatalf("got datagram %.200q, want the protocol's header first", datagram)
		}
		return Decode(t, text)
	case <-timer.C:
		t.Fatalf("got no datagram in %v, want one", patience)
	}
	return Document{}
}

// Take returns the documents of the next n datagrams, as Next does.
func (d *Daemon) Take(n int) []Document {
	d.t.Helper()
	documents := make([]Document, n)
	for i := range documents {
		documents[i] = d.Next(d.t)
	}
	return documents
}

// Waiting returns the number of datagrams that Next has not returned yet.
func (d *Daemon) Waiting() int { return len(d.got) }
