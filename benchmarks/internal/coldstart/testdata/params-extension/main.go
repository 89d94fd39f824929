// Command params-extension is a function that reads a parameter through the extension.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/extension"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

var store *params.Cache

func handle(ctx context.Context, o order) (receipt, error) {
	if _, err := store.String(ctx, "/shop/limit"); err != nil {
		return receipt{}, err
	}
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() {
	var err error
	if store, err = params.New(extension.ParameterStore(nil), nil); err != nil {
		log.Fatal(err)
	}
	lambda.Start(handle)
}
