package adapter

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

const keyHeader = "Idempotency-Key"

// makeRequest calls the user's Request and adds the idempotency key.
func (a *Adapter[T]) makeRequest(ctx context.Context, m *batch.Message[T]) (*http.Request, error) {
	key := a.o.Key(m)
	if !isHeaderValue(key) {
		return nil, batch.Permanent(errors.New("adapter: the idempotency key is not printable ASCII"))
	}
	req, err := a.request(ctx, m)
	switch {
	case err != nil:
		return nil, err
	case req == nil || req.URL == nil:
		return nil, errors.New("adapter: the Request returned no request, or one without a URL")
	case req.Context() == context.Background():
		req = req.Clone(ctx)
	default:
		req = req.Clone(req.Context())
	}
	if req.Method = cmp.Or(req.Method, http.MethodGet); req.Header == nil {
		req.Header = make(http.Header)
	}
	if _, ok := req.Header[keyHeader]; !ok && key != "" {
		req.Header.Set(keyHeader, key)
	}
	return req, nil
}

// isHeaderValue reports whether text is printable ASCII.
func isHeaderValue(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// send makes the call. It returns a response with a status of 2xx, whose body has been read.
func (a *Adapter[T]) send(ctx context.Context, m *batch.Message[T], req *http.Request) (*http.Response, outcome, error) {
	limited, cancel := context.WithTimeout(req.Context(), a.o.Timeout)
	defer cancel()
	response, err := a.o.Client.Do(req.WithContext(limited))
	if err != nil {
		return nil, a.failure(ctx), a.lost(ctx, m, req, err)
	}
	defer response.Body.Close()
	switch status := response.StatusCode; {
	case isTransient(status):
		drain(response)
		delay, ok := retryAfter(response.Header, time.Now())
		if !ok {
			delay = a.o.backoff(m.Attempt)
		}
		return nil, failed, batch.RetryAfter(delay, newStatusError(req, status))
	case status < 200 || status > 299:
		drain(response)
		return nil, answered, batch.Permanent(newStatusError(req, status))
	case a.o.Reply == nil:
		drain(response)
		return response, answered, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, a.o.MaxBody+1))
	switch {
	case int64(len(body)) > a.o.MaxBody:
		return nil, answered, batch.Permanent(fmt.Errorf("%w: %s %s: more than %d bytes", ErrTooLarge, req.Method, path(req), a.o.MaxBody))
	case err != nil:
		return nil, a.failure(ctx), a.lost(ctx, m, req, err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, answered, nil
}

// failure returns the outcome of a call without a response. If the context of the message has ended,
// the call had less time than its timeout.
func (a *Adapter[T]) failure(ctx context.Context) outcome {
	if ctx.Err() != nil {
		return ignored
	}
	return failed
}

// lost returns the error of a call without a response.
func (a *Adapter[T]) lost(ctx context.Context, m *batch.Message[T], req *http.Request, err error) error {
	return a.again(m, 0, newCallError(ctx, req, err))
}

// drain reads a body to its end if it is short, so that the connection can be used again.
func drain(r *http.Response) {
	const most = 64 << 10
	if r.StatusCode >= 200 {
		io.CopyN(io.Discard, r.Body, most+1)
	}
}
