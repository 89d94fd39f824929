package otlp_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/httpevent"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// handlerOf returns the handler span of an event.
func handlerOf(t *testing.T, event string) otlptest.Span {
	t.Helper()
	b := otlptest.Listen(t)
	invoke(t.Context(), provider(b, nil, new(reports)), header+"0", event, nil)
	return b.Spans()[0]
}

// requestAttributes returns the attributes that describe a request.
func requestAttributes(s otlptest.Span) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(s.Attributes)) {
		if strings.HasPrefix(key, "http.") || strings.HasPrefix(key, "url.") || strings.HasPrefix(key, "client.") || strings.HasPrefix(key, "server.") || strings.HasPrefix(key, "user_agent.") {
			all = append(all, key+"="+s.Attributes[key])
		}
	}
	return strings.Join(all, " ")
}

func TestDescribe_HTTP(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ event, span, attributes string }{
		"HTTP API": {
			`{"version":"2.0","routeKey":"PUT /orders/{id}","rawPath":"/orders/1","rawQueryString":"key=secret","headers":{"host":"api.example","x-forwarded-proto":"https","user-agent":"no"},` +
				`"requestContext":{"http":{"method":"PUT","path":"/orders/1","sourceIp":"203.0.113.9","userAgent":"curl/8"}}}`,
			"PUT /orders/{id}",
			"client.address=203.0.113.9 http.request.method=PUT http.route=/orders/{id} server.address=api.example url.path=/orders/1 url.scheme=https user_agent.original=curl/8",
		},
		"default route": {
			`{"version":"2.0","routeKey":"$default","rawPath":"/orders/1","headers":{},"requestContext":{"http":{"method":"GET","sourceIp":"203.0.113.9"}}}`,
			"orders", "client.address=203.0.113.9 http.request.method=GET url.path=/orders/1",
		},
		"REST API": {
			`{"resource":"/orders/{id}","path":"/orders/1","httpMethod":"GET","headers":null,"multiValueHeaders":{"Host":["api.example"],"X-Forwarded-Proto":["https"]},` +
				`"queryStringParameters":{"key":"secret"},"requestContext":{"identity":{"sourceIp":"203.0.113.9","userAgent":null}}}`,
			"GET /orders/{id}",
			"client.address=203.0.113.9 http.request.method=GET http.route=/orders/{id} server.address=api.example url.path=/orders/1 url.scheme=https",
		},
		"empty texts": {
			`{"httpMethod":"GET","path":"/x","requestContext":{"http":{"method":"","sourceIp":"203.0.113.9","userAgent":"curl/8"},"identity":{"sourceIp":"","userAgent":""}}}`,
			"orders", "client.address=203.0.113.9 http.request.method=GET url.path=/x user_agent.original=curl/8",
		},
		"values of other types": {
			`{"httpMethod":"GET","path":[1],"headers":[],"requestContext":{"http":{"method":123,"sourceIp":[1]},"identity":"x"}}`,
			"orders", "http.request.method=GET",
		},
		"load balancer": {
			`{"requestContext":{"elb":{"targetGroupArn":"a"}},"httpMethod":"POST","path":"/x","headers":{"host":"lb.example","x-forwarded-for":"198.51.100.1, 203.0.113.9","user-agent":"curl/8"}}`,
			"orders", "client.address=198.51.100.1 http.request.method=POST server.address=lb.example url.path=/x user_agent.original=curl/8",
		},
	} {
		s := handlerOf(t, c.event)
		if got := requestAttributes(s); got != c.attributes || s.Name != c.span || s.Attributes["faas.trigger"] != "http" {
			t.Errorf("%s: got %s, %s and the trigger %s, want %s, %s and http", name, s.Name, got, s.Attributes["faas.trigger"], c.span, c.attributes)
		}
		if strings.Contains(fmt.Sprint(s), "secret") {
			t.Errorf("%s: got %+v, want nothing of the query", name, s)
		}
	}
}

func TestDescribe_Triggers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ event, want string }{
		"SQS":         {string(lambdatest.SQS("orders", "a")), "pubsub"},
		"SNS":         {`{"Records":[{"EventSource":"aws:sns"}]}`, "pubsub"},
		"Kinesis":     {string(lambdatest.Kinesis("orders", "a")), "pubsub"},
		"Kafka":       {string(lambdatest.Kafka("orders", "a")), "pubsub"},
		"DynamoDB":    {string(lambdatest.DynamoDB("orders", lambdatest.Change{Keys: map[string]any{"id": "a"}, New: map[string]any{"id": "a"}})), "datasource"},
		"S3":          {`{"Records":[{"eventSource":"aws:s3"}]}`, "datasource"},
		"schedule":    {`{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`, "timer"},
		"EventBridge": {`{"source":"shop","detail-type":"order placed","detail":{}}`, "pubsub"},
		"own Kafka":   {`{"eventSource":"SelfManagedKafka","records":{}}`, "pubsub"},
		"ActiveMQ":    {`{"eventSource":"aws:mq","messages":[]}`, "pubsub"},
		"RabbitMQ":    {`{"eventSource":"aws:rmq","rmqMessagesByQueue":{}}`, "pubsub"},
		"DocumentDB":  {`{"eventSource":"aws:docdb","events":[]}`, "datasource"},
		"own":         {`{"source":"web","path":"/x","resource":"y"}`, "other"},
		"no object":   {`[1]`, "other"},
		"no records":  {`{"Records":[]}`, "other"},
	} {
		s := handlerOf(t, c.event)
		if got := s.Attributes["faas.trigger"]; got != c.want || s.Name != "orders" {
			t.Errorf("%s: got %s and the name %s, want %s and orders", name, got, s.Name, c.want)
		}
	}
}

// Package httpapi knows the route of a mux and the status.
func TestDescribe_RouteOfAMux(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	front := httpevent.Front{Kind: httpapi.FunctionURL}
	event, err := front.Encode(httptest.NewRequest("GET", "/orders/1", nil))
	if err != nil {
		t.Fatal(err)
	}
	b := otlptest.Listen(t)
	httpapi.Wrap(mux, provider(b, nil, new(reports)).Middleware).Invoke(context.Background(), event)
	s := b.Span("GET /orders/{id}")
	if s.Attributes["http.response.status_code"] != "418" || s.Attributes["http.route"] != "/orders/{id}" {
		t.Errorf("got %v, want the status and the route", s.Attributes)
	}
}

func TestDescribe_NameOfTheOption(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	p := tracing.New(&tracing.Options{Name: "own", Exporter: otlp.New(&otlp.Options{Endpoint: b.URL})})
	invoke(t.Context(), p, header+"0", `{"httpMethod":"GET","resource":"/x"}`, func(ctx context.Context) {
		lambdakit.FromContext(ctx).SetHTTP(lambdakit.HTTPExchange{Method: "GET", Route: "/y", Status: 200})
	})
	b.Span("own")
}
