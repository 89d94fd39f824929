// Command bare is a function without the toolkit. The other functions are compared with it.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
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

func main() { lambda.Start(handle) }
