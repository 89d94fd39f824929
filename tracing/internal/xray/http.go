package xray

import (
	"net/netip"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/redact"
)

func (e *encoder) http() {
	f := &e.facts
	method := f.peek(httpMethod)
	status, hasStatus := f.number(httpStatus) // 0 if nothing answered
	url := f.url()
	if method == "" && !hasStatus && url == "" {
		return
	}
	http := object{e: e, open: `,"http":{`}
	if method != "" || url != "" {
		http.key("request")
		request := object{e: e, open: `{`}
		request.text("method", f.text(httpMethod), e.effort.member)
		request.text("url", url, e.effort.url)
		request.text("user_agent", f.text(userAgent), e.effort.member)
		if ip := f.peek(clientIP); ip != "" && isIP(ip) {
			request.text("client_ip", f.text(clientIP), e.effort.member)
			if f.peek(peerIP) == "" && f.peek(networkPeer) == "" && e.span.Segment {
				request.key("x_forwarded_for")
				e.raw(`true`)
			}
		} else {
			request.text("client_ip", f.first(peerIP, networkPeer), e.effort.member)
		}
		request.close()
	}
	size, hasSize := f.number(responseSize)
	if n, ok := f.value(messageSize); ok && !hasSize && e.received() && n.Type() == attribute.INT64 {
		size, hasSize = f.number(messageSize)
	}
	if answered := hasStatus && status > 0; answered || hasSize && !hasStatus {
		http.key("response")
		response := object{e: e, open: `{`}
		if answered {
			response.key("status")
			e.buf = appendInt(e.buf, status)
		}
		if hasSize {
			response.key("content_length")
			e.buf = appendInt(e.buf, size)
		}
		response.close()
	}
	http.close()
}

// received reports whether sizes of messages are those of responses.
func (e *encoder) received() bool {
	if e.facts.peek(messageType) == "RECEIVED" {
		return true
	}
	for i := range e.span.Events {
		for _, a := range e.span.Events[i].Attributes {
			if a.Key == "message.type" && a.Value.Type() == attribute.STRING && a.Value.AsString() == "RECEIVED" {
				return true
			}
		}
	}
	return false
}

func isIP(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// url returns the address of the request, put together where it came in parts; empty
// where the span is not one of HTTP.
func (f *facts) url() string {
	if full := f.text(urlFull); full != "" {
		for _, part := range []kind{httpFlavourHost, httpScheme, httpTarget, netPeerName, netPeerPort, serverAddress, serverPort, urlPath, urlQuery} {
			f.used[part] = true
		}
		return redact.URL(full)
	}
	scheme := f.peek(httpScheme)
	target := f.peek(httpTarget)
	path := f.peek(urlPath)
	if f.peek(httpMethod) == "" && target == "" && path == "" {
		return ""
	}
	var host, port string
	if f.span.Kind == trace.SpanKindServer {
		host = f.first(httpFlavourHost, httpServerName, netHostName, hostName, serverAddress)
		port = f.port(netHostPort, serverPort)
	} else {
		host = f.first(httpFlavourHost, netPeerName, peerIP, serverAddress, networkPeer)
		port = f.port(netPeerPort, serverPort)
	}
	if host == "" {
		return ""
	}
	f.used[httpScheme] = scheme != ""
	if scheme == "" {
		scheme = "http"
	}
	if strings.Count(host, ":") > 1 && host[0] != '[' {
		host = "[" + host + "]"
	}
	url := scheme + "://" + host
	if port != "" && !hasPort(host) && !(scheme == "http" && port == "80") && !(scheme == "https" && port == "443") {
		url += ":" + port
	}
	if target == "" {
		target = path
		f.used[urlPath] = true
		if query := f.text(urlQuery); query != "" {
			target += "?" + query
		}
	} else {
		f.used[httpTarget] = true
	}
	if !strings.HasPrefix(target, "/") {
		url += "/"
	}
	return redact.URL(url + target)
}

func hasPort(host string) bool {
	i := strings.LastIndexByte(host, ':')
	return i >= 0 && strings.IndexByte(host[i:], ']') < 0
}
