package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/tracing"
)

// guide: powertools-after
type orders struct {
	accepted metrics.Counter
	cache    *params.Cache
}

func (s *orders) handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (any, error) {
	logging.Append(ctx, "order_id", event.PathParameters["id"])           // logger.append_keys
	limit, err := s.cache.WithMaxAge(time.Minute).Int(ctx, "/shop/limit") // get_parameter(max_age=60)
	if err != nil {
		return nil, err
	}
	slog.InfoContext(ctx, "order accepted", "limit", limit)                              // logger.info
	s.accepted.With("channel", "web").Add(ctx, 1)                                        // add_dimension, add_metric
	tracing.Annotate(ctx, "order", event.PathParameters["id"])                           // tracer.put_annotation
	return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) { // @tracer.capture_method
		return charge(ctx, good)
	})
}

func powertoolsMain() {
	logs := logging.New(&logging.Options{CorrelationID: logging.APIGatewayHTTP})
	meter := metrics.New(&metrics.Options{ColdStart: true})
	tracer := tracing.New(nil)
	slog.SetDefault(slog.New(logs))
	cache, err := params.New(parameterstore.New(nil, nil), nil)
	if err != nil {
		logs.Fatal("set up parameters", "error", err)
	}
	once, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{
		Key: idempotency.Path("pathParameters.id"),
	})
	if err != nil {
		logs.Fatal("set up idempotency", "error", err)
	}
	s := &orders{meter.Counter("OrdersAccepted"), cache}
	lambda.Start(lambdakit.Wrap(s.handle, tracer.Middleware, logs.Middleware, meter.Middleware, once.Middleware))
}

// end

func Example_powertoolsMain() { powertoolsMain() }

func Example_powertoolsKeys() {
	// guide: powertools-keys
	python, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{
		Key:    idempotency.Path("orderId"),
		Digest: idempotency.PythonKey("app.lambda_handler", nil), // module and name of the Python function
	})
	typescript, err2 := idempotency.New(dynamodbstore.New(nil, "idempotency", &dynamodbstore.Options{NativeData: true}), &idempotency.Options{
		Key:    idempotency.Path("orderId"),
		Digest: idempotency.TypeScriptKey(nil),
	})
	// end
	fmt.Println(python, typescript, errors.Join(err, err2))
}
