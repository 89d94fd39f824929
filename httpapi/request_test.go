package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
)

// factsOf returns the parts of a request as text.
func factsOf(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	tls := "http"
	if r.TLS != nil {
		tls = "https:" + r.TLS.ServerName
	}
	text := fmt.Sprintf("%v %s %s path=%s raw=%s uri=%s %s from=%s base=%s id=%s body=%s", httpapi.KindOf(r.Context()), r.Method, r.Host, r.URL.Path, r.URL.RawPath, r.RequestURI, tls, r.RemoteAddr, httpapi.BasePath(r.Context()), r.PathValue("id"), body)
	for _, name := range []string{"X-A", "Cookie", "Host", "Content-Length"} {
		if values, ok := r.Header[name]; ok {
			text += fmt.Sprintf(" %s=%q", name, values)
		}
	}
	return text
}

// TestRequest_FactsOfEachFrontEnd has events with the members that decide on a part of the request.
func TestRequest_FactsOfEachFrontEnd(t *testing.T) {
	t.Parallel()
	http2 := func(context, members string) string {
		return `{"version":"2.0",` + members + `,"requestContext":{` + context + `,"http":{"method":"GET","sourceIp":"203.0.113.9"}}}`
	}
	for _, c := range []struct{ event, want string }{
		// The stage is cut. The path is not escaped, so a percent sign stands for itself.
		{http2(`"stage":"prod"`, `"rawPath":"/prod/a%2Fb","rawQueryString":"q=%20","headers":{"x-a":"1,2","host":"h","content-length":"9"},"cookies":["a=1","b=2"],"pathParameters":{"id":"%41"},"body":"hi"`),
			`HTTP API GET h path=/a%2Fb raw= uri=/a%252Fb?q=%20 https:h from=203.0.113.9:0 base=/prod id=%41 body=hi X-A=["1,2"] Cookie=["a=1; b=2"]`},
		{http2(`"stage":"prod","domainName":"d"`, `"rawPath":"/prod","headers":{"x-a":5,"x-forwarded-proto":"http"}`), `HTTP API GET d path=/ raw= uri=/ http from=203.0.113.9:0 base=/prod id= body= X-A=["5"]`},
		{http2(`"stage":"prod"`, `"rawPath":"/production","headers":{"x-b":null,"x-a":{"y":1}}`), `HTTP API GET  path=/production raw= uri=/production https: from=203.0.113.9:0 base= id= body=`},
		{http2(`"stage":"$default"`, `"rawPath":"","headers":{"cookie":"z=1"},"cookies":[]`), `HTTP API GET  path=/ raw= uri=/ https: from=203.0.113.9:0 base= id= body= Cookie=["z=1"]`},
		{http2(`"stage":"$default","domainName":"x.lambda-url.eu-west-1.on.aws"`, `"rawPath":"/a%2Fb%41","headers":{},"isBase64Encoded":true,"body":"aGk="`),
			`function URL GET x.lambda-url.eu-west-1.on.aws path=/a/bA raw=/a%2Fb%41 uri=/a%2Fb%41 https:x.lambda-url.eu-west-1.on.aws from=203.0.113.9:0 base= id= body=hi`},
		// A REST API: the base path is cut, parameters are escaped, lists win.
		{`{"httpMethod":"POST","resource":"/orders/{id}","path":"/shop/orders/a%20b","pathParameters":{"id":"a%20b"},"headers":{"X-A":"9"},"multiValueHeaders":{"X-A":["1",["9"],{},null,"2"],"Cookie":["a=1","b=2"]},
			"queryStringParameters":{"q":"9"},"multiValueQueryStringParameters":{"q":["1","2 3"]},"requestContext":{"stage":"prod","identity":{"sourceIp":"203.0.113.8"}}}`,
			`REST API POST  path=/orders/a b raw= uri=/orders/a%20b?q=1&q=2+3 https: from=203.0.113.8:0 base=/shop id=a b body= X-A=["1" "2"] Cookie=["a=1; b=2"]`},
		{`{"httpMethod":"GET","resource":"/{proxy+}","path":"/shop/x/y/","pathParameters":{"proxy":"x/y"},"queryStringParameters":{"q":"9"},"requestContext":{"stage":"prod"}}`, `REST API GET  path=/x/y/ raw= uri=/x/y/?q=9 https: from= base=/shop id= body=`},
		{`{"httpMethod":"GET","path":"/x","pathParameters":{"id":"%zz"},"requestContext":{"stage":"prod"}}`, `REST API GET  path=/x raw= uri=/x https: from= base= id=%zz body=`},
		{`{"httpMethod":"GET","resource":"/","path":"/shop/","requestContext":{"stage":"prod"}}`, `REST API GET  path=/ raw= uri=/ https: from= base=/shop id= body=`},
		{`{"httpMethod":"GET","resource":"/","path":"/shop","requestContext":{"stage":"prod"}}`, `REST API GET  path=/ raw= uri=/ https: from= base=/shop id= body=`},
		{`{"httpMethod":"GET","resource":"/","path":"/","requestContext":{"stage":"prod"}}`, `REST API GET  path=/ raw= uri=/ https: from= base= id= body=`},
		{`{"httpMethod":"GET","resource":"/{proxy+}","path":"/shop/x","requestContext":{"stage":"prod"}}`, `REST API GET  path=/shop/x raw= uri=/shop/x https: from= base= id= body=`},
		{`{"httpMethod":"GET","resource":"x","path":"/shop/x","requestContext":{"stage":"prod"}}`, `REST API GET  path=/shop/x raw= uri=/shop/x https: from= base= id= body=`},
		{`{"version":"1.0","httpMethod":"GET","resource":"/x","path":"/prod/x%2F","pathParameters":{"id":"%41"},"headers":{"x-a":"1"},"requestContext":{"stage":"prod","identity":{"sourceIp":"203.0.113.7"}}}`,
			`HTTP API 1.0 GET  path=/x%2F raw= uri=/x%252F https: from=203.0.113.7:0 base=/prod id=%41 body= X-A=["1"]`},
		{`{"httpMethod":"GET","path":"/a%zz","requestContext":{"elb":{}}}`, `load balancer GET  path=/a%zz raw= uri=/a%25zz https: from= base= id= body=`},
		// A load balancer passes queries as they are.
		{`{"httpMethod":"GET","resource":"/x","path":"/shop/x","headers":{"x-a":"1","x-forwarded-for":"1.1.1.1, 203.0.113.6"},"queryStringParameters":{"q":"a%20b","r":"100%"},"requestContext":{"elb":{}}}`,
			`load balancer GET  path=/shop/x raw= uri=/shop/x?q=a+b&r=100%25 https: from=203.0.113.6:0 base= id= body= X-A=["1"]`},
		{`{"httpMethod":"GET","path":"/","multiValueHeaders":{"x-a":["1","2"],"x-forwarded-proto":["HTTP"]},"multiValueQueryStringParameters":{"q":["1","2"]},"requestContext":{"elb":{}}}`,
			`load balancer GET  path=/ raw= uri=/?q=1&q=2 http from= base= id= body= X-A=["1" "2"]`},
		{`{"method":"GET","raw_path":"/a%2Fb?q=1","headers":{"x-a":"1"},"is_base64_encoded":"true","body":"aGk="}`, `VPC Lattice 1.0 GET  path=/a/b raw=/a%2Fb uri=/a%2Fb?q=1 https: from= base= id= body=hi X-A=["1"]`},
		{`{"method":"GET","raw_path":"/a","query_string_parameters":{"q":"a b"},"headers":{},"is_base64_encoded":true,"body":"aGk="}`, `VPC Lattice 1.0 GET  path=/a raw= uri=/a?q=a+b https: from= base= id= body=hi`},
		{`{"method":"GET","path":"/a","queryStringParameters":{"q":["1","2"]},"headers":{"x-a":["1","2"]},"requestContext":{"serviceNetworkArn":"n"}}`, `VPC Lattice GET  path=/a raw= uri=/a?q=1&q=2 https: from= base= id= body= X-A=["1" "2"]`},
	} {
		got := ""
		h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = factsOf(r) }))
		if _, err := h.Invoke(t.Context(), []byte(c.event)); err != nil || got != c.want {
			t.Errorf("%s: got %v and\n%s\nwant\n%s", c.event, err, got, c.want)
		}
	}
}

