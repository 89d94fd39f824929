package httpevent_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambdakit/lambdakit/internal/httpevent"
)

func front(t *testing.T, name string) httpevent.Front {
	t.Helper()
	f, err := httpevent.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// at returns the JSON text of a member, which may be nested.
func at(t *testing.T, event []byte, names ...string) string {
	t.Helper()
	for _, name := range names {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(event, &members); err != nil {
			t.Fatalf("got %s, want an object: %v", event, err)
		}
		event = members[name]
	}
	return string(event)
}

func TestParse_UnknownName(t *testing.T) {
	t.Parallel()
	if _, err := httpevent.Parse("soap"); err == nil || !strings.Contains(err.Error(), "alb-multi") {
		t.Errorf("got %v, want an error with the names", err)
	}
}

func TestEncode_MembersOfEachFront(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]map[string]string{
		"url": {
			"version": `"2.0"`, "rawPath": `"/a%2Fb"`, "requestContext.http.path": `"/a/b"`, "rawQueryString": `"q=1\u0026q=%262"`,
			"queryStringParameters.q": `"1,\u00262"`, "cookies": `["a=1","b=2"]`, "headers.cookie": `"a=1; b=2"`, "headers.x-n": `"1,2"`,
			"headers.x-forwarded-proto": `"https"`, "requestContext.http.sourceIp": `"192.0.2.1"`, "body": `"YT1i"`, "isBase64Encoded": `true`,
			"requestContext.accountId": `"anonymous"`, "requestContext.stage": `"$default"`,
		},
		"httpapi": {
			"rawPath": `"/a/b"`, "cookies": `["a=1","b=2"]`, "headers.cookie": ``, "requestContext.routeKey": `"$default"`, "isBase64Encoded": `true`,
		},
		"httpapi1": {
			"version": `"1.0"`, "path": `"/a/b"`, "resource": `"$default"`, "multiValueQueryStringParameters.q": `["1","\u00262"]`, "headers.Cookie": `"a=1; b=2"`,
		},
		"rest": {
			"version": ``, "path": `"/a%2Fb"`, "requestContext.path": `"/prod/a%2Fb"`, "pathParameters.proxy": `"a%2Fb"`, "headers.X-N": `"2"`, "multiValueHeaders.X-N": `["1","2"]`,
			"queryStringParameters.q": `"\u00262"`, "body": `"a=b"`, "isBase64Encoded": `false`, "stageVariables": `null`, "requestContext.identity.sourceIp": `"192.0.2.1"`,
		},
		"alb": {
			"path": `"/a%2Fb"`, "queryStringParameters.q": `"%262"`, "headers.x-n": `"2"`, "multiValueHeaders": ``, "body": `"YT1i"`,
		},
		"alb-multi": {
			"multiValueQueryStringParameters.q": `["1","%262"]`, "multiValueHeaders.x-n": `["1","2"]`, "headers": ``, "queryStringParameters": ``,
		},
		"lattice": {
			"version": `"2.0"`, "method": `"POST"`, "path": `"/a%2Fb"`, "headers.x-n": `["1","2"]`, "queryStringParameters.q": `["1","\u00262"]`, "headers.x-forwarded-proto": ``,
		},
		"lattice1": {
			"raw_path": `"/a%2Fb"`, "headers.x-n": `"2"`, "query_string_parameters.q": `"\u00262"`, "is_base64_encoded": `true`, "requestContext": ``,
		},
	} {
		r := httptest.NewRequest("POST", "/a%2Fb?q=1&q=%262", strings.NewReader("a=b"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", "a=1; b=2")
		r.Header["X-N"] = []string{"1", "2"}
		event, err := front(t, name).Encode(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for path, value := range want {
			if got := at(t, event, strings.Split(path, ".")...); got != value {
				t.Errorf("%s: got %s as %s, want %s", name, path, got, value)
			}
		}
	}
}

func TestEncode_RequestsOfClients(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequest("", "http://api.example.test", nil)
	if err != nil {
		t.Fatal(err)
	}
	event, err := front(t, "url").Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"rawPath": `"/"`, "requestContext.http.method": `"GET"`, "headers.host": `"api.example.test"`, "headers.x-forwarded-proto": `"http"`, "body": ``} {
		if got := at(t, event, strings.Split(path, ".")...); got != want {
			t.Errorf("got %s as %s, want %s", path, got, want)
		}
	}
}

// TestEncode_TypesOfAWSLambdaGo says that the types of aws-lambda-go know every member. The type for
// function URLs lacks some members that AWS documents.
func TestEncode_TypesOfAWSLambdaGo(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]any{
		"httpapi": new(events.APIGatewayV2HTTPRequest),
		"rest":    new(events.APIGatewayProxyRequest), "alb": new(events.ALBTargetGroupRequest), "alb-multi": new(events.ALBTargetGroupRequest),
	} {
		r := httptest.NewRequest("POST", "/a/b?q=1", strings.NewReader("body"))
		r.Header.Set("Cookie", "a=1")
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{Raw: []byte("a certificate"), SerialNumber: big.NewInt(7)}}}
		text, err := front(t, name).Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(event); err != nil {
			t.Errorf("%s: got the error %v of %s, want none", name, err, text)
		}
	}
}

