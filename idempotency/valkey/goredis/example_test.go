package goredis_test

import (
	"context"
	"crypto/tls"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/redis/go-redis/v9"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/valkey"
	"github.com/lambdakit/lambdakit/idempotency/valkey/goredis"
)

type Order struct {
	ID string `json:"id"`
}

func charge(ctx context.Context, o Order) (string, error) { return "p-1", nil }

// A function keeps its records in Valkey or Redis, with the client go-redis.
func ExampleNew() {
	client := redis.NewClient(&redis.Options{
		Addr:                  "orders.example.com:6379",
		TLSConfig:             &tls.Config{},
		ContextTimeoutEnabled: true,
	})
	once, err := idempotency.New(valkey.New(goredis.New(client), nil), &idempotency.Options{
		Key: idempotency.Path("id"),
	})
	if err != nil {
		panic(err)
	}
	lambda.Start(lambdakit.Wrap(charge, once.Middleware))
}
