package httpapi_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
)

// event2 is an event of an HTTP API 2.0 of 1.3 KB.
const event2 = `{"version":"2.0","routeKey":"$default","rawPath":"/orders/o-1","rawQueryString":"limit=20&tag=a&tag=b",` +
	`"cookies":["session=abc123","theme=dark"],"headers":{"accept":"application/json","accept-encoding":"gzip, deflate, br",` +
	`"authorization":"Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln","content-length":"61","content-type":"application/json",` +
	`"host":"a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com","user-agent":"Mozilla/5.0 (X11; Linux x86_64)","x-amzn-trace-id":"Root=1-6b0366cf-7e6dfb5f5967829bb18c0ff1",` +
	`"x-forwarded-for":"203.0.113.9","x-forwarded-port":"443","x-forwarded-proto":"https","x-tenant":"t-7"},"queryStringParameters":{"limit":"20","tag":"a,b"},` +
	`"requestContext":{"accountId":"123456789012","apiId":"a1b2c3d4e5","domainName":"a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com","domainPrefix":"a1b2c3d4e5",` +
	`"http":{"method":"PUT","path":"/orders/o-1","protocol":"HTTP/1.1","sourceIp":"203.0.113.9","userAgent":"Mozilla/5.0 (X11; Linux x86_64)"},` +
	`"requestId":"JKJaXmPLvHcESHA=","routeKey":"$default","stage":"$default","time":"22/Nov/2026:10:15:30 +0000","timeEpoch":1795342530123},` +
	`"body":"{\"id\":\"o-1\",\"items\":[{\"sku\":\"a\",\"n\":2}],\"note\":\"leave it there\"}","isBase64Encoded":false}`

// FuzzWrap says that any text is a request or an error, and that the adapter does not panic.
func FuzzWrap(f *testing.F) {
	f.Add([]byte(event2))
	r, err := http.NewRequest("POST", "https://api.example.test/a%2Fb?q=1&q=2", nil)
	if err != nil {
		f.Fatal(err)
	}
	r.Header.Set("Cookie", "a=1; b=2")
	for _, front := range fronts(f) {
		r.Body = io.NopCloser(strings.NewReader("\xffbody"))
		event, err := front.Encode(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(event)
	}
	for _, seed := range []string{``, `null`, `[]`, `{"requestContext":`, `{"requestContext":{},"httpMethod":"GET","path":null,"multiValueHeaders":{"a":[[],null,1,{}]}}`, `{"raw_path":"","method":"A"}`} {
		f.Add([]byte(seed))
	}
	var asked bool
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = true
		if r.URL == nil || r.Header == nil || r.Body == nil || r.Method == "" || !strings.HasPrefix(r.URL.Path, "/") || r.URL.Host != "" {
			panic("the request is incomplete")
		}
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil || n != r.ContentLength {
			panic("the body is not as long as ContentLength says")
		}
		httpapi.Auth(r.Context())
		httpapi.BasePath(r.Context())
		r.Cookies()
		r.URL.Query()
		io.WriteString(w, r.URL.String())
	})
	whole, stream := httpapi.Wrap(handler), httpapi.WrapStream(handler)
	f.Fuzz(func(t *testing.T, event []byte) {
		asked = false
		answer, err := whole.Invoke(t.Context(), event)
		if (err == nil) != (len(answer) > 0) || (err == nil) != asked {
			t.Errorf("got %q, the error %v and a request: %v, want a request with an answer, or an error", answer, err, asked)
		}
		if asked && errors.Is(err, httpapi.ErrNotHTTP) {
			t.Error("got a request of an event that is not HTTP")
		}
		if s, err := stream(t.Context(), event); err == nil {
			io.Copy(io.Discard, s)
			s.Close()
		}
	})
}
