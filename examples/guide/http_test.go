package guide_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/httpapi/openapi"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func getOrder(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "order %s\n", r.PathValue("id"))
}

func Example_httpStart() {
	logs := logging.New(nil)
	// guide: http-start
	mux := http.NewServeMux() // or any router, with any middleware
	mux.HandleFunc("GET /orders/{id}", getOrder)
	lambda.Start(httpapi.Wrap(mux, logs.Middleware))
	// end
}

// guide: http-operation
// PutOrder is the input of an operation. A tag names the part of the request that fills a field.
type PutOrder struct {
	ID      string   `path:"id" maxLength:"64"`
	DryRun  bool     `query:"dry_run" default:"false"`
	Tags    []string `query:"tag,optional"`
	Version *int     `header:"If-Match"` // nil if absent
	User    string   `auth:"sub"`        // of the authorizer; absent: 401
	Body    struct {
		Total float64 `json:"total" required:"true" minimum:"0"`
		Card  string  `json:"card" required:"true" minLength:"1"`
	}
}

var errNoStock = errors.New("out of stock")

func putOrder(ctx context.Context, in PutOrder) (Receipt, error) {
	if in.Body.Total > 1000 {
		return Receipt{}, fmt.Errorf("order %s: %w", in.ID, errNoStock)
	}
	return charge(ctx, Order{ID: in.ID, Card: in.Body.Card})
}

func routes() *httpapi.API {
	api := new(httpapi.API)
	api.Handle("PUT /orders/{id}", httpapi.Func(putOrder,
		httpapi.OnError(errNoStock, http.StatusConflict),
		httpapi.OnError(errDeclined, http.StatusPaymentRequired),
	))
	return api
}

// end

// put sends a request with a claim, and prints the answer.
func put(path, body string) {
	h := lambdatest.New(t, httpapi.Wrap(routes()), &lambdatest.Options{Claims: map[string]string{"sub": "u-7"}})
	r := httptest.NewRequest("PUT", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	res, _ := h.Request(r, httpapi.HTTPAPI)
	text, _ := io.ReadAll(res.Body)
	fmt.Println(res.StatusCode, string(text))
}

func Example_httpOperation() {
	put("/orders/o-1", `{"total":12.5,"card":"tok_visa"}`)
	put("/orders/o-1?dry_run=perhaps", `{"total":-1}`)
	put("/orders/o-1", `{"total":2000,"card":"tok_visa"}`)
	// Output:
	// 200 {"order_id":"o-1","payment":"p-o-1"}
	// 400 {"title":"Bad Request","status":400,"problems":[{"in":"query","name":"dry_run","detail":"must be true or false"},{"in":"body","name":"total","detail":"must be at least 0"},{"in":"body","name":"card","detail":"is required"}]}
	// 409 {"title":"Conflict","status":409,"detail":"out of stock"}
}

func Example_httpResponse() {
	type created struct{ ID string }
	// guide: http-response
	create := func(ctx context.Context, in struct{ Body Order }) (httpapi.Response[created], error) {
		return httpapi.Response[created]{
			Status: http.StatusCreated,
			Header: http.Header{"Location": {httpapi.BasePath(ctx) + "/orders/" + in.Body.ID}},
			Body:   created{ID: in.Body.ID},
		}, nil
	}
	// end
	var api httpapi.API
	api.Handle("POST /orders", httpapi.Func(create))
	res := lambdatest.Request(t, httpapi.Wrap(&api), httptest.NewRequest("POST", "/orders", strings.NewReader(`{"id":"o-1"}`)), httpapi.RestAPI)
	fmt.Println(res.StatusCode, res.Header.Get("Location"))
	// Output:
	// 201 /orders/o-1
}

func Example_httpProblem() {
	// guide: http-problem
	err := &httpapi.Error{Status: http.StatusGone, Detail: "the sale is over", Err: errNoStock} // the client does not see Err
	// end
	fmt.Println(err)
}

func Example_httpAuth() {
	handle := func(w http.ResponseWriter, r *http.Request) {
		// guide: http-auth
		kind := httpapi.KindOf(r.Context())                                      // such as httpapi.HTTPAPI
		claims := httpapi.Auth(r.Context())                                      // nil without an authorizer
		event, err := httpapi.Event[events.APIGatewayV2HTTPRequest](r.Context()) // for all other members
		// end
		if err == nil {
			fmt.Println(kind, claims == nil, event.RouteKey)
		}
	}
	lambdatest.Request(t, httpapi.Wrap(http.HandlerFunc(handle)), httptest.NewRequest("GET", "/", nil), httpapi.HTTPAPI)
	// Output:
	// HTTP API true $default
}

func Example_httpAuthorizer() {
	logs := logging.New(nil)
	verify := func(context.Context, string) (string, error) { return "u-7", nil }
	// guide: http-authorizer
	authorize := func(ctx context.Context, r httpapi.AuthRequest) (httpapi.Decision, error) {
		user, err := verify(ctx, r.Token.Reveal())
		if err != nil {
			return httpapi.Decision{}, httpapi.ErrUnauthorized // 401
		}
		return httpapi.Decision{Allow: true, Principal: user, AllMethods: true}, nil
	}
	lambda.Start(httpapi.Authorizer(authorize, logs.Middleware))
	// end
}

func Example_httpLogs() {
	// guide: http-logs
	logs := logging.New(&logging.Options{LogRequest: true, CorrelationID: logging.APIGatewayHTTP})
	// end
	slog.SetDefault(slog.New(logs))
	mux := http.NewServeMux()
	// guide: http-fail
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no database", http.StatusServiceUnavailable) // a failure in logs, traces and lambdakit run
	})
	// end
	h := lambdatest.New(t, httpapi.Wrap(mux, logs.Middleware), nil)
	_, res := h.Request(httptest.NewRequest("GET", "/orders/o-1", nil), httpapi.HTTPAPI)
	fmt.Println(res.Err)
	// Output:
	// httpapi: GET /orders/{id} answered 503 Service Unavailable
}

