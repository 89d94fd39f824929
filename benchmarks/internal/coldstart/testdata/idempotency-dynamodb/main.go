// Command idempotency-dynamodb is a function that is idempotent, with its records in DynamoDB.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/idempotency"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

func handle(_ context.Context, o order) (receipt, error) {
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() {
	once, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{Key: idempotency.Path("id")})
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(lambdakit.Wrap(handle, once.Middleware))
}
