package tracing_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

func TestHTTP_TheHandlerSpanHasTheRoute(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) })
	lambdatest.Run(t, httpapi.Wrap(mux, tracer.Middleware), `{"version":"2.0","rawPath":"/orders/o-1","headers":{},"requestContext":{"http":{"method":"GET","path":"/orders/o-1"}}}`)
	got := map[string]string{}
	for _, a := range exporter.GetSpans()[0].Attributes {
		got[string(a.Key)] = a.Value.String()
	}
	if text := fmt.Sprint(got["http.request.method"], " ", got["http.route"], " ", got["http.response.status_code"]); text != "GET /orders/{id} 503" {
		t.Errorf("got %s, want GET /orders/{id} 503", text)
	}
	res := lambdatest.Run(t, httpapi.Wrap(mux, tracing.New(nil).Middleware), `{"version":"2.0","rawPath":"/orders/o-1","headers":{},"requestContext":{"http":{"method":"GET","path":"/orders/o-1"}}}`)
	if !res.Segments[len(res.Segments)-1].Fault {
		t.Errorf("got %v, want a fault", res.Segments)
	}
}
