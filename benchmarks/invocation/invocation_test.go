package invocation

import (
	"bytes"
	"context"
	_ "embed"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/sandbox"
	"github.com/lambdakit/lambdakit/logging"
)

var smallEvent = []byte(`{"id":"ord-2048-7731","total":12.5}`)

//go:embed testdata/apigateway-v2.json
var gatewayEvent []byte

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

// small returns a function for the small event that logs to l, unless it is nil.
func small(l *slog.Logger) func(context.Context, order) (receipt, error) {
	return func(ctx context.Context, o order) (receipt, error) {
		if l != nil {
			l.LogAttrs(ctx, slog.LevelInfo, "order accepted", slog.String("order_id", o.ID), slog.Float64("total", o.Total))
		}
		return receipt{ID: o.ID, Accepted: true}, nil
	}
}

// gateway returns a function for the HTTP API that logs to l, unless it is nil. Its
// answer holds what encoding/json would escape for HTML.
func gateway(l *slog.Logger) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		if l != nil {
			l.LogAttrs(ctx, slog.LevelInfo, "order accepted", slog.String("route", r.RouteKey), slog.Int("body_bytes", len(r.Body)))
		}
		return events.APIGatewayV2HTTPResponse{
			StatusCode: 201,
			Headers:    map[string]string{"content-type": "application/json", "location": r.RawPath + "/ord-2048-7731"},
			Body:       `{"id":"ord-2048-7731","accepted":true,"message":"thank you & <goodbye>"}`,
		}, nil
	}
}

type variant struct {
	name    string
	handler lambda.Handler
}

// variants wraps the function that function returns in each of the ways compared.
func variants[In, Out any](function func(*slog.Logger) func(context.Context, In) (Out, error)) []variant {
	logs := logging.New(&logging.Options{Service: "orders", Writer: io.Discard})
	std := slog.New(slog.NewJSONHandler(io.Discard, nil))
	return []variant{
		{"bare", lambda.NewHandler(function(nil))},
		{"frame", lambdakit.Wrap(function(nil))},
		{"bare+slog", lambda.NewHandler(function(std))},
		{"logging", lambdakit.Wrap(function(slog.New(logs)), logs.Middleware)},
	}
}

// newContext returns a context like the one that aws-lambda-go makes. What is in it
// is made outside the measured loop: it costs the same with and without the toolkit.
// In a benchmark that takes longer than the minute, no timer is set any more.
func newContext(tb testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	tb.Cleanup(cancel)
	ctx = sandbox.NewContext(ctx, &sandbox.Sandbox{
		FunctionName:    "orders-prod",
		FunctionVersion: "$LATEST",
		MemoryMB:        512,
		OnDemand:        true,
		Runtime:         true, // timers are reused, as in Lambda
	})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       "c6af9ac6-7b61-11e6-9a41-93e812345678",
		InvokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:orders-prod",
	})
	//lint:ignore SA1029 the key of aws-lambda-go
	return context.WithValue(ctx, "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
}

func TestSameResponses(t *testing.T) {
	for _, c := range []struct {
		name     string
		event    []byte
		variants []variant
		want     string
	}{
		{"small", smallEvent, variants(small), `{"id":"ord-2048-7731","accepted":true}`},
		{"gateway", gatewayEvent, variants(gateway), `{"statusCode":201,` +
			`"headers":{"content-type":"application/json","location":"/shops/berlin-mitte/orders/ord-2048-7731"},` +
			`"multiValueHeaders":null,"body":"{\"id\":\"ord-2048-7731\",\"accepted\":true,\"message\":\"thank you & <goodbye>\"}",` +
			`"cookies":null}`},
	} {
		ctx := newContext(t)
		var bare []byte
		for _, v := range c.variants {
			response, err := v.handler.Invoke(ctx, c.event)
			if err != nil {
				t.Fatalf("%s/%s: %v", c.name, v.name, err)
			}
			if bare == nil {
				bare = bytes.Clone(response) // its buffer is used again
				if string(bare) != c.want {
					t.Errorf("%s/%s:\n got %s\nwant %s", c.name, v.name, bare, c.want)
				}
			}
			if !bytes.Equal(response, bare) {
				t.Errorf("%s/%s differs from bare:\n got %s\nwant %s", c.name, v.name, response, bare)
			}
		}
	}
}

// One invocation after the other, as in Lambda by default.
func BenchmarkSmall(b *testing.B)   { serial(b, smallEvent, variants(small)) }
func BenchmarkGateway(b *testing.B) { serial(b, gatewayEvent, variants(gateway)) }

// Several at once, as on Lambda Managed Instances.
func BenchmarkSmallParallel(b *testing.B)   { parallel(b, smallEvent, variants(small)) }
func BenchmarkGatewayParallel(b *testing.B) { parallel(b, gatewayEvent, variants(gateway)) }

func serial(b *testing.B, event []byte, vs []variant) {
	for _, v := range vs {
		b.Run(v.name, func(b *testing.B) {
			ctx := newContext(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.handler.Invoke(ctx, event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func parallel(b *testing.B, event []byte, vs []variant) {
	for _, v := range vs {
		b.Run(v.name, func(b *testing.B) {
			ctx := newContext(b)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := v.handler.Invoke(ctx, event); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
