package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
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

func TestWrap_ResponsesThatAreTooLargeAreLogged(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{LogRequest: true})
	res := lambdatest.Run(t, httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("x", 7<<20))
	}), logs.Middleware), getEvent)
	if l := res.Log("HTTP request"); l["http_status"] != 500.0 || !strings.Contains(res.Err.Error(), "the response has") {
		t.Errorf("got %v and the error %v, want the status of the answer and the size", l, res.Err)
	}
}

// A panic of a stream's handler is in another goroutine, and its stack is shown all the same.
func TestWrapStream_ThePanicHasTheStackOfTheHandler(t *testing.T) {
	t.Parallel()
	url := strings.Replace(getEvent, `"stage"`, `"domainName":"x.lambda-url.eu-west-1.on.aws","stage"`, 1)
	for name, flush := range map[string]bool{"before the prelude": false, "midway": true} {
		logs := logging.New(nil)
		res := lambdatest.Run(t, httpapi.WrapStream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "a")
			if flush {
				w.(http.Flusher).Flush()
			}
			panic("boom")
		}), logs.Middleware), url)
		if out := string(res.Output); !strings.Contains(out, "TestWrapStream_ThePanicHasTheStackOfTheHandler.func1") || !strings.Contains(out, "boom") {
			t.Errorf("%s: got %s, want a line with the frame of the handler", name, out)
		}
	}
}
