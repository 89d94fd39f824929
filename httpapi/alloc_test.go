//go:build !race

package httpapi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
)

// The events have nine headers, a query and a body.
const (
	allocEvent     = `{"version":"2.0","rawPath":"/orders/o-1","rawQueryString":"limit=20","cookies":["a=1","b=2"],"headers":{"accept":"application/json","accept-language":"de","content-type":"application/json","host":"a1.execute-api.eu-central-1.amazonaws.com","user-agent":"agent","x-amzn-trace-id":"Root=1","x-forwarded-for":"203.0.113.9","x-forwarded-proto":"https","x-tenant":"acme"},"requestContext":{"stage":"$default","http":{"method":"PUT","path":"/orders/o-1","sourceIp":"203.0.113.9"}},"body":"{\"note\":\"gift\"}"}`
	allocRESTEvent = `{"resource":"/{proxy+}","path":"/orders/o-1","httpMethod":"PUT","multiValueQueryStringParameters":{"limit":["20"]},"multiValueHeaders":{"Accept":["application/json"],"Accept-Language":["de"],"Content-Type":["application/json"],"Host":["a1.execute-api.eu-central-1.amazonaws.com"],"User-Agent":["agent"],"X-Amzn-Trace-Id":["Root=1"],"X-Forwarded-For":["203.0.113.9"],"X-Forwarded-Proto":["https"],"X-Tenant":["acme"]},"pathParameters":{"proxy":"orders/o-1"},"requestContext":{"stage":"prod","identity":{"sourceIp":"203.0.113.9"}},"body":"{\"note\":\"gift\"}"}`
)

func TestAllocations_Request(t *testing.T) {
	h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"accepted":true}`)
	}))
	for name, event := range map[string]string{"HTTP API": allocEvent, "REST API": allocRESTEvent} {
		payload := []byte(event)
		if got := testing.AllocsPerRun(1000, func() { h.Invoke(t.Context(), payload) }); got > 28 {
			t.Errorf("%s: got %v allocations, want at most 28", name, got)
		}
	}
}

func TestAllocations_Operation(t *testing.T) {
	type input struct {
		ID     string `path:"id"`
		Limit  int    `query:"limit" maximum:"100"`
		Dry    bool   `query:"dry,optional"`
		Tenant string `header:"X-Tenant"`
		Body   struct {
			Note string `json:"note"`
		}
	}
	h := httpapi.Func(func(_ context.Context, in input) (struct{}, error) { return struct{}{}, nil })
	body := strings.NewReader("")
	r := httptest.NewRequest("PUT", "/orders/o-1?limit=20&dry=true", io.NopCloser(body))
	r.SetPathValue("id", "o-1")
	r.Header.Set("X-Tenant", "acme")
	w := httptest.NewRecorder()
	status := 0
	got := testing.AllocsPerRun(1000, func() {
		body.Reset(`{"note":"gift"}`)
		h.ServeHTTP(w, r)
		status = w.Code
	})
	if status != http.StatusNoContent {
		t.Fatalf("got status %d, want 204: %s", status, w.Body)
	}
	if got > 10 { // the input, the body and its limit, and decoding
		t.Errorf("got %v allocations, want at most 10", got)
	}
}
