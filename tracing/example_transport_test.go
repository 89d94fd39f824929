package tracing_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// Each request is a span, and its trace header names the span as the parent.
func ExampleTransport() {
	var header string
	payments := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		header = req.Header.Get("X-Amzn-Trace-Id")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer payments.Close()

	client := &http.Client{Transport: &tracing.Transport{}}
	handler := func(ctx context.Context, o Order) (string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, payments.URL+"/orders/"+o.ID, nil)
		if err != nil {
			return "", err
		}
		res, err := client.Do(req)
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		return res.Status, nil
	}

	tracer := tracing.New(nil)
	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{ID: "o-1"})

	span := res.Segment("127.0.0.1")
	fmt.Println(span.Namespace, span.Throttle, strings.Contains(header, "Parent="+span.ID))
	// Output: remote true true
}
