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
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// newRequest makes the request of an event.
func newRequest(ctx context.Context, e *event, kind Kind, keepBasePath bool) (*http.Request, error) {
	f := &front{event: *e, kind: kind}
	r := &http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header, 16), URL: new(url.URL)}
	f.readHeaders(r)
	r.Method = f.method()
	if !isToken(r.Method) {
		return nil, fmt.Errorf("%w: it has no valid method", ErrNotHTTP)
	}
	f.readPath(r, keepBasePath)
	r.URL.RawQuery = f.rawQuery()
	r.RequestURI = r.URL.RequestURI()
	f.readHost(r)
	f.readConnection(r)
	if err := f.readBody(r); err != nil {
		return nil, err
	}
	f.readPathParameters(r)
	return r.WithContext(context.WithValue(ctx, frontKey, f)), nil
}

func (f *front) method() string {
	switch f.kind {
	case HTTPAPI, FunctionURL:
		return find(f.event.http, "method")
	case Lattice, Lattice1:
		method, _ := jsonscan.String(f.event.method)
		return method
	}
	method, _ := jsonscan.String(f.event.httpMethod)
	return method
}

func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// readHeaders fills the header. Lists of values win over single values.
func (f *front) readHeaders(r *http.Request) {
	e := &f.event
	headers := e.multiHeaders
	if headers == nil {
		headers = e.headers
	}
	switch f.kind {
	case RestAPI, HTTPAPI1:
		f.multiValue = true
	case LoadBalancer:
		f.multiValue = e.multiHeaders != nil
	case HTTPAPI, FunctionURL:
		headers = e.headers
	}
	each(headers, func(name, value string) {
		name = http.CanonicalHeaderKey(name)
		r.Header[name] = append(r.Header[name], value)
	})
	if e.cookies != nil { // and not those in the headers of a function URL
		var cookies []string
		eachValue(e.cookies, func(value string) { cookies = append(cookies, value) })
		if len(cookies) > 0 {
			r.Header["Cookie"] = []string{strings.Join(cookies, "; ")}
		}
	} else if lines := r.Header["Cookie"]; len(lines) > 1 {
		r.Header["Cookie"] = []string{strings.Join(lines, "; ")}
	}
}

// each calls yield with the names and values of {"name":"value"} or {"name":["value"]}.
func each(object []byte, yield func(name, value string)) {
	jsonscan.Walk(object, 0, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(object, start)
		if !ok {
			return 0, false
		}
		name, _ := jsonscan.String(key)
		if object[start] == '[' {
			eachValue(object[start:end], func(value string) { yield(name, value) })
		} else if value, ok := text(object[start:end]); ok {
			yield(name, value)
		}
		return end, true
	})
}

func eachValue(list []byte, yield func(value string)) {
	jsonscan.WalkArray(list, 0, func(start int) (int, bool) {
		end, ok := jsonscan.Skip(list, start)
		if ok {
			if value, ok := text(list[start:end]); ok {
				yield(value)
			}
		}
		return end, ok
	})
}

// text returns the text of a string, or of another value than null.
func text(value []byte) (string, bool) {
	if s, ok := jsonscan.String(value); ok {
		return s, true
	}
	return string(value), string(value) != "null" && value[0] != '{' && value[0] != '['
}

// readPath sets the path and cuts the base path.
func (f *front) readPath(r *http.Request, keepBasePath bool) {
	e := &f.event
	var path string
	escaped := true
	switch f.kind {
	case HTTPAPI:
		path, _ = jsonscan.String(e.rawPath)
		escaped = false
	case FunctionURL:
		path, _ = jsonscan.String(e.rawPath)
	case HTTPAPI1:
		path, _ = jsonscan.String(e.path)
		escaped = false
	case Lattice1:
		path, _ = jsonscan.String(e.latticePath)
		path, _, _ = strings.Cut(path, "?")
	default:
		path, _ = jsonscan.String(e.path)
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if !keepBasePath {
		if base := f.base(path); base != "" {
			f.basePath = base
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
func (f *front) base(path string) string {
	e := &f.event
	if f.kind == HTTPAPI || f.kind == HTTPAPI1 {
		stage, _ := jsonscan.String(e.stage)
		if base := "/" + stage; stage != "" && stage != "$default" && (path == base || strings.HasPrefix(path, base+"/")) {
			return base
		}
		return ""
	}
	if f.kind != RestAPI {
		return ""
	}
	resource, _ := jsonscan.String(e.resource)
	if resource == "" || resource[0] != '/' {
		return ""
	}
	each(e.pathParameters, func(name, value string) {
		resource = strings.NewReplacer("{"+name+"+}", value, "{"+name+"}", value).Replace(resource)
	})
	if strings.Contains(resource, "{") {
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

// rawQuery returns the query of the URL.
func (f *front) rawQuery() string {
	e := &f.event
	switch f.kind {
	case HTTPAPI, FunctionURL:
		query, _ := jsonscan.String(e.rawQuery)
		return query
	case Lattice1:
		path, _ := jsonscan.String(e.latticePath)
		if _, query, ok := strings.Cut(path, "?"); ok {
			return query
		}
		return encodeQuery(e.latticeQuery, url.QueryEscape)
	}
	parameters := e.multiQuery
	if parameters == nil {
		parameters = e.query
	}
	if f.kind == LoadBalancer { // it does not decode names and values
		return encodeQuery(parameters, escapeAgain)
	}
	return encodeQuery(parameters, url.QueryEscape)
}

// encodeQuery returns the parameters in their order.
func encodeQuery(parameters []byte, escape func(string) string) string {
	var b strings.Builder
	each(parameters, func(name, value string) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escape(name))
		b.WriteByte('=')
		b.WriteString(escape(value))
	})
	return b.String()
}

// escapeAgain escapes the characters of a part of a query that are not escaped yet.
func escapeAgain(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return url.QueryEscape(plain)
	}
	return url.QueryEscape(s)
}

// readHost moves the host out of the header.
func (f *front) readHost(r *http.Request) {
	r.Host = r.Header.Get("Host")
	delete(r.Header, "Host")
	if r.Host == "" {
		r.Host, _ = jsonscan.String(f.event.domain)
	}
}

// readConnection sets the address of the client and TLS.
func (f *front) readConnection(r *http.Request) {
	e := &f.event
	ip := ""
	switch f.kind {
	case HTTPAPI, FunctionURL:
		ip = find(e.http, "sourceIp")
	case RestAPI, HTTPAPI1:
		ip = find(e.identity, "sourceIp")
	default:
		forwarded := strings.Join(r.Header["X-Forwarded-For"], ",")
		ip = strings.TrimSpace(forwarded[strings.LastIndexByte(forwarded, ',')+1:])
	}
	if ip != "" {
		r.RemoteAddr = net.JoinHostPort(strings.Trim(ip, "[]"), "0")
	}
	if strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "http") {
		return
	}
	r.TLS = &tls.ConnectionState{Version: tls.VersionTLS12, HandshakeComplete: true, ServerName: r.Host}
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

// readBody sets the body and its length.
func (f *front) readBody(r *http.Request) error {
	e := &f.event
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
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return nil
}

// readPathParameters sets the parameters of the gateway, until a router sets its own.
func (f *front) readPathParameters(r *http.Request) {
	each(f.event.pathParameters, func(name, value string) {
		if f.kind == RestAPI {
			if plain, err := url.PathUnescape(value); err == nil {
				value = plain
			}
		}
		r.SetPathValue(name, value)
	})
}
