package tracing_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/tracing"
)

type (
	Order   struct{ ID, Customer string }
	Receipt struct{ Payment string }
)

func charge(context.Context, Order) (Receipt, error) { return Receipt{"p-1"}, nil }

func handle(ctx context.Context, o Order) (Receipt, error) {
	tracing.Annotate(ctx, "customer", o.Customer) // traces can be searched for it
	return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) {
		return charge(ctx, o)
	})
}

func Example() {
	tracer := tracing.New(nil)

	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware))
}

// In a test, lambdatest hands back what X-Ray would get.
func Example_test() {
	tracer := tracing.New(&tracing.Options{Service: "orders"})

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handle, tracer.Middleware), Order{"o-1", "acme"})

	for _, s := range res.Segments {
		fmt.Println(s.Name, s.Annotations)
	}
	// Output:
	// charge card map[]
	// ## function map[ColdStart:true Service:orders customer:acme]
}

func ExampleLogAttrs() {
	logs := logging.New(&logging.Options{FromContext: tracing.LogAttrs}) // trace_id and span_id on every line
	slog.SetDefault(slog.New(logs))
}

func ExampleTransport() {
	client := &http.Client{Transport: &tracing.Transport{}}

	handler := func(ctx context.Context, o Order) (string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://payments.example/v1/"+o.ID, nil)
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
	lambda.Start(lambdakit.Wrap(handler, tracing.New(nil).Middleware))
}