func Example_httpRecover() {
	mux := http.NewServeMux()
	// guide: http-recover
	lambda.Start(httpapi.Wrap(httpapi.Recover(mux))) // a panic answers 500; without it, the process ends and the client gets 502
	// end
}

func Example_httpOther() {
	mux := http.NewServeMux()
	var schedule lambda.Handler
	// guide: http-other
	adapter := httpapi.Adapter{Handler: mux, Other: schedule} // Other gets events that are not HTTP requests
	lambda.Start(adapter.Wrap())
	// end
}

func Example_httpSlow() {
	handler := http.NewServeMux()
	// guide: http-timeout
	h := http.TimeoutHandler(handler, 5*time.Second, "too slow") // middleware of net/http works unchanged
	// end
	_ = h
}

// guide: http-test
func TestPutOrder_RefusesAnOrderWithoutACard(t *testing.T) {
	h := lambdatest.New(t, httpapi.Wrap(routes()), &lambdatest.Options{Claims: map[string]string{"sub": "u-7"}})
	r := httptest.NewRequest("PUT", "/orders/o-1", strings.NewReader(`{"total": 1}`))

	resp, res := h.Request(r, httpapi.HTTPAPI)

	if resp.StatusCode != http.StatusUnprocessableEntity || res.Err != nil {
		t.Errorf("got %d and the error %v, want 422", resp.StatusCode, res.Err)
	}
}

// end

// guide: http-openapi
func TestOpenAPI(t *testing.T) {
	got, err := openapi.Document(routes(), openapi.Info{Title: "Orders", Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := os.ReadFile("testdata/openapi.json"); string(got) != string(want) {
		t.Errorf("testdata/openapi.json is out of date: got %s", got)
	}
}

// end
