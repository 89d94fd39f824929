package httpapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// requestDecoder makes the request of an event.
type requestDecoder struct {
	*front
	event event
	texts texts
}

// newRequest makes the request.
func (d *requestDecoder) newRequest(ctx context.Context, keepBasePath bool) (*http.Request, error) {
	e := &d.event
	d.texts.b.Grow(len(e.headers) + len(e.rawPath) + len(e.path) + len(e.rawQuery) + len(e.multiQuery) + 64)
	// Requests without a context stay on the stack.
	plain := http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, URL: &d.url}
	d.Context, d.payload, d.authorizer, d.identity = ctx, e.text, e.authorizer, e.identity
	r := plain.WithContext(d.front)
	d.readHeaders(r)
	r.Method = d.method()
	if !isToken(r.Method) {
		return nil, fmt.Errorf("%w: it has no valid method", ErrNotHTTP)
	}
	d.readPath(r, keepBasePath)
	r.URL.RawQuery = d.rawQuery()
	r.RequestURI = r.URL.RequestURI()
	d.readHost(r)
	d.readConnection(r)
	if err := d.readBody(r); err != nil {
		return nil, err
	}
	d.readPathParameters(r)
	return r, nil
}

func (d *requestDecoder) method() string {
	switch d.kind {
	case HTTPAPI, FunctionURL:
		return d.texts.of(lookup(d.event.http, "method"))
	case Lattice, Lattice1:
		return d.texts.of(d.event.method)
	}
	return d.texts.of(d.event.httpMethod)
}

func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte(`()<>@,;:\"/[]?={}`, c) < 0
}

// readHeaders fills the header. Lists of values win over single values.
func (d *requestDecoder) readHeaders(r *http.Request) {
	e := &d.event
	headers := e.multiHeaders
	if headers == nil {
		headers = e.headers
	}
	switch d.kind {
	case RestAPI, HTTPAPI1:
		d.multiValue = true
	case LoadBalancer:
		d.multiValue = e.multiHeaders != nil
	case HTTPAPI, FunctionURL:
		headers = e.headers
	}
	n := min(bytes.Count(headers, []byte{'"'})/4, 60) // nearly always exact
	r.Header = make(http.Header, n+1)                 // and Cookie
	values := make([]string, 0, n)                    // of all headers
	each(headers, func(key, value []byte) {
		name := d.texts.headerName(key)
		if list := r.Header[name]; list != nil {
			r.Header[name] = append(list, d.texts.of(value))
			return
		}
		if len(values) == cap(values) {
			values = make([]string, 0, 16)
		}
		values = append(values, d.texts.of(value))
		r.Header[name] = values[len(values)-1 : len(values) : len(values)]
	})
	if e.cookies != nil { // and not those in the headers of a function URL
		var cookies []string
		eachValue(e.cookies, func(value []byte) { cookies = append(cookies, d.texts.of(value)) })
		if len(cookies) > 0 {
			r.Header["Cookie"] = []string{strings.Join(cookies, "; ")}
		}
	} else if lines := r.Header["Cookie"]; len(lines) > 1 {
		r.Header["Cookie"] = []string{strings.Join(lines, "; ")}
	}
}

// each calls yield with the quoted names and the values of {"name":"value"} or {"name":["value"]}. It is not
// inlined: inlining would make programs larger.
//
//go:noinline
func each(object []byte, yield func(key, value []byte)) {
	jsonscan.Walk(object, 0, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(object, start)
		if !ok {
			return 0, false
		}
		if value := object[start:end]; value[0] == '[' {
			eachValue(value, func(value []byte) { yield(key, value) })
		} else if isScalar(value) {
			yield(key, value)
		}
		return end, true
	})
}

func eachValue(list []byte, yield func(value []byte)) {
	jsonscan.WalkArray(list, 0, func(start int) (int, bool) {
		end, ok := jsonscan.Skip(list, start)
		if ok && isScalar(list[start:end]) {
			yield(list[start:end])
		}
		return end, ok
	})
}

// isScalar reports whether a value is a string, a number, or a bool.
func isScalar(value []byte) bool {
	return value[0] != '{' && value[0] != '[' && string(value) != "null"
}

