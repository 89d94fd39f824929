package xray

import (
	"net/netip"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/redact"
)

func (e *encoder) http() {
	attrs := &e.attrs
	method := attrs.peek(httpMethod)
	status, hasStatus := attrs.number(httpStatus) // 0 without a response
	url := attrs.url()
	if method == "" && !hasStatus && url == "" {
		return
	}
	http := object{e: e, open: `,"http":{`}
	if method != "" || url != "" {
		http.key("request")
		request := object{e: e, open: `{`}
		request.text("method", attrs.text(httpMethod), e.limits.member)
		request.text("url", url, e.limits.url)
		request.text("user_agent", attrs.text(userAgent), e.limits.member)
		if ip := attrs.peek(clientIP); ip != "" && isIP(ip) {
			request.text("client_ip", attrs.text(clientIP), e.limits.member)
			if attrs.peek(peerIP) == "" && attrs.peek(networkPeer) == "" && e.span.Segment {
				request.key("x_forwarded_for")
				e.raw(`true`)
			}
		} else {
			request.text("client_ip", attrs.first(peerIP, networkPeer), e.limits.member)
		}
		request.close()
	}
	size, hasSize := attrs.number(responseSize)
	if n, ok := attrs.value(messageSize); ok && !hasSize && e.received() && n.Type() == attribute.INT64 {
		size, hasSize = attrs.number(messageSize)
	}
	if answered := hasStatus && status > 0; answered || hasSize && !hasStatus {
		http.key("response")
		response := object{e: e, open: `{`}
		if answered {
			response.key("status")
			e.buf = jsonenc.AppendInt(e.buf, status)
		}
		if hasSize {
			response.key("content_length")
			e.buf = jsonenc.AppendInt(e.buf, size)
		}
		response.close()
	}
	http.close()
}

// received reports whether message sizes in the span's attributes are sizes of responses.
func (e *encoder) received() bool {
	if e.attrs.peek(messageType) == "RECEIVED" {
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

// url returns the URL of the request, assembled from its parts if the span has no full URL. It is
// empty if the span is not an HTTP request.
func (a *spanAttributes) url() string {
	if full := a.text(urlFull); full != "" {
		for _, part := range []kind{httpFlavourHost, httpScheme, httpTarget, netPeerName, netPeerPort, serverAddress, serverPort, urlPath, urlQuery} {
			a.used[part] = true
		}
		return redact.URL(full)
	}
	scheme := a.peek(httpScheme)
	target := a.peek(httpTarget)
	path := a.peek(urlPath)
	if a.peek(httpMethod) == "" && target == "" && path == "" {
		return ""
	}
	var host, port string
	if a.span.Kind == trace.SpanKindServer {
		host = a.first(httpFlavourHost, httpServerName, netHostName, hostName, serverAddress)
		port = a.port(netHostPort, serverPort)
	} else {
		host = a.first(httpFlavourHost, netPeerName, peerIP, serverAddress, networkPeer)
		port = a.port(netPeerPort, serverPort)
	}
	if host == "" {
		return ""
	}
	a.used[httpScheme] = scheme != ""
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
		a.used[urlPath] = true
		if query := a.text(urlQuery); query != "" {
			target += "?" + query
		}
	} else {
		a.used[httpTarget] = true
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
