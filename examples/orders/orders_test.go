package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// response is what the HTTP API gets.
type response = events.APIGatewayV2HTTPResponse

// post returns the event of a request with a body.
func post(body string, encoded bool) events.APIGatewayV2HTTPRequest {
	var e events.APIGatewayV2HTTPRequest
	e.Version, e.RawPath, e.Body, e.IsBase64Encoded = "2.0", "/orders", body, encoded
	e.RequestContext.HTTP.Method = "POST"
	return e
}

func run(t *testing.T, event any) (*lambdatest.Result, response) {
	t.Helper()
	res := lambdatest.Run(t, handlerFor(t), event)
	for _, s := range res.Segments {
		xraytest.Validate(t, s.JSON)
	}
	var resp response
	if len(res.Response) > 0 {
		res.Decode(&resp)
	}
	if strings.Contains(string(res.Output), "tok_") || strings.Contains(fmt.Sprint(res.Segments), "tok_") {
		t.Errorf("a card is logged or traced: %s\n%+v", res.Output, res.Segments)
	}
	return res, resp
}

// handlerFor returns a new function with a new payment provider. It shares no orders with others.
func handlerFor(t *testing.T) lambda.Handler {
	t.Helper()
	provider := httptest.NewServer(http.HandlerFunc(provide))
	t.Cleanup(provider.Close)
	logs := newLogs()
	once, err := newOnce(nil, slog.New(logs))
	if err != nil {
		t.Fatal(err)
	}
	return newHandler(logs, newMeter(), newTracer(), once, config{PaymentsURL: provider.URL, PaymentsKey: lambdakit.NewSecret("tok_key")})
}

func TestOrdersAreTakenOnce(t *testing.T) {
	t.Parallel()
	h := lambdatest.New(t, handlerFor(t), nil)
	first, second := h.Invoke(file(t, "event.json")), h.Invoke(file(t, "event.json"))
	if first.Err != nil || second.Err != nil || string(first.Response) != string(second.Response) {
		t.Errorf("%s %v, then %s %v", first.Response, first.Err, second.Response, second.Err)
	}
	if len(second.Segments) != 1 || len(second.Metrics) != 0 || len(second.Logs) != 1 || second.Logs[0].Message() != "order answered before" {
		t.Errorf("the second order was worked on: %d segments, metrics %v\n%s", len(second.Segments), second.Metrics, second.Output)
	}
	var other response
	h.Invoke(strings.Replace(string(file(t, "event.json")), "tok_", "tok_other_", 1)).Decode(&other)
	if other.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("another order under the id: %+v", other)
	}
	// An order that failed or was refused is not remembered.
	for _, event := range []string{"event-fails.json", "event-bad.json"} {
		a, b := h.Invoke(file(t, event)), h.Invoke(file(t, event))
		if (a.Err == nil) != (b.Err == nil) || len(b.Logs) != len(a.Logs) {
			t.Errorf("%s: %v %s, then %v %s", event, a.Err, a.Output, b.Err, b.Output)
		}
	}
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	event, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func TestAcceptedOrder(t *testing.T) {
	t.Parallel()
	res, resp := run(t, file(t, "event.json"))
	var receipt Receipt
	if err := json.Unmarshal([]byte(resp.Body), &receipt); err != nil || resp.StatusCode != http.StatusCreated || receipt != (Receipt{"o-1001", "pay-o-1001", 29.95}) {
		t.Errorf("%v: %+v", err, resp)
	}
	recorded := map[string]float64{}
	for _, m := range res.Metrics {
		recorded[m.Name] = m.Values[0]
		if m.Namespace != "Shop" || m.Dimensions["service"] != "orders" || m.Document["function_request_id"] != res.RequestID {
			t.Errorf("%+v", m)
		}
	}
	if recorded["ColdStart"] != 1 || recorded["OrdersAccepted"] != 1 || recorded["OrderTotal"] != 29.95 || len(recorded) != 4 {
		t.Errorf("metrics %v", recorded)
	}
	if len(res.Logs) != 1 {
		t.Fatalf("%s", res.Output)
	}
	line := res.Logs[0]
	if line.Level() != "INFO" || line.Message() != "order accepted" || line["order_id"] != "o-1001" || line["total"] != 29.95 ||
		line["correlation_id"] != "JKJaXmPLvHcESHA=" || line["service"] != "orders" || line["function_request_id"] != res.RequestID {
		t.Errorf("%s", res.Output)
	}
}

