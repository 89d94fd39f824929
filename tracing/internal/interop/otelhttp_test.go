package interop

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otelglobal"
)

// An instrumented library finds the TracerProvider through OpenTelemetry's globals.
func TestInstrumentedLibrary(t *testing.T) {
	tracer := tracing.New(nil)
	otelglobal.Set(tracer)
	client := http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("X-Amzn-Trace-Id")
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (any, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/orders/1", nil)
		if err != nil {
			return nil, err
		}
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
		}
		return nil, err
	}, tracer.Middleware)
	res := lambdatest.New(t, h, &lambdatest.Options{TraceHeader: header + ";Lineage=1:a:2"}).Invoke(`{}`)
	if res.Err != nil || len(res.Segments) != 2 {
		t.Fatalf("got error %v and %d segments, want none and 2", res.Err, len(res.Segments))
	}
	s, outer := res.Segments[0], res.Segments[1]
	xraytest.Validate(t, s.JSON)
	xraytest.Validate(t, outer.JSON)
	request := fmt.Sprint(s.Document["http"])
	if s.ParentID != outer.ID || s.Namespace != "remote" || s.Name != "127.0.0.1" || !s.Error || s.Fault || !strings.Contains(request, "url:"+server.URL+"/orders/1") || !strings.Contains(request, "status:404") {
		t.Errorf("got %v, want a remote call to 127.0.0.1 with status 404", s.Document)
	}
	if want := "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=" + s.ID + ";Sampled=1;Lineage=1:a:2"; sent != want {
		t.Errorf("got header %s, want %s", sent, want)
	}
}
