package httpevent

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// object is a JSON object.
type object = map[string]any

// Encode returns the event of a request. It reads the body. The request may be one of a client or of
// a server.
func (f Front) Encode(r *http.Request) ([]byte, error) {
	if len(f.Claims) > 0 && !f.HasClaims() {
		return nil, fmt.Errorf("httpevent: %v passes no claims: only API Gateway does", f.Kind)
	}
	e, err := f.newEncoder(r)
	if err != nil {
		return nil, err
	}
	switch f.Kind {
	case httpapi.FunctionURL, httpapi.HTTPAPI:
		return json.Marshal(e.version2())
	case httpapi.RestAPI, httpapi.HTTPAPI1:
		return json.Marshal(e.version1())
	case httpapi.LoadBalancer:
		return json.Marshal(e.loadBalancer())
	case httpapi.Lattice:
		return json.Marshal(e.lattice())
	case httpapi.Lattice1:
		return json.Marshal(e.lattice1())
	}
	return nil, fmt.Errorf("httpevent: no front end is of the kind %v", f.Kind)
}

// encoder holds the parts of a request.
type encoder struct {
	Front
	r      *http.Request
	host   string
	client string // address
	path   string // escaped
	query  []parameter
	header http.Header // with the headers that the front end adds
	body   []byte
	now    time.Time
}

// parameter is a part of a query.
type parameter struct{ name, value string }

func (f Front) newEncoder(r *http.Request) (*encoder, error) {
	e := &encoder{Front: f, r: r, now: time.Now()}
	e.host = cmp.Or(r.Host, r.URL.Host, f.domain())
	e.client, _, _ = net.SplitHostPort(r.RemoteAddr)
	e.client = cmp.Or(e.client, "192.0.2.1")
	e.path = r.URL.EscapedPath()
	if !strings.HasPrefix(e.path, "/") {
		e.path = "/" + e.path
	}
	decode := func(s string) string { return s }
	if f.Kind != httpapi.LoadBalancer {
		decode = decodeQuery
	}
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if name, value, _ := strings.Cut(part, "="); part != "" {
			e.query = append(e.query, parameter{decode(name), decode(value)})
		}
	}
	if err := e.readBody(); err != nil {
		return nil, err
	}
	e.readHeader()
	return e, nil
}

