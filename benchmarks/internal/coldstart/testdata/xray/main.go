// Command xray is a function with the X-Ray SDK.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

func handle(ctx context.Context, o order) (receipt, error) {
	_, seg := xray.BeginSubsegment(ctx, "charge card")
	defer seg.Close(nil)
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() {
	lambda.Start(func(ctx context.Context, o order) (receipt, error) {
		ctx, seg := xray.BeginSubsegment(ctx, "orders")
		r, err := handle(ctx, o)
		seg.Close(err)
		return r, err
	})
}