func TestEncode_Faults(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 1<<20+1)
	if _, err := front(t, "alb").Encode(httptest.NewRequest("POST", "/", strings.NewReader(large))); !errors.Is(err, httpevent.ErrTooLarge) {
		t.Errorf("got %v for a load balancer, want ErrTooLarge", err)
	}
	if _, err := front(t, "url").Encode(httptest.NewRequest("POST", "/", strings.NewReader(large))); err != nil {
		t.Errorf("got %v for a function URL, want none", err)
	}
	if _, err := (httpevent.Front{}).Encode(httptest.NewRequest("GET", "/", nil)); err == nil {
		t.Error("got no error without a kind, want one")
	}
	f := front(t, "url")
	f.Claims = map[string]string{"sub": "u-1"}
	if _, err := f.Encode(httptest.NewRequest("GET", "/", nil)); err == nil {
		t.Error("got no error for claims of a function URL, want one")
	}
}

func TestDecode_Answers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		front, answer string
		status        int
		header        string // a name and a value
		body          string
	}{
		{"url", `{"statusCode":201,"headers":{"X-A":"1"},"cookies":["a=1","b=2"],"body":"ok"}`, 201, "Set-Cookie: a=1 b=2", "ok"},
		{"url", `{"statusCode":200,"body":"AAE=","isBase64Encoded":true}`, 200, "Content-Type: application/json", "\x00\x01"},
		{"url", `{"id":1}`, 200, "Content-Type: application/json", `{"id":1}`},
		{"httpapi", `"hello"`, 200, "Content-Type: application/json", `"hello"`},
		{"httpapi", `{"statusCode":200,"multiValueHeaders":{"X-A":["1"]},"body":"x"}`, 200, "X-A:", "x"},
		{"rest", `{"statusCode":200,"headers":{"x-a":"1","x-b":"2"},"multiValueHeaders":{"X-A":["3","4"]},"body":"x"}`, 200, "X-A: 3 4", "x"},
		{"rest", `{"statusCode":401,"headers":{"WWW-Authenticate":"Basic"}}`, 401, "X-Amzn-Remapped-Www-Authenticate: Basic", ""},
		{"httpapi1", `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]}}`, 200, "Set-Cookie: a=1 b=2", ""},
		{"alb", `{"statusCode":200,"statusDescription":"200 OK","headers":{"X-A":"1"},"body":"x"}`, 200, "X-A: 1", "x"},
		{"alb", `{"statusCode":200,"headers":{},"multiValueHeaders":{"X-A":["1"]},"body":"x"}`, 200, "X-A:", "x"},
		{"alb-multi", `{"statusCode":200,"headers":{"X-B":"1"},"multiValueHeaders":{"X-A":["1"]},"body":"x"}`, 200, "X-B:", "x"},
		{"lattice", `{"statusCode":204,"headers":{"Content-Length":"5","Connection":"close"},"body":"never"}`, 204, "Connection:", ""},
		{"url", `{"statusCode":200,"headers":{"Content-Type":"text/plain"},"cookies":["a=1"]}` + "\x00\x00\x00\x00\x00\x00\x00\x00body", 200, "Set-Cookie: a=1", "body"},
		{"rest", `{"multiValueHeaders":{"X-A":["1","2"]}}` + "\x00\x00\x00\x00\x00\x00\x00\x00", 200, "X-A: 1 2", ""},
	} {
		resp, err := front(t, c.front).Decode(nil, []byte(c.answer))
		if err != nil {
			t.Errorf("%s %s: got the error %v", c.front, c.answer, err)
		}
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != c.status || string(body) != c.body || resp.ContentLength != int64(len(body)) {
			t.Errorf("%s %s: got %d %q, want %d %q", c.front, c.answer, resp.StatusCode, body, c.status, c.body)
		}
		name, value, _ := strings.Cut(c.header, ":")
		if got := strings.Join(resp.Header[name], " "); got != strings.TrimSpace(value) {
			t.Errorf("%s %s: got %s: %s, want %s", c.front, c.answer, name, got, c.header)
		}
	}
}

