package adapter

import (
	"net"
	"net/http"
	"time"
)

// withDefaults returns a client like c that follows redirects of safe methods only, unless c decides.
func withDefaults(c *http.Client, inFlight int) *http.Client {
	client := http.Client{}
	if c != nil {
		client = *c
	} else {
		client.Transport = newTransport(inFlight)
	}
	if client.CheckRedirect == nil {
		client.CheckRedirect = checkRedirect
	}
	return &client
}

// newTransport returns a transport like http.DefaultTransport. That one keeps two connections to a
// host, and takes a megabyte of headers.
func newTransport(inFlight int) *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    max(inFlight, 16),
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// checkRedirect follows a redirect of a safe method.
func checkRedirect(_ *http.Request, via []*http.Request) error {
	const most = 10
	if method := via[0].Method; method != http.MethodGet && method != http.MethodHead || len(via) >= most {
		return http.ErrUseLastResponse
	}
	return nil
}
