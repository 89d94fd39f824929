package valkey_test

import (
	"context"
	"fmt"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/valkey"
	"github.com/lambdakit/lambdakit/idempotency/valkey/goredis"
)

// With NativeData the store shares its records with Powertools for AWS Lambda (TypeScript).
func ExampleNew() {
	server, err := miniredis.Run() // in Lambda: Valkey or Redis
	if err != nil {
		panic(err)
	}
	defer server.Close()

	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	store := valkey.New(goredis.New(client), &valkey.Options{NativeData: true})
	once, err := idempotency.New(store, &idempotency.Options{Prefix: "charge"})
	if err != nil {
		panic(err)
	}

	for range 2 {
		payment, err := idempotency.Call(context.Background(), once, "o-1", func(context.Context) (string, error) {
			fmt.Println("the card is charged")
			return "p-1", nil
		})
		fmt.Println(payment, err)
	}
	// Output:
	// the card is charged
	// p-1 <nil>
	// p-1 <nil>
}
