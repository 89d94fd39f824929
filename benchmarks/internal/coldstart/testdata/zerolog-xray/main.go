// Command zerolog-xray is a function that logs through zerolog and traces with the X-Ray SDK.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/rs/zerolog"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

var log = zerolog.New(os.Stdout).With().Timestamp().Logger()

func handle(ctx context.Context, o order) (receipt, error) {
	log.Info().Str("order_id", o.ID).Float64("total", o.Total).Msg("order accepted")
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
