package httpapi_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
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
		useAll(w, r)
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

// useAll panics if a request is incomplete.
func useAll(w http.ResponseWriter, r *http.Request) {
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
}

// TestWrap_AnyValueOfAnyMember says that no value of a member makes the adapter panic.
func TestWrap_AnyValueOfAnyMember(t *testing.T) {
	t.Parallel()
	whole, stream := httpapi.Wrap(http.HandlerFunc(useAll)), httpapi.WrapStream(http.HandlerFunc(useAll))
	for name, front := range fronts(t) {
		r := httptest.NewRequest("POST", "/a%2Fb?q=1&q=2", strings.NewReader("\xff"))
		r.Header.Set("Cookie", "a=1; b=2")
		text, err := front.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		var event map[string]any
		if err := json.Unmarshal(text, &event); err != nil {
			t.Fatal(err)
		}
		check := func() {
			text, err := json.Marshal(event)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("%s: got the panic %v of %s, want none", name, v, text)
				}
			}()
			whole.Invoke(t.Context(), text)
			if s, err := stream(t.Context(), text); err == nil {
				io.Copy(io.Discard, s)
				s.Close()
			}
		}
		var vary func(object map[string]any)
		vary = func(object map[string]any) {
			for member, old := range object {
				if inner, ok := old.(map[string]any); ok {
					vary(inner)
				}
				for _, v := range []any{nil, true, -1.5, "", "text", "/", "%zz", "é\x00\n\"", "=?", []any{}, []any{nil, 1, "a", []any{}}, map[string]any{}, map[string]any{"a": nil, "": []any{1}, "host": "h"}} {
					object[member] = v
					check()
				}
				delete(object, member)
				check()
				object[member] = old
			}
		}
		vary(event)
	}
}
