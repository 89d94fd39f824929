// Command slog is a function that logs through the JSONHandler of log/slog.
package main

import (
	"context"
	"log/slog"
	"os"

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

func handle(ctx context.Context, o order) (receipt, error) {
	slog.InfoContext(ctx, "order accepted", "order_id", o.ID, "total", o.Total)
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	lambda.Start(handle)
}
