//go:build unix

package xray

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slowDaemon reads datagrams only while the sender sleeps: rate datagrams in a millisecond.
type slowDaemon struct {
	t    *testing.T
	conn *net.UDPConn
	rate int
	due  time.Duration // part of the waits in which it has read nothing yet
	now  time.Time
	wait time.Duration // total
	got  []string      // names of spans
}

// newSlowDaemon returns a slowDaemon and a Daemon that sends to it. The clock of the Daemon
// advances only while it sleeps.
func newSlowDaemon(t *testing.T, rate int) (*slowDaemon, *Daemon) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	slow := &slowDaemon{t: t, conn: conn, rate: rate, now: start}
	d, _ := newDaemon(conn.LocalAddr().String(), Config{})
	d.now = func() time.Time { return slow.now }
	d.sleep = func(wait time.Duration) {
		slow.now = slow.now.Add(wait)
		slow.wait += wait
		slow.due += wait
		n := int(slow.due * time.Duration(rate) / time.Millisecond)
		if n > 0 {
			slow.take(n)
			slow.due -= time.Duration(n) * time.Millisecond / time.Duration(rate)
		}
	}
	return slow, d
}

// take reads at most n datagrams.
func (s *slowDaemon) take(n int) {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		s.t.Fatal(err)
	}
	buf := make([]byte, 1<<16)
	for range n {
		var size int
		raw.Read(func(fd uintptr) bool {
			size, err = syscall.Read(int(fd), buf)
			return true
		})
		if errors.Is(err, syscall.EAGAIN) {
			return
		}
		_, document, _ := bytes.Cut(buf[:size], []byte("\n"))
		var span struct{ Name string }
		if err := json.Unmarshal(document, &span); err != nil {
			s.t.Fatal(err)
		}
		s.got = append(s.got, span.Name)
	}
}

func named(name string) *Span {
	s := newSpan(internal)
	s.Name = name
	return s
}

// sendBurst sends n spans and the handler span, at the same time, and returns how many spans
// the sender dropped.
func sendBurst(d *Daemon, n int, text string) (dropped int) {
	p := &WaitBudget{Max: MaxWait, Free: FreeBytes}
	for i := range n {
		s := named(fmt.Sprint("span ", i))
		s.Attributes = attrs{str("a", text)}
		if d.Send(s, SendOptions{Budget: p}).Dropped {
			dropped++
		}
	}
	if d.Send(named("handler"), SendOptions{Budget: p, Must: true}).Dropped {
		dropped++
	}
	return dropped
}

func TestBurst_AllSpansArrive(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spans, bytes, rate int
	}{
		"small spans": {250, 100, 50},
		"large spans": {10, 60_000, 1},
	} {
		slow, d := newSlowDaemon(t, c.rate)
		dropped := sendBurst(d, c.spans, strings.Repeat("x", c.bytes))
		slow.take(c.spans + 2)
		if dropped != 0 || len(slow.got) != c.spans+1 || slow.got[c.spans] != "handler" {
			t.Errorf("%s: got %d spans and %d dropped, want %d and the handler span", name, len(slow.got), dropped, c.spans)
		}
		if most := MaxWait + settle; slow.wait > most {
			t.Errorf("%s: got waits of %v, want at most %v", name, slow.wait, most)
		}
	}
}

// The handler span arrives even if the daemon reads only a quarter of the usual number.
func TestBurst_TheHandlerSpanReachesASlowDaemon(t *testing.T) {
	t.Parallel()
	slow, d := newSlowDaemon(t, 12)
	sendBurst(d, 1000, "x")
	slow.take(10_000)
	if last := slow.got[len(slow.got)-1]; last != "handler" {
		t.Errorf("got %q last, want the handler span", last)
	}
}

func TestBurst_WaitsAreBoundedAndTheRestIsDropped(t *testing.T) {
	t.Parallel()
	slow, d := newSlowDaemon(t, 50)
	const spans = 3000
	dropped := sendBurst(d, spans, "x")
	slow.take(spans)
	if dropped == 0 || len(slow.got) != spans+1-dropped || slow.got[len(slow.got)-1] != "handler" {
		t.Errorf("got %d spans and %d dropped of %d, want no other lost and the handler span", len(slow.got), dropped, spans)
	}
	if most := MaxWait + settle; slow.wait > most || slow.wait < MaxWait/2 {
		t.Errorf("got waits of %v, want at most %v", slow.wait, most)
	}
}

func TestBurst_IsForgottenWithTime(t *testing.T) {
	t.Parallel()
	slow, d := newSlowDaemon(t, 0)
	for range 20 {
		if dropped := sendBurst(d, 90, "x"); dropped != 0 || slow.wait > 20*settle {
			t.Fatalf("got %d dropped and waits of %v, want none", dropped, slow.wait)
		}
		slow.take(1000)
		slow.now = slow.now.Add(4 * time.Millisecond)
	}
}

