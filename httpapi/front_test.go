package httpapi_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/httpevent"
)

// fronts returns all front ends by their names.
func fronts(t testing.TB) map[string]httpevent.Front {
	t.Helper()
	all := make(map[string]httpevent.Front)
	for _, name := range httpevent.Names() {
		f, err := httpevent.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = f
	}
	return all
}

// pick returns one of several texts.
func pick(rnd *rand.Rand, texts ...string) string { return texts[rnd.IntN(len(texts))] }

// several returns n texts one after the other.
func several(rnd *rand.Rand, n int, texts ...string) string {
	var b strings.Builder
	for range n {
		b.WriteString(pick(rnd, texts...))
	}
	return b.String()
}

// rawRequest returns a random HTTP request as a client writes it.
func rawRequest(rnd *rand.Rand) string {
	path := "/" + several(rnd, rnd.IntN(8), "a", "orders", "/", "//", "..", "%2F", "%2f", "%20", "%25", "%3F", "%23", "+", ";", ",", "'", "(", "@", ":", "=", "&", "$", "!", "*", "~", "%C3%A9", "%7Bx%7D", "prod")
	var pairs []string
	for range rnd.IntN(4) {
		part := func() string {
			return several(rnd, rnd.IntN(4), "a", "b", "+", "%20", "%2B", "%26", "%3D", "%25", "%C3%A9", "%5B%5D", ".", "~", "/", "?", ":", ",", "*", "'")
		}
		pairs = append(pairs, pick(rnd, "q", "tag", "x"+part())+"="+part())
	}
	target := path
	if len(pairs) > 0 {
		target += "?" + strings.Join(pairs, "&")
	}
	var b strings.Builder
	method := pick(rnd, "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "REPORT", "x-own")
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, pick(rnd, "api.example.test", "localhost:8080", "[::1]:9000"))
	for range rnd.IntN(5) {
		name := pick(rnd, "X-Tenant", "x-own", "ACCEPT", "Date", "Stripe-Signature", "Authorization", "User-Agent", "X-Forwarded-For")
		fmt.Fprintf(&b, "%s: %s\r\n", name, several(rnd, 1+rnd.IntN(4), "a", "t=1,v1=ab", "*/*;q=0.5, text/html", `"quoted"`, "é", "=", "<&>", "203.0.113.9"))
	}
	if rnd.IntN(2) == 0 {
		fmt.Fprintf(&b, "Cookie: %s\r\n", pick(rnd, "a=1", "a=1; b=2", `a=1; b="x y"; a=3`))
	}
	if rnd.IntN(2) == 0 {
		body := several(rnd, rnd.IntN(6), `{"a":1}`, "é", "\x00", "\xff\xfe", "a=b&c=d", "\u2028")
		fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s", pick(rnd, "application/json", "text/plain; charset=utf-8", "image/png", "application/x-www-form-urlencoded", "application/problem+json"), len(body), body)
		return b.String()
	}
	return b.String() + "\r\n"
}

// TestRoundTrip_AnyRequest says that a request arrives as net/http's server reads it, in everything
// that the event of the front end can carry.
func TestRoundTrip_AnyRequest(t *testing.T) {
	t.Parallel()
	for name, front := range fronts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(500) {
				rnd := rand.New(rand.NewPCG(seed, 1))
				raw := rawRequest(rnd)
				read := func() *http.Request {
					r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
					if err != nil {
						t.Fatalf("seed %d: %v of %q", seed, err, raw)
					}
					r.RemoteAddr = pick(rand.New(rand.NewPCG(seed, 2)), "203.0.113.9:4711", "[2001:db8::1]:80")
					return r
				}
				f := front
				if isHTTPAPI(f) {
					f.Stage = pick(rnd, "", "$default", "prod")
				}
				event, err := f.Encode(read())
				if err != nil {
					t.Fatalf("seed %d: %v of %q", seed, err, raw)
				}
				want := describe(read(), f)
				var got map[string]any
				h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if kind := httpapi.KindOf(r.Context()); kind != f.Kind {
						t.Errorf("seed %d: got the kind %v, want %v", seed, kind, f.Kind)
					}
					got = describe(r, httpevent.Front{})
				}))
				if _, err := h.Invoke(t.Context(), event); err != nil {
					t.Fatalf("seed %d: %v of %q", seed, err, raw)
				}
				for part := range maps.Keys(want) {
					if !reflect.DeepEqual(got[part], want[part]) {
						t.Errorf("seed %d: got %s %q, want %q\n%q\n%s", seed, part, got[part], want[part], raw, event)
					}
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

func TestRoundTrip_ClientCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	certificate := server.Certificate()
	for _, name := range []string{"rest", "httpapi", "httpapi1"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{certificate}}
		event, err := fronts(t)[name].Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		var got *tls.ConnectionState
		h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.TLS }))
		if _, err := h.Invoke(t.Context(), event); err != nil {
			t.Fatal(err)
		}
		if got == nil || len(got.PeerCertificates) != 1 || !got.PeerCertificates[0].Equal(certificate) {
			t.Errorf("%s: got %+v, want the certificate", name, got)
		}
	}
}

func isHTTPAPI(f httpevent.Front) bool {
	return f.Kind == httpapi.HTTPAPI || f.Kind == httpapi.HTTPAPI1
}

// describe returns the parts of a request that the front end can carry. The zero front end carries
// everything.
func describe(r *http.Request, f httpevent.Front) map[string]any {
	body, err := io.ReadAll(r.Body)
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	query := r.URL.Query()
	d := map[string]any{
		"method": r.Method, "host": r.Host, "body": string(body), "error": err, "length": int64(len(body)), "client": ip,
		"path": r.URL.Path, "escaped path": r.URL.EscapedPath(), "raw query": r.URL.RawQuery, "query": query,
		"cookies": cookies(r),
	}
	if f.Kind == 0 {
		d["length"] = r.ContentLength
	}
	header := make(map[string][]string)
	for name, values := range r.Header {
		switch name {
		case "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id", "Content-Length", "Cookie":
			continue
		}
		switch f.Kind {
		case httpapi.FunctionURL, httpapi.HTTPAPI:
			values = []string{strings.Join(values, ",")}
		case httpapi.Lattice1:
			values = values[len(values)-1:]
		case httpapi.LoadBalancer:
			if !f.MultiValue {
				values = values[len(values)-1:]
			}
		}
		header[name] = values
	}
	d["header"] = header
	if isHTTPAPI(f) {
		path, _, _ := strings.Cut(r.URL.Path, "?")
		d["path"] = path
		delete(d, "escaped path")
	}
	switch f.Kind {
	case httpapi.RestAPI, httpapi.HTTPAPI1, httpapi.LoadBalancer, httpapi.Lattice, httpapi.Lattice1:
		delete(d, "raw query") // the order of the parameters is lost
	}
	switch {
	case f.Kind == httpapi.LoadBalancer: // names that differ only in their escapes are apart
		delete(d, "query")
	case f.Kind == httpapi.Lattice1:
		for name, values := range query {
			query[name] = values[len(values)-1:]
		}
	}
	return d
}

func cookies(r *http.Request) []string {
	var list []string
	for _, c := range r.Cookies() {
		list = append(list, c.String())
	}
	return list
}
