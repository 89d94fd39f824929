package valkeygo_test

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	valkeyclient "github.com/valkey-io/valkey-go"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/valkey"
	"github.com/lambdakit/lambdakit/idempotency/valkey/valkeygo"
)

type Order struct {
	ID string `json:"id"`
}

func charge(ctx context.Context, o Order) (string, error) { return "p-1", nil }

// A function keeps its records in Valkey, with the client valkey-go.
func ExampleNew() {
	client, err := valkeyclient.NewClient(valkeyclient.ClientOption{
		InitAddress:      []string{"orders.example.com:6379"},
		TLSConfig:        &tls.Config{},
		DisableCache:     true,
		ConnWriteTimeout: time.Second, // after which a request that hangs fails
	})
	if err != nil {
		panic(err)
	}
	once, err := idempotency.New(valkey.New(valkeygo.New(client), nil), &idempotency.Options{
		Key: idempotency.Path("id"),
	})
	if err != nil {
		panic(err)
	}
	lambda.Start(lambdakit.Wrap(charge, once.Middleware))
}