// Invocations that end many spans together, but few each, do not wait for each other.
func TestBurst_ManyInvocationsWithTenSpansDoNotWait(t *testing.T) {
	t.Parallel()
	slow, d := newSlowDaemon(t, 50)
	for range 300 {
		if dropped := sendBurst(d, 10, "x"); dropped != 0 || slow.wait != 0 {
			t.Fatalf("got %d dropped and waits of %v, want none", dropped, slow.wait)
		}
		slow.take(100)
	}
	// A burst after them is paced as if the buffer were full, not longer.
	dropped := sendBurst(d, 250, "x")
	slow.take(1000)
	if dropped != 0 || slow.got[len(slow.got)-1] != "handler" || len(slow.got) != 300*11+251 {
		t.Errorf("got %d spans and %d dropped, want all and the handler span last", len(slow.got), dropped)
	}
	if slow.wait < settle || slow.wait > MaxWait+settle {
		t.Errorf("got waits of %v, want %v to %v", slow.wait, settle, MaxWait+settle)
	}
}

func TestWaitBudget_FreeBytesAreUsedUpForGood(t *testing.T) {
	t.Parallel()
	b := &WaitBudget{Free: 10}
	for i, c := range []struct {
		n    int
		want bool
	}{{4, true}, {6, true}, {1, false}, {0, false}} {
		if got := b.free(c.n); got != c.want {
			t.Errorf("document %d: got %v, want %v", i, got, c.want)
		}
	}
	if b := new(WaitBudget); b.free(1) {
		t.Error("got free bytes by default, want none")
	}
}

func TestBurst_IsForgottenAfterDays(t *testing.T) {
	t.Parallel()
	slow, d := newSlowDaemon(t, 0)
	sendBurst(d, 1000, "x")
	slow.wait, slow.now = 0, slow.now.Add(60*time.Hour)
	if dropped := sendBurst(d, 60, "x"); dropped != 0 || slow.wait != 0 {
		t.Errorf("got %d dropped and waits of %v, want none", dropped, slow.wait)
	}
}

// A document that must arrive waits only after a burst, and at most MaxWait.
func TestPace_TheWaitOfADocumentThatMustArriveIsBounded(t *testing.T) {
	t.Parallel()
	var c pace
	p := &WaitBudget{Max: time.Hour}
	if wait, ok := c.admit(65_000, true, p, start); wait != 0 || !ok {
		t.Errorf("alone: got a wait of %v and %v, want none and true", wait, ok)
	}
	if wait, ok := c.admit(65_000, true, &WaitBudget{}, start); wait != shortest || !ok {
		t.Errorf("after another: got a wait of %v and %v, want %v and true", wait, ok, shortest)
	}
	for range 1000 {
		c.admit(60_000, false, p, start)
	}
	if wait, ok := c.admit(60_000, true, p, start); wait != MaxWait || !ok {
		t.Errorf("after others: got a wait of %v and %v, want %v and true", wait, ok, MaxWait)
	}
}

func TestBurst_IsInTheResult(t *testing.T) {
	t.Parallel()
	_, d := newSlowDaemon(t, 0)
	p := &WaitBudget{Max: MaxWait}
	told := 0
	for i := 0; told == 0; i++ {
		if d.Send(named("span"), SendOptions{Budget: p}).Burst {
			told = i
		}
		if i > 1000 {
			t.Fatal("got no sign of a burst, want SendResult.Burst")
		}
	}
	if told < 90 || told > 110 {
		t.Errorf("got a burst at span %d, want about 100", told)
	}
}

// Send does not wait if the daemon cannot be reached.
func TestBurst_WithoutDaemonNeverWaits(t *testing.T) {
	t.Parallel()
	slow, d := newSlowDaemon(t, 0)
	slow.conn.Close()
	p := &WaitBudget{Max: MaxWait}
	refused := 0
	for i := 0; refused < 1000; i++ {
		if d.Send(named("span"), SendOptions{Budget: p}).err != nil {
			refused++
		}
		if i > 2000 {
			t.Fatal("got no refusal, want one")
		}
	}
	if slow.wait != 0 {
		t.Errorf("got waits of %v, want none", slow.wait)
	}
}

func TestWaitBudget_WaitsAtTheSameTimeCountOnce(t *testing.T) {
	t.Parallel()
	p := &WaitBudget{Max: 10 * time.Millisecond}
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for i, c := range []struct {
		at, wait int
		want     bool
	}{
		{0, 4, true}, // until 4
		{1, 3, true}, // until 4
		{2, 4, true}, // until 6
		{3, 1, true}, // until 6
		{5, 1, true}, // until 6
		{6, 5, false},
		{6, 4, true}, // until 10
		{7, 3, true},
		{7, 4, false},
		{20, 1, false},
		{20, 0, true},
	} {
		if got := p.allow(start.Add(ms(c.at)), ms(c.wait)); got != c.want {
			t.Errorf("wait %d: got %v, want %v", i, got, c.want)
		}
	}
}

func TestFootprint_IsTheSizeOnLinux(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 768, 576: 1280, 577: 2304, 1500: 2304, 3000: 4352, 8000: 16640, 20_000: 22_048, 65_507: 67_555} {
		if got := footprint(n); got != want {
			t.Errorf("%d bytes: got %d, want %d", n, got, want)
		}
	}
}
