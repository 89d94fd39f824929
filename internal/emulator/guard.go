package emulator

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// Protect returns h without the requests that a web page can make. It is for every server
// of a developer's machine, since any page that the developer opens can send requests there.
//
//   - The Host header must be 127.0.0.1, [::1], localhost or the address of the listener, each
//     with the listener's port, or one of hosts, with any port. This stops a foreign name that
//     resolves to this machine (DNS rebinding).
//   - A browser's request from another origin than trusted ones is refused, whatever its method. An origin
//     that [http.CrossOriginProtection.AddTrustedOrigin] refuses is not trusted.
//
// The answer to a refused request is 403.
func Protect(h http.Handler, listener net.Addr, hosts []string, trusted ...string) http.Handler {
	origins := http.NewCrossOriginProtection()
	for _, origin := range trusted {
		origins.AddTrustedOrigin(origin)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !allowedHost(r.Host, listener, hosts) {
			http.Error(w, "the host "+cleanHost(r.Host)+" is not allowed here", http.StatusForbidden)
			return
		}
		// CrossOriginProtection lets a GET pass, but a GET takes an event from the Runtime API.
		probe := *r
		probe.Method = http.MethodPost
		if err := origins.Check(&probe); err != nil {
			http.Error(w, "a web page of another origin may not do this; with lambdakit run -http, -allow-origin allows one", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func allowedHost(host string, listener net.Addr, hosts []string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "80"
	}
	name = strings.ToLower(name)
	if slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(strings.Trim(h, "[]"), name) }) {
		return true
	}
	own, ownPort, err := net.SplitHostPort(listener.String())
	if err != nil || port != ownPort {
		return false
	}
	switch name {
	case "127.0.0.1", "::1", "localhost":
		return true
	}
	ip := net.ParseIP(own)
	return ip.IsLoopback() && name == own
}

// cleanHost keeps a header from putting markup into the answer.
func cleanHost(host string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(".:-[]", r) || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '?'
	}, host)
}
