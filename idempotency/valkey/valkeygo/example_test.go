package valkeygo_test

import (
	"context"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
	valkeyclient "github.com/valkey-io/valkey-go"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/valkey"
	"github.com/lambdakit/lambdakit/idempotency/valkey/valkeygo"
)

type Order struct {
	ID string `json:"id"`
}

func charge(ctx context.Context, o Order) (string, error) {
	fmt.Println("the card is charged")
	return "p-1", nil
}

// A function keeps its records in Valkey, with the client valkey-go.
func ExampleNew() {
	server, err := miniredis.Run() // in Lambda: the address of the server, and TLSConfig
	if err != nil {
		panic(err)
	}
	defer server.Close()

	client, err := valkeyclient.NewClient(valkeyclient.ClientOption{
		InitAddress:      []string{server.Addr()},
		DisableCache:     true,
		ConnWriteTimeout: time.Second, // after which a request that hangs fails
	})
	if err != nil {
		panic(err)
	}
	defer client.Close()
	once, err := idempotency.New(valkey.New(valkeygo.New(client), nil), &idempotency.Options{
		Key:    idempotency.Path("id"),
		Prefix: "charge", // in Lambda: the name of the function
	})
	if err != nil {
		panic(err)
	}
	h := lambdakit.Wrap(charge, once.Middleware) // for lambda.Start

	for range 2 {
		response, err := h.Invoke(context.Background(), []byte(`{"id":"o-1"}`))
		fmt.Printf("%s %v\n", response, err)
	}
	// Output:
	// the card is charged
	// "p-1" <nil>
	// "p-1" <nil>
}
