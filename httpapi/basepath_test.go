package httpapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// A Location is right if BasePath stands before the path.
func TestBasePath_StageOfARestAPI(t *testing.T) {
	t.Parallel()
	h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, httpapi.BasePath(r.Context()), " ", r.URL.Path)
	}))
	for path, want := range map[string]string{"/": "/prod /", "/orders/1": "/prod /orders/1"} {
		resp := lambdatest.Request(t, h, httptest.NewRequest("GET", path, nil), httpapi.RestAPI)
		if got, _ := io.ReadAll(resp.Body); string(got) != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	for event, want := range map[string]string{
		`{"path":"/orders","requestContext":{"path":"/prod/orders"}}`:                           "/prod",
		`{"path":"/","requestContext":{"path":"/prod"}}`:                                        "/prod",
		`{"path":"/orders","requestContext":{"path":"/orders"}}`:                                "",
		`{"path":"/orders","requestContext":{}}`:                                                "",
		`{"path":"/orders","requestContext":{"path":"/other"}}`:                                 "",
		`{"path":"/shop/orders","resource":"/orders","requestContext":{"path":"/shop/orders"}}`: "/shop",
	} {
		event = `{"httpMethod":"GET","headers":{},` + event[1:]
		res := lambdatest.Run(t, h, event)
		var answer struct{ Body string }
		res.Decode(&answer)
		if got := answer.Body; got != want+" /orders" && got != want+" /" {
			t.Errorf("%s: got %q, want %q", event, got, want)
		}
	}
}