func TestAdapter_KeepBasePath(t *testing.T) {
	t.Parallel()
	got := ""
	a := httpapi.Adapter{KeepBasePath: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Path + " " + httpapi.BasePath(r.Context())
	})}
	event := strings.Replace(getEvent, "$default", "orders", 1)
	if _, err := a.Wrap().Invoke(t.Context(), []byte(event)); err != nil || got != "/orders/o-1 " {
		t.Errorf("got %q and %v, want the whole path and no base path", got, err)
	}
}

// TestRequest_EventsThatAreNone says why an event is refused.
func TestRequest_EventsThatAreNone(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`[]`:                          "httpapi: not an HTTP event: the payload is not a JSON object",
		`{"a":`:                       "httpapi: not an HTTP event: the payload is not a JSON object",
		`{"requestContext":{"a":1}`:   "httpapi: not an HTTP event: the payload is not a JSON object",
		`{}`:                          "httpapi: not an HTTP event",
		`{"methodArn":"a"}`:           "httpapi: not an HTTP event: it is for an authorizer of API Gateway",
		`{"routeArn":"a"}`:            "httpapi: not an HTTP event: it is for an authorizer of API Gateway",
		`{"httpMethod":"GET"}`:        "httpapi: not an HTTP event",
		`{"version":"2.0"}`:           "httpapi: not an HTTP event",
		`{"method":"GET"}`:            "httpapi: not an HTTP event",
		`{"raw_path":"/"}`:            "httpapi: not an HTTP event",
		`{"requestContext":"a"}`:      "httpapi: not an HTTP event",
		`{"method":"","raw_path":""}`: "httpapi: not an HTTP event: it has no valid method",
		`{"version":"3.0","httpMethod":"GET","requestContext":{}}`:                           "httpapi: not an HTTP event",
		`{"httpMethod":"GET","requestContext":{"connectionId":"c"}}`:                         "httpapi: not an HTTP event: it is of a websocket API",
		`{"method":"GET","path":"/","requestContext":{}}`:                                    "httpapi: not an HTTP event",
		`{"method":"GET","requestContext":{"serviceNetworkArn":"n"}}`:                        "httpapi: not an HTTP event",
		`{"requestContext":{"elb":{}}}`:                                                      "httpapi: not an HTTP event",
		`{"httpMethod":"G T","requestContext":{"elb":{}}}`:                                   "httpapi: not an HTTP event: it has no valid method",
		`{"httpMethod":"GET","requestContext":{"elb":{}},"body":"a\u00"}`:                    "httpapi: the body of the event is no valid JSON string",
		`{"httpMethod":"GET","requestContext":{"elb":{}},"body":"a","isBase64Encoded":true}`: "httpapi: the body of the event is not the base64 that isBase64Encoded says",
	} {
		_, err := httpapi.Wrap(http.NotFoundHandler()).Invoke(t.Context(), []byte(event))
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", event, err, want)
		}
	}
}

