// Package local makes HTTP requests to extensions inside the execution environment.
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

// Client returns a copy of client, or a new client if it is nil. The copy follows no redirects,
// because requests contain a token that must not leave the execution environment.
func Client(client *http.Client) *http.Client {
	c := http.Client{Transport: &http.Transport{ // without a proxy
		DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
		MaxIdleConnsPerHost: 3, // the Parameters and Secrets extension serves three requests at a time
	}}
	if client != nil {
		c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// Request is a GET request.
type Request struct {
	Server  string // the name of the server in errors
	URL     string
	Header  http.Header
	MaxBody int64 // the most bytes of the answer

	// Transient reports whether an answer is worth another try if its status is not 200, 429
	// or 5xx. The statuses 429 and 5xx always are. Nil means that no other status is.
	Transient func(body []byte) bool
}

// tries is how often Get makes a request at most, like the AWS SDK. It waits firstWait before the
// second try and twice as long before the third.
const (
	tries     = 3
	firstWait = 100 * time.Millisecond
)

// Get makes a request and returns the answer and its body. It tries again if the connection fails
// or the answer is a transient error.
func Get(ctx context.Context, client *http.Client, r Request) (*http.Response, []byte, error) {
	wait := firstWait
	for try := 1; ; try++ {
		res, body, retry, err := get(ctx, client, r)
		if !retry || try == tries || !sleep(ctx, wait) {
			return res, body, err
		}
		wait *= 2
	}
}

// sleep waits for d and returns true, or returns false if ctx is done first.
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

// get makes the request once. retry is true if another try may help.
func get(ctx context.Context, client *http.Client, r Request) (res *http.Response, body []byte, retry bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, nil, false, err
	}
	req.Header = r.Header
	res, err = client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok { // its text contains the URL
			err = e.Err
		}
		return nil, nil, true, fmt.Errorf("request to %s: %w (does the function have its layer?)", r.Server, err)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, r.MaxBody+1))
	switch {
	case err != nil:
		return nil, nil, true, fmt.Errorf("request to %s: %w", r.Server, err)
	case int64(len(body)) > r.MaxBody:
		return nil, nil, false, fmt.Errorf("the answer of %s is larger than %d bytes", r.Server, r.MaxBody)
	case res.StatusCode == http.StatusOK:
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		retry = true
	case r.Transient != nil:
		retry = r.Transient(body)
	}
	return res, body, retry, nil
}
