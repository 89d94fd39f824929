package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// The same requests give the same answers through each front end.
func TestCatalogBehindEachFrontEnd(t *testing.T) {
	t.Parallel()
	for _, kind := range []httpapi.Kind{httpapi.RestAPI, httpapi.HTTPAPI, httpapi.FunctionURL, httpapi.LoadBalancer} {
		request := func(target string, header ...string) *http.Response {
			r := httptest.NewRequest("GET", target, nil)
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			return lambdatest.Request(t, httpapi.Wrap(routes()), r, kind)
		}
		res := request("/products/mug", "Origin", "https://shop.example")
		if body, _ := io.ReadAll(res.Body); res.StatusCode != 200 || string(body) != `{"sku":"mug","name":"Mug","price":8.5}`+"\n" || res.Header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
			t.Errorf("%v: got %d %s %v, want the mug and a header of CORS", kind, res.StatusCode, body, res.Header)
		}
		res = request("/products", "Accept-Encoding", "gzip")
		z, err := gzip.NewReader(res.Body)
		if err != nil || res.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%v: got %v and the encoding %q, want gzip", kind, err, res.Header.Get("Content-Encoding"))
		}
		if body, _ := io.ReadAll(z); len(body) < 50 {
			t.Errorf("%v: got %s, want the products", kind, body)
		}
		if res := request("/products/none"); res.StatusCode != http.StatusNotFound {
			t.Errorf("%v: got %d, want 404", kind, res.StatusCode)
		}
	}
}