// decodeQuery returns a part of a query without escapes, or as it is if they are not valid.
func decodeQuery(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

func (e *encoder) readBody() error {
	if e.r.Body == nil {
		return nil
	}
	limit := maxBody
	if e.Kind == httpapi.LoadBalancer {
		limit = maxLoadBalancer
	}
	var err error
	e.body, err = io.ReadAll(io.LimitReader(e.r.Body, int64(limit)+1))
	switch {
	case err != nil:
		return fmt.Errorf("httpevent: read the body: %w", err)
	case len(e.body) > limit:
		return ErrTooLarge
	}
	return nil
}

// readHeader copies the header and adds those of the front end.
func (e *encoder) readHeader() {
	h := e.r.Header.Clone()
	if h == nil {
		h = make(http.Header)
	}
	for name := range h {
		if ofConnection(name) {
			delete(h, name)
		}
	}
	h.Set("Host", e.host)
	h.Set("X-Forwarded-For", strings.Join(append(h["X-Forwarded-For"], e.client), ", "))
	if len(e.body) > 0 {
		h.Set("Content-Length", strconv.Itoa(len(e.body)))
	}
	if e.Kind != httpapi.Lattice && e.Kind != httpapi.Lattice1 {
		h.Set("X-Forwarded-Proto", "https")
		h.Set("X-Forwarded-Port", "443")
		if e.r.URL.Scheme == "http" {
			h.Set("X-Forwarded-Proto", "http")
			h.Set("X-Forwarded-Port", "80")
		}
		if h.Get("X-Amzn-Trace-Id") == "" {
			root, _, _ := strings.Cut(traceheader.New(e.now), ";")
			h.Set("X-Amzn-Trace-Id", root)
		}
	}
	e.header = h
}

// ofConnection reports whether a header is of the connection and not of the message.
func ofConnection(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// domain returns the name of the front end.
func (f Front) domain() string {
	switch f.Kind {
	case httpapi.FunctionURL:
		return "u1v2w3x4y5z6.lambda-url.us-east-1.on.aws"
	case httpapi.LoadBalancer:
		return "orders-1234567890.us-east-1.elb.amazonaws.com"
	case httpapi.Lattice, httpapi.Lattice1:
		return "orders-0abc.7d67968.vpc-lattice-svcs.us-east-1.on.aws"
	}
	return "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
}

// last returns the header with the last value of each name.
func (e *encoder) last() map[string]string {
	m := make(map[string]string)
	for name, values := range e.lists() {
		m[name] = values[len(values)-1]
	}
	return m
}

// joined returns the header with the values of each name joined by commas.
func (e *encoder) joined() map[string]string {
	m := make(map[string]string)
	for name, values := range e.lists() {
		m[name] = strings.Join(values, ",")
	}
	return m
}

// lists returns the header with all values of each name.
func (e *encoder) lists() map[string][]string {
	m := make(map[string][]string)
	for name, values := range e.header {
		if e.lower() {
			name = strings.ToLower(name)
		}
		if len(values) > 0 {
			m[name] = values
		}
	}
	return m
}

// queryLists returns the query with all values of each name.
func (e *encoder) queryLists() map[string][]string {
	m := make(map[string][]string)
	for _, p := range e.query {
		m[p.name] = append(m[p.name], p.value)
	}
	return m
}

// queryLast returns the query with the last value of each name.
func (e *encoder) queryLast() map[string]string {
	m := make(map[string]string)
	for _, p := range e.query {
		m[p.name] = p.value
	}
	return m
}

// encodedBody returns the body as a text, and whether it is base64.
func (e *encoder) encodedBody() (string, bool) {
	if len(e.body) > 0 && (e.isBinary() || !utf8.Valid(e.body)) {
		return base64.StdEncoding.EncodeToString(e.body), true
	}
	return string(e.body), false
}

// isBinary reports whether the front end encodes bodies of this type. A REST API does so for its
// binaryMediaTypes, and this one has none.
func (e *encoder) isBinary() bool {
	if e.Kind == httpapi.RestAPI {
		return false
	}
	if e.Kind == httpapi.LoadBalancer && e.header.Get("Content-Encoding") != "" {
		return true
	}
	kind, _, _ := mime.ParseMediaType(e.header.Get("Content-Type"))
	switch kind {
	case "application/json", "application/javascript", "application/xml":
		return false
	}
	return !strings.HasPrefix(kind, "text/") && !strings.HasSuffix(kind, "+json")
}

// epoch returns the time of the request in milliseconds.
func (e *encoder) epoch() int64 { return e.now.UnixMilli() }

// clfTime returns the time of the request as API Gateway writes it.
func (e *encoder) clfTime() string { return e.now.UTC().Format("02/Jan/2006:15:04:05 -0700") }

// clientCert describes the certificate of the client; nil without mTLS.
func (e *encoder) clientCert() any {
	if e.r.TLS == nil || len(e.r.TLS.PeerCertificates) == 0 {
		return nil
	}
	c := e.r.TLS.PeerCertificates[0]
	const layout = "Jan _2 15:04:05 2006 GMT"
	return object{
		"clientCertPem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})),
		"subjectDN":     c.Subject.String(),
		"issuerDN":      c.Issuer.String(),
		"serialNumber":  c.SerialNumber.String(),
		"validity":      object{"notBefore": c.NotBefore.UTC().Format(layout), "notAfter": c.NotAfter.UTC().Format(layout)},
	}
}

// version2 returns the event of an HTTP API 2.0 or a function URL.
func (e *encoder) version2() object {
	path := decodePath(e.path)
	rawPath, account, api := e.path, "anonymous", "u1v2w3x4y5z6"
	if e.Kind == httpapi.HTTPAPI {
		path, _, _ = strings.Cut(path, "?")
		if e.stage() != "$default" {
			path = "/" + e.stage() + path
		}
		rawPath, account, api = path, "123456789012", "a1b2c3d4e5"
	}
	context := object{
		"accountId":    account,
		"apiId":        api,
		"domainName":   e.domain(),
		"domainPrefix": api,
		"http": object{
			"method":    e.method(),
			"path":      path,
			"protocol":  cmp.Or(e.r.Proto, "HTTP/1.1"),
			"sourceIp":  e.client,
			"userAgent": e.header.Get("User-Agent"),
		},
		"requestId": execenv.NewRequestID(),
		"routeKey":  "$default",
		"stage":     e.stage(),
		"time":      e.clfTime(),
		"timeEpoch": e.epoch(),
	}
	if cert := e.clientCert(); cert != nil && e.Kind == httpapi.HTTPAPI {
		context["authentication"] = object{"clientCert": cert}
	}
	if len(e.Claims) > 0 {
		context["authorizer"] = object{"jwt": object{"claims": e.Claims, "scopes": nil}}
	}
	event := object{
		"version":        "2.0",
		"routeKey":       "$default",
		"rawPath":        rawPath,
		"rawQueryString": e.r.URL.RawQuery,
		"requestContext": context,
	}
	var cookies []string
	for _, line := range e.header["Cookie"] {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				cookies = append(cookies, cookie)
			}
		}
	}
	if len(cookies) > 0 {
		event["cookies"] = cookies
		e.header["Cookie"] = []string{strings.Join(cookies, "; ")}
		if e.Kind == httpapi.HTTPAPI {
			delete(e.header, "Cookie")
		}
	}
	event["headers"] = e.joined()
	if len(e.query) > 0 {
		query := make(map[string]string)
		for name, values := range e.queryLists() {
			query[name] = strings.Join(values, ",")
		}
		event["queryStringParameters"] = query
	}
	body, encoded := e.encodedBody()
	if event["isBase64Encoded"] = encoded; body != "" {
		event["body"] = body
	}
	return event
}