func TestDecode_MalformedAnswersAre502(t *testing.T) {
	t.Parallel()
	const stream = "\x00\x00\x00\x00\x00\x00\x00\x00body"
	for _, c := range []struct{ fronts, answer string }{
		{"url rest httpapi httpapi1 alb alb-multi lattice lattice1", `{`},
		{"rest httpapi1 alb alb-multi lattice lattice1", `"text"`},
		{"rest httpapi1 alb alb-multi lattice lattice1", `null`},
		{"rest httpapi1 alb alb-multi lattice lattice1", `{"headers":{},"multiValueHeaders":{},"body":""}`},
		{"url rest alb lattice", `{"statusCode":"ok","headers":{}}`},
		{"url rest alb lattice", `{"statusCode":99,"headers":{}}`},
		{"url rest alb lattice", `{"statusCode":200,"headers":[]}`},
		{"url rest alb lattice", `{"statusCode":200,"headers":{"A":{}}}`},
		{"url rest alb lattice", `{"statusCode":200,"headers":{},"body":{}}`},
		{"url rest alb lattice", `{"statusCode":200,"headers":{},"body":"?","isBase64Encoded":true}`},
		{"rest", `{"statusCode":200,"cookies":[]}`},
		{"alb", `{"statusCode":200,"multiValueHeaders":{}}`},
		{"alb-multi", `{"statusCode":200,"headers":{}}`},
		{"alb", `{"statusCode":200,"headers":{},"body":"` + strings.Repeat("x", 1<<20) + `"}`},
		{"url rest httpapi alb", `{"statusCode":` + stream},
		{"httpapi alb lattice", `{"statusCode":200,"headers":{}}` + stream},
		{"url", `{"statusCode":200,"headers":{"A":"` + strings.Repeat("x", 16<<10) + `"}}` + stream},
	} {
		for name := range strings.SplitSeq(c.fronts, " ") {
			resp, err := front(t, name).Decode(nil, []byte(c.answer))
			if err == nil || resp.StatusCode != 502 {
				t.Errorf("%s: got %d and the error %v for %.100s, want 502 and an error", name, resp.StatusCode, err, c.answer)
			}
		}
	}
}

func TestDecode_HeadHasNoBody(t *testing.T) {
	t.Parallel()
	resp, err := front(t, "url").Decode(httptest.NewRequest("HEAD", "/", nil), []byte(`{"statusCode":200,"body":"x"}`))
	if body, _ := io.ReadAll(resp.Body); err != nil || len(body) != 0 {
		t.Errorf("got the body %q and the error %v, want none", body, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"statusCode":200,"headers":{"a":"b"},"multiValueHeaders":{"a":["b"]},"body":"x"}`, `{"cookies":["a"]}` + "\x00\x00\x00\x00\x00\x00\x00\x00x", `[]`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, name := range httpevent.Names() {
			resp, err := front(t, name).Decode(nil, slices.Clone(answer))
			if resp == nil || resp.Body == nil || (err != nil) && resp.StatusCode != 502 {
				t.Errorf("%s: got %+v and %v, want a response, and a 502 with an error", name, resp, err)
			}
		}
	})
}
