package migrate_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

var mux = http.NewServeMux()

func Example_httpBefore() {
	// guide: adapters-before
	adapter := httpadapter.NewV2(mux) // one adapter for each kind of event
	lambda.Start(adapter.ProxyWithContext)
	// end
}

func Example_httpKeep() {
	logs := logging.New(nil)
	// guide: adapters-keep
	adapter := httpadapter.NewV2(mux)
	lambda.Start(lambdakit.WrapFunc(adapter.ProxyWithContext, logs.Middleware))
	// end
}

func Example_httpAfter() {
	logs := logging.New(nil)
	// guide: adapters-after
	lambda.Start(httpapi.Wrap(mux, logs.Middleware)) // the event tells the kind
	// end
}

// guide: adapters-test
func TestMux_BehindEachFrontEnd(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Dates", "Sun, 22 Nov 2026") // a comma in a header stays
		fmt.Fprint(w, r.PathValue("id"))
	})
	for _, kind := range []httpapi.Kind{httpapi.RestAPI, httpapi.HTTPAPI, httpapi.FunctionURL, httpapi.LoadBalancer} {
		resp := lambdatest.Request(t, httpapi.Wrap(mux), httptest.NewRequest("GET", "/orders/o-1", nil), kind)
		if resp.StatusCode != 200 || resp.Header.Get("X-Dates") != "Sun, 22 Nov 2026" {
			t.Errorf("%v: got %d and %v, want 200 and the dates", kind, resp.StatusCode, resp.Header)
		}
	}
}

// end
