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

// Get returns the answer of a server that errors call who, and at most max bytes of body.
func Get(ctx context.Context, client *http.Client, who, target string, header http.Header, max int64) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header = header
	res, err := client.Do(req)
	if err != nil {
		var e *url.Error
		if errors.As(err, &e) { // whose text is the URL
			err = e.Err
		}
		return nil, nil, fmt.Errorf("ask %s: %w (is its layer part of the function?)", who, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, max+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("ask %s: %w", who, err)
	case int64(len(body)) > max:
		return nil, nil, fmt.Errorf("the answer of %s is larger than %d bytes", who, max)
	}
	return res, body, nil
}