// decodePath returns a path of EscapedPath, which is valid, without escapes.
func decodePath(path string) string {
	plain, _ := url.PathUnescape(path)
	return plain
}

func (e *encoder) method() string { return cmp.Or(e.r.Method, http.MethodGet) }

// version1 returns the event of a REST API or an HTTP API 1.0.
func (e *encoder) version1() object {
	identity := object{
		"accessKey": nil, "accountId": nil, "caller": nil, "cognitoAuthenticationProvider": nil,
		"cognitoAuthenticationType": nil, "cognitoIdentityId": nil, "cognitoIdentityPoolId": nil,
		"user": nil, "userArn": nil,
		"sourceIp":  e.client,
		"userAgent": e.header.Get("User-Agent"),
	}
	if cert := e.clientCert(); cert != nil {
		identity["clientCert"] = cert
	}
	context := object{
		"accountId":         "123456789012",
		"apiId":             "a1b2c3d4e5",
		"domainName":        e.domain(),
		"domainPrefix":      "a1b2c3d4e5",
		"extendedRequestId": "JKJaXmPLvHcESHA=",
		"httpMethod":        e.method(),
		"identity":          identity,
		"protocol":          cmp.Or(e.r.Proto, "HTTP/1.1"),
		"requestId":         execenv.NewRequestID(),
		"requestTime":       e.clfTime(),
		"requestTimeEpoch":  e.epoch(),
		"stage":             e.stage(),
	}
	if len(e.Claims) > 0 {
		context["authorizer"] = object{"claims": e.Claims}
	}
	event := object{
		"httpMethod":        e.method(),
		"headers":           e.last(),
		"multiValueHeaders": e.lists(),
		"requestContext":    context,
		"stageVariables":    nil,
		"pathParameters":    nil,

		"queryStringParameters":           nil,
		"multiValueQueryStringParameters": nil,
	}
	if len(e.query) > 0 {
		event["queryStringParameters"] = e.queryLast()
		event["multiValueQueryStringParameters"] = e.queryLists()
	}
	resource, path := "$default", decodePath(e.path)
	switch {
	case e.Kind == httpapi.HTTPAPI1:
		event["version"] = "1.0"
		path, _, _ = strings.Cut(path, "?")
		if e.stage() != "$default" {
			path = "/" + e.stage() + path
		}
		context["path"] = path
	case e.path == "/":
		resource, path = "/", e.path
		context["path"] = "/" + e.stage() + path
	default:
		resource, path = "/{proxy+}", e.path
		context["path"] = "/" + e.stage() + path
		proxy := path[1:]
		if strings.Trim(proxy, "/") != "" {
			proxy = strings.TrimSuffix(proxy, "/")
		}
		event["pathParameters"] = object{"proxy": proxy}
	}
	event["path"], event["resource"], context["resourcePath"] = path, resource, resource
	context["resourceId"] = nil
	if e.Kind == httpapi.RestAPI {
		context["resourceId"] = "r1s2t3"
	}
	body, encoded := e.encodedBody()
	event["body"], event["isBase64Encoded"] = nil, encoded
	if body != "" {
		event["body"] = body
	}
	return event
}

// loadBalancer returns the event of a load balancer.
func (e *encoder) loadBalancer() object {
	body, encoded := e.encodedBody()
	event := object{
		"requestContext":  object{"elb": object{"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/orders/6d0ecf831eec9f09"}},
		"httpMethod":      e.method(),
		"path":            e.path,
		"body":            body,
		"isBase64Encoded": encoded,
	}
	if e.MultiValue {
		event["multiValueHeaders"], event["multiValueQueryStringParameters"] = e.lists(), e.queryLists()
	} else {
		event["headers"], event["queryStringParameters"] = e.last(), e.queryLast()
	}
	return event
}

// lattice returns the event 2.0 of VPC Lattice.
func (e *encoder) lattice() object {
	event := object{
		"version": "2.0",
		"path":    e.path,
		"method":  e.method(),
		"headers": e.lists(),
		"requestContext": object{
			"serviceNetworkArn": "arn:aws:vpc-lattice:us-east-1:123456789012:servicenetwork/sn-0bf3",
			"serviceArn":        "arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-0a40",
			"targetGroupArn":    "arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-6d0e",
			"identity":          object{"sourceVpcArn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0b82"},
			"region":            "us-east-1",
			"timeEpoch":         strconv.FormatInt(e.now.UnixMicro(), 10),
		},
	}
	if len(e.query) > 0 {
		event["queryStringParameters"] = e.queryLists()
	}
	body, encoded := e.encodedBody()
	if event["isBase64Encoded"] = encoded; body != "" {
		event["body"] = body
	}
	return event
}

// lattice1 returns the event 1.0 of VPC Lattice.
func (e *encoder) lattice1() object {
	body, encoded := e.encodedBody()
	return object{
		"raw_path":                e.path,
		"method":                  e.method(),
		"headers":                 e.last(),
		"query_string_parameters": e.queryLast(),
		"body":                    body,
		"is_base64_encoded":       encoded,
	}
}
