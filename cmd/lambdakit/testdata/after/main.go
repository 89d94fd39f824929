// Command after is a function for tests. It works after its response.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
)

func main() {
	lambda.Start(lambdakit.Wrap(func(ctx context.Context, _ struct{}) (string, error) {
		lambdakit.AfterResponse(ctx, "print", func(context.Context) error {
			if backend := os.Getenv("BACKEND"); backend != "" { // answers when the client has the response
				if resp, err := http.Get(backend); err == nil {
					resp.Body.Close()
				}
			}
			fmt.Println("worked")
			return nil
		})
		return "ok", nil
	}, lambdakit.RespondFirst))
}
