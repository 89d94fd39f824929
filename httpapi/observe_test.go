package httpapi_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func TestWrap_RequestsAreLogged(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{LogRequest: true})
	var a httpapi.API
	a.Handle("GET /orders/{id}", httpapi.Func(func(_ context.Context, in struct {
		ID string `path:"id"`
	}) (any, error) {
		return nil, errors.New("the database is down")
	}))
	res := lambdatest.Run(t, httpapi.Wrap(&a, logs.Middleware), getEvent)
	l := res.Log("HTTP request")
	if l["http_method"] != "GET" || l["http_route"] != "/orders/{id}" || l["http_status"] != 500.0 || l["duration_ms"] == nil || l.Level() != "INFO" {
		t.Errorf("got %v, want the method, the route, the status and the duration", l)
	}
	if f := res.Log("invocation failed"); f.Level() != "ERROR" || len(res.Logs) != 2 {
		t.Errorf("got %s, want the failure and the request", res.Output)
	}
}