func TestEvent_DecodesTheEventOfTheRequest(t *testing.T) {
	t.Parallel()
	type event struct{ RawPath string }
	var got *event
	var wrong error
	h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ = httpapi.Event[event](r.Context())
		_, wrong = httpapi.Event[int](r.Context())
	}))
	if _, err := h.Invoke(t.Context(), []byte(getEvent)); err != nil || got == nil || got.RawPath != "/orders/o-1" {
		t.Errorf("got %v and %v, want the path of the event", got, err)
	}
	if want := "httpapi: the event does not fit int: json: "; !strings.HasPrefix(fmt.Sprint(wrong), want) {
		t.Errorf("got %v, want %s", wrong, want)
	}
	if _, err := httpapi.Event[event](t.Context()); fmt.Sprint(err) != "httpapi: the context is not of a request of Wrap" {
		t.Errorf("outside a request: got %v, want an error", err)
	}
	if kind, base := httpapi.KindOf(context.Background()), httpapi.BasePath(context.Background()); kind != 0 || base != "" {
		t.Errorf("outside a request: got %v and %q, want neither", kind, base)
	}
	for kind, want := range map[httpapi.Kind]string{-1: "unknown", 0: "unknown", httpapi.RestAPI: "REST API", httpapi.Lattice: "VPC Lattice", 8: "unknown"} {
		if got := kind.String(); got != want {
			t.Errorf("kind %d: got %s, want %s", int(kind), got, want)
		}
	}
}
