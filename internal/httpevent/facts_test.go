package httpevent_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/httpevent"
)

// TestEncode_MembersThatDependOnTheRequest compares members of events; "" is a member that is missing.
func TestEncode_MembersThatDependOnTheRequest(t *testing.T) {
	t.Parallel()
	claims := map[string]string{"sub": "u"}
	for _, c := range []struct {
		what  string
		front httpevent.Front
		r     func() *http.Request
		want  map[string]string
	}{
		{"claims", httpevent.Front{Kind: httpapi.HTTPAPI, Claims: claims}, nil, map[string]string{"requestContext.authorizer": `{"jwt":{"claims":{"sub":"u"},"scopes":null}}`}},
		{"claims", httpevent.Front{Kind: httpapi.RestAPI, Claims: claims}, nil, map[string]string{"requestContext.authorizer": `{"claims":{"sub":"u"}}`}},
		{"claims", httpevent.Front{Kind: httpapi.HTTPAPI1, Claims: claims}, nil, map[string]string{"requestContext.authorizer": `{"claims":{"sub":"u"}}`}},
		{"nothing", front(t, "httpapi"), nil, map[string]string{
			"requestContext.authorizer": "", "requestContext.authentication": "", "cookies": "", "queryStringParameters": "", "body": "", "isBase64Encoded": "false", "rawPath": `"/"`, "rawQueryString": `""`,
			"requestContext.domainName": `"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"`, "requestContext.accountId": `"123456789012"`, "headers.content-length": "", "headers.x-forwarded-for": `"192.0.2.1"`, "headers.x-forwarded-port": `"443"`,
		}},
		{"nothing", front(t, "url"), nil, map[string]string{"requestContext.authorizer": "", "requestContext.domainName": `"u1v2w3x4y5z6.lambda-url.us-east-1.on.aws"`}},
		{"nothing", front(t, "rest"), nil, map[string]string{
			"requestContext.authorizer": "", "requestContext.identity.clientCert": "", "queryStringParameters": "null", "multiValueQueryStringParameters": "null", "pathParameters": "null", "path": `"/"`, "resource": `"/"`,
			"requestContext.resourceId": `"r1s2t3"`, "requestContext.resourcePath": `"/"`, "requestContext.path": `"/prod/"`, "body": "null", "isBase64Encoded": "false",
		}},
		{"nothing", front(t, "httpapi1"), nil, map[string]string{"requestContext.resourceId": "null", "requestContext.path": `"/"`, "resource": `"$default"`}},
		{"nothing", front(t, "alb"), nil, map[string]string{"body": `""`, "isBase64Encoded": "false", "queryStringParameters": "{}"}},
		{"nothing", front(t, "lattice"), nil, map[string]string{"body": "", "queryStringParameters": "", "headers.x-amzn-trace-id": "", "headers.x-forwarded-port": ""}},
		{"nothing", front(t, "lattice1"), nil, map[string]string{"body": `""`, "headers.x-amzn-trace-id": "", "headers.x-forwarded-port": ""}},
		{"a stage", httpevent.Front{Kind: httpapi.HTTPAPI, Stage: "v1"}, nil, map[string]string{"rawPath": `"/v1/"`, "requestContext.stage": `"v1"`, "requestContext.http.path": `"/v1/"`}},
		{"a stage", httpevent.Front{Kind: httpapi.HTTPAPI1, Stage: "v1"}, nil, map[string]string{"path": `"/v1/"`, "requestContext.path": `"/v1/"`}},
		{"a stage", httpevent.Front{Kind: httpapi.RestAPI, Stage: "v1"}, nil, map[string]string{"path": `"/"`, "requestContext.path": `"/v1/"`}},
		{"slashes at the end", front(t, "rest"), func() *http.Request { return httptest.NewRequest("GET", "/a/b/", nil) }, map[string]string{"pathParameters": `{"proxy":"a/b"}`, "path": `"/a/b/"`, "resource": `"/{proxy+}"`}},
		{"only slashes", front(t, "rest"), func() *http.Request { return httptest.NewRequest("GET", "http://h///", nil) }, map[string]string{"pathParameters": `{"proxy":"//"}`}},
		{"a question mark in the path", front(t, "httpapi"), func() *http.Request { return httptest.NewRequest("GET", "/a%3Fb?q=1", nil) }, map[string]string{"rawPath": `"/a"`, "queryStringParameters": `{"q":"1"}`}},
		{"a question mark in the path", front(t, "httpapi1"), func() *http.Request { return httptest.NewRequest("GET", "/a%3Fb", nil) }, map[string]string{"path": `"/a"`}},
		{"empty parts", front(t, "url"), func() *http.Request {
			r := httptest.NewRequest("GET", "/?&a=1&&b", nil)
			r.Header["Cookie"] = []string{"a=1;; b=2;", " "}
			r.Header["X-None"] = []string{}
			r.Header.Set("X-Amzn-Trace-Id", "Root=1")
			r.Header.Set("Connection", "close")
			return r
		}, map[string]string{"queryStringParameters": `{"a":"1","b":""}`, "cookies": `["a=1","b=2"]`, "headers.x-none": "", "headers.x-amzn-trace-id": `"Root=1"`, "headers.connection": "", "headers.cookie": `"a=1; b=2"`}},
		{"a query with broken escapes", front(t, "rest"), func() *http.Request {
			r := httptest.NewRequest("GET", "/", nil)
			r.URL.RawQuery = "a=%zz&b=%20"
			return r
		}, map[string]string{"queryStringParameters": `{"a":"%zz","b":" "}`}},
		{"an encoded text", front(t, "alb"), encoded, map[string]string{"body": `"aGk="`, "isBase64Encoded": "true", "headers.content-length": `"2"`}},
		{"an encoded text", front(t, "httpapi"), encoded, map[string]string{"body": `"hi"`, "isBase64Encoded": "false"}},
		{"a forwarded request", front(t, "alb"), func() *http.Request {
			r := httptest.NewRequest("GET", "http://h/", nil)
			r.Header["X-Forwarded-For"] = []string{"10.0.0.1", "10.0.0.2"}
			r.RemoteAddr = "203.0.113.7:1"
			return r
		}, map[string]string{"headers.x-forwarded-for": `"10.0.0.1, 10.0.0.2, 203.0.113.7"`, "headers.host": `"h"`, "headers.x-forwarded-proto": `"http"`, "headers.x-forwarded-port": `"80"`}},
	} {
		r := &http.Request{URL: httptest.NewRequest("GET", "/", nil).URL}
		if c.r != nil {
			r = c.r()
		}
		event, err := c.front.Encode(r)
		if err != nil {
			t.Errorf("%v: %s: %v", c.front.Kind, c.what, err)
			continue
		}
		for path, want := range c.want {
			if got := at(t, event, strings.Split(path, ".")...); got != want {
				t.Errorf("%v: %s: got %s as %s, want %s", c.front.Kind, c.what, got, path, want)
			}
		}
		if c.what == "nothing" && c.front.Kind == httpapi.HTTPAPI && !strings.HasPrefix(at(t, event, "headers", "x-amzn-trace-id"), `"Root=1-`) {
			t.Errorf("got the trace header %s, want a new one", at(t, event, "headers", "x-amzn-trace-id"))
		}
	}
}

