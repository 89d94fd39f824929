package dynamodbstore_test

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/idempotency"
)

type Order struct {
	ID string `json:"id"`
}

func charge(ctx context.Context, o Order) (string, error) { return "p-1", nil }

// A function keeps its records in the table "idempotency". The client uses the region and the
// credentials of the function.
func ExampleNew() {
	once, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{
		Key: idempotency.Path("id"),
	})
	if err != nil {
		panic(err)
	}
	lambda.Start(lambdakit.Wrap(charge, once.Middleware))
}

// The function shares its table and its records with Powertools for AWS Lambda (TypeScript).
func ExampleOptions() {
	store := dynamodbstore.New(nil, "idempotency", &dynamodbstore.Options{
		SortKeyAttr: "sk",
		NativeData:  true,
	})
	once, err := idempotency.New(store, &idempotency.Options{
		Key:    idempotency.Path("id"),
		Digest: idempotency.TypeScriptKey(nil),
	})
	if err != nil {
		panic(err)
	}
	lambda.Start(lambdakit.Wrap(charge, once.Middleware))
}
