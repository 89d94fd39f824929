package emulator_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

// protected returns the status and body of a request to a protected server at 127.0.0.1:9001.
func protected(method, host string, hosts []string, headers ...string) (int, string) {
	h := emulator.Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }),
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9001}, hosts)
	r := httptest.NewRequest(method, "/", nil)
	r.Host = host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestProtect_Hosts(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]int{
		"127.0.0.1:9001": 200, "localhost:9001": 200, "LocalHost:9001": 200, "[::1]:9001": 200,
		"127.0.0.1:9002": 403, "localhost": 403, "127.0.0.1": 403, "": 403,
		"evil.example": 403, "evil.example:9001": 403, "127.0.0.1.evil.example:9001": 403, "localhost.evil.example:9001": 403,
		"192.168.1.5:9001": 403, "0.0.0.0:9001": 403, "127.0.0.1:9001:9001": 403,
	} {
		if got, _ := protected("GET", host, nil); got != want {
			t.Errorf("%q: got %d, want %d", host, got, want)
		}
	}
}

func TestProtect_AllowedHostAtAnyPort(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]int{
		"dev.example": 200, "DEV.example:9001": 200, "dev.example:80": 200, "[fe80::1]:9001": 200, "[fe80::1]": 200,
		"other.example:9001": 403, "x.dev.example": 403, "localhost:9001": 200,
	} {
		if got, _ := protected("POST", host, []string{"dev.example", "fe80::1"}); got != want {
			t.Errorf("%q: got %d, want %d", host, got, want)
		}
	}
}

func TestProtect_OwnLoopbackAddressOnly(t *testing.T) {
	t.Parallel()
	for own, want := range map[string]int{"127.0.0.2": 200, "192.168.1.5": 403, "0.0.0.0": 403} {
		h := emulator.Protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), &net.TCPAddr{IP: net.ParseIP(own), Port: 9001}, nil)
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = own + ":9001"
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: got %d, want %d", own, w.Code, want)
		}
	}
}

// A listener without a port, such as a socket of Unix, has only the hosts that are named.
func TestProtect_ListenerWithoutAPort(t *testing.T) {
	t.Parallel()
	h := emulator.Protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), &net.UnixAddr{Name: "socket", Net: "unix"}, []string{"dev.example"})
	for host, want := range map[string]int{"localhost:": 403, "localhost": 403, "dev.example": 200} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%q: got %d, want %d", host, w.Code, want)
		}
	}
}

func TestProtect_Origins(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
		for _, c := range []struct {
			name, value string
			want        int
		}{
			{"Sec-Fetch-Site", "cross-site", 403},
			{"Sec-Fetch-Site", "same-site", 403},
			{"Sec-Fetch-Site", "same-origin", 200},
			{"Sec-Fetch-Site", "none", 200},
			{"Origin", "https://evil.example", 403},
			{"Origin", "http://127.0.0.1:9002", 403},
			{"Origin", "null", 403},
			{"Origin", "http://127.0.0.1:9001", 200},
			{"User-Agent", "curl", 200},
		} {
			if got, _ := protected(method, "127.0.0.1:9001", nil, c.name, c.value); got != c.want {
				t.Errorf("%s with %s: %s: got %d, want %d", method, c.name, c.value, got, c.want)
			}
		}
	}
}

func TestProtect_AnswerHasNoMarkup(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"<script>alert(1)</script>": "?script?alert?1???script?",
		"azAZ09.:-[]":               "azAZ09.:-[]",
		"`{@[/:":                    "???[?:",
		"é \x00":                    "???",
	} {
		if _, body := protected("GET", host, nil); body != "the host "+want+" is not allowed here\n" {
			t.Errorf("%q: got %q, want %q in it", host, body, want)
		}
	}
}
