package xraytest

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// failures is a testing.TB that collects its failures.
type failures struct {
	testing.TB
	text []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, args ...any) {
	f.text = append(f.text, fmt.Sprintf(format, args...))
}

func (f *failures) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	panic(f)
}

func TestDaemon(t *testing.T) {
	t.Parallel()
	d := Listen(t)
	conn, err := net.Dial("udp", d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	send := func(datagram string) {
		t.Helper()
		if _, err := conn.Write([]byte(datagram)); err != nil {
			t.Fatal(err)
		}
	}
	longest := with(segmentDoc, `"metadata":{"default":{"k":""}}`)
	longest = strings.Replace(longest, `""`, `"`+strings.Repeat("x", MaxDocument-len(longest))+`"`, 1)
	send(header + segmentDoc)
	send(header + longest)
	send(header + with(segmentDoc, `"metadata":{"a.b":{"c":1}}`))
	documents := d.Take(2)
	if name := documents[0].At("name"); name != "GET /" {
		t.Errorf("got name %q, want GET /", name)
	}
	if string(documents[1].JSON) != longest {
		t.Errorf("got %d bytes, want the %d that were sent", len(documents[1].JSON), len(longest))
	}
	last := d.Next(t)
	if v := last.In("metadata", "a.b", "c"); v != 1.0 {
		t.Errorf("got %v, want 1", v)
	}
	if v := last.At("name.x.y"); v != nil {
		t.Errorf("got %v, want nil", v)
	}

	for _, c := range []struct{ datagram, want string }{
		{segmentDoc, "want the protocol's header"},
		{"{\"format\":\"json\",\"version\":2}\n" + segmentDoc, "want the protocol's header"},
		{header, "unexpected end"},
		{header + segmentDoc + segmentDoc, "after top-level value"},
		{header + with(segmentDoc, `"name":"y"`), "twice"},
	} {
		send(c.datagram)
		f := new(failures)
		func() {
			defer func() {
				if v := recover(); v != nil && v != any(f) {
					panic(v)
				}
			}()
			d.Next(f)
		}()
		if len(f.text) == 0 || !strings.Contains(f.text[0], c.want) {
			t.Errorf("%.100q: got failures %q, want %q", c.datagram, f.text, c.want)
		}
	}
	if n := d.Waiting(); n != 0 {
		t.Errorf("got %d datagrams left, want none", n)
	}
}
