// Package local asks servers that listen inside the sandbox.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Client returns a copy of client, or one of its own, that follows no redirects: what is
// sent is for the sandbox alone.
func Client(client *http.Client) *http.Client {
	c := http.Client{Transport: &http.Transport{ // without a proxy
		DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
		MaxIdleConnsPerHost: 3, // as many as the Parameters and Secrets extension serves at once
	}}
	if client != nil {
		c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// Request is a GET request.
type Request struct {
	Who     string // what errors call the server
	URL     string
	Header  http.Header
	MaxBody int64 // bytes of the answer

	// Transient reports whether an answer other than 200 is an error that passes. Nil: only
	// the statuses 429 and 5xx are.
	Transient func(body []byte) bool
}

// tries is how often a request is made at most, as often as the AWS SDK does. Before the
// second try Get waits for firstWait, then for twice as long.
const (
	tries     = 3
	firstWait = 100 * time.Millisecond
)

// Get returns the answer of a server and its body. It tries again if the connection fails,
// or if the answer is a transient error.
func Get(ctx context.Context, client *http.Client, r Request) (*http.Response, []byte, error) {
	wait := firstWait
	for try := 1; ; try++ {
		res, body, again, err := get(ctx, client, r)
		if !again || try == tries || !sleep(ctx, wait) {
			return res, body, err
		}
		wait *= 2
	}
}

// sleep waits, and reports whether ctx lasted as long.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// get makes the request once. again reports whether another try may help.
func get(ctx context.Context, client *http.Client, r Request) (res *http.Response, body []byte, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, nil, false, err
	}
	req.Header = r.Header
	res, err = client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok { // whose text is the URL
			err = e.Err
		}
		return nil, nil, true, fmt.Errorf("ask %s: %w (is its layer part of the function?)", r.Who, err)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, r.MaxBody+1))
	switch {
	case err != nil:
		return nil, nil, true, fmt.Errorf("ask %s: %w", r.Who, err)
	case int64(len(body)) > r.MaxBody:
		return nil, nil, false, fmt.Errorf("the answer of %s is larger than %d bytes", r.Who, r.MaxBody)
	case res.StatusCode == http.StatusOK:
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		again = true
	case r.Transient != nil:
		again = r.Transient(body)
	}
	return res, body, again, nil
}
