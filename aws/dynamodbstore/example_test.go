package dynamodbstore_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
	"github.com/lambdakit/lambdakit/idempotency"
)

type Order struct {
	ID string `json:"id"`
}

func charge(ctx context.Context, o Order) (string, error) {
	fmt.Println("the card is charged")
	return "p-1", nil
}

// A function keeps its records in a table. Without a client of its own it uses the region and the
// credentials of the function.
func ExampleNew() {
	client := fakedynamodb.New(new(testing.T)).Client(http.DefaultTransport) // in Lambda: nil
	once, err := idempotency.New(dynamodbstore.New(client, "idem", nil), &idempotency.Options{
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

// The function shares its table and its records with Powertools for AWS Lambda (TypeScript).
func ExampleOptions() {
	table := fakedynamodb.New(new(testing.T), "id", "sk")
	client := table.Client(http.DefaultTransport) // in Lambda: nil
	store := dynamodbstore.New(client, "idem", &dynamodbstore.Options{
		SortKeyAttr:   "sk",
		StaticPKValue: "idempotency#charge",
		NativeData:    true,
	})
	once, err := idempotency.New(store, &idempotency.Options{
		Key:    idempotency.Path("id"),
		Prefix: "charge",
		Digest: idempotency.TypeScriptKey(nil),
	})
	if err != nil {
		panic(err)
	}
	lambdakit.Wrap(charge, once.Middleware).Invoke(context.Background(), []byte(`{"id":"o-1"}`))
	for _, item := range table.Items {
		fmt.Println(item["id"], item["sk"], item["data"])
	}
	// Output:
	// the card is charged
	// {"S":"idempotency#charge"} {"S":"charge#y8vblI3ha/5+SagfkVAKsQ=="} {"S":"p-1"}
}
