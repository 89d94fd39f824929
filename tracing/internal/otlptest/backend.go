package otlptest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Request is a request that a Backend got.
type Request struct {
	Path   string
	Header http.Header
	Body   []byte // decompressed
	Size   int    // as it was sent
}

// Backend is a server for OTLP over HTTP.
type Backend struct {
	URL string

	t        testing.TB
	mu       sync.Mutex
	answer   func(w http.ResponseWriter, r *http.Request)
	requests []Request
	spans    []Span
}

// New returns a Backend without a server. It is an http.RoundTripper.
func New(t testing.TB) *Backend { return &Backend{t: t} }

// Listen starts a Backend that takes all spans, until the test ends.
func Listen(t testing.TB) *Backend {
	b := New(t)
	s := httptest.NewServer(b)
	t.Cleanup(s.Close)
	b.URL = s.URL
	return b
}

// Answer sets a function that answers the next requests. If it is nil, the Backend takes the spans.
func (b *Backend) Answer(f func(w http.ResponseWriter, r *http.Request)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = f
}

// ServeHTTP implements http.Handler.
func (b *Backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	size := len(body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		if z, err := gzip.NewReader(bytes.NewReader(body)); err != nil {
			b.t.Errorf("got the error %v, want a body in gzip", err)
		} else {
			body, _ = io.ReadAll(z)
		}
	}
	b.mu.Lock()
	b.requests = append(b.requests, Request{r.URL.Path, r.Header.Clone(), body, size})
	answer := b.answer
	if answer == nil {
		b.spans = append(b.spans, Decode(b.t, body)...)
	}
	b.mu.Unlock()
	if answer != nil {
		answer(w, r)
	}
}

// RoundTrip implements http.RoundTripper without a connection, for tests with a fake clock.
func (b *Backend) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Result(), r.Context().Err()
}

// Requests returns the requests so far.
func (b *Backend) Requests() []Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Request(nil), b.requests...)
}

// Spans returns the spans that the Backend took so far.
func (b *Backend) Spans() []Span {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Span(nil), b.spans...)
}

// Span returns the only span with a name.
func (b *Backend) Span(name string) Span {
	b.t.Helper()
	var found []Span
	for _, s := range b.Spans() {
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		b.t.Fatalf("got %d spans with the name %q of %d, want one", len(found), name, len(b.Spans()))
	}
	return found[0]
}
