package otlp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/redact"
	"github.com/lambdakit/lambdakit/tracing/internal/otlp"
)

const (
	maxTries     = 3
	firstBackoff = 50 * time.Millisecond
	maxAnswer    = 64 << 10 // bytes of an answer that are read
	maxMessage   = 512      // bytes of a backend's message in a report

	// staleAfter is the age of a connection that is not used again. Lambda may have frozen the
	// process meanwhile, and the other side may have closed the connection.
	staleAfter = 20 * time.Second
)

// sender sends requests to the backend, one at a time.
type sender struct {
	url      *url.URL
	header   http.Header
	resource []byte // encoded
	gzip     bool
	timeout  time.Duration
	sign     func(*http.Request, []byte) error
	do       func(*http.Request) (*http.Response, error)
	closeOld func() // closes connections that are not in use

	lastUsed time.Time   // wall clock
	sent     http.Header // of the last request, also what Options.Sign added; reports have none of its values
}

func newSender(o *Options, service string, s *settings) *sender {
	t := &sender{
		url:      s.endpoint(o.Endpoint),
		header:   s.headers(o.Headers),
		resource: otlp.Resource(s.resource(service, o.Resource)),
		gzip:     s.gzip(o.Gzip),
		timeout:  s.timeout(o.Timeout),
		sign:     o.Sign,
	}
	if t.header.Get("User-Agent") == "" {
		t.header.Set("User-Agent", "lambdakit/"+version)
	}
	t.header.Del("Content-Encoding")
	t.header.Set("Content-Type", "application/x-protobuf")
	client := http.Client{Transport: s.transport(o)}
	if o.Client != nil {
		client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.do, t.closeOld = client.Do, client.CloseIdleConnections
	return t
}

// result is the outcome of a request.
type result struct {
	err        error // nil: the backend has the spans
	keep       bool  // the spans may be sent again
	kind       string
	retryAfter time.Duration
	rejected   int64 // of a partial success
	message    string
}

// send sends a request, and repeats it if that may help.
func (t *sender) send(ctx context.Context, body []byte) result {
	if now := now(); !t.lastUsed.IsZero() && now.Sub(t.lastUsed).Abs() > staleAfter {
		t.closeOld()
	}
	defer func() { t.lastUsed = now() }()
	encoding := ""
	if t.gzip && len(body) > minGzip {
		body, encoding = compress(body), "gzip"
	}
	silent := false // a request got no answer
	backoff := firstBackoff
	for try := 1; ; try++ {
		r := t.try(ctx, body, encoding)
		if r.err == nil || !r.keep || try == maxTries || ctx.Err() != nil {
			return r
		}
		if r.kind == noAnswer {
			if silent {
				return r
			}
			silent = true
			continue
		}
		wait := max(r.retryAfter, backoff/2+rand.N(backoff/2))
		backoff *= 2
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return r
		}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return r
		}
	}
}

const noAnswer = "no answer"

// try sends a request once.
func (t *sender) try(ctx context.Context, body []byte, encoding string) (r result) {
	defer func() {
		if v := recover(); v != nil { // Options.Sign or Options.Client
			r = result{err: errors.New("sending panicked"), kind: "panic", keep: true}
		}
	}()
	silent := func(err error) result {
		return result{err: t.clean(err), kind: noAnswer, keep: true}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(withoutValues{ctx}, http.MethodPost, t.url.String(), bytes.NewReader(body))
	if err != nil {
		return silent(err)
	}
	req.Header = t.header.Clone()
	t.sent = req.Header
	req.Host = req.Header.Get("Host") // empty: the one of the URL
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	if _, ok := req.Header["X-Idempotency-Key"]; !ok {
		// net/http may then repeat the request on a new connection. It sends no such header.
		req.Header["X-Idempotency-Key"] = nil
	}
	if t.sign != nil {
		err := t.sign(req, body)
		t.sent = req.Header
		if err != nil {
			return silent(fmt.Errorf("sign the request: %w", err))
		}
	}
	res, err := t.do(req)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return silent(err)
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	io.CopyN(io.Discard, res.Body, maxAnswer) // so that the connection is used again
	return t.judge(res, answer)
}

var errTimeout = errors.New("no answer within Options.Timeout")

// withoutValues is a context without values. The span in it is not the parent of spans that an
// instrumented client makes.
type withoutValues struct{ context.Context }

func (withoutValues) Value(any) any { return nil }

// AfterFunc makes package context need no goroutine to watch the context.
func (c withoutValues) AfterFunc(f func()) (stop func() bool) { return context.AfterFunc(c.Context, f) }

// judge returns the outcome of an answer. (OpenTelemetry Protocol, OTLP/HTTP Response)
func (t *sender) judge(res *http.Response, answer []byte) result {
	code := res.StatusCode
	if code >= 200 && code < 300 {
		rejected, message := otlp.PartialSuccess(answer)
		return result{rejected: rejected, message: t.text(message)}
	}
	r := result{err: errors.New(strconv.Itoa(code) + " " + http.StatusText(code)), kind: strconv.Itoa(code)}
	if message := otlp.Status(answer); message != "" {
		r.err = fmt.Errorf("%w: %s", r.err, t.text(message))
	}
	switch code {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		r.keep = true
		r.retryAfter = retryAfter(res.Header.Get("Retry-After"))
	}
	return r
}

// retryAfter reads the header Retry-After: seconds, or a date.
func retryAfter(value string) time.Duration {
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now()), 0)
	}
	return 0
}

// clean returns err without the URL, and without the values of headers.
func (t *sender) clean(err error) error {
	if u, ok := err.(*url.Error); ok { // of http.Client
		err = u.Err
	}
	return errors.New(t.text(err.Error()))
}

// text returns a text for a report: bounded, and without the values of headers.
func (t *sender) text(s string) string {
	for name, values := range t.sent {
		if name == "Content-Type" || name == "Content-Encoding" || name == "User-Agent" {
			continue
		}
		for _, v := range values {
			for _, part := range append(strings.Fields(v), v) { // such as Basic and the credentials
				if len(part) >= 4 {
					s = strings.ReplaceAll(s, part, redact.Mark)
				}
			}
		}
	}
	if len(s) > maxMessage {
		s = s[:maxMessage] + "...[cut]"
	}
	return s
}
