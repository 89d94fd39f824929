package adapter_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/adapter"
)

type Order struct {
	ID    string `json:"id"`
	Total int    `json:"total"`
}

type options = adapter.Options[Order]

// message returns a message as package batch gives it to a handler.
func message(id string, attempt int) *batch.Message[Order] {
	return &batch.Message[Order]{
		Record: &batch.Record{Message: lambdakit.Message{ID: id, Attempt: attempt}},
		Body:   Order{ID: "o-" + id},
	}
}

// post returns a Request that sends the id of the order to url.
func post(url string) adapter.Request[Order] {
	return func(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodPost, url+"/orders", strings.NewReader(m.Body.ID))
	}
}

// system is an http.RoundTripper that answers without a network.
type system func(*http.Request) (*http.Response, error)

func (s system) RoundTrip(req *http.Request) (*http.Response, error) { return s(req) }

func (s system) client() *http.Client { return &http.Client{Transport: s} }

func answer(status int, header ...string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// always is a system that answers with a status.
func always(status int, header ...string) system {
	return func(*http.Request) (*http.Response, error) { return answer(status, header...), nil }
}

// publisher is a Publisher that keeps events.
type publisher struct {
	mu   sync.Mutex
	got  []events.Publishable
	fail error
}

func (p *publisher) Publish(_ context.Context, e ...events.Publishable) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, e...)
	return p.fail
}

// wantDelay fails the test unless err tells its message to come again between from and to.
func wantDelay(t *testing.T, err error, from, to time.Duration) {
	t.Helper()
	got, ok := batch.RetryDelay(err)
	if !ok || got < from || got > to {
		t.Errorf("got the delay %v (%v) of %v, want %v to %v", got, ok, err, from, to)
	}
	if batch.IsPermanent(err) {
		t.Errorf("got the permanent error %v, want a transient one", err)
	}
}

func wantPermanent(t *testing.T, err error) {
	t.Helper()
	if !batch.IsPermanent(err) {
		t.Errorf("got %v, want a permanent error", err)
	}
}

// logged returns the text that slog.Default writes while f runs.
func logged(t *testing.T, f func()) string {
	t.Helper()
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})))
	defer slog.SetDefault(before)
	f()
	return out.String()
}
