package httpapi_test

import (
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/httpevent"
)

// program is what a handler does.
type program []step

type step struct {
	name string
	do   func(w http.ResponseWriter)
}

// newProgram returns a random program.
func newProgram(rnd *rand.Rand) program {
	var p program
	add := func(do func(http.ResponseWriter), format string, args ...any) {
		p = append(p, step{fmt.Sprintf(format, args...), do})
	}
	for range rnd.IntN(10) {
		name := pick(rnd, "X-A", "x-b", "Cache-Control", "Location", "Content-Type", "Content-Encoding", "Vary", "bad name")
		value := pick(rnd, "a", "b, c", " padded ", "two\nlines", "é", "text/csv", "")
		cookie := pick(rnd, "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/", "b=2; HttpOnly", "c=3")
		status := []int{100, 103, 200, 201, 204, 301, 302, 304, 400, 404, 418, 500, 503, 599}[rnd.IntN(14)]
		body := pick(rnd, "", "text", "<html>", `{"a":1}`, "\x89PNG\r\n\x1a\n", "\xff\xfe", strings.Repeat("long ", 100), strings.Repeat("<b>", 1000))
		switch rnd.IntN(8) {
		case 0, 1:
			add(func(w http.ResponseWriter) { w.Header().Set(name, value) }, "set %s: %q", name, value)
		case 2:
			add(func(w http.ResponseWriter) { w.Header().Add(name, value) }, "add %s: %q", name, value)
		case 3:
			add(func(w http.ResponseWriter) { w.Header().Add("Set-Cookie", cookie) }, "cookie %s", cookie)
		case 4:
			add(func(w http.ResponseWriter) { w.WriteHeader(status) }, "status %d", status)
		case 5, 6:
			add(func(w http.ResponseWriter) { io.WriteString(w, body) }, "write %.20q of %d bytes", body, len(body))
		case 7:
			switch rnd.IntN(3) {
			case 0:
				add(func(w http.ResponseWriter) { http.NewResponseController(w).Flush() }, "flush")
			case 1:
				add(func(w http.ResponseWriter) { w.Header()["Content-Type"] = nil }, "no type")
			default:
				add(func(w http.ResponseWriter) { w.Header().Del(name) }, "del %s", name)
			}
		}
	}
	return p
}

func (p program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	for _, s := range p {
		s.do(w)
	}
}

func (p program) String() string {
	var names []string
	for _, s := range p {
		names = append(names, s.name)
	}
	return strings.Join(names, "; ")
}

func (p program) flushes() bool {
	return slices.ContainsFunc(p, func(s step) bool { return s.name == "flush" })
}

// TestResponse_AsOfTheServerOfNetHTTP says that the client gets the response that net/http's server
// sends for the same handler, in everything that the front end can carry.
func TestResponse_AsOfTheServerOfNetHTTP(t *testing.T) {
	t.Parallel()
	var current atomic.Pointer[program]
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of superfluous calls of WriteHeader
	server.Start()
	defer server.Close()
	client := &http.Transport{DisableCompression: true}
	defer client.CloseIdleConnections()
	all := fronts(t)
	names := slices.Sorted(maps.Keys(all))
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		p := newProgram(rnd)
		method := pick(rnd, "GET", "GET", "POST", "HEAD")
		current.Store(&p)
		r, err := http.NewRequest(method, server.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := client.RoundTrip(r)
		if err != nil {
			t.Fatalf("seed %d: %v of %v", seed, err, p)
		}
		wantBody, err := io.ReadAll(want.Body)
		want.Body.Close()
		if err != nil {
			t.Fatalf("seed %d: %v of %v", seed, err, p)
		}
		for _, name := range names {
			for _, stream := range []bool{false, true} {
				if stream && !all[name].Streams() {
					continue
				}
				got, gotBody := through(t, p, all[name], method, stream)
				if got == nil {
					t.Fatalf("seed %d: no answer of %v to %s", seed, p, method)
				}
				wantHeader, gotHeader := carried(want.Header, all[name]), carried(got.Header, all[name])
				gateway := all[name].Kind <= httpapi.FunctionURL
				if gateway && wantHeader.Get("Content-Type") == "" || !stream && p.flushes() {
					// API Gateway and function URLs have a default. A response that is not
					// streamed is known as a whole, whatever is flushed.
					delete(gotHeader, "Content-Type")
					delete(wantHeader, "Content-Type")
				}
				if got.StatusCode != want.StatusCode || string(gotBody) != string(wantBody) || !reflect.DeepEqual(gotHeader, wantHeader) {
					t.Fatalf("seed %d, %s, stream %v: %s and %v: got %d %q %.200q, want %d %q %.200q",
						seed, name, stream, method, p, got.StatusCode, gotHeader, gotBody, want.StatusCode, wantHeader, wantBody)
				}
			}
		}
	}
}

// through returns the response of a handler behind a front end.
func through(t *testing.T, h http.Handler, f httpevent.Front, method string, stream bool) (*http.Response, []byte) {
	t.Helper()
	r := httptest.NewRequest(method, "/", nil)
	event, err := f.Encode(r)
	if err != nil {
		t.Error(err)
		return nil, nil
	}
	var answer []byte
	if stream {
		s, err := httpapi.WrapStream(h)(t.Context(), event)
		if err != nil {
			t.Error(err)
			return nil, nil
		}
		answer, err = io.ReadAll(s)
		if err != nil {
			t.Error(err)
		}
		s.Close()
	} else if answer, err = httpapi.Wrap(h).Invoke(t.Context(), event); err != nil {
		t.Error(err)
		return nil, nil
	}
	resp, err := f.Decode(r, answer)
	if err != nil {
		t.Errorf("got %s, which is malformed: %v", answer, err)
		return nil, nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp, body
}

// carried returns the headers that the front end can carry, as it carries them.
func carried(h http.Header, f httpevent.Front) http.Header {
	out := make(http.Header)
	lists := f.Kind == httpapi.RestAPI || f.Kind == httpapi.HTTPAPI1 || f.MultiValue
	for name, values := range h {
		switch {
		case name == "Date" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Connection":
			continue
		case lists:
		case name != "Set-Cookie":
			values = []string{strings.TrimSpace(strings.Join(values, ", "))}
		case f.Kind != httpapi.FunctionURL && f.Kind != httpapi.HTTPAPI:
			values = values[len(values)-1:]
		}
		out[name] = values
	}
	return out
}
