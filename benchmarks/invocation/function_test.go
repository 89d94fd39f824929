package invocation

import (
	"context"
	_ "embed"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
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

// fact holds the values of an event that a function logs and measures.
type fact struct {
	textName, text string
	sizeName       string
	size           float64
}

// observe writes a fact to a line, to metrics, or to both.
type observe func(context.Context, fact)

// small returns a function for the small event. It calls say unless say is nil.
func small(say observe) func(context.Context, order) (receipt, error) {
	return func(ctx context.Context, o order) (receipt, error) {
		if say != nil {
			say(ctx, fact{"order_id", o.ID, "total", o.Total})
		}
		return receipt{ID: o.ID, Accepted: true}, nil
	}
}

// gateway returns a function for the HTTP API. It calls say unless say is nil. Its response has
// characters that encoding/json would escape for HTML.
func gateway(say observe) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		if say != nil {
			say(ctx, fact{"route", r.RouteKey, "body_bytes", float64(len(r.Body))})
		}
		return events.APIGatewayV2HTTPResponse{
			StatusCode: 201,
			Headers:    map[string]string{"content-type": "application/json", "location": r.RawPath + "/ord-2048-7731"},
			Body:       `{"id":"ord-2048-7731","accepted":true,"message":"thank you & <goodbye>"}`,
		}, nil
	}
}

// The function and its invocations.
const (
	functionName    = "orders-prod"
	functionVersion = "$LATEST"
	functionARN     = "arn:aws:lambda:eu-central-1:123456789012:function:orders-prod"
	memoryMB        = 512
	service         = "orders"
	namespace       = "Shop"
	message         = "order accepted"
	requestID       = "c6af9ac6-7b61-11e6-9a41-93e812345678"
	traceID         = "1-5759e988-bd862e3fe1be46a994272793"
	traceHeader     = "Root=" + traceID + ";Parent=53995c3f42cd8ad8;Sampled=0"
)

// newContext returns a context like the one that aws-lambda-go makes. The loop that is measured
// does not make it, because it costs the same with and without the toolkit. Its deadline is well
// after the end of any benchmark.
func newContext(tb testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	tb.Cleanup(cancel)
	ctx = execenv.NewContext(ctx, &execenv.Environment{
		FunctionName:    functionName,
		FunctionVersion: functionVersion,
		MemoryMB:        memoryMB,
		OnDemand:        true,
		Runtime:         true, // timers are reused, as in Lambda
	})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       requestID,
		InvokedFunctionArn: functionARN,
	})
	return traceheader.NewContext(ctx, traceHeader)
}
