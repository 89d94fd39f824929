//go:build unix

package xray

import (
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/xraytest"
)

// TestFullBuffer sends to a socket that is not read. Unlike with UDP, the system accepts only a
// limited number of datagrams. The next one is lost, and Send returns immediately.
func TestFullBuffer(t *testing.T) {
	t.Parallel()
	address := &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unixgram"}
	reader, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	writer, err := net.DialUnix("unixgram", nil, address)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	c, err := newConnection(writer)
	if err != nil {
		t.Fatal(err)
	}
	d, r := newDaemon("127.0.0.1:1", Config{})
	d.conn.Store(c)
	s := newSpan(internal, str("a", strings.Repeat("x", 10_000)))
	const sends = 10_000 // 100 MB, more than any buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range sends {
			send(d, s, nil)
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("got a Send that waits for room, want it to return")
	}
	if list := r.all(); len(list) != 1 || !strings.Contains(list[0], "spans are lost") {
		t.Errorf("got reports %q, want one of lost spans", list)
	}

	// The accepted datagrams are whole. When there is room, new ones arrive.
	buf := make([]byte, 1<<16)
	read := func() string {
		t.Helper()
		reader.SetReadDeadline(time.Now().Add(time.Minute))
		n, err := reader.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		text, ok := strings.CutPrefix(string(buf[:n]), datagramHeader)
		if !ok {
			t.Fatalf("got datagram %.100q, want the daemon's header first", buf[:n])
		}
		xraytest.Validate(t, []byte(text))
		return text
	}
	read()
	s.Name = "after"
	send(d, s, nil)
	for n := 0; !strings.Contains(read(), `"name":"after"`); n++ {
		if n == sends {
			t.Fatal("got no span \"after\", want it as the last datagram")
		}
	}
}

// A document that must arrive is sent again until there is room.
func TestFullBufferRetries(t *testing.T) {
	t.Parallel()
	address := &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unixgram"}
	reader, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	writer, err := net.DialUnix("unixgram", nil, address)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	c, err := newConnection(writer)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := newDaemon("127.0.0.1:1", Config{})
	d.conn.Store(c)
	s := newSpan(internal, str("a", strings.Repeat("x", 10_000)))
	for i := 0; d.Send(s, SendOptions{}).err == nil; i++ {
		if i == 10_000 {
			if runtime.GOOS == "linux" {
				t.Fatal("got no full buffer after 10,000 datagrams, want one")
			}
			t.Skip("the system's buffer has no end")
		}
	}
	sleeps := 0
	buf := make([]byte, 1<<16)
	d.sleep = func(time.Duration) {
		if sleeps++; sleeps == 2 {
			reader.Read(buf)
		}
	}
	if result := d.Send(s, SendOptions{Must: true}); result.err != nil || sleeps != 2 {
		t.Errorf("got %v after %d retries, want success after 2", result.err, sleeps)
	}
	sleeps = 10
	if result := d.Send(s, SendOptions{Must: true}); result.err == nil || sleeps != 10+retries {
		t.Errorf("got %v after %d retries, want an error after %d", result.err, sleeps-10, retries)
	}
	if result := d.Send(s, SendOptions{}); result.err == nil || sleeps != 10+retries {
		t.Errorf("got %v, want an error without retries of a span that may be lost", result.err)
	}
}
