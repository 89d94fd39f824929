// Command zerolog is a function that logs through zerolog.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
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

func handle(_ context.Context, o order) (receipt, error) {
	log.Info().Str("order_id", o.ID).Float64("total", o.Total).Msg("order accepted")
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() { lambda.Start(handle) }
