package extension

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func get(c *connection, api, path string, timeout time.Duration) (string, error) {
	req, err := http.NewRequest(http.MethodGet, "http://"+api+path, nil)
	if err != nil {
		return "", err
	}
	resp, err := c.do(req, timeout)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestConnection_IsUsedAgainUnlessItIsClosed(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/close":
			w.Header().Set("Connection", "close")
		case "/break":
			panic(http.ErrAbortHandler)
		case "/short":
			w.Header().Set("Content-Length", "1000")
		case "/headers":
			w.Header().Set("X-Large", strings.Repeat("x", 2*maxAnswer))
		case "/large":
			w.Write(make([]byte, 2*maxAnswer))
		case "/chunks":
			fmt.Fprint(w, "in ")
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "chunks ")
		}
		fmt.Fprint(w, r.Host, r.URL.Path)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c, api := new(connection), s.Listener.Addr().String()
	for _, step := range []struct {
		path, want string // want: the end of the body; empty: an error
		timeout    time.Duration
		total      int64 // connections so far
	}{
		{"/a", api + "/a", time.Minute, 1},
		{"/b", api + "/b", 0, 1},
		{"/chunks", "in chunks " + api + "/chunks", 0, 1},
		{"/close", api + "/close", 0, 1},
		{"/a", api + "/a", 0, 2},
		{"/break", "", 0, 2},
		{"/a", api + "/a", time.Minute, 3},
		{"/large", "", 0, 3},
		{"/headers", "", 0, 4},
		{"/short", "", 0, 5},
		{"/a", api + "/a", 0, 6},
	} {
		got, err := get(c, api, step.path, step.timeout)
		if (err != nil) != (step.want == "") || !strings.HasSuffix(got, step.want) || len(got) > maxAnswer {
			t.Errorf("%s: got %.80q and %v, want %q", step.path, got, err, step.want)
		}
		if err != nil && (!strings.Contains(err.Error(), "GET "+step.path+": ") || !errors.Is(err, io.ErrUnexpectedEOF)) {
			t.Errorf("got %v, want it to name the request", err)
		}
		if n := connections.Load(); n != step.total {
			t.Errorf("%s: got %d connections, want %d", step.path, n, step.total)
		}
	}
}

// watched is a connection that remembers its deadline, and whether it is closed.
type watched struct {
	net.Conn
	deadline time.Time
	closed   bool
}

func (w *watched) SetDeadline(t time.Time) error {
	w.deadline = t
	return w.Conn.SetDeadline(t)
}

func (w *watched) Close() error {
	w.closed = true
	return w.Conn.Close()
}

// watch returns a connection to a server, and the part of it that a test watches.
func watch(t *testing.T, l net.Listener) (*connection, *watched) {
	t.Helper()
	c := new(connection)
	if err := c.dial(&url.URL{Host: l.Addr().String()}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	w := &watched{Conn: c.conn}
	c.conn = w
	return c, w
}

func TestConnection_TimeoutIsOfOneRequest(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	c, w := watch(t, s.Listener)
	if _, err := get(c, "unused", "/", time.Minute); err != nil || !w.deadline.IsZero() || w.closed {
		t.Errorf("got %v, the deadline %v and closed %v, want an open connection without a deadline", err, w.deadline, w.closed)
	}
}

func TestConnection_IsClosedAfterAFailure(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, w := watch(t, l)
	if _, err := get(c, "unused", "/", 10*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) || c.conn != nil || !w.closed {
		t.Errorf("timeout: got %v and closed %v, want a closed connection", err, w.closed)
	}
	c, w = watch(t, l)
	w.Conn.Close()
	if _, err := get(c, "unused", "/", 0); !errors.Is(err, net.ErrClosed) || !strings.Contains(err.Error(), "GET /: ") || c.conn != nil || !w.closed {
		t.Errorf("writing fails: got %v, want the reason, and another connection next", err)
	}
}