// API Gateway writes the time of a request as the common log format does, and as milliseconds.
func TestEncode_TimesAgree(t *testing.T) {
	t.Parallel()
	for name, members := range map[string][2]string{"httpapi": {"time", "timeEpoch"}, "rest": {"requestTime", "requestTimeEpoch"}} {
		event, err := front(t, name).Encode(httptest.NewRequest("GET", "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Trim(at(t, event, "requestContext", members[0]), `"`)
		clock, err := time.Parse("02/Jan/2006:15:04:05 -0700", text)
		if epoch := at(t, event, "requestContext", members[1]); err != nil || fmt.Sprint(clock.Unix()) != epoch[:max(len(epoch)-3, 0)] {
			t.Errorf("%s: got the times %s and %s, want the same second", name, text, epoch)
		}
	}
}

func encoded() *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader("hi"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", "x")
	return r
}

func TestEncode_Refusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		front httpevent.Front
		want  string
	}{
		{httpevent.Front{Kind: httpapi.FunctionURL, Claims: map[string]string{"sub": "u"}}, "httpevent: function URL passes no claims: only API Gateway does"},
		{httpevent.Front{Kind: 9}, "httpevent: no front end is of the kind unknown"},
	} {
		if _, err := c.front.Encode(httptest.NewRequest("GET", "/", nil)); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	for name, limit := range map[string]int{"alb": 1 << 20, "url": 6 << 20} {
		for more, want := range []error{nil, httpevent.ErrTooLarge} {
			if _, err := front(t, name).Encode(httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", limit+more)))); err != want {
				t.Errorf("%s: a body of %d bytes: got %v, want %v", name, limit+more, err, want)
			}
		}
	}
}

// TestDecode_ResponsesAndReasons has the answers of functions, and the response or the reason.
func TestDecode_ResponsesAndReasons(t *testing.T) {
	t.Parallel()
	multi := httpevent.Front{Kind: httpapi.LoadBalancer, MultiValue: true}
	for _, c := range []struct {
		front        httpevent.Front
		answer, want string
	}{
		{front(t, "httpapi"), `{"a":1}`, `200 OK {"a":1} Content-Type=[application/json]`},
		{front(t, "url"), `"text"`, `200 OK "text" Content-Type=[application/json]`},
		{front(t, "httpapi"), `{"statusCode":201,"headers":{"X-A":1,"x-b":[" 1 ",true],"X-C":null,"connection":"close","Content-Length":"9"},"multiValueHeaders":{"X-D":["1"]},"cookies":["a=1"],"body":"hi"}`,
			`201 Created hi Content-Type=[text/plain;charset=UTF-8] Set-Cookie=[a=1] X-A=[1] X-B=[1 true]`},
		{front(t, "rest"), `{"statusCode":200,"headers":{"X-A":"1","Date":"d"},"multiValueHeaders":{"X-A":["2","3"]},"body":"aGk=","isBase64Encoded":true}`, `200 OK hi Content-Type=[application/json] X-A=[2 3] X-Amzn-Remapped-Date=[d]`},
		{front(t, "httpapi"), `{"statusCode":200,"headers":{"X-A":1234567,"X-B":12345678901234567890,"X-C":[1.50,1e3]}}`,
			`200 OK  Content-Type=[text/plain;charset=UTF-8] X-A=[1234567] X-B=[12345678901234567890] X-C=[1.50 1e3]`},
		{front(t, "rest"), `{"statusCode":200,"cookies":[]}`, `error: the answer of the function is malformed: a REST API refuses the member "cookies"`},
		{front(t, "rest"), `5`, `error: the answer of the function is malformed: it is not a JSON object`},
		{front(t, "rest"), `{"statusCode":200,"body":5}`, `error: the answer of the function is malformed: json: cannot unmarshal number into Go struct field answer.body of type string`},
		{front(t, "httpapi"), `{"statusCode":`, `error: the answer of the function is malformed: it is not a JSON object`},
		{front(t, "httpapi1"), `{"statusCode":"200"}`, `error: the answer of the function is malformed: statusCode is not a number`},
		{front(t, "httpapi1"), `{}`, `error: the answer of the function is malformed: statusCode is not a number`},
		{front(t, "httpapi1"), `{"statusCode":199}`, `error: the answer of the function is malformed: statusCode is 199`},
		{front(t, "httpapi1"), `{"statusCode":600}`, `error: the answer of the function is malformed: statusCode is 600`},
		{front(t, "httpapi1"), `{"statusCode":599,"cookies":["a=1"]}`, `599  Content-Type=[application/json]`},
		{front(t, "httpapi1"), `{"statusCode":200,"body":"%","isBase64Encoded":true}`, `error: the answer of the function is malformed: the body is not the base64 that isBase64Encoded says`},
		{front(t, "httpapi1"), `{"statusCode":200,"headers":5}`, `error: the answer of the function is malformed: the headers are not an object`},
		{front(t, "httpapi1"), `{"statusCode":200,"multiValueHeaders":5}`, `error: the answer of the function is malformed: the headers are not an object`},
		{front(t, "httpapi1"), `{"statusCode":200,"headers":{"a":{}}}`, `error: the answer of the function is malformed: the header "a" is an object`},
		{front(t, "alb"), `{"statusCode":200,"headers":{},"multiValueHeaders":{"a":["1"]},"cookies":["a=1"]}`, `200 OK `},
		{front(t, "alb"), `{"statusCode":200,"multiValueHeaders":{}}`, `error: the answer of the function is malformed: it lacks the headers that a load balancer reads, headers or multiValueHeaders by its mode`},
		{multi, `{"statusCode":200,"headers":{"a":"1"},"multiValueHeaders":{"b":["1"]}}`, `200 OK  B=[1]`},
		{multi, `{"statusCode":200,"headers":{}}`, `error: the answer of the function is malformed: it lacks the headers that a load balancer reads, headers or multiValueHeaders by its mode`},
		{front(t, "alb"), strings.Repeat(" ", 1<<20) + " ", `error: the answer of the function is malformed: it has 1048577 bytes, and a load balancer takes 1048576`},
		{front(t, "alb"), strings.Repeat(" ", 1<<20-31) + `{"statusCode":200,"headers":{}}`, `200 OK `},
		{front(t, "lattice"), `{"statusCode":204,"headers":{"a":"1"},"body":"x"}`, `204 No Content  A=[1]`},
		{front(t, "url"), `{"headers":{"a":"1"},"cookies":["a=1"]}` + string(httpevent.Separator) + "body", `200 OK body A=[1] Content-Type=[application/json] Set-Cookie=[a=1]`},
		{front(t, "url"), `{"statusCode":304}` + string(httpevent.Separator) + "body", `304 Not Modified  Content-Type=[application/json]`},
		{front(t, "url"), `{"statusCode":99}` + string(httpevent.Separator), `error: the prelude of the stream is malformed: statusCode is 99`},
		{front(t, "url"), `x` + string(httpevent.Separator), `error: the prelude of the stream is malformed: invalid character 'x' looking for beginning of value`},
		{front(t, "url"), `{}` + strings.Repeat(" ", 16<<10-2) + string(httpevent.Separator), `200 OK  Content-Type=[application/json]`},
		{front(t, "url"), `{}` + strings.Repeat(" ", 16<<10-1) + string(httpevent.Separator), `error: the prelude of the stream is malformed: it has 16385 bytes, and the limit is 16384`},
		{front(t, "alb"), `{"statusCode":200}` + string(httpevent.Separator), `error: the answer of the function is malformed: it is not a JSON object`},
	} {
		response, err := c.front.Decode(httptest.NewRequest("GET", "/", nil), []byte(c.answer))
		body, _ := io.ReadAll(response.Body)
		got := response.Status + " " + string(body)
		for _, name := range slices.Sorted(maps.Keys(response.Header)) {
			got += fmt.Sprintf(" %s=%v", name, response.Header[name])
		}
		if err != nil {
			if response.StatusCode != http.StatusBadGateway {
				t.Errorf("%v: %.100s: got the status %d with an error, want 502", c.front.Kind, c.answer, response.StatusCode)
			}
			got = "error: " + err.Error()
		}
		if got != c.want || response.ContentLength != int64(len(body)) {
			t.Errorf("%v: %.100s: got %s with the length %d, want %s", c.front.Kind, c.answer, got, response.ContentLength, c.want)
		}
	}
}

func TestFailure_BodyOfEachFront(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"url": "application/json {\"message\":\"Internal server error\"}", "alb": "text/html <html>"} {
		response := front(t, name).Failure(httptest.NewRequest("GET", "/", nil))
		body, _ := io.ReadAll(response.Body)
		if got := response.Header.Get("Content-Type") + " " + string(body); !strings.HasPrefix(got, want) || response.Status != "502 Bad Gateway" {
			t.Errorf("%s: got %s %s, want 502 with %s", name, response.Status, got, want)
		}
	}
	head := front(t, "url").Failure(httptest.NewRequest("HEAD", "/", nil))
	if body, _ := io.ReadAll(head.Body); len(body) != 0 {
		t.Errorf("HEAD: got the body %s, want none", body)
	}
}
