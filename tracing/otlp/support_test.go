package otlp_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/processtest"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

const (
	rootID  = "1-5759e988-bd862e3fe1be46a994272793"
	traceID = "5759e988bd862e3fe1be46a994272793"
	lambda  = "557abcec3ee5a047" // the id of Lambda's span
	header  = "Root=" + rootID + ";Parent=" + lambda + ";Sampled="
	arn     = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
)

// TestMain makes the process a Lambda function, without settings for exporters.
func TestMain(m *testing.M) {
	if processtest.Run(functions) {
		return
	}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "OTEL_") || strings.HasPrefix(name, "POWERTOOLS_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	os.Exit(m.Run())
}

// reports collects the errors of OnError.
type reports struct {
	mu   sync.Mutex
	list []string
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, err.Error())
}

func (r *reports) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.list, "\n")
}

func (r *reports) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.list)
}

// provider returns a Provider that sends to b.
func provider(b *otlptest.Backend, o *otlp.Options, r *reports) *tracing.Provider {
	if o == nil {
		o = new(otlp.Options)
	}
	if o.Endpoint == "" {
		o.Endpoint = b.URL
	}
	return tracing.New(&tracing.Options{Exporter: otlp.New(o), OnError: r.add})
}

// invoke makes an invocation with Lambda's header and an event.
func invoke(ctx context.Context, p *tracing.Provider, traceHeader, event string, f func(ctx context.Context)) {
	ctx = traceheader.NewContext(ctx, traceHeader)
	ctx = execenv.NewContext(ctx, &execenv.Environment{FunctionName: "orders", FunctionVersion: "7"})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "r-1", InvokedFunctionArn: arn})
	lambdakit.Wrap(func(ctx context.Context, _ any) (any, error) {
		if f != nil {
			f(ctx)
		}
		return nil, nil
	}, p.Middleware).Invoke(ctx, []byte(event))
}