// readPath sets the path and cuts the base path.
func (d *requestDecoder) readPath(r *http.Request, keepBasePath bool) {
	e := &d.event
	var path string
	escaped := true
	switch d.kind {
	case HTTPAPI:
		path = d.texts.of(e.rawPath)
		escaped = false
	case FunctionURL:
		path = d.texts.of(e.rawPath)
	case HTTPAPI1:
		path = d.texts.of(e.path)
		escaped = false
	case Lattice1:
		path = d.texts.of(e.latticePath)
		path, _, _ = strings.Cut(path, "?")
	default:
		path = d.texts.of(e.path)
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if !keepBasePath {
		if base := d.base(path); base != "" {
			d.basePath = base
			path = path[len(base):]
			if path == "" {
				path = "/"
			}
		}
	}
	r.URL.Path = path
	if !escaped {
		return
	}
	if plain, err := url.PathUnescape(path); err == nil {
		r.URL.Path = plain
		if (&url.URL{Path: plain}).EscapedPath() != path {
			r.URL.RawPath = path
		}
	}
}

// base returns the part of the path that belongs to the API and not to the function: the stage of an
// HTTP API, or the base path of a custom domain of a REST API.
func (d *requestDecoder) base(path string) string {
	e := &d.event
	if d.kind == HTTPAPI || d.kind == HTTPAPI1 {
		stage := d.texts.of(e.stage)
		if base := "/" + stage; stage != "" && stage != "$default" && (path == base || strings.HasPrefix(path, base+"/")) {
			return base
		}
		return ""
	}
	if d.kind != RestAPI {
		return ""
	}
	resource, ok := d.resourcePath()
	if !ok {
		return ""
	}
	if resource == "/" {
		if path == "/" || strings.HasSuffix(path, "/") {
			return strings.TrimSuffix(path, "/")
		}
		return path
	}
	for _, end := range []string{resource, resource + "/"} {
		if base, ok := strings.CutSuffix(path, end); ok {
			return base
		}
	}
	return ""
}

// resourcePath returns the resource of a REST API with the path parameters put in.
func (d *requestDecoder) resourcePath() (string, bool) {
	rest := d.texts.of(d.event.resource)
	if rest == "" || rest[0] != '/' {
		return "", false
	}
	if !strings.Contains(rest, "{") {
		return rest, true
	}
	var b strings.Builder
	b.Grow(len(rest) + len(d.event.pathParameters))
	for {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		name, next, _ := strings.Cut(after, "}")
		value := lookup(d.event.pathParameters, strings.TrimSuffix(name, "+"))
		if value == nil {
			return "", false
		}
		b.WriteString(d.texts.of(value))
		rest = next
	}
}

// rawQuery returns the query of the URL.
func (d *requestDecoder) rawQuery() string {
	e := &d.event
	switch d.kind {
	case HTTPAPI, FunctionURL:
		return d.texts.of(e.rawQuery)
	case Lattice1:
		path := d.texts.of(e.latticePath)
		if _, query, ok := strings.Cut(path, "?"); ok {
			return query
		}
		return d.encodeQuery(e.latticeQuery, url.QueryEscape)
	}
	parameters := e.multiQuery
	if parameters == nil {
		parameters = e.query
	}
	if d.kind == LoadBalancer { // it does not decode names and values
		return d.encodeQuery(parameters, escapeAgain)
	}
	return d.encodeQuery(parameters, url.QueryEscape)
}

// encodeQuery returns the parameters in their order.
func (d *requestDecoder) encodeQuery(parameters []byte, escape func(string) string) string {
	query := make([]byte, 0, len(parameters))
	each(parameters, func(key, value []byte) {
		if len(query) > 0 {
			query = append(query, '&')
		}
		query = append(query, escape(d.texts.of(key))...)
		query = append(query, '=')
		query = append(query, escape(d.texts.of(value))...)
	})
	return string(query)
}

// escapeAgain escapes the characters of a part of a query that are not escaped yet.
func escapeAgain(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return url.QueryEscape(plain)
	}
	return url.QueryEscape(s)
}

// readHost moves the host out of the header.
func (d *requestDecoder) readHost(r *http.Request) {
	r.Host = r.Header.Get("Host")
	delete(r.Header, "Host")
	if r.Host == "" {
		r.Host = d.texts.of(d.event.domain)
	}
}

// readConnection sets the address of the client and TLS.
func (d *requestDecoder) readConnection(r *http.Request) {
	e := &d.event
	ip := ""
	switch d.kind {
	case HTTPAPI, FunctionURL:
		ip = d.texts.of(lookup(e.http, "sourceIp"))
	case RestAPI, HTTPAPI1:
		ip = d.texts.of(lookup(e.identity, "sourceIp"))
	default:
		forwarded := strings.Join(r.Header["X-Forwarded-For"], ",")
		ip = strings.TrimSpace(forwarded[strings.LastIndexByte(forwarded, ',')+1:])
		if host, _, err := net.SplitHostPort(ip); err == nil { // client port preservation of a load balancer
			ip = host
		}
	}
	if ip != "" {
		r.RemoteAddr = net.JoinHostPort(strings.Trim(ip, "[]"), "0")
	}
	if strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "http") {
		return
	}
	d.tls = tls.ConnectionState{Version: tls.VersionTLS12, HandshakeComplete: true, ServerName: r.Host}
	r.TLS = &d.tls
	certificate := find(e.identity, "clientCert", "clientCertPem")
	if certificate == "" {
		certificate = find(e.authentication, "clientCert", "clientCertPem")
	}
	if block, _ := pem.Decode([]byte(certificate)); block != nil {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			r.TLS.PeerCertificates = []*x509.Certificate{c}
		}
	}
}

var errBase64 = errors.New("httpapi: the body of the event is not the base64 that isBase64Encoded says")

// body is the body of a request.
type body struct{ bytes.Reader }

// Close does nothing.
func (*body) Close() error { return nil }

// readBody sets the body and its length.
func (d *requestDecoder) readBody(r *http.Request) error {
	e := &d.event
	r.Body = http.NoBody
	delete(r.Header, "Content-Length")
	delete(r.Header, "Transfer-Encoding")
	if len(e.body) < len(`""`)+1 || e.body[0] != '"' {
		return nil
	}
	body, ok := jsonscan.AppendText(make([]byte, 0, len(e.body)), e.body)
	if !ok {
		return errors.New("httpapi: the body of the event is no valid JSON string")
	}
	if string(e.isBase64) == "true" || string(e.latticeIsBase64) == "true" || string(e.latticeIsBase64) == `"true"` {
		n, err := base64.StdEncoding.Decode(body, body)
		if err != nil {
			return errBase64
		}
		body = body[:n]
	}
	if len(body) > 0 {
		d.body.Reset(body)
		r.Body, r.ContentLength = &d.body, int64(len(body))
	}
	return nil
}

// readPathParameters sets the parameters of the gateway, until a router sets its own.
func (d *requestDecoder) readPathParameters(r *http.Request) {
	each(d.event.pathParameters, func(key, value []byte) {
		text := d.texts.of(value)
		if d.kind == RestAPI {
			if plain, err := url.PathUnescape(text); err == nil {
				text = plain
			}
		}
		r.SetPathValue(d.texts.of(key), text)
	})
}
