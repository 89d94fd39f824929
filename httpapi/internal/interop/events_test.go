package interop_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
)

// request is a request that becomes the event of a front end.
type request struct {
	method, target string // the target is escaped
	header         http.Header
	body           string
}

// response is what a front end makes of a response event.
type response struct {
	status int
	header http.Header
	body   string
	base64 bool
}

// frontEnds are the events that each test uses. Both APIs have the stage prod.
var frontEnds = map[string]func(request, *url.URL) any{
	"HTTP API": func(r request, u *url.URL) any {
		headers := map[string]string{"host": "a1.execute-api.eu-central-1.amazonaws.com", "x-forwarded-proto": "https"}
		for name, values := range r.header {
			headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
		return map[string]any{
			"version": "2.0", "routeKey": "$default", "rawPath": "/prod" + u.Path, "rawQueryString": u.RawQuery, "headers": headers,
			"requestContext": map[string]any{"stage": "prod", "http": map[string]any{"method": r.method, "path": "/prod" + u.Path, "sourceIp": "203.0.113.9"}},
			"body":           r.body, "isBase64Encoded": false,
		}
	},
	"REST API": func(r request, u *url.URL) any {
		headers := http.Header{"Host": {"a1.execute-api.eu-central-1.amazonaws.com"}, "X-Forwarded-Proto": {"https"}}
		for name, values := range r.header {
			headers[name] = values
		}
		return map[string]any{
			"resource": "/{proxy+}", "path": u.EscapedPath(), "httpMethod": r.method, "multiValueHeaders": headers,
			"multiValueQueryStringParameters": u.Query(), "pathParameters": map[string]any{"proxy": strings.TrimPrefix(u.EscapedPath(), "/")},
			"requestContext": map[string]any{"stage": "prod", "path": "/prod" + u.EscapedPath(), "identity": map[string]any{"sourceIp": "203.0.113.9"}},
			"body":           r.body, "isBase64Encoded": false,
		}
	},
}

// eachFrontEnd sends r to h through each front end.
func eachFrontEnd(t *testing.T, h http.Handler, r request, check func(t *testing.T, got response)) {
	t.Helper()
	u, err := url.Parse(r.target)
	if err != nil {
		t.Fatal(err)
	}
	for name, event := range frontEnds {
		t.Run(name, func(t *testing.T) {
			payload, err := json.Marshal(event(r, u))
			if err != nil {
				t.Fatal(err)
			}
			out, err := httpapi.Wrap(h).Invoke(t.Context(), payload)
			if err != nil {
				t.Fatal(err)
			}
			check(t, read(t, out))
		})
	}
}

func read(t *testing.T, out []byte) response {
	t.Helper()
	var e struct {
		StatusCode        int
		Headers           map[string]string
		MultiValueHeaders http.Header
		Cookies           []string
		Body              string
		IsBase64Encoded   bool
	}
	if err := json.Unmarshal(out, &e); err != nil {
		t.Fatalf("got %s: %v", out, err)
	}
	r := response{e.StatusCode, http.Header{}, e.Body, e.IsBase64Encoded}
	for name, values := range e.MultiValueHeaders {
		r.header[name] = values
	}
	for name, value := range e.Headers {
		r.header.Set(name, value)
	}
	for _, c := range e.Cookies {
		r.header.Add("Set-Cookie", c)
	}
	if e.IsBase64Encoded {
		b, err := base64.StdEncoding.DecodeString(e.Body)
		if err != nil {
			t.Fatal(err)
		}
		r.body = string(b)
	}
	return r
}

// want fails the test unless the response has the status, the header lines and the body.
func (r response) want(t *testing.T, status int, header map[string]string, body string) {
	t.Helper()
	if r.status != status {
		t.Errorf("got status %d, want %d: %s", r.status, status, r.body)
	}
	for name, value := range header {
		if got := r.header.Get(name); got != value {
			t.Errorf("got %s %q, want %q", name, got, value)
		}
	}
	if strings.TrimSpace(r.body) != body {
		t.Errorf("got body %s\nwant %s", r.body, body)
	}
}