func TestOrdersAreTraced(t *testing.T) {
	t.Parallel()
	res, _ := run(t, file(t, "event.json"))
	if len(res.Segments) != 3 {
		t.Fatalf("%d segments", len(res.Segments))
	}
	call, charge, handler := res.Segments[0], res.Segments[1], res.Segments[2]
	if handler.Name != "## function" || handler.Annotations["order_id"] != "o-1001" || handler.Annotations["Service"] != "orders" || handler.Fault {
		t.Errorf("%v", handler.Document)
	}
	if charge.Name != "charge card" || charge.ParentID != handler.ID || charge.Fault {
		t.Errorf("%v", charge.Document)
	}
	if call.Name != "127.0.0.1" || call.Namespace != "remote" || call.ParentID != charge.ID {
		t.Errorf("%v", call.Document)
	}
	if res.Logs[0]["span_id"] != handler.ID {
		t.Errorf("%s", res.Output)
	}
	res, _ = run(t, file(t, "event-fails.json"))
	for _, s := range res.Segments {
		if !s.Fault {
			t.Errorf("%v", s.Document)
		}
	}
}

func TestFailedOrderShowsItsDebugLines(t *testing.T) {
	t.Parallel()
	res, _ := run(t, file(t, "event-fails.json"))
	if res.Err == nil || len(res.Logs) != 2 || res.Logs[0].Level() != "DEBUG" || res.Logs[1].Level() != "ERROR" || res.Logs[1]["order_id"] != "o-1002" {
		t.Errorf("%v: %s", res.Err, res.Output)
	}
}

func TestBadOrdersAreRefused(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                 `400 [{"in":"body","detail":"is required"}]`,
		`x`:                `400 [{"in":"body","detail":"is not valid JSON"}]`,
		`{"items":"many"}`: `422 [{"in":"body","name":"items","detail":"must be an array"}]`,
		`{}`:               `422 [{"in":"body","name":"items","detail":"is required"},{"in":"body","name":"card","detail":"is required"}]`,
		`{"items":[{"sku":"a"},{"sku":"a","quantity":1,"price":-1}],"card":""}`: `422 [{"in":"body","name":"items[0].quantity","detail":"is required"},{"in":"body","name":"items[1].price","detail":"must be at least 0"},{"in":"body","name":"card","detail":"must have at least 1 characters"}]`,
	} {
		for _, encoded := range []bool{false, true} {
			event := post(body, encoded)
			if encoded {
				event.Body = base64.StdEncoding.EncodeToString([]byte(body))
			}
			res, resp := run(t, event)
			var problem struct{ Problems json.RawMessage }
			json.Unmarshal([]byte(resp.Body), &problem)
			if got := fmt.Sprint(resp.StatusCode, " ", string(problem.Problems)); got != want || len(res.Logs) != 1 || res.Logs[0].Level() != "WARN" {
				t.Errorf("%s: got %s and the lines %s, want %s and a warning", body, got, res.Output, want)
			}
		}
	}
	if res, _ := run(t, post("!", true)); res.Err == nil {
		t.Error("got no error of an event that is not base64, want one")
	}
	if _, resp := run(t, file(t, "event-bad.json")); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("event-bad.json: got %+v, want 422", resp)
	}
}

func TestDeclinedCardIs402(t *testing.T) {
	t.Parallel()
	res, resp := run(t, post(`{"items":[{"sku":"a","quantity":1,"price":1}],"card":"tok_declined"}`, false))
	if resp.StatusCode != http.StatusPaymentRequired || res.Log("order refused")["status"] != 402.0 {
		t.Errorf("got %+v and %s, want 402 and a line", resp, res.Output)
	}
}

func TestConfig(t *testing.T) {
	c, err := loadConfig(t.Context())
	if err != nil || c.PaymentsTimeout != 3*time.Second || c.PaymentsURL != "" {
		t.Errorf("%+v, %v", c, err)
	}
	t.Setenv("STAGE", "prod")
	t.Setenv("SHOP_PROD_PAYMENTS_URL", "https://payments.example")
	t.Setenv("SHOP_PROD_PAYMENTS_TIMEOUT", "5s")
	t.Setenv("SHOP_PROD_PAYMENTS_KEY", "live-key")
	c, err = loadConfig(t.Context())
	if err != nil || c.PaymentsURL != "https://payments.example" || c.PaymentsTimeout != 5*time.Second || c.PaymentsKey.Reveal() != "live-key" {
		t.Errorf("%+v, %v", c, err)
	}
	if text := fmt.Sprintf("%+v", c); strings.Contains(text, "live-key") {
		t.Errorf("%s", text)
	}
	t.Setenv("SHOP_PROD_PAYMENTS_TIMEOUT", "soon")
	if _, err = loadConfig(t.Context()); err == nil || strings.Contains(err.Error(), "soon") || !strings.Contains(err.Error(), "PaymentsTimeout") {
		t.Errorf("%v", err)
	}
}
